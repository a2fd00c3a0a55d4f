//! One X-ray: how far it is, what it has found, and what it costs to keep.
//!
//! Refuses to know how it is taken, and how many there may be.

use super::eviction::Weight;
use crate::event::{Event, StepProgress};
use crate::jobs::{Job, Ticket};
use crate::run::RunLog;
use analysis::inspect::Inspection;
use analysis::xray::Report;
use engine::Engine;
use policy::UserError;
use serde::{Serialize, Serializer};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One accepted X-ray.
#[derive(Debug)]
pub struct Xray {
    pub(super) ticket: Ticket,
    /// What is read, in words.
    pub(super) name: String,
    pub(super) state: Mutex<State>,
    /// What its build says, where one is needed.
    pub(super) log: Arc<RunLog>,
}

/// How far an X-ray is.
#[derive(Clone, Debug)]
pub(super) enum State {
    Waiting,
    Building,
    Reading { current: u64, total: Option<u64> },
    Ready(Arc<Scan>),
    Failed(UserError),
    Stopped,
}

/// What was read.
#[derive(Debug)]
pub(super) struct Scan {
    pub(super) inspection: Inspection,
    pub(super) report: Report,
    /// Where it was read.
    pub(super) engine: Engine,
}

/// How an X-ray stands, as a page is told.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Status {
    /// The X-ray's id.
    xray: String,
    /// `waiting`, `building`, `reading`, `ready`, `failed` or `stopped`.
    state: &'static str,
    /// What is being done.
    text: String,
    /// Bytes so far.
    current: u64,
    /// Bytes in all, about; `None` where that is not known.
    total: Option<u64>,
    /// Why it failed.
    error: Option<UserError>,
    /// What was found.
    #[serde(serialize_with = "report")]
    report: Option<Arc<Scan>>,
}

fn report<S: Serializer>(ready: &Option<Arc<Scan>>, serializer: S) -> Result<S::Ok, S::Error> {
    ready
        .as_ref()
        .map(|ready| &ready.report)
        .serialize(serializer)
}

impl Xray {
    /// Names the X-ray (hex).
    pub fn id(&self) -> &str {
        &self.ticket.id
    }

    /// Asks it to stop; what is ready stays.
    pub fn stop(&self) {
        self.ticket.stop.cancel();
    }

    /// How it stands now.
    pub fn status(&self) -> Status {
        let state = self.state();
        let mut status = Status {
            xray: self.id().to_owned(),
            state: state.name(),
            ..Status::default()
        };
        match state {
            State::Waiting => {
                status.text = "Waiting for its turn: one image is read at a time.".into()
            }
            State::Building => {
                status.text = format!("Building {}", self.name);
                if let Some((text, current, total)) = self.log.latest(building) {
                    (status.text, status.current, status.total) = (text, current, total);
                }
            }
            State::Reading { current, total } => {
                status.text = format!("Reading {}", self.name);
                (status.current, status.total) = (current, total);
            }
            State::Ready(ready) => status.report = Some(ready),
            State::Failed(error) => status.error = Some(error),
            State::Stopped => {}
        }
        status
    }

    pub(super) fn state(&self) -> State {
        self.locked().clone()
    }

    pub(super) fn set(&self, state: State) {
        *self.locked() = state;
    }

    pub(super) fn locked(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it holds in memory.
    pub(super) fn weight(&self) -> Weight {
        match self.state() {
            State::Ready(ready) => {
                let layers = ready.inspection.image.layers.iter();
                Weight::Ready(layers.map(|layer| layer.entries.len()).sum())
            }
            State::Failed(_) | State::Stopped => Weight::Nothing,
            State::Waiting | State::Building | State::Reading { .. } => Weight::Unfinished,
        }
    }
}

impl Job for Xray {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn is_over(&self) -> bool {
        self.weight() != Weight::Unfinished
    }
}

impl State {
    pub(super) fn name(&self) -> &'static str {
        match self {
            State::Waiting => "waiting",
            State::Building => "building",
            State::Reading { .. } => "reading",
            State::Ready(_) => "ready",
            State::Failed(_) => "failed",
            State::Stopped => "stopped",
        }
    }
}

/// What a build's event says of how far it is.
fn building(event: &Event) -> Option<(String, u64, Option<u64>)> {
    match event {
        Event::StepStarted { title, .. } => Some((title.clone(), 0, None)),
        Event::StepProgress(StepProgress {
            what,
            current,
            total,
            ..
        }) => Some((what.clone(), *current, *total)),
        _ => None,
    }
}
