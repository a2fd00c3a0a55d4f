//! X-rays: asked for, waited for, read one at a time, kept while there is room.
//!
//! [`Scans`] accepts, by the rules of [`jobs`](crate::jobs); `job` carries out, `questions`
//! answers from what was read, `eviction` says what stays. What was read stays in memory and is
//! dropped with the X-ray. Refuses to know HTTP, and what findings mean.

mod eviction;
mod images;
mod job;
mod questions;
mod xray;

pub use images::Listed;
pub use questions::QuestionError;
pub use xray::{Status, Xray};

use crate::app_state::AppState;
use crate::jobs::{Jobs, Party, Rules, Turns};
use crate::run::{ImagePlan, Runs};
use policy::UserError;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use tokio::sync::Semaphore;
use xray::State;

/// X-rays that are built and read at the same time: each may hold a gigabyte while it reads.
const AT_ONCE: usize = 1;
/// X-rays that may wait for their turn before a new one is refused.
const MAX_WAITING: usize = 8;
/// The same of a seat of a class.
const SEAT_WAITING: usize = 1;

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
    answering: Arc<Semaphore>,
}

/// What is built or read.
#[derive(Clone, Debug)]
enum Source {
    /// As the engine names it, with its size.
    Image { name: String, bytes: u64 },
    /// Built first, and removed again.
    Built(ImagePlan),
}

impl Scans {
    /// None yet, over the runs whose images may be asked for.
    pub fn new(state: Arc<AppState>, runs: Arc<Runs>) -> Scans {
        let turns = Turns::new(AT_ONCE, AT_ONCE);
        Scans::among(state, runs, &turns, 0, MAX_WAITING)
    }

    /// X-rays of one seat of a class, which takes its turns among others.
    pub(crate) fn of_seat(
        state: Arc<AppState>,
        runs: Arc<Runs>,
        turns: &Turns,
        seat: Party,
    ) -> Scans {
        Scans::among(state, runs, turns, seat, SEAT_WAITING)
    }

    fn among(
        state: Arc<AppState>,
        runs: Arc<Runs>,
        turns: &Turns,
        party: Party,
        max_waiting: usize,
    ) -> Scans {
        let rules = Rules {
            plural: "X-rays",
            crowded: "more were asked for than can be read, one after the other",
            at_once: AT_ONCE,
            max_waiting,
            keep: |xrays: &[Arc<Xray>]| {
                let weights: Vec<_> = xrays.iter().map(|xray| xray.weight()).collect();
                eviction::stays(&weights)
            },
        };
        let jobs = Jobs::sharing(rules, turns, party);
        Scans {
            state,
            runs,
            jobs,
            answering: Arc::new(Semaphore::new(1)),
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
                let run = self.runs.find(run)?;
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
                Some(turn) => job::carry_out(&state, &accepted, source, &turn).await,
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
        let (lab, variant) = self.state.catalog.open_variant(lab, variant)?;
        let plan = ImagePlan {
            lab: lab.id.clone(),
            variant: variant.id.clone(),
            edits,
            fresh: false,
            touch: None,
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
