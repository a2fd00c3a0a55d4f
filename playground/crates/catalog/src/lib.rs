//! Labs as data: the nouns, how they are read, and everything that can be wrong with them.
//!
//! Owns `book/labs`: [`Catalog::load`] reads it and reports every problem at once, with file and
//! line; [`context()`] lays a variant's files over each other into the build context;
//! [`actions`] and [`checks`] hold what a run brings back against what a lab declares;
//! [`matching`] finds the labs that a message is about, and [`likeness`] what others resemble. Refuses to know engines, HTTP, and pages.

pub mod actions;
mod bound;
mod catalog;
mod check_result;
pub mod checks;
pub mod claims;
mod content_file;
mod context;
mod diagnostic;
mod ending;
pub mod exercise;
mod files;
mod folder;
pub mod inventory;
mod lab;
pub mod likeness;
mod limits;
mod load;
pub mod matching;
mod metric;
mod names;
mod parse;
mod pattern;
mod probe;
#[cfg(test)]
mod tests;
mod toml;

pub use catalog::Catalog;
pub use check_result::CheckResult;
pub use context::{
    Context, ContextFile, Ignore, context, dated, debug_context, malformed_ignore, peer_context,
};
pub use diagnostic::{Diagnostic, Diagnostics};
pub use ending::{Moment, Outcome, Reporter};
pub use exercise::Exercise;
pub use lab::{
    Ballast, Condition, Difference, EngineTraits, Expect, Fragment, Kind, Lab, Peer, Provide, Role,
    RunSettings, Stage, Stranger, Symptom, Telling, Variant, go_version,
};
pub use metric::{BuiltIn, Metric, MetricKind, Unit};
pub use names::is_kebab_case;
pub use probe::{Probe, Probed};
