//! One click as one stream of events with one terminal event.
//!
//! [`Runs`] accepts, by the rules of [`jobs`](crate::jobs); `execute` carries out; `verdict`
//! judges. A run lives on the server: pages come and go, and find it again by its id. Refuses to
//! know HTTP and terminals.

mod actions;
mod build;
mod build_image;
mod build_report;
mod checks;
mod cleanup;
mod container;
mod evidence;
mod execute;
mod image_checks;
mod keeping;
mod log;
mod measure;
mod one_build;
mod output;
mod own_image;
mod peers;
mod prepare;
mod prober;
mod site;
mod steps;
mod tenancy;
mod verdict;

pub use build_image::{ImagePlan, NotBuilt, TemporaryImage, build_image};
pub(crate) use build_report::BuildReport;
pub(crate) use cleanup::Cleanup;
pub use evidence::Evidence;
pub use log::RunLog;
pub(crate) use one_build::{Build, Pace};
pub(crate) use output::{read_rest, reading};
pub use own_image::{build_carried, build_prober};
pub(crate) use peers::{create, engine_error, start, start_error};
pub(crate) use prepare::{Prepared, Probing, prepare};
pub(crate) use prober::{Found, found_command, image as prober_image, parse_found};
pub(crate) use site::Site;
pub(crate) use steps::Step;

pub use crate::event::{
    CheckResult, Ending, Entry, Event, Finished, LayerSize, Phase, Probed, Sizes, StepError,
    StepStatus, Stream,
};

use crate::app_state::AppState;
use crate::jobs::{Job, Jobs, Party, Rules, Ticket, Turns, closing, newest};
use catalog::Kind;
use engine::Engine;
use execute::RunSpec;
use policy::UserError;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

/// Runs carried out at the same time; the engine builds them in parallel.
const AT_ONCE: usize = 2;
/// Runs that may wait for their turn before a new one is refused.
const MAX_WAITING: usize = 16;
/// Finished runs kept for pages that come back.
const MAX_KEPT: usize = 64;

/// Runs of one seat of a class that may be under way or wait at the same time; one of them works.
pub const SEAT_UNFINISHED: usize = 3;
/// Finished runs kept of a seat.
const SEAT_KEPT: usize = 8;

/// All runs of this process, or of one seat of a class.
#[derive(Debug)]
pub struct Runs {
    state: Arc<AppState>,
    jobs: Jobs<Run>,
    ended: Ended,
    images: Images,
}

/// Whether images stay for the next click.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Images {
    /// Those of failures and exercises; of all else, builds are what is to be seen.
    Stay,
    Go,
}

/// Is told of each run that is over.
#[derive(Clone)]
pub(crate) struct Ended(Arc<dyn Fn(&Run) + Send + Sync>);

impl Ended {
    pub(crate) fn new(on: impl Fn(&Run) + Send + Sync + 'static) -> Ended {
        Ended(Arc::new(on))
    }
}

impl fmt::Debug for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Ended")
    }
}

/// One accepted run.
#[derive(Debug)]
pub struct Run {
    ticket: Ticket,
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
    /// What the reader changed, by path.
    pub edits: BTreeMap<String, String>,
    /// What has happened so far.
    pub log: Arc<RunLog>,
    /// Milliseconds that it waited for its turn.
    waited_ms: OnceLock<u64>,
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
    /// An empty list of runs.
    pub fn new(state: Arc<AppState>) -> Runs {
        let jobs = Jobs::new(Rules {
            plural: "runs",
            crowded: "more runs were started than the engine can work off",
            at_once: AT_ONCE,
            max_waiting: MAX_WAITING,
            keep: |runs| newest(MAX_KEPT, runs),
        });
        Runs {
            state,
            jobs,
            ended: Ended::new(|_| {}),
            images: Images::Go,
        }
    }

    /// The same for whoever clicks again: images of failures and exercises stay on the engine,
    /// until [`AppState::close`], and the same files are not built twice.
    pub fn keeping_images(state: Arc<AppState>) -> Runs {
        Runs {
            images: Images::Stay,
            ..Runs::new(state)
        }
    }

    /// Runs of one seat, which takes its turns among others.
    pub(crate) fn of_seat(state: Arc<AppState>, turns: &Turns, seat: Party, ended: Ended) -> Runs {
        let rules = Rules {
            plural: "runs of yours",
            crowded: "in a class, a seat may have three runs that are not over",
            at_once: 1,
            max_waiting: SEAT_UNFINISHED - 1,
            keep: |runs| newest(SEAT_KEPT, runs),
        };
        Runs {
            state,
            jobs: Jobs::sharing(rules, turns, seat),
            ended,
            images: Images::Stay,
        }
    }

