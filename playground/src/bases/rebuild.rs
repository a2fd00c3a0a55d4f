//! Bases without a registry: the recipe makes layers, here they become images.

use super::archive::{self, Image, Layer, Part};
use super::cache::{self, LayerNote};
use super::recipe::{self, cache_trouble};
use super::spec::Base;
use super::{
    BASE_LABEL, BaseState, Bases, OnProgress, PACKAGES_LABEL, Progress, RECIPE_LABEL, SEAL_LABEL,
    engine_trouble, remove_replaced, seal,
};
use crate::engine::Engine;
use crate::event::Trouble;
use bytes::Bytes;
use futures_util::{Stream, StreamExt, stream};
use serde_json::json;
use std::collections::BTreeSet;
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio_util::io::ReaderStream;

impl Bases {
    /// Rebuilds these bases where the engine has none or an old one of ours; a published
    /// image is left alone. Returns where each stands now.
    pub async fn rebuild(
        &self,
        engine: &Engine,
        names: &[&str],
        on_progress: OnProgress<'_>,
    ) -> Result<Vec<(String, BaseState)>, Trouble> {
        let _turn = self.busy.lock().await;
        let mut wanted = Vec::new();
        for name in names {
            let base = self.base(name)?;
            match self.state(engine, base).await?.0 {
                BaseState::Missing => wanted.push(base),
                BaseState::Rebuilt => {}
                BaseState::Published => {
                    let text = "the engine has the published image: left alone".into();
                    on_progress(Progress {
                        base: name.to_string(),
                        text,
                        current: 0,
                        total: None,
                    });
                }
            }
        }
        if !wanted.is_empty() {
            self.rebuild_bases(engine, &wanted, on_progress).await?;
        }
        let mut states = Vec::new();
        for name in names {
            states.push((
                name.to_string(),
                self.state(engine, self.base(name)?).await?.0,
            ));
        }
        Ok(states)
    }

    /// Makes the layers that are missing, loads the images, and only then gives them their
    /// names, one by one, where the name is still free or ours.
    pub(super) async fn rebuild_bases(
        &self,
        engine: &Engine,
        bases: &[&Base],
        on_progress: OnProgress<'_>,
    ) -> Result<(), Trouble> {
        let label = bases
            .iter()
            .map(|base| base.name.as_str())
            .collect::<Vec<_>>()
            .join(", ");
        let tell = |text: &str, current, total| {
            on_progress(Progress {
                base: label.clone(),
                text: text.into(),
                current,
                total,
            });
        };
        let architecture = engine.architecture().await.map_err(engine_trouble)?;
        let layers = self.run_recipe(bases, &|line| tell(line, 0, None)).await?;
        let here = layers.rsplit('-').next().unwrap_or_default();
        if here != architecture {
            return Err(Trouble {
                what: format!("The bases cannot be rebuilt for this engine ({architecture})."),
                cause: format!("The recipe makes images for this machine's own CPU ({here})."),
                next: "Connect to a network that reaches the registry, then: playground bases pull"
                    .into(),
            });
        }
        let images = bases
            .iter()
            .map(|base| self.image(base, Path::new(&layers), &architecture));
        let planned = images.collect::<io::Result<Vec<_>>>().and_then(|images| {
            let (length, parts) = archive::plan(&images)?;
            Ok((images, length, parts))
        });
        let (images, length, parts) = planned.map_err(|error| cache_trouble(&error))?;
        let sent = Arc::new(AtomicU64::new(0));
        let loading = engine.load(send(parts, sent.clone()));
        let mut loading = std::pin::pin!(loading);
        loop {
            tokio::select! {
                done = &mut loading => break done.map_err(engine_trouble)?,
                () = tokio::time::sleep(Duration::from_millis(250)) => {
                    tell("loading into the engine", sent.load(Ordering::Relaxed), Some(length));
                }
            }
        }
        for (base, image) in bases.iter().zip(&images) {
            let named = self.name_if_free(engine, base, &image.tag).await;
            engine
                .remove_image(&image.tag)
                .await
                .map_err(engine_trouble)?;
            named?;
        }
        Ok(())
    }

