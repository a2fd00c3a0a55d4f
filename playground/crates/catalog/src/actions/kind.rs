//! What every kind of action says of itself, and what it may ask a run to do.
//!
//! A [`Request`] is plain data: the run knows how to carry it out, and no kind of action. A kind
//! that makes do with these requests is one file. Knows no kind, and no engine.

use crate::ending::Moment;
use crate::folder::Folder;
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a run is asked to do to the running container.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Request<'a> {
    /// Run this command in it.
    Exec {
        /// The command and its arguments.
        command: &'a [String],
    },
    /// Run an image beside it, in its PID and network namespaces, to the end.
    RunBeside {
        /// Folder under `<lab>/debug/` that the image is built from.
        image: &'a str,
        /// Arguments instead of the image's CMD.
        command: Option<&'a [String]>,
    },
    /// Wait until its health check has come to this.
    AwaitHealth(HealthStatus),
    /// Stop it: SIGTERM, and SIGKILL where that does not help. Nothing can be done to it then.
    Stop {
        /// From SIGTERM to SIGKILL, in seconds.
        grace_seconds: u32,
    },
}

/// What an engine's health check can come to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum HealthStatus {
    /// The last check passed.
    Healthy,
    /// As many checks as `--retries` says failed in a row.
    Unhealthy,
}

/// As the engine's API spells it, and `lab.toml`.
impl fmt::Display for HealthStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            HealthStatus::Healthy => "healthy",
            HealthStatus::Unhealthy => "unhealthy",
        })
    }
}

/// What came back from a [`Request`].
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// Output, the engine's refusal, or the health check's log.
    pub text: String,
    /// Exit code of the command, of the image beside, or of the stopped program.
    pub exit_code: Option<i64>,
    /// What the health check came to.
    pub status: Option<String>,
    /// Whether the engine itself says `text`, rather than a program.
    pub by_engine: bool,
    /// Whether it had not come to an end when the patience for it was.
    #[serde(default)]
    pub timed_out: bool,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

/// What holds for all actions of a kind, and how they stand in `lab.toml`.
pub(crate) trait Form: Sized {
    /// The key of `[[variant.act]]` that makes it one of this kind.
    const KEY: &'static str;
    /// Keys that only this kind has besides.
    const MORE_KEYS: &'static [&'static str] = &[];
    /// The call of the engine with which what it brings to light shows.
    const MOMENT: Moment;

    /// Reads its own keys; what is wrong is reported.
    fn read(table: &Table<'_>, folder: &Folder) -> Option<Self>;
}

/// What an action of a kind asks for, must come to, and is called.
pub(crate) trait Kind {
    /// What it asks of the run.
    fn request(&self) -> Request<'_>;

    /// How a reader does it by hand to a container called `app`.
    fn by_hand(&self) -> String;

    /// Whether `at_least_ms` and `at_most_ms` mean anything.
    fn is_timed(&self) -> bool {
        false
    }

    /// Keys of every action that mean nothing here, and why.
    fn refused(&self) -> &'static [(&'static str, &'static str)] {
        &[]
    }

    /// What it must come to beyond what every action declares.
    fn expected(&self) -> Option<String> {
        None
    }

    /// Whether it has come to that.
    fn fits(&self, _: &Reply) -> bool {
        true
    }

    /// What people are told of it before exit code and text.
    fn seen(&self, _: &Reply) -> Option<String> {
        None
    }
}

/// Seconds with one digit after the point.
pub(crate) fn seconds(ms: u64) -> String {
    let tenths = (ms + 50) / 100;
    format!("{}.{} s", tenths / 10, tenths % 10)
}
