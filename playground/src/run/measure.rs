//! The three sizes of a run's image, and the reading of its archive for whoever else asks.

use super::execute::RunContext;
use super::steps::Step;
use crate::event::{Event, Phase, Sizes};
use analysis::image::{ReadError, size};
use engine::{ImageFacts, ImageReadError, Transfer};
use policy::UserError;
use std::io::Read;

/// Bytes of an image that are read at the most: five times stage 1.
const MAX_ARCHIVE: u64 = 5 << 30;

/// Measures the image from its own bytes; layers measured before are not compressed again.
///
/// # Errors
/// Where the image cannot be read. A journal that cannot be written to is none.
pub(super) async fn measure(ctx: &RunContext<'_>, image: &str) -> Result<Sizes, UserError> {
    let step = Step::start(ctx.log, Phase::Measure, "measure", "measuring the image");
    let facts = facts(ctx, image).await?;
    let known = &ctx.state.sizes;
    let mut sizes = match known.image(&facts.id) {
        Some(sizes) => sizes,
        None => {
            let state = ctx.state.clone();
            let measured = read_archive(ctx, image, move |archive| {
                size::measure(archive, &facts.diff_ids, |id| state.sizes.layer(id))
            });
            let measured = measured.await?;
            let remembered = known
                .remember_layers(&measured.layers)
                .and_then(|()| known.remember_image(&facts.id, &measured.sizes));
            if let Err(error) = remembered {
                log::warn!("sizes were not remembered: {error}");
            }
            measured.sizes
        }
    };
    sizes.engine_bytes = facts.size_bytes;
    step.done();
    ctx.log.push(Event::Sizes(sizes.clone()));
    Ok(sizes)
}

/// Hands the image's archive, as the engine streams it, to `read`, in a thread of its own that
/// ends with the run.
///
/// # Errors
/// Where the engine does not send it, it is larger than [`MAX_ARCHIVE`], or `read` fails.
pub(super) async fn read_archive<T: Send + 'static>(
    ctx: &RunContext<'_>,
    image: &str,
    read: impl FnOnce(&mut dyn Read) -> Result<T, ReadError> + Send + 'static,
) -> Result<T, UserError> {
    let transfer = Transfer::quiet(MAX_ARCHIVE);
    let done = ctx.engine.read_archive(image, transfer, read).await;
    done.map_err(|error| unreadable(&error))
}

/// What the engine knows about the run's image.
///
/// # Errors
/// Where the engine does not answer or the image is gone.
pub(super) async fn facts(ctx: &RunContext<'_>, image: &str) -> Result<ImageFacts, UserError> {
    let facts = ctx.engine.readable_image(image).await;
    facts.map_err(|error| unreadable(&error))
}

/// The image was there a moment ago: here it is the engine or the disk that fails.
fn unreadable(why: &ImageReadError) -> UserError {
    UserError {
        what: format!("The image could not be read: {why}"),
        cause: "the engine stopped answering, the image is too large, or the disk for \
                temporary files is full"
            .into(),
        next: "check `docker version` and `df -h`, then press Run again".into(),
    }
}
