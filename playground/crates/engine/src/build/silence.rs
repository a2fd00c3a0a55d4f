//! Builds that stand still: how long one may say nothing, and what it was waiting for.
//!
//! Owns the measure of silence and what can be told of its cause. No engine says whether a
//! command computes or waits: what it was asked to do, and what it said last, must tell.

use crate::error::Stall;
use crate::event::{BuildEvent, StepFinished, StepLog, StepProgress};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};
use tokio::time::sleep_until;

/// How long a build may say nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Patience {
    /// Where all that goes on is a download.
    pub download: Duration,
    /// Where a command may compute: a compiler says nothing while it works.
    pub command: Duration,
}

impl Default for Patience {
    /// A download: a module proxy that fetches what it does not have, or 60 MB at 400 kB/s, takes
    /// under three minutes. A command: the slowest silent step of the labs, gcc on SQLite, took
    /// seven and a half minutes on two cores that had ten times as much to do.
    fn default() -> Patience {
        Patience {
            download: Duration::from_secs(180),
            command: Duration::from_secs(10 * 60),
        }
    }
}

/// Hears a build's events, from the side.
#[derive(Clone)]
pub(super) struct Watch {
    patience: Patience,
    heard: Arc<Mutex<Heard>>,
}

struct Heard {
    last: Instant,
    /// Steps that go on, in the order of their ids.
    open: BTreeMap<String, Open>,
    /// Whether a step of the Dockerfile has come to its end.
    ended: bool,
}

struct Open {
    title: String,
    last: Instant,
    line: Option<String>,
}

impl Watch {
    pub(super) fn new(patience: Patience) -> Watch {
        Watch {
            patience,
            heard: Arc::new(Mutex::new(Heard::since(Instant::now()))),
        }
    }

    fn heard(&self) -> MutexGuard<'_, Heard> {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn hear(&self, event: &BuildEvent) {
        self.heard().take(event, Instant::now());
    }

    /// Ends once the build has stood still for too long.
    pub(super) async fn stall(&self) -> Stall {
        loop {
            let until = {
                let (heard, now) = (self.heard(), Instant::now());
                let until = heard.last + heard.allowed(self.patience);
                if until <= now {
                    return heard.stall(now);
                }
                until
            };
            sleep_until(until.into()).await;
        }
    }
}

impl Heard {
    fn since(now: Instant) -> Heard {
        Heard {
            last: now,
            open: BTreeMap::new(),
            ended: false,
        }
    }

    /// Whatever is said is a sign of life of the whole build: steps wait for one another.
    fn take(&mut self, event: &BuildEvent, now: Instant) {
        self.last = now;
        let mut line = None;
        let step = match event {
            BuildEvent::StepStarted { step, title } => {
                let open = Open {
                    title: title.clone(),
                    last: now,
                    line: None,
                };
                self.open.insert(step.clone(), open);
                step
            }
            BuildEvent::StepFinished(StepFinished { step, .. }) => {
                // Sending what it is built of is a step of ours.
                self.ended |= self
                    .open
                    .remove(step)
                    .is_some_and(|open| is_builders(&open.title));
                step
            }
            BuildEvent::StepProgress(StepProgress { step, .. }) => step,
            BuildEvent::StepLog(StepLog { step, text, .. }) => {
                let written = text.lines().map(str::trim);
                line = written.rev().find(|line| !line.is_empty());
                step
            }
            // Of the Dockerfile or the engine, not of a step.
            BuildEvent::Remark(_) | BuildEvent::LayerLost => return,
        };
        if let Some(open) = self.open.get_mut(step) {
            open.last = now;
            if let Some(line) = line {
                open.line = Some(line.chars().take(200).collect());
            }
        }
    }

    /// The most patient of the steps decides: the others may be waiting for it. Between two of them
    /// the builder looks through its cache, and downloads nothing.
    fn allowed(&self, patience: Patience) -> Duration {
        let between = self.ended && self.open.is_empty();
        if !between && self.open.values().all(|open| only_downloads(&open.title)) {
            patience.download
        } else {
            patience.command
        }
    }

    fn stall(&self, now: Instant) -> Stall {
        let oldest = self.open.values().min_by_key(|open| open.last);
        Stall {
            step: oldest.map(|open| open.title.clone()),
            ended: self.ended,
            silent: now - self.last,
            download: oldest.is_some_and(|open| only_downloads(&open.title)),
            last_line: oldest.and_then(|open| open.line.clone()),
        }
    }
}

