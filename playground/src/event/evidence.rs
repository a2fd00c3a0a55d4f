//! What acts and looks have brought to light.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What came of an act.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acted {
    /// The act's id.
    pub act: String,
    /// Its title.
    pub title: String,
    /// What was done.
    pub kind: ActKind,
    /// How a reader would do it by hand.
    pub command: String,
    /// What came back: output, the engine's refusal, or the health check's log.
    pub text: String,
    /// Exit code of the command, the debug container or the stopped program.
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

/// The kinds of acts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActKind {
    /// A command in the running container.
    Exec,
    /// A container with tools beside it.
    Debug,
    /// The engine's health check.
    Health,
    /// `docker stop`
    Stop,
}

/// What a look has seen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Looked {
    /// The look's id.
    pub look: String,
    /// Its title.
    pub title: String,
    /// The evidence.
    pub seen: Seen,
}

/// Evidence.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// Two clocks at the same instant.
    Clocks {
        /// IANA name of the time zone.
        zone: String,
        /// What the program says, RFC 3339.
        program: String,
        /// What it is there, RFC 3339.
        expected: String,
        /// Whether both show the same time of day.
        agrees: bool,
    },
    /// The program gave no timestamp.
    NoClock,
    /// The build context as it was sent.
    Context {
        /// Bytes of its files.
        bytes: u64,
        /// How many.
        files: usize,
    },
    /// Files of the image's layers that hold a text.
    Layers {
        /// The text.
        needle: String,
        /// Where it is.
        found: Vec<FoundFile>,
        /// Layers searched.
        searched: usize,
    },
}

/// A file in a layer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FoundFile {
    /// The layer, from 1 for the base.
    pub layer: usize,
    /// Path in the image.
    pub path: String,
    /// The instruction that made the layer.
    pub created_by: String,
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Seen::Clocks {
                program,
                expected,
                zone,
                ..
            } => write!(f, "{program}; in {zone} it is {expected}"),
            Seen::NoClock => f.write_str("the program gave no RFC 3339 timestamp"),
            Seen::Context { bytes, files } => write!(f, "{bytes} bytes in {files} files"),
            Seen::Layers {
                found, searched, ..
            } => match found.as_slice() {
                [] => write!(f, "in none of {searched} layers"),
                [FoundFile { layer, path, .. }, ..] => {
                    write!(f, "layer {layer} of {searched} holds it in {path}")
                }
            },
        }
    }
}
