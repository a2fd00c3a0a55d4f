//! What checks may ask of an image that was built: read once for all of them.

use crate::checks::found_file::FoundFile;
use std::collections::{BTreeMap, BTreeSet};

/// An image as facts.
#[derive(Clone, Debug, Default)]
pub struct ImageFacts {
    /// `USER`, as the config has it; empty is root.
    pub user: String,
    /// The config's entry point and command, one after the other.
    pub command: Vec<String>,
    /// Lines of its config, as (what they are of, text): environment, labels, command, history.
    pub config: Vec<(String, String)>,
    /// Paths of everything that a container sees, each with a leading slash.
    pub paths: BTreeSet<String>,
    /// The last program that the image's command starts; `None` where that cannot be told.
    pub program: Option<ProgramFacts>,
    /// Files of any layer that look like secrets.
    pub secrets: Vec<FoundFile>,
    /// What preflight found.
    pub findings: Vec<FindingFacts>,
}

/// A program as facts.
#[derive(Clone, Debug, Default)]
pub struct ProgramFacts {
    /// Where it lies.
    pub path: String,
    /// Loaded by another program (`PT_INTERP`); `None` where it is none that Linux loads.
    pub loader: Option<String>,
    /// Shared libraries that it names.
    pub libraries: Vec<String>,
    /// Import path of its main package; empty where Go left none.
    pub package: String,
    /// Path of its main module; empty where Go left none.
    pub module: String,
    /// `CGO_ENABLED`, `GOOS`, `-ldflags` … as Go recorded them.
    pub settings: BTreeMap<String, String>,
    /// Whether it has a symbol table.
    pub has_symbols: bool,
}

/// A finding of preflight.
#[derive(Clone, Debug)]
pub struct FindingFacts {
    /// The rule's id.
    pub rule: String,
    /// Whether it is more than advice: the image will not start, or will fail.
    pub fails: bool,
    /// What is so.
    pub what: String,
}

/// What a build after a change of one line came to.
#[derive(Clone, Debug)]
pub struct RebuildFacts {
    /// Milliseconds from the first step to the last.
    pub ms: u64,
    /// The same of what the learner began with, built beside it; `None` where nobody asked.
    pub starter_ms: Option<u64>,
    /// Its steps as the Dockerfile writes them, and whether the cache had them.
    pub steps: Vec<(String, bool)>,
}
