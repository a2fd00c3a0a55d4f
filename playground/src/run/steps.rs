//! Steps of our own (bases, measuring, running), in the same events as the builder's.
//!
//! Owns the promise that every step that starts also finishes, whatever drops it.

use super::RunLog;
use crate::event::{Event, Phase, StepError, StepFinished, StepStatus};
use policy::UserError;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

/// An open step. Dropped without [`Step::end`], it ends as canceled.
pub(crate) struct Step<'a> {
    log: &'a RunLog,
    id: String,
    since: Instant,
    over: bool,
}

impl<'a> Step<'a> {
    pub(crate) fn start(log: &'a RunLog, phase: Phase, id: &str, title: &str) -> Step<'a> {
        log.push(Event::StepStarted {
            step: id.to_owned(),
            phase,
            title: title.to_owned(),
        });
        Step {
            log,
            id: id.to_owned(),
            since: Instant::now(),
            over: false,
        }
    }

    pub(crate) fn done(self) {
        self.end(StepStatus::Done, None);
    }

    pub(crate) fn failed(self, message: &str) {
        self.end(StepStatus::Failed, Some(StepError::new(message, None)));
    }

    /// Ends it as its work ended.
    pub(crate) fn end_as<T>(self, outcome: &Result<T, UserError>) {
        match outcome {
            Ok(_) => self.done(),
            Err(error) => self.failed(&error.what),
        }
    }

    fn end(mut self, status: StepStatus, error: Option<StepError>) {
        self.over = true;
        self.finish(status, error);
    }

    fn finish(&self, status: StepStatus, error: Option<StepError>) {
        self.log.push(Event::StepFinished(StepFinished {
            step: self.id.clone(),
            status,
            ms: u64::try_from(self.since.elapsed().as_millis()).unwrap_or(u64::MAX),
            error,
        }));
    }
}

impl Drop for Step<'_> {
    fn drop(&mut self) {
        if !self.over {
            self.finish(StepStatus::Canceled, None);
        }
    }
}

/// The builder's steps that have started and not finished. Dropped with a build that was
/// stopped, it ends them as canceled: every step that starts also finishes.
pub(super) struct OpenSteps {
    log: Arc<RunLog>,
    open: Mutex<BTreeSet<String>>,
}

impl OpenSteps {
    pub(super) fn new(log: Arc<RunLog>) -> OpenSteps {
        OpenSteps {
            log,
            open: Mutex::default(),
        }
    }

    pub(super) fn follow(&self, event: &Event) {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        match event {
            Event::StepStarted { step, .. } => {
                open.insert(step.clone());
            }
            Event::StepFinished(StepFinished { step, .. }) => {
                open.remove(step);
            }
            _ => {}
        }
    }
}

impl Drop for OpenSteps {
    fn drop(&mut self) {
        let open = self.open.get_mut().unwrap_or_else(PoisonError::into_inner);
        for step in std::mem::take(open) {
            self.log.push(Event::StepFinished(StepFinished {
                step,
                status: StepStatus::Canceled,
                ms: 0,
                error: None,
            }));
        }
    }
}