/// Commands that get something from a network, and such as may be silent for other reasons.
const FETCHES: [&str; 12] = [
    "go mod download",
    "go get ",
    "apk add",
    "apk update",
    "apt-get update",
    "apt-get install",
    "apt update",
    "apt install",
    "curl ",
    "wget ",
    "git clone",
    "pip download",
];
const COMPUTES: [&str; 10] = [
    "go build",
    "go install",
    "go test",
    "go run",
    "go vet",
    "go generate",
    "gcc ",
    "cc ",
    "make",
    "cargo",
];

/// Whether a step is the builder's, by how it calls them: `[build 2/4] RUN`.
fn is_builders(title: &str) -> bool {
    title.starts_with('[')
}

/// Whether a step does nothing but download: one that the builder does itself (`FROM`, `ADD`), or
/// a command that only fetches.
fn only_downloads(title: &str) -> bool {
    let Some((_, command)) = title.split_once("RUN ") else {
        return true;
    };
    let has = |words: &[&str]| words.iter().any(|word| command.contains(word));
    has(&FETCHES) && !has(&COMPUTES)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{StepStatus, Stream};

    fn started(step: &str, title: &str) -> BuildEvent {
        BuildEvent::StepStarted {
            step: step.into(),
            title: title.into(),
        }
    }

    fn wrote(step: &str, text: &str) -> BuildEvent {
        BuildEvent::StepLog(StepLog {
            step: step.into(),
            stream: Stream::Stderr,
            text: text.into(),
        })
    }

    fn finished(step: &str) -> BuildEvent {
        BuildEvent::StepFinished(StepFinished {
            step: step.into(),
            status: StepStatus::Done,
            ms: 1,
            error: None,
        })
    }

    /// How long it may be silent after these, and what is said once it was.
    fn after(events: &[BuildEvent]) -> (Duration, Stall) {
        let begin = Instant::now();
        let mut heard = Heard::since(begin);
        for event in events {
            heard.take(event, begin);
        }
        let allowed = heard.allowed(Patience::default());
        (allowed, heard.stall(begin + allowed))
    }

    #[test]
    fn a_download_that_stands_still_is_told_with_its_last_line() {
        let (allowed, stall) = after(&[
            started(
                "b01",
                "[build 2/4] RUN --mount=type=cache,target=/go go mod download",
            ),
            wrote("b01", "go: downloading a v1\ngo: downloading b v2\n\n"),
        ]);
        assert_eq!(allowed, Patience::default().download);
        let said = stall.to_string();
        assert!(
            said.ends_with("go mod download` said nothing for 180 s and was stopped"),
            "{said}"
        );
        let waited_for = "a download; the last that it wrote is `go: downloading b v2`";
        assert_eq!(stall.waited_for(), waited_for);
    }

    #[test]
    fn a_compiler_may_be_silent_for_longer() {
        let patience = Patience::default();
        let compiles = started(
            "b02",
            "[build 4/4] RUN go mod download && go build -o /app .",
        );
        let (allowed, stall) = after(std::slice::from_ref(&compiles));
        assert_eq!((allowed, stall.download), (patience.command, false));
        // Beside a download: it may be what the rest of the build waits for.
        let (allowed, _) = after(&[started("b01", "[a 1/1] FROM golang:1.23"), compiles]);
        assert_eq!(allowed, patience.command);
    }

    #[test]
    fn between_two_steps_the_builder_is_given_time_and_no_download_is_blamed() {
        let patience = Patience::default();
        let (from, sent) = ("[build 1/4] FROM golang:1.23", "sending the build context");
        let (allowed, stall) = after(&[started("b01", from), finished("b01")]);
        assert_eq!((allowed, stall.download), (patience.command, false));
        assert_eq!(
            stall.waited_for(),
            "the engine's builder, between two steps"
        );
        // Before the first one it asks registries what images are.
        let (allowed, stall) = after(&[started("ctx", sent), finished("ctx")]);
        assert_eq!(allowed, patience.download);
        let waited_for = "the engine's builder, which has begun no step";
        assert_eq!(stall.waited_for(), waited_for);
    }

    #[test]
    fn every_word_starts_the_silence_anew() {
        let begin = Instant::now();
        let mut heard = Heard::since(begin);
        heard.take(&started("b01", "[build 2/4] RUN apk add gcc"), begin);
        let later = begin + Duration::from_secs(100);
        heard.take(&wrote("b01", "(1/9) Installing binutils\n"), later);
        assert_eq!(heard.last, later);
        heard.take(&finished("b01"), later);
        assert_eq!(heard.stall(later).step, None, "no step goes on");
    }
}
