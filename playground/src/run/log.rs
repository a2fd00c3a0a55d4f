//! A run's log: append-only, bounded, watched by any number of readers from any position.

use crate::event::{Entry, Event, Retention};
use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};
use tokio::sync::watch;

/// Pieces of build log and output kept per run; steps and endings are never clipped.
const MAX_PIECES: usize = 6_000;
/// How often a step may say how far it has come.
const PROGRESS_PACE: Duration = Duration::from_millis(250);
/// Progress events kept per run: eight minutes of one slow download.
const MAX_PROGRESS: usize = 2_000;
/// Bytes of build log and output kept per run.
const MAX_TEXT: usize = 2 * 1024 * 1024;

/// The events of one run so far. Ends with exactly one [`Event::Finished`].
#[derive(Debug)]
pub struct RunLog {
    since: Instant,
    inner: Mutex<Inner>,
    grown: watch::Sender<u64>,
}

#[derive(Debug, Default)]
struct Inner {
    entries: Vec<Entry>,
    text: usize,
    pieces: usize,
    progress: usize,
    last_progress: HashMap<String, Instant>,
    clipped: bool,
    finished: bool,
}

impl Inner {
    /// Whether a step's progress can be left out: another one will follow soon enough.
    fn is_too_soon(&mut self, step: &str) -> bool {
        let now = Instant::now();
        let last = self.last_progress.get(step);
        let soon = last.is_some_and(|last| now.duration_since(*last) < PROGRESS_PACE);
        if soon || self.progress >= MAX_PROGRESS {
            return true;
        }
        self.progress += 1;
        self.last_progress.insert(step.to_owned(), now);
        false
    }
}

impl Default for RunLog {
    fn default() -> Self {
        RunLog {
            since: Instant::now(),
            inner: Mutex::default(),
            grown: watch::Sender::new(0),
        }
    }
}

impl RunLog {
    /// Appends an event. After the terminal event nothing is taken any more.
    pub fn push(&self, event: Event) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if inner.finished {
            return;
        }
        match event.retention() {
            Retention::Whole => {}
            Retention::Terminal => inner.finished = true,
            Retention::Progress(step) if inner.is_too_soon(step) => return,
            Retention::Progress(_) => {}
            Retention::Text(_) if inner.clipped => return,
            Retention::Text(bytes) => {
                inner.text += bytes;
                inner.pieces += 1;
                if inner.text > MAX_TEXT || inner.pieces > MAX_PIECES {
                    inner.clipped = true;
                    let notice = "The output is longer than what is kept here; the rest was read and dropped.";
                    self.append(&mut inner, Event::notice(notice));
                    return;
                }
            }
        }
        self.append(&mut inner, event);
    }

    fn append(&self, inner: &mut Inner, event: Event) {
        let seq = inner.entries.len() as u64 + 1;
        let at_ms = self.elapsed_ms();
        inner.entries.push(Entry { seq, at_ms, event });
        self.grown.send_replace(seq);
    }

    /// Milliseconds since the run was accepted.
    pub fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX)
    }

    /// Whether the terminal event is there.
    pub fn is_finished(&self) -> bool {
        self.inner
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .finished
    }

    /// What the newest event says that `pick` takes.
    pub fn latest<T>(&self, pick: impl Fn(&Event) -> Option<T>) -> Option<T> {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let newest_first = inner.entries.iter().rev();
        newest_first.map(|entry| &entry.event).find_map(pick)
    }

    /// All entries after position `seq`, and whether these are the last.
    pub fn after(&self, seq: u64) -> (Vec<Entry>, bool) {
        let inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let from = usize::try_from(seq)
            .unwrap_or(usize::MAX)
            .min(inner.entries.len());
        (inner.entries[from..].to_vec(), inner.finished)
    }

    /// Waits for entries after position `seq`; empty once the run is over and all is read.
    pub async fn next(&self, seq: u64) -> Vec<Entry> {
        let mut grown = self.grown.subscribe();
        loop {
            grown.mark_unchanged();
            let (entries, finished) = self.after(seq);
            if finished || !entries.is_empty() {
                return entries;
            }
            if grown.changed().await.is_err() {
                return Vec::new();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::{Ending, Finished, StepProgress, Stream};

    fn finished() -> Event {
        Event::Finished(Box::new(Finished::unjudged(Ending::Stopped, None, 0)))
    }

    fn output(text: &str) -> Event {
        Event::Output {
            stream: Stream::Stdout,
            text: text.to_owned(),
        }
    }

    #[test]
    fn there_is_exactly_one_terminal_event_and_it_is_the_last() {
        let log = RunLog::default();
        log.push(output("a"));
        log.push(finished());
        log.push(finished());
        log.push(output("late"));
        let (entries, over) = log.after(0);
        assert!(over);
        assert_eq!(entries.len(), 2);
        assert!(matches!(entries[1].event, Event::Finished(_)));
    }

    #[test]
    fn a_flood_of_output_is_clipped_but_the_ending_is_kept() {
        let log = RunLog::default();
        let piece = "x".repeat(64 * 1024);
        for _ in 0..100 {
            log.push(output(&piece));
        }
        log.push(finished());
        let (entries, _) = log.after(0);
        assert!(entries.len() < 40);
        let last_two = &entries[entries.len() - 2..];
        assert!(matches!(last_two[0].event, Event::Notice { .. }));
        assert!(matches!(last_two[1].event, Event::Finished(_)));
    }

    #[test]
    fn a_long_download_does_not_cost_the_reader_the_output() {
        let log = RunLog::default();
        for current in 0..50_000 {
            log.push(Event::StepProgress(StepProgress {
                step: "base".into(),
                what: "pulling".into(),
                current,
                total: None,
            }));
        }
        log.push(output("what the container wrote"));
        let (entries, _) = log.after(0);
        assert!(entries.len() < 100, "{} entries", entries.len());
        let last = entries.last().map(|e| &e.event);
        assert!(matches!(last, Some(Event::Output { .. })));
    }

    #[tokio::test]
    async fn a_late_reader_continues_where_it_stopped() {
        let log = std::sync::Arc::new(RunLog::default());
        log.push(output("a"));
        log.push(output("b"));
        assert_eq!(log.next(1).await.len(), 1);
        let waiting = tokio::spawn({
            let log = log.clone();
            async move { log.next(2).await }
        });
        log.push(finished());
        let got = waiting.await.map(|e| e.len());
        assert_eq!(got.ok(), Some(1));
        assert!(log.next(3).await.is_empty());
    }
}