    /// Accepts a run; what happens from then on are events.
    ///
    /// # Errors
    /// There is no such lab or variant, an edit is of no declared-editable file or too large, or
    /// too many runs are waiting.
    pub fn start(
        &self,
        lab: &str,
        variant: &str,
        edits: BTreeMap<String, String>,
    ) -> Result<Arc<Run>, UserError> {
        let (lab, variant) = self.state.catalog.lab_variant(lab, variant)?;
        // Refuses undeclared paths and oversize edits before anything is queued.
        catalog::context(&self.state.root, lab, variant, &BTreeMap::new(), &edits)?;
        if self.state.tenant.is_some() {
            tenancy::only_known_bases(&self.state, lab, variant, &edits)?;
        }
        let run = self.jobs.admit(|ticket| Run {
            ticket,
            lab: lab.id.clone(),
            variant: variant.id.clone(),
            edits: edits.clone(),
            log: Arc::default(),
            waited_ms: OnceLock::new(),
        })?;
        run.log.push(Event::RunStarted {
            run: run.id().to_owned(),
            lab: run.lab.clone(),
            variant: run.variant.clone(),
            edited: edits.keys().cloned().collect(),
        });
        let spec = RunSpec {
            id: run.id().to_owned(),
            lab: lab.clone(),
            variant: variant.clone(),
            edits,
            keeps: self.images == Images::Stay
                && matches!(lab.kind, Kind::Failure | Kind::Exercise),
            fresh: false,
            touch: None,
        };
        let (state, accepted, ended) = (self.state.clone(), run.clone(), self.ended.clone());
        // Also without a turn: one that was stopped while it waited says so.
        self.jobs.carry_out(&run, |turn| async move {
            if turn.is_some() {
                accepted.waited_ms.get_or_init(|| accepted.log.elapsed_ms());
            }
            execute::execute(&state, &spec, &accepted.log, &accepted.ticket.stop).await;
            (ended.0)(&accepted);
        });
        Ok(run)
    }

    /// The run of this id, while it is kept.
    ///
    /// # Errors
    /// There is none, or none any more.
    pub fn find(&self, id: &str) -> Result<Arc<Run>, UserError> {
        self.jobs.get(id).ok_or_else(|| UserError {
            what: format!(
                "There is no run {}.",
                id.chars().take(32).collect::<String>()
            ),
            cause: "it was started by an earlier launch of the playground, or is long over".into(),
            next: "press Run".into(),
        })
    }

    /// All runs that are kept, newest first.
    pub fn list(&self) -> Vec<Listed> {
        let runs = self.jobs.list().into_iter();
        runs.map(|run| Listed {
            run: run.id().to_owned(),
            lab: run.lab.clone(),
            variant: run.variant.clone(),
            state: if run.is_over() { "finished" } else { "running" },
            age_ms: run.log.elapsed_ms(),
        })
        .collect()
    }

    /// Builds a variant's image, shows it to `look` and removes it, as a run does with what it
    /// creates: also where whoever asks is dropped meanwhile. [`Runs::close`] cuts it short and
    /// waits until nothing of it is left.
    ///
    /// # Errors
    /// The variant cannot be built, `look` fails, or all is being stopped.
    pub async fn with_image<T, F>(
        &self,
        plan: ImagePlan,
        look: impl FnOnce(Engine, String) -> F + Send + 'static,
    ) -> Result<T, UserError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, UserError>> + Send + 'static,
    {
        let (state, stop) = (self.state.clone(), self.jobs.stopped());
        let looking = async move {
            let log = Arc::default();
            let image = match build_image(&state, &plan, &log, &stop).await {
                Ok(image) => image,
                Err(why) => return Err(why.error().unwrap_or_else(closing)),
            };
            let seen = tokio::select! {
                biased;
                () = stop.cancelled() => Err(closing()),
                seen = look(image.engine.clone(), image.id.clone()) => seen,
            };
            image.remove(&log).await;
            seen
        };
        let looked = self.jobs.to_the_end(looking).await;
        looked.unwrap_or_else(|error| {
            Err(UserError {
                what: format!("An image could not be looked at: {error}"),
                cause: "a task of ours broke off".into(),
                next: "run it again; if it stays, please report it".into(),
            })
        })
    }

    /// Asks every run to stop, and takes more of them all the same.
    pub(crate) fn stop_all(&self) {
        for run in self.jobs.list() {
            run.stop();
        }
    }

    /// The run that works, or else the oldest that waits.
    pub(crate) fn under_way(&self) -> Option<Arc<Run>> {
        let mut runs = self.jobs.list();
        runs.retain(|run| !run.is_over());
        let working = runs.iter().find(|run| run.waited_ms().is_some());
        working.or(runs.last()).cloned()
    }

    /// Stops every run and waits until each has cleaned up after itself.
    pub async fn close(&self) {
        self.jobs.close().await;
    }
}

impl Run {
    /// Names the run (hex).
    pub fn id(&self) -> &str {
        &self.ticket.id
    }

    /// Milliseconds that it waited for its turn; none before it has had one.
    pub fn waited_ms(&self) -> Option<u64> {
        self.waited_ms.get().copied()
    }

    /// Asks the run to stop; its terminal event says when it has.
    pub fn stop(&self) {
        self.ticket.stop.cancel();
    }
}

impl Job for Run {
    fn ticket(&self) -> &Ticket {
        &self.ticket
    }

    fn is_over(&self) -> bool {
        self.log.is_finished()
    }

    fn waits(&self) {
        self.log.push(Event::notice(
            "Waiting for its turn: other runs are under way.",
        ));
    }
}
