//! X-rays of this app: asked for, waited for, read one at a time, kept while there is room.
//!
//! [`Scans`] accepts, keeps, stops; `take` carries out, `questions` answers from what was read,
//! `room` says what stays. What was read stays in memory and is dropped with the X-ray. Refuses
//! to know HTTP, and what findings mean.

mod eviction;
mod images;
mod job;
mod questions;

pub use images::Listed;
pub use questions::{Place, Refused};

use crate::app_state::AppState;
use crate::event::Event;
use crate::run::{Plan, RunLog, Runs, new_id};
use analysis::inspect::Inspection;
use analysis::xray::Report;
use engine::Engine;
use eviction::Weight;
use policy::UserError;
use serde::{Deserialize, Serialize, Serializer};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

/// X-rays that may wait for their turn before a new one is refused.
const MAX_WAITING: usize = 8;

/// What is to be X-rayed: names and ids, never paths or options.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged, deny_unknown_fields)]
pub enum Asked {
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

/// All X-rays of this app.
#[derive(Debug)]
pub struct Scans {
    app: Arc<AppState>,
    runs: Arc<Runs>,
    kept: Mutex<Vec<Arc<Xray>>>,
    /// One is built and read at a time: each may hold a gigabyte while it reads.
    turn: Arc<Semaphore>,
    /// So is one question answered at a time that needs a tree.
    thinking: Arc<Semaphore>,
    tracker: TaskTracker,
    closing: CancellationToken,
}

/// One accepted X-ray.
#[derive(Debug)]
pub struct Xray {
    /// Names the X-ray (hex).
    pub id: String,
    /// What is read, in words.
    name: String,
    state: Mutex<State>,
    /// What its build says, where one is needed.
    log: Arc<RunLog>,
    stop: CancellationToken,
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

/// An X-ray as a page sees it.
#[derive(Clone, Debug, Serialize)]
pub struct Seen {
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
    /// None yet, over a app and its runs.
    pub fn new(app: Arc<AppState>, runs: Arc<Runs>) -> Scans {
        Scans {
            app,
            runs,
            kept: Mutex::default(),
            turn: Arc::new(Semaphore::new(1)),
            thinking: Arc::new(Semaphore::new(1)),
            tracker: TaskTracker::new(),
            closing: CancellationToken::new(),
        }
    }

    /// Accepts an X-ray. What is wrong with the request is said at once.
    pub async fn start(self: &Arc<Self>, asked: &Asked) -> Result<Arc<Xray>, UserError> {
        let (name, source) = match asked {
            Asked::Image { image } => images::find(&self.app, image).await?,
            Asked::Variant { lab, variant } => self.variant(lab, variant, BTreeMap::new())?,
            Asked::Run { run } => {
                let run = self.runs.get(run).ok_or_else(|| no_run(run))?;
                self.variant(&run.lab, &run.variant, run.edits.clone())?
            }
        };
        let xray = Arc::new(Xray {
            id: new_id()?,
            name,
            state: Mutex::new(State::Waiting),
            log: Arc::default(),
            stop: self.closing.child_token(),
        });
        self.admit(&xray)?;
        let (all, taken) = (self.clone(), xray.clone());
        self.tracker.spawn(async move {
            let turn = tokio::select! {
                biased;
                () = taken.stop.cancelled() => None,
                turn = all.turn.clone().acquire_owned() => turn.ok(),
            };
            let turn = turn.map(Arc::new);
            let end = match &turn {
                Some(turn) => job::take(&all.app, &taken, source, turn).await,
                None => State::Stopped,
            };
            taken.set(end);
            all.make_room();
            // Where it was stopped, a thread may still read, and holds the turn until it ends.
            drop(turn);
        });
        Ok(xray)
    }

    fn variant(
        &self,
        lab: &str,
        variant: &str,
        edits: BTreeMap<String, String>,
    ) -> Result<(String, Source), UserError> {
        let (lab, variant) = self.app.catalog.lab_variant(lab, variant)?;
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

    fn admit(&self, xray: &Arc<Xray>) -> Result<(), UserError> {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let unfinished = kept.iter().filter(|xray| !xray.is_over()).count();
        if self.closing.is_cancelled() || unfinished > MAX_WAITING {
            return Err(UserError {
                what: format!("{unfinished} X-rays are waiting already."),
                cause: "more were asked for than can be read, one after the other".into(),
                next: "wait for some to end, or stop them".into(),
            });
        }
        kept.push(xray.clone());
        Ok(())
    }

    /// Drops those that are over and that newer ones need the room of.
    fn make_room(&self) {
        let mut kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        let weights: Vec<_> = kept.iter().map(|xray| xray.weight()).collect();
        let mut stays = eviction::stays(&weights).into_iter();
        kept.retain(|_| stays.next().unwrap_or(true));
    }

    /// The X-ray of this id, while it is kept.
    pub fn get(&self, id: &str) -> Option<Arc<Xray>> {
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        kept.iter().find(|xray| xray.id == id).cloned()
    }

    /// Stops every X-ray and waits until each has cleaned up after itself.
    pub async fn close(&self) {
        self.closing.cancel();
        self.tracker.close();
        self.tracker.wait().await;
    }
}

impl Xray {
    /// Asks it to stop; what is ready stays.
    pub fn stop(&self) {
        self.stop.cancel();
    }

    /// How it is now.
    pub fn seen(&self) -> Seen {
        let state = self.state();
        let mut seen = Seen {
            xray: self.id.clone(),
            state: state.name(),
            text: String::new(),
            current: 0,
            total: None,
            error: None,
            report: None,
        };
        match state {
            State::Waiting => {
                seen.text = "Waiting for its turn: one image is read at a time.".into()
            }
            State::Building => {
                seen.text = format!("Building {}", self.name);
                if let Some((text, current, total)) = self.log.latest(building) {
                    (seen.text, seen.current, seen.total) = (text, current, total);
                }
            }
            State::Reading { current, total } => {
                seen.text = format!("Reading {}", self.name);
                (seen.current, seen.total) = (current, total);
            }
            State::Ready(ready) => seen.report = Some(ready),
            State::Failed(error) => seen.error = Some(error),
            State::Stopped => {}
        }
        seen
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

    fn is_over(&self) -> bool {
        self.weight() != Weight::Unfinished
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
        cause: "it was started by an earlier app of the playground, or is long over".into(),
        next: "press Run, then X-ray".into(),
    }
}
