//! What a build says while it goes on, the same for every kind of builder.

use serde::{Deserialize, Serialize};

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
    StepProgress {
        /// The step's id.
        step: String,
        /// What is being counted: `extracting`, `sending context`.
        what: String,
        /// So far, in bytes.
        current: u64,
        /// In all, in bytes, where known.
        total: Option<u64>,
    },
    /// Output of a step, as it was written.
    StepLog {
        /// The step's id.
        step: String,
        /// stdout or stderr.
        stream: Stream,
        /// One or more whole or partial lines.
        text: String,
    },
    /// A step is over.
    StepFinished {
        /// The step's id.
        step: String,
        /// How it ended.
        status: StepStatus,
        /// Its own duration in milliseconds.
        ms: u64,
        /// Why it failed.
        error: Option<StepError>,
    },
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
