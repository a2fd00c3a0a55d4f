//! X-rays: asked for, waited for, read one at a time, kept while there is room.
//!
//! [`Scans`] accepts, by the rules of [`jobs`](crate::jobs); `job` carries out, `questions`
//! answers from what was read, `eviction` says what stays. What was read stays in memory and is
//! dropped with the X-ray. Refuses to know HTTP, and what findings mean.

mod eviction;
mod images;
mod job;
mod questions;

pub use images::Listed;
pub use questions::{MapArea, QuestionError};

use crate::app_state::AppState;
use crate::event::Event;
use crate::jobs::{Job, Jobs, Rules, Ticket};
use crate::run::{Plan, RunLog, Runs};
use analysis::inspect::Inspection;
use analysis::xray::Report;
use engine::Engine;
use eviction::Weight;
use policy::UserError;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;

/// X-rays that are built and read at the same time: each may hold a gigabyte while it reads.
const AT_ONCE: usize = 1;
/// X-rays that may wait for their turn before a new one is refused.
const MAX_WAITING: usize = 8;

/// What is to be X-rayed: names and ids, never paths or options.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Subject {
    /// An image that the engine lists, by name or id.
    Image {
        /// Its name or id.
        image: String,
    },
    /// A variant's image, built as a run would.
    Variant {
        /// The lab's id.
        lab: String,
        /// The variant's id.
        variant: String,
    },
    /// A run's image, built once more with the run's edits.
    Run {
        /// The run's id.
        run: String,
    },
}

/// All X-rays of this process.
#[derive(Debug)]
pub struct Scans {
    state: Arc<AppState>,
    runs: Arc<Runs>,
    jobs: Jobs<Xray>,
    /// One question is answered at a time that needs a tree.
    thinking: Arc<Semaphore>,
}

/// One accepted X-ray.
#[derive(Debug)]
pub struct Xray {
    ticket: Ticket,
    /// What is read, in words.
    name: String,
    state: Mutex<State>,
    /// What its build says, where one is needed.
    log: Arc<RunLog>,
}

/// How far an X-ray is.
#[derive(Clone, Debug)]
enum State {
    Waiting,
    Building,
    Reading { current: u64, total: Option<u64> },
    Ready(Arc<Ready>),
    Failed(UserError),
    Stopped,
}

/// What was read.
#[derive(Debug)]
struct Ready {
    inspection: Inspection,
    report: Report,
    /// Where it was read.
    engine: Engine,
}

/// What is built or read.
#[derive(Clone, Debug)]
enum Source {
    /// As the engine names it, with its size.
    Image { name: String, bytes: u64 },
    /// Built first, and removed again.
    Built(Plan),
}

/// How an X-ray stands, as a page is told.
#[derive(Clone, Debug, Serialize)]
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
    report: Option<Arc<Ready>>,
}

fn report<S: Serializer>(ready: &Option<Arc<Ready>>, serializer: S) -> Result<S::Ok, S::Error> {
    ready
        .as_ref()
        .map(|ready| &ready.report)
        .serialize(serializer)
}

impl Scans {
    /// None yet, over the runs whose images may be asked for.
    pub fn new(state: Arc<AppState>, runs: Arc<Runs>) -> Scans {
        let jobs = Jobs::new(Rules {
            plural: "X-rays",
            crowded: "more were asked for than can be read, one after the other",
            at_once: AT_ONCE,
            max_waiting: MAX_WAITING,
            keep: |xrays: &[Arc<Xray>]| {
                let weights: Vec<_> = xrays.iter().map(|xray| xray.weight()).collect();
                eviction::stays(&weights)
            },
        });
        Scans {
            state,
            runs,
            jobs,
            thinking: Arc::new(Semaphore::new(1)),
        }
    }

    /// Accepts an X-ray.
    ///
    /// # Errors
    /// There is no such image, variant or run, or too many X-rays are waiting.
    pub async fn start(&self, subject: &Subject) -> Result<Arc<Xray>, UserError> {
        let (name, source) = match subject {
            Subject::Image { image } => images::find(&self.state, image).await?,
            Subject::Variant { lab, variant } => self.variant(lab, variant, BTreeMap::new())?,
            Subject::Run { run } => {
                let run = self.runs.get(run).ok_or_else(|| no_run(run))?;
                self.variant(&run.lab, &run.variant, run.edits.clone())?
            }
        };
        let xray = self.jobs.admit(|ticket| Xray {
            ticket,
            name,
            state: Mutex::new(State::Waiting),
            log: Arc::default(),
        })?;
        let (state, accepted) = (self.state.clone(), xray.clone());
        self.jobs.carry_out(&xray, |turn| async move {
            let end = match turn {
                // Where it is stopped, a thread may read on, and holds the turn until it ends.
                Some(turn) => job::take(&state, &accepted, source, &turn).await,
                None => State::Stopped,
            };
            accepted.set(end);
        });
        Ok(xray)
    }

    fn variant(
        &self,
        lab: &str,
        variant: &str,
        edits: BTreeMap<String, String>,
    ) -> Result<(String, Source), UserError> {
        let (lab, variant) = self.state.catalog.lab_variant(lab, variant)?;
        let plan = Plan {
            lab: lab.id.clone(),
            variant: variant.id.clone(),
            edits,
        };
        Ok((
            format!("{}/{}", plan.lab, plan.variant),
            Source::Built(plan),
        ))
    }

    /// The X-ray of this id, while it is kept.
    pub fn get(&self, id: &str) -> Option<Arc<Xray>> {
        self.jobs.get(id)
    }

    /// Stops every X-ray and waits until each has cleaned up after itself.
    pub async fn close(&self) {
        self.jobs.close().await;
    }
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
            text: String::new(),
            current: 0,
            total: None,
            error: None,
            report: None,
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

    fn state(&self) -> State {
        self.state
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set(&self, state: State) {
        *self.state.lock().unwrap_or_else(PoisonError::into_inner) = state;
    }

    /// What it holds in memory.
    fn weight(&self) -> Weight {
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
    fn name(&self) -> &'static str {
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
        Event::StepProgress {
            what,
            current,
            total,
            ..
        } => Some((what.clone(), *current, *total)),
        _ => None,
    }
}

fn no_run(id: &str) -> UserError {
    let id: String = id.chars().take(32).collect();
    UserError {
        what: format!("There is no run {id}."),
        cause: "it was started by an earlier launch of the playground, or is long over".into(),
        next: "press Run, then X-ray".into(),
    }
}
