//! A run of a seat that is over, as far as the board and the export want to know.

use crate::event::{Ending, Event, Finished};
use crate::run::Run;
use catalog::exercise::SUBMISSION;
use policy::sanitize;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// Characters of a message that are kept.
const MAX_MESSAGE: usize = 240;

/// A run that is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ran {
    /// The seat's number.
    pub seat: u32,
    /// The run's id.
    pub run: String,
    /// When it ended.
    pub at: jiff::Timestamp,
    /// The lab's or the exercise's id.
    pub object: String,
    /// The variant's id.
    pub variant: String,
    /// Whether it was a submission of an exercise.
    pub submission: bool,
    /// Whether the learner had changed files.
    pub edited: bool,
    /// How it ended.
    pub ending: Ending,
    /// The first check that failed.
    pub failing: Option<Failing>,
    /// Milliseconds that it waited for its turn; none where it was stopped before.
    pub waited_ms: Option<u64>,
    /// Milliseconds from its acceptance to its end.
    pub ms: u64,
}

/// A check that failed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Failing {
    /// The check's id.
    pub check: String,
    /// Its title.
    pub title: String,
    /// What was said, or else what was seen; on one line, harmless and cut.
    pub message: String,
}

impl Ran {
    /// What became of a seat's run; `None` while it is not over.
    pub(super) fn of(seat: u32, run: &Run) -> Option<Ran> {
        let finished = run.log.latest(|event| match event {
            Event::Finished(finished) => Some(finished.clone()),
            _ => None,
        })?;
        Some(Ran {
            seat,
            run: run.id().to_owned(),
            at: jiff::Timestamp::now(),
            object: run.lab.clone(),
            variant: run.variant.clone(),
            submission: run.variant == SUBMISSION,
            edited: !run.edits.is_empty(),
            ending: finished.ending,
            failing: failing(&finished),
            waited_ms: run.waited_ms(),
            ms: finished.ms,
        })
    }

    /// Whether it did what is declared: for a submission, that it passed.
    pub fn passed(&self) -> bool {
        self.ending == Ending::AsDeclared
    }

    /// Whether it could be judged.
    pub fn judged(&self) -> bool {
        matches!(self.ending, Ending::AsDeclared | Ending::NotAsDeclared)
    }

    /// A lab's run as an xAPI statement; `learner` is a name that the instructor knows.
    /// Submissions are told by the learner's progress.
    pub(super) fn statement(&self, learner: &str) -> Value {
        let verb = "http://adlnet.gov/expapi/verbs/completed";
        let seconds = self.ms as f64 / 1000.0;
        json!({
            "id": crate::exercises::progress::statement_id(&self.run),
            "timestamp": self.at.to_string(),
            "actor": {
                "objectType": "Agent",
                "account": { "homePage": "urn:empty-room", "name": learner },
            },
            "verb": { "id": verb, "display": { "en": "completed" } },
            "object": {
                "objectType": "Activity",
                "id": format!("urn:empty-room:lab:{}/{}", self.object, self.variant),
            },
            "result": {
                "completion": self.judged(),
                "success": self.passed(),
                "duration": format!("PT{seconds:.2}S"),
                "extensions": {
                    "urn:empty-room:ending": self.ending,
                    "urn:empty-room:edited": self.edited,
                },
            },
        })
    }
}

fn failing(finished: &Finished) -> Option<Failing> {
    let check = finished.checks.iter().find(|check| !check.passed)?;
    let said = finished.message.as_deref().filter(|said| !said.is_empty());
    let message: String = said
        .unwrap_or(&check.seen)
        .chars()
        .take(MAX_MESSAGE)
        .collect();
    Some(Failing {
        check: check.id.clone(),
        title: check.title.clone(),
        message: sanitize::shown(message.trim()).into_owned(),
    })
}
