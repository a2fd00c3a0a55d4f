//! The one vocabulary of a run: what page, terminal and `--json` all read.
//!
//! A run is a list of [`Entry`]s, numbered from 1, ending with exactly one
//! [`Event::Finished`]. Nothing here knows how the events come about.
//!
//! A new event is a variant of [`Event`] and a line in [`Event::retention`]; besides, only who
//! pushes it and who shows it (`cli/watch.rs`, the page) need to know it. Log, API and `--json`
//! pass on whatever comes.

pub use analysis::image::size::{LayerSize, Sizes};
use catalog::actions::ActionResult;
use catalog::checks::Observation;
pub use catalog::{CheckResult, Probed};
use catalog::{Moment, Outcome, Reporter};
use engine::BuildEvent;
pub use engine::{BuildRemark, StepError, StepFinished, StepLog, StepProgress, StepStatus, Stream};
use policy::UserError;
use serde::{Deserialize, Serialize};

/// One line of a run's log.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    /// Position in the run, from 1; also the SSE event id.
    pub seq: u64,
    /// Milliseconds since the run was accepted.
    pub at_ms: u64,
    /// What happened.
    #[serde(flatten)]
    pub event: Event,
}

/// Something that happened in a run.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    /// Always first.
    RunStarted {
        /// The run's id.
        run: String,
        /// The lab's id.
        lab: String,
        /// The variant's id.
        variant: String,
        /// Paths that the reader changed.
        edited: Vec<String>,
    },
    /// A build vertex or a phase of the run begins. Steps may overlap.
    StepStarted {
        /// Names the step in later events.
        step: String,
        /// Where it belongs.
        phase: Phase,
        /// `[build 3/5] RUN go mod download`
        title: String,
    },
    /// How far a step has come.
    StepProgress(StepProgress),
    /// Output of a build step, as it was written.
    StepLog(StepLog),
    /// A step is over.
    StepFinished(StepFinished),
    /// Something the reader should know: a rebuilt base, a clipped log.
    Notice {
        /// A sentence or two.
        text: String,
    },
    /// What the builder remarks on a Dockerfile, whether it can be built or not.
    Remark(BuildRemark),
    /// A round of an adoption begins, or a stage of its journey.
    Round {
        /// Its number, or the stage's.
        n: String,
        /// What is built.
        what: String,
    },
    /// Something was changed for the next round.
    Repaired {
        /// What.
        what: String,
        /// What was seen that asks for it.
        why: String,
        /// The page of the book about it.
        page: Option<String>,
    },
    /// The image, measured from its own bytes.
    Sizes(Sizes),
    /// What the container wrote.
    Output {
        /// stdout or stderr.
        stream: Stream,
        /// One or more whole or partial lines.
        text: String,
    },
    /// The container is up and answers, or has run into its probe's deadline.
    Probed(Probed),
    /// What the container holds right after it has answered.
    Memory {
        /// As `docker stats` counts it: without file pages that can be dropped.
        bytes: u64,
    },
    /// Something was done to the running container.
    Acted(ActionResult),
    /// Evidence that nobody reports by itself.
    Looked(Observation),
    /// Always last, exactly once.
    Finished(Box<Finished>),
}

/// How much of an event a log keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Retention<'a> {
    /// All of it.
    Whole,
    /// So many bytes of text; what is too much of it is dropped.
    Text(usize),
    /// How far this step has come: the next one follows soon, so some can be left out.
    Progress(&'a str),
    /// It is the last one.
    Terminal,
}

impl Event {
    /// How much of it a log keeps.
    pub(crate) fn retention(&self) -> Retention<'_> {
        match self {
            Event::StepLog(StepLog { text, .. }) | Event::Output { text, .. } => {
                Retention::Text(text.len())
            }
            Event::StepProgress(StepProgress { step, .. }) => Retention::Progress(step),
            Event::Finished(_) => Retention::Terminal,
            Event::RunStarted { .. }
            | Event::StepStarted { .. }
            | Event::StepFinished(_)
            | Event::Notice { .. }
            | Event::Remark(_)
            | Event::Round { .. }
            | Event::Repaired { .. }
            | Event::Sizes(_)
            | Event::Probed(_)
            | Event::Memory { .. }
            | Event::Acted(_)
            | Event::Looked(_) => Retention::Whole,
        }
    }

    /// A sentence or two for the reader.
    pub(crate) fn notice(text: impl Into<String>) -> Event {
        Event::Notice { text: text.into() }
    }
}

/// The part of a run that a step belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// Bases, probes and peers.
    Prepare,
    /// A build vertex.
    Build,
    /// Measuring the image.
    Measure,
    /// Creating and starting the container, until it serves or exits.
    Run,
    /// Asking it questions.
    Probe,
    /// Doing something to it: exec, a debug container, waiting for its health, stopping it.
    Act,
}

/// The run's ending and its verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finished {
    /// How the run ended.
    pub ending: Ending,
    /// What the variant did, where it got that far.
    pub outcome: Option<Outcome>,
    /// Who reported it.
    pub reporter: Option<Reporter>,
    /// With which call of the engine it showed.
    pub moment: Option<Moment>,
    /// Why this engine differs from what the book shows, where it does.
    pub note: Option<String>,
    /// The telling line of what they said.
    pub message: Option<String>,
    /// The container's exit code.
    pub exit_code: Option<i64>,
    /// Expectations and evidence, in order.
    pub checks: Vec<CheckResult>,
    /// Ours, not the learner's: why the run could not be carried out.
    pub error: Option<UserError>,
    /// Duration of the whole run in milliseconds.
    pub ms: u64,
}

impl Finished {
    /// The ending of a run that nobody can judge, after so many milliseconds.
    pub(crate) fn unjudged(ending: Ending, error: Option<UserError>, ms: u64) -> Finished {
        Finished {
            ending,
            outcome: None,
            reporter: None,
            moment: None,
            note: None,
            message: None,
            exit_code: None,
            checks: Vec::new(),
            error,
            ms,
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// It did what the lab declares: also when that is to break.
    AsDeclared,
    /// It did something else, as edited variants may.
    NotAsDeclared,
    /// Somebody pressed Stop, or the server is going down.
    Stopped,
    /// The playground could not carry it out; `error` says why.
    Error,
}

/// A build's steps become steps of the run's build phase.
///
/// What a step says is the same type in both. Only the phase is the run's: all phases of a run have
/// steps, while the engine knows nothing of phases.
impl From<BuildEvent> for Event {
    fn from(event: BuildEvent) -> Event {
        match event {
            BuildEvent::StepStarted { step, title } => Event::StepStarted {
                step,
                phase: Phase::Build,
                title,
            },
            BuildEvent::StepProgress(progress) => Event::StepProgress(progress),
            BuildEvent::StepLog(log) => Event::StepLog(log),
            BuildEvent::StepFinished(finished) => Event::StepFinished(finished),
            BuildEvent::Remark(remark) => Event::Remark(remark),
            BuildEvent::LayerLost => Event::notice(
                "The engine's build cache names a layer that the engine has lost: the image is built \
                 anew, without the cache.",
            ),
        }
    }
}
