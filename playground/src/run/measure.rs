//! The three sizes of a run's image.

use super::execute::RunContext;
use super::steps::Step;
use crate::event::{Event, Phase, Sizes};
use analysis::image::size;
use engine::ImageFacts;
use engine::blocking_reader::hand_over;
use futures_util::TryStreamExt;
use policy::UserError;
use std::io::{self, Read};
use tokio_util::sync::CancellationToken;

/// Bytes of an image that are read at the most: five times stage 1.
const MAX_ARCHIVE: u64 = 5 << 30;

/// Ends at a stop or at a limit, in the middle of whatever reads it.
struct Stoppable<R> {
    reader: R,
    stop: CancellationToken,
    left: u64,
}

impl<R: Read> Read for Stoppable<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.stop.is_cancelled() {
            return Err(io::Error::other("the run was stopped"));
        }
        let n = self.reader.read(buf)?;
        self.left = self.left.checked_sub(n as u64).ok_or_else(|| {
            io::Error::other(format!("it is larger than {} GiB", MAX_ARCHIVE >> 30))
        })?;
        Ok(n)
    }
}

/// Measures the image from its own bytes; layers measured before are not read again.
pub(super) async fn measure(ctx: &RunContext<'_>, image: &str) -> Result<Sizes, UserError> {
    let step = Step::start(ctx.log, Phase::Measure, "measure", "measuring the image");
    let facts = facts(ctx, image).await?;
    let journal = &ctx.state.journal;
    let mut sizes = match journal.image(&facts.id) {
        Some(sizes) => sizes,
        None => {
            let state = ctx.state.clone();
            let measured = read_archive(ctx, image, facts.diff_ids, move |reader, diff_ids| {
                size::measure(reader, diff_ids, |diff_id| state.journal.layer(diff_id))
            });
            let measured = measured.await?;
            let remembered = journal
                .remember_layers(&measured.layers)
                .and_then(|()| journal.remember_image(&facts.id, &measured.sizes));
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

/// Hands the image's archive, as the engine streams it, and its `diff_ids` to `read`, in a
/// thread of its own that ends with the run.
pub(super) async fn read_archive<T: Send + 'static>(
    ctx: &RunContext<'_>,
    image: &str,
    diff_ids: Vec<String>,
    read: impl FnOnce(&mut dyn Read, &[String]) -> io::Result<T> + Send + 'static,
) -> Result<T, UserError> {
    let stream = ctx
        .engine
        .save(image)
        .map_err(|error| io::Error::other(error.to_string()));
    let stop = CancellationToken::new();
    let mut reader = Stoppable {
        reader: hand_over(stream),
        stop: stop.clone(),
        left: MAX_ARCHIVE,
    };
    let _guard = stop.drop_guard();
    match tokio::task::spawn_blocking(move || read(&mut reader, &diff_ids)).await {
        Ok(Ok(done)) => Ok(done),
        Ok(Err(error)) => Err(unreadable(&error.to_string())),
        Err(error) => Err(unreadable(&error.to_string())),
    }
}

pub(super) async fn facts(ctx: &RunContext<'_>, image: &str) -> Result<ImageFacts, UserError> {
    match ctx.engine.image(image).await {
        Ok(Some(facts)) => Ok(facts),
        Ok(None) => Err(unreadable("it is gone")),
        Err(error) => Err(unreadable(&error.to_string())),
    }
}

fn unreadable(why: &str) -> UserError {
    UserError {
        what: format!("The image could not be read: {why}"),
        cause: "the engine stopped answering, the image is too large, or the disk for \
                temporary files is full"
            .into(),
        next: "check `docker version` and `df -h`, then press Run again".into(),
    }
}
