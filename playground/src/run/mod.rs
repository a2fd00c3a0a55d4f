//! One click as one stream of events with one terminal event.
//!
//! [`Runs`] accepts, keeps, stops; `execute` carries out; `verdict` judges. A run lives on
//! the server: pages come and go, and find it again by its id.

mod actions;
mod build;
mod build_image;
mod cleanup;
mod container;
mod evidence;
mod execute;
mod log;
mod looks;
mod measure;
mod output;
mod peers;
mod prepare;
mod prober;
mod steps;
mod verdict;

pub use build_image::{Plan, Standing, Unbuilt, build_only};
pub use evidence::Evidence;
pub use log::RunLog;

pub use crate::event::{
    CheckResult, Ending, Entry, Event, Finished, LayerSize, Phase, Probed, Sizes, StepError,
    StepStatus, Stream,
};
use policy::UserError;

use crate::app_state::AppState;
use execute::RunSpec;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// Runs carried out at the same time; the engine builds them in parallel.
const AT_ONCE: usize = 2;
/// Runs that may wait for their turn before a new one is refused.
const MAX_WAITING: usize = 16;
/// Finished runs kept for pages that come back.
const MAX_KEPT: usize = 64;

/// All runs of this app.
#[derive(Debug)]
pub struct Runs {
    app: Arc<AppState>,
    runs: Mutex<Vec<Arc<Run>>>,
    turns: Arc<Semaphore>,
    tracker: TaskTracker,
    closing: CancellationToken,
}

/// One accepted run.
#[derive(Debug)]
pub struct Run {
    /// Names the run (hex).
    pub id: String,
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
    /// What the reader changed, by path.
    pub edits: BTreeMap<String, String>,
    /// What has happened so far.
    pub log: Arc<RunLog>,
    stop: CancellationToken,
}

/// A run as a page lists it.
#[derive(Clone, Debug, Serialize)]
pub struct Listed {
    /// The run's id.
    pub run: String,
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
    /// `running` or `finished`.
    pub state: &'static str,
    /// Milliseconds since it was accepted, so that a page's timers are right.
    pub age_ms: u64,
}

impl Runs {
    /// An empty list of runs over a app.
    pub fn new(app: Arc<AppState>) -> Runs {
        Runs {
            app,
            runs: Mutex::default(),
            turns: Arc::new(Semaphore::new(AT_ONCE)),
            tracker: TaskTracker::new(),
            closing: CancellationToken::new(),
        }
    }

    /// Accepts a run. What is wrong with the request is said at once; the rest are events.
    pub fn start(
        &self,
        lab: &str,
        variant: &str,
        edits: BTreeMap<String, String>,
    ) -> Result<Arc<Run>, UserError> {
        let (lab, variant) = self.app.catalog.lab_variant(lab, variant)?;
        // Refuses undeclared paths and oversize edits before anything is queued.
        catalog::context(&self.app.root, lab, variant, &BTreeMap::new(), &edits)?;
        let id = new_id()?;
        let run = Arc::new(Run {
            id: id.clone(),
            lab: lab.id.clone(),
            variant: variant.id.clone(),
            edits: edits.clone(),
            log: Arc::default(),
            stop: self.closing.child_token(),
        });
        self.admit(&run)?;
        run.log.push(Event::RunStarted {
            run: run.id.clone(),
            lab: run.lab.clone(),
            variant: run.variant.clone(),
            edited: edits.keys().cloned().collect(),
        });
        let spec = RunSpec {
            id,
            lab: lab.clone(),
            variant: variant.clone(),
            edits,
        };
        let (app, turns, task_run) = (self.app.clone(), self.turns.clone(), run.clone());
        self.tracker.spawn(async move {
            if turns.available_permits() == 0 {
                task_run.log.push(Event::Notice {
                    text: "Waiting for its turn: other runs are under way.".to_owned(),
                });
            }
            let turn = tokio::select! {
                biased;
                turn = turns.acquire() => turn.ok(),
                () = task_run.stop.cancelled() => None,
            };
            execute::execute(&app, &spec, &task_run.log, &task_run.stop).await;
            drop(turn);
        });
        Ok(run)
    }

    fn admit(&self, run: &Arc<Run>) -> Result<(), UserError> {
        let mut runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let unfinished = runs.iter().filter(|r| !r.log.is_finished()).count();
        if unfinished >= AT_ONCE + MAX_WAITING {
            return Err(UserError {
                what: format!("{unfinished} runs are waiting already."),
                cause: "more runs were started than the engine can work off".into(),
                next: "wait for some to end, or stop them".into(),
            });
        }
        runs.push(run.clone());
        while runs.len() > MAX_KEPT {
            let Some(oldest) = runs.iter().position(|r| r.log.is_finished()) else {
                break;
            };
            runs.remove(oldest);
        }
        Ok(())
    }

    /// The run of this id, while it is kept.
    pub fn get(&self, id: &str) -> Option<Arc<Run>> {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        runs.iter().find(|r| r.id == id).cloned()
    }

    /// All runs that are kept, newest first.
    pub fn list(&self) -> Vec<Listed> {
        let runs = self.runs.lock().unwrap_or_else(PoisonError::into_inner);
        let listed = runs.iter().rev().map(|r| Listed {
            run: r.id.clone(),
            lab: r.lab.clone(),
            variant: r.variant.clone(),
            state: if r.log.is_finished() {
                "finished"
            } else {
                "running"
            },
            age_ms: r.log.elapsed_ms(),
        });
        listed.collect()
    }

    /// Stops every run and waits until each has cleaned up after itself.
    pub async fn close(&self) {
        self.closing.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

impl Run {
    /// Asks the run to stop; its terminal event says when it has.
    pub fn stop(&self) {
        self.stop.cancel();
    }
}

/// A name for a run or an X-ray: 12 hexadecimal digits that nobody guesses by counting.
pub(crate) fn new_id() -> Result<String, UserError> {
    engine::random_hex(6).map_err(|error| UserError {
        what: format!("No randomness for an id: {error}"),
        cause: "the operating system refuses it".into(),
        next: "restart the machine".into(),
    })
}
