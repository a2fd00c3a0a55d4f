//! What a build says while it goes on, the same for every kind of builder.

use serde::{Deserialize, Serialize};
use std::fmt;

/// Where a build's events go, one call each, in order.
pub type OnEvent<'a> = dyn FnMut(BuildEvent) + Send + 'a;

/// Something that happened in a build. Steps may overlap.
#[derive(Clone, Debug)]
pub enum BuildEvent {
    /// A step begins.
    StepStarted {
        /// Names the step in later events.
        step: String,
        /// `[build 3/5] RUN go mod download`
        title: String,
    },
    /// How far a step has come.
    StepProgress(StepProgress),
    /// Output of a step, as it was written.
    StepLog(StepLog),
    /// A step is over.
    StepFinished(StepFinished),
    /// The builder's own checks have something to say of the Dockerfile.
    Remark(BuildRemark),
    /// The engine has lost a layer that its build cache names: all begins anew, without the cache.
    LayerLost,
}

/// How far a step has come.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepProgress {
    /// The step's id.
    pub step: String,
    /// What is being counted: `extracting`, `sending context`.
    pub what: String,
    /// So far, in bytes.
    pub current: u64,
    /// In all, in bytes, where known.
    pub total: Option<u64>,
}

/// Output of a step, as it was written.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepLog {
    /// The step's id.
    pub step: String,
    /// stdout or stderr.
    pub stream: Stream,
    /// One or more whole or partial lines.
    pub text: String,
}

/// A step is over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepFinished {
    /// The step's id.
    pub step: String,
    /// How it ended.
    pub status: StepStatus,
    /// Its own duration in milliseconds.
    pub ms: u64,
    /// Why it failed.
    pub error: Option<StepError>,
}

/// What the builder's own checks say of a Dockerfile: BuildKit's, from 0.15 on. A build without any
/// of them says nothing of the Dockerfile where the builder is older.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct BuildRemark {
    /// The check's name: `StageNameCasing`.
    pub rule: String,
    /// What it says, in the builder's words.
    pub what: String,
    /// Where the builder's makers explain it.
    pub url: Option<String>,
    /// The line of the Dockerfile, from 1.
    pub line: Option<u32>,
}

impl fmt::Display for BuildRemark {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let line = self.line.map_or(String::new(), |line| format!(":{line}"));
        write!(f, "Dockerfile{line}: {} ({})", self.what, self.rule)
    }
}

/// A standard stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Stream {
    /// File descriptor 1.
    Stdout,
    /// File descriptor 2.
    Stderr,
}

/// How a step ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepStatus {
    /// Ran to its end.
    Done,
    /// The builder had the result already.
    Cached,
    /// Failed; `error` says why.
    Failed,
    /// Was cut short by Stop, a limit, or another step's failure.
    Canceled,
}

/// Why a step failed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct StepError {
    /// The engine's own words.
    pub message: String,
    /// The file the position is in (`Dockerfile`).
    pub file: Option<String>,
    /// First line of the instruction, from 1.
    pub line: Option<u32>,
}

impl StepError {
    /// A failure, at a line of the Dockerfile where that is known.
    pub fn new(message: &str, line: Option<u32>) -> StepError {
        StepError {
            message: message.to_owned(),
            file: line.map(|_| "Dockerfile".to_owned()),
            line,
        }
    }
}
