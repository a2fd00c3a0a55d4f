//! What a program writes: passed on as it comes, kept for the verdict, bounded.

use super::execute::RunContext;
use crate::event::{Event, Stream};
use futures_util::StreamExt;
use policy::limits::MAX_OUTPUT_BYTES;
use std::time::Duration;
use tokio::time::timeout;

/// What a program wrote: the beginning, and the end where there is more than is kept.
#[derive(Debug, Default)]
pub(super) struct ProgramOutput {
    head: String,
    tail: String,
    clipped: bool,
}

/// The end of a long output that is kept for the verdict: last words matter.
const TAIL: usize = 16 * 1024;

impl ProgramOutput {
    pub(super) fn text(&self) -> String {
        match self.clipped {
            true => format!("{}\n{}", self.head, self.tail),
            false => self.head.clone(),
        }
    }

    pub(super) fn push(&mut self, ctx: &RunContext<'_>, stream: Stream, text: String) {
        if !self.clipped && self.head.len() < MAX_OUTPUT_BYTES {
            self.head.push_str(&text);
            ctx.log.push(Event::Output { stream, text });
            return;
        }
        if !self.clipped {
            self.clipped = true;
            let kept = MAX_OUTPUT_BYTES / 1024;
            ctx.log.push(Event::notice(format!(
                "The program wrote more than {kept} KiB. The rest is read, but not shown; \
                     the verdict also looks at its end."
            )));
        }
        self.tail.push_str(&text);
        let mut from = self.tail.len().saturating_sub(TAIL);
        while !self.tail.is_char_boundary(from) {
            from += 1;
        }
        self.tail.drain(..from);
    }
}

/// Hands what a program writes to `keep` while something else goes on.
pub(crate) async fn reading<T>(
    output: &mut (impl futures_util::Stream<Item = (Stream, String)> + Unpin),
    mut keep: impl FnMut(Stream, String),
    work: impl Future<Output = T>,
) -> T {
    let mut open = true;
    tokio::pin!(work);
    loop {
        tokio::select! {
            biased;
            piece = output.next(), if open => match piece {
                Some((stream, text)) => keep(stream, text),
                None => open = false,
            },
            done = &mut work => return done,
        }
    }
}

/// Hands the rest of a log to `keep`, whose end is near; not every engine says so, and a pause of
/// `grace` counts as the end.
pub(crate) async fn read_rest(
    output: &mut (impl futures_util::Stream<Item = (Stream, String)> + Unpin),
    grace: Duration,
    mut keep: impl FnMut(Stream, String),
) {
    while let Ok(Some((stream, text))) = timeout(grace, output.next()).await {
        keep(stream, text);
    }
}
