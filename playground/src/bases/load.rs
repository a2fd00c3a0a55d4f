//! Rebuilt images onto the engine: under a name of ours first, under the base's own only
//! by the rule, and to the end even where nobody waits any more.
//!
//! An engine goes on with what it was sent. If we stopped in the middle, nobody would know
//! what it still makes of that.

use super::archive::{self, Image, Part};
use super::origin::{BASE_LABEL, BaseState, engine_error, is_ours, state_of};
use super::{cache, trust};
use bytes::Bytes;
use engine::Engine;
use futures_util::{Stream, StreamExt, stream};
use policy::UserError;
use std::fs::File;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::task::JoinHandle;
use tokio_util::io::ReaderStream;

/// Where images are loaded before they get their names.
const LOADED: &str = "empty-room/rebuilding:";

/// The name under which the image of a base is loaded.
pub(super) fn loaded_name(base: &str) -> String {
    format!("{LOADED}{}", base.replace([':', '/'], "_"))
}

/// The right to load, which one of this machine's playgrounds has at a time: they all load
/// under the same names.
#[derive(Debug)]
pub(super) struct LoadingLock(#[expect(dead_code, reason = "locked until it is dropped")] File);

impl LoadingLock {
    pub(super) async fn wait() -> io::Result<LoadingLock> {
        loop {
            if let Some(file) = cache::try_loading_lock()? {
                return Ok(LoadingLock(file));
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }
}

/// Removes leftovers, unless somebody is just loading.
pub(super) async fn remove_leftovers_if_free(engine: &Engine) {
    if let Ok(Some(file)) = cache::try_loading_lock() {
        remove_leftovers(engine, &LoadingLock(file)).await;
    }
}

/// Removes what a killed playground has loaded and not named.
pub(super) async fn remove_leftovers(engine: &Engine, _lock: &LoadingLock) {
    let label = format!("{BASE_LABEL}=rebuilt");
    for image in engine.images_labelled(&label).await.unwrap_or_default() {
        if image.starts_with(LOADED) {
            let _ = engine.remove_image(&image).await;
        }
    }
}

/// A load under way; it goes on when this is dropped.
pub(super) struct Loading {
    pub(super) task: JoinHandle<Result<(), UserError>>,
    /// Bytes in all.
    pub(super) length: u64,
    sent: Arc<AtomicU64>,
}

impl Loading {
    /// Bytes sent so far.
    pub(super) fn sent(&self) -> u64 {
        self.sent.load(Ordering::Relaxed)
    }
}

/// Loads these images, made by `recipe`, and then gives them the names of their bases.
pub(super) fn start(
    engine: &Engine,
    images: Vec<(String, Image)>,
    recipe: String,
    lock: LoadingLock,
) -> io::Result<Loading> {
    let (length, parts) = archive::plan(images.iter().map(|(_, image)| image))?;
    let sent = Arc::new(AtomicU64::new(0));
    let archive = send(parts, sent.clone());
    let named = images.into_iter().map(|(base, image)| Named {
        base,
        loaded: image.tag,
        recipe: recipe.clone(),
    });
    let task = load_and_name(engine, archive, named.collect(), lock);
    Ok(Loading { task, length, sent })
}

/// An image on its way to the name of a base.
pub(super) struct Named {
    pub(super) base: String,
    /// What it is called in the archive.
    pub(super) loaded: String,
    /// What images of ours must be made by today.
    pub(super) recipe: String,
}

/// Loads an archive to its end, whoever waits, and names what came with it by the rule.
pub(super) fn load_and_name(
    engine: &Engine,
    archive: impl Stream<Item = io::Result<Bytes>> + Send + 'static,
    named: Vec<Named>,
    lock: LoadingLock,
) -> JoinHandle<Result<(), UserError>> {
    let engine = engine.clone();
    tokio::spawn(async move {
        let _lock = lock;
        let mut outcome = engine.load(archive).await.map_err(engine_error);
        for image in &named {
            if outcome.is_ok() {
                outcome = name_if_free(&engine, &image.base, &image.loaded, &image.recipe).await;
            }
            let removed = engine.remove_image(&image.loaded).await;
            outcome = outcome.and(removed.map_err(engine_error));
        }
        outcome
    })
}

/// The rule that matters: a published image keeps its name.
async fn name_if_free(
    engine: &Engine,
    base: &str,
    loaded: &str,
    recipe: &str,
) -> Result<(), UserError> {
    let (state, there) = state_of(engine, base, recipe).await?;
    if state != BaseState::Missing {
        return Ok(());
    }
    engine.tag(loaded, base).await.map_err(engine_error)?;
    if let Some(stale) = there {
        remove_replaced(engine, base, &stale.id).await;
    }
    Ok(())
}

/// Removes an image of ours whose name another has now, and what we derived from it. One
/// that somebody's image or container stands on is kept by the engine, and one that
/// somebody gave a name of their own by us.
pub(super) async fn remove_replaced(engine: &Engine, base: &str, id: &str) {
    trust::remove_derived(engine, base, None).await;
    if let Ok(Some(facts)) = engine.image(id).await
        && facts.names.is_empty()
        && is_ours(&facts)
    {
        let _ = engine.remove_image(id).await;
    }
}

/// The archive as a stream that reads layers as they are sent.
fn send(parts: Vec<Part>, sent: Arc<AtomicU64>) -> impl Stream<Item = io::Result<Bytes>> + Send {
    stream::iter(parts)
        .then(|part| async move {
            match part {
                Part::Bytes(bytes) => stream::iter([Ok(Bytes::from(bytes))]).boxed(),
                Part::File(path, bytes) => match tokio::fs::File::open(path).await {
                    // Never more than the header promised.
                    Ok(file) => ReaderStream::with_capacity(file.take(bytes), 1 << 18).boxed(),
                    Err(error) => stream::iter([Err(error)]).boxed(),
                },
            }
        })
        .flatten()
        .inspect(move |chunk| {
            if let Ok(chunk) = chunk {
                sent.fetch_add(chunk.len() as u64, Ordering::Relaxed);
            }
        })
}