    /// The rule that matters: a published image keeps its name.
    async fn name_if_free(
        &self,
        engine: &Engine,
        base: &Base,
        loaded: &str,
    ) -> Result<(), Trouble> {
        let (state, there) = self.state(engine, base).await?;
        if state != BaseState::Missing {
            return Ok(());
        }
        engine
            .tag(loaded, &base.name)
            .await
            .map_err(engine_trouble)?;
        if let Some(stale) = there {
            remove_replaced(engine, base, &stale.id).await;
        }
        Ok(())
    }

    /// Runs the recipe for what these bases need; returns the directory with the layers.
    async fn run_recipe(
        &self,
        bases: &[&Base],
        tell: &(dyn Fn(&str) + Send + Sync),
    ) -> Result<String, Trouble> {
        let script = cache::lay_down_recipe().map_err(|error| cache_trouble(&error))?;
        let go = &self.spec.go_version;
        let layers: BTreeSet<&str> = bases.iter().flat_map(|base| base.tars()).collect();
        let words: Vec<&str> = ["layers"].into_iter().chain(layers).collect();
        recipe::run(&script, &words, go, tell).await?;
        let directory = std::sync::Mutex::new(String::new());
        let keep = |line: &str| {
            if let Ok(mut directory) = directory.lock() {
                *directory = line.to_string();
            }
        };
        recipe::run(&script, &["where"], go, &keep).await?;
        directory
            .into_inner()
            .map_err(|_| cache_trouble(&io::Error::other("no directory")))
    }

    fn image(&self, base: &Base, layers: &Path, architecture: &str) -> io::Result<Image> {
        let mut packages = BTreeSet::new();
        let mut created = String::new();
        let mut history = Vec::new();
        for line in &base.layers {
            let layer = line.tar.as_deref().map(|tar| {
                let note = LayerNote::read(layers, tar)?;
                packages.extend(note.packages);
                created = note.built.max(std::mem::take(&mut created));
                let tar = layers.join(format!("{tar}.tar"));
                let bytes = tar.metadata()?.len();
                io::Result::Ok(Layer {
                    diff_id: note.diff_id,
                    tar,
                    bytes,
                })
            });
            history.push((
                line.created_by.replace("{arch}", architecture),
                layer.transpose()?,
            ));
        }
        let packages = packages.into_iter().collect::<Vec<_>>().join(" ");
        let layers = history.iter().filter_map(|line| line.1.as_ref());
        let seal = seal(layers.map(|layer| layer.diff_id.as_str()), history.len());
        Ok(Image {
            tag: format!(
                "empty-room/rebuilding:{}",
                base.name.replace([':', '/'], "_")
            ),
            architecture: architecture.to_string(),
            created,
            config: json!({
                "Env": base.env,
                "Cmd": base.cmd,
                "WorkingDir": base.workdir,
                "User": base.user,
                "Labels": {
                    BASE_LABEL: "rebuilt",
                    RECIPE_LABEL: self.recipe(),
                    SEAL_LABEL: seal,
                    PACKAGES_LABEL: packages,
                },
            }),
            history,
        })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recipe_reads_the_same_layers_out_of_the_list_as_we_do() -> anyhow::Result<()> {
        let bases = Bases::load().map_err(|trouble| anyhow::anyhow!("{trouble:?}"))?;
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/bases/rebuild.sh");
        for base in &bases.spec.bases {
            let listed = std::process::Command::new("sh")
                .args([script, "list", &base.name])
                .output()?;
            let listed = String::from_utf8(listed.stdout)?;
            assert_eq!(
                listed.lines().collect::<Vec<_>>(),
                base.tars().collect::<Vec<_>>()
            );
        }
        Ok(())
    }

    #[test]
    fn getting_a_base_can_move_between_threads() {
        fn send<T: Send>(_: impl FnOnce(&'static Bases, &'static Engine) -> T) {}
        send(|bases, engine| bases.ensure(engine, "", &|_| {}));
        send(|bases, engine| bases.rebuild(engine, &[], &|_| {}));
    }
}
