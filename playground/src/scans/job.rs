//! Taking one X-ray: build where that is needed, read, report, and leave nothing behind.

use super::Source;
use super::xray::{Scan, State, Xray};
use crate::app_state::AppState;
use crate::jobs::Turn;
use crate::run::build_image;
use analysis::image::Compressed;
use analysis::image::tree::Tree;
use analysis::inspect::Inspection;
use analysis::subject::{SubjectKind, SubjectName};
use analysis::xray;
use engine::{Engine, ImageReadError, SMALL, Transfer, in_thread, unreadable};
use policy::UserError;
use std::sync::Arc;

/// Carries it out, to its end or to its stop; returns how it ended.
///
/// Threads that read hold the turn, too: nobody waits for them when it is stopped.
pub(super) async fn carry_out(
    state: &Arc<AppState>,
    xray: &Arc<Xray>,
    source: Source,
    turn: &Turn,
) -> State {
    match source {
        Source::Image { name, bytes } => {
            let read = async {
                let engine = state.engine().await?;
                read(state, &engine, xray, (&name, bytes), turn).await
            };
            until_stopped(xray, read).await
        }
        Source::Built(plan) => {
            xray.set(State::Building);
            let built = build_image(state, &plan, &xray.log, &xray.ticket.stop).await;
            let image = match built {
                Ok(image) => image,
                Err(why) => return why.error().map_or(State::Stopped, State::Failed),
            };
            let engine = image.engine.clone();
            let read = async {
                let facts = engine.image(&image.id).await;
                let bytes = facts.ok().flatten().map_or(0, |facts| facts.size_bytes);
                read(state, &engine, xray, (&image.id, bytes), turn).await
            };
            let end = until_stopped(xray, read).await;
            image.remove(&xray.log).await;
            end
        }
    }
}

async fn until_stopped(
    xray: &Xray,
    read: impl Future<Output = Result<Arc<Scan>, UserError>>,
) -> State {
    tokio::select! {
        biased;
        () = xray.ticket.stop.cancelled() => State::Stopped,
        ready = read => match ready {
            Ok(ready) => State::Ready(ready),
            Err(error) => State::Failed(error),
        },
    }
}

/// Reads an image of about so many bytes while the engine sends it; ends when it is dropped.
async fn read(
    state: &Arc<AppState>,
    engine: &Engine,
    xray: &Arc<Xray>,
    (image, bytes): (&str, u64),
    turn: &Turn,
) -> Result<Arc<Scan>, UserError> {
    // The archive has headers beyond the files' bytes, a few in a hundred.
    let total = (bytes > 0).then_some(bytes);
    xray.set(State::Reading { current: 0, total });
    let reading = xray.clone();
    let on_bytes = move |current: u64| {
        // The last bytes may come after the end.
        if let State::Reading { current: shown, .. } = &mut *reading.locked() {
            *shown = total.map_or(current, |total| current.min(total));
        }
    };
    // A small image is compressed to see in a second; a large one would take minutes.
    let compressed = match total.is_some_and(|total| total < SMALL) {
        true => Compressed::Measured,
        false => Compressed::AsStored,
    };
    let transfer = Transfer {
        on_bytes,
        max_bytes: u64::MAX,
        held: turn.clone(),
    };
    let inspected = engine.inspect_image(image, None, compressed, transfer);
    let mut inspection = inspected.await.map_err(|error| error.user_error(image))?;
    fill_compressed_sizes(state, &mut inspection);
    let name = SubjectName {
        kind: SubjectKind::Image,
        name: xray.name.clone(),
    };
    let engine = engine.clone();
    let subject = xray.name.as_str();
    let reporting = in_thread(turn.clone(), move || {
        let tree = Tree::of(&inspection.image).map_err(|error| unreadable(&name.name, &error))?;
        let report = xray::image(name, &inspection, &tree);
        drop(tree);
        Ok(Arc::new(Scan {
            inspection,
            report,
            engine,
        }))
    });
    reporting
        .await
        .unwrap_or_else(|error| Err(ImageReadError::BrokenOff(error.into()).user_error(subject)))
}

/// What runs have measured of the very same layers need not be compressed again to be told.
fn fill_compressed_sizes(state: &AppState, inspection: &mut Inspection) {
    for layer in &mut inspection.image.layers {
        if layer.compressed_bytes.is_none() {
            let known = state.sizes.layer(&layer.diff_id);
            layer.compressed_bytes = known.map(|(_, compressed)| compressed);
        }
    }
}
