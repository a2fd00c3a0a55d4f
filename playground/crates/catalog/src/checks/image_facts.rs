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
    /// Links to directories, and where they lead: `/bin` → `/usr/bin`.
    pub linked_directories: BTreeMap<String, String>,
    /// The program that the image's command starts, one of Go where it starts several; `None` where
    /// that cannot be told.
    pub program: Option<ProgramFacts>,
    /// Files of any layer that look like secrets.
    pub secrets: Vec<FoundFile>,
    /// Files that carry capabilities: path, and what `getcap` writes of it.
    pub file_capabilities: Vec<(String, String)>,
    /// What preflight found.
    pub findings: Vec<FindingFacts>,
}

impl ImageFacts {
    /// Whether a container sees this path, also by way of a linked directory.
    pub fn has(&self, path: &str) -> bool {
        let mut path = path.to_owned();
        // As many as the kernel follows; more are a circle.
        for _ in 0..40 {
            if self.paths.contains(&path) {
                return true;
            }
            let led = self.linked_directories.iter().find_map(|(link, target)| {
                let below = path.strip_prefix(link.as_str())?;
                let led = format!("{}{below}", target.trim_end_matches('/'));
                below.starts_with('/').then_some(led)
            });
            match led {
                Some(led) => path = led,
                None => return false,
            }
        }
        false
    }
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
    /// Path of its main module; empty where Go left none.
    pub module: String,
    /// `CGO_ENABLED`, `GOOS`, `-ldflags` … as Go recorded them.
    pub settings: BTreeMap<String, String>,
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
