//! Which programs a container of an image would start, and whether the kernel would.
//!
//! Owns the way from the image's config to files: the command and the health check, `PATH`,
//! links, `#!` lines, shells' lines, and programs that only start another one. Refuses to know
//! what a program needs once it runs, and what findings about it are called.

mod applets;
mod chain;
mod context;
mod find;
mod identity;
mod line;
mod location;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;

pub(crate) use applets::may_be_applet;
pub(crate) use chain::{SHELLS, shell_line};
pub(crate) use context::ImageContext;
pub(crate) use identity::{Identity, MAX_ID, Right, UnknownUser, Why};
pub(crate) use line::{Shell, shell_of};
pub use location::Location;

use crate::image::tree::NodeId;
use serde::Serialize;
use std::collections::BTreeSet;

/// Everything that a container of an image would start, as far as its config tells.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entrypoint {
    /// In the order in which they are started: the command's, then the health check's.
    pub starts: Vec<Start>,
}

/// One program that is to be started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Start {
    /// For what.
    pub role: Role,
    /// Who starts it.
    pub by: StartedBy,
    /// As it is called: `/app`, `sh`, `./serve`.
    pub called: String,
    /// All words of the call, the program's own first. Words that a shell would have to work
    /// out are left out.
    pub words: Vec<String>,
    /// The file, behind all links, or why nothing can be executed there.
    pub file: Result<NodeId, LookupError>,
    /// How certain it is that it comes to this.
    pub certainty: Certainty,
}

/// How certain it is that a program is started at all, as far as the config tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// It is, and the container ends if it cannot be.
    Required,
    /// It is; what happens if it cannot be is up to a shell's line.
    Certain,
    /// That depends on what nobody knows before.
    Possible,
}

/// What a program is started for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// ENTRYPOINT and CMD.
    Command,
    /// HEALTHCHECK.
    Healthcheck,
}

/// Who starts a program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StartedBy {
    /// The engine's runtime, with the words of the image's config.
    Engine,
    /// The kernel, for the script at this path: the program is named by its `#!` line.
    Kernel(String),
    /// A shell that reads this line.
    Shell(String),
    /// The program of this name, which starts what its arguments say: `tini`, a script.
    Program(String),
}

/// Why a word leads to no file that this user may execute.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LookupError {
    /// What is not there or forbids it, for people.
    pub why: String,
    /// `EACCES`: the file or directory there. `None` of `ENOENT`, `ENOTDIR` and `ELOOP`, and of a
    /// name that `PATH` does not lead to.
    pub denied: Option<NodeId>,
    /// Whether it is denied to this user alone, so that `CAP_DAC_OVERRIDE` would do.
    pub overridable: bool,
}

impl LookupError {
    /// Nothing that could be executed is there, for this reason.
    pub(crate) fn nothing(why: impl Into<String>) -> LookupError {
        LookupError {
            why: why.into(),
            denied: None,
            overridable: false,
        }
    }
}

impl Entrypoint {
    pub(crate) fn of_image(context: &ImageContext<'_>) -> Entrypoint {
        let starts = chain::starts(context);
        Entrypoint { starts }
    }

    /// The files that would be executed, each once: programs, scripts and their interpreters.
    pub fn files(&self) -> BTreeSet<NodeId> {
        let file = |start: &Start| start.file.clone().ok();
        self.starts.iter().filter_map(file).collect()
    }

    /// What is started for this.
    pub fn of(&self, role: Role) -> impl Iterator<Item = &Start> {
        self.starts.iter().filter(move |start| start.role == role)
    }
}
