//! Labs as data: the nouns, how they are read, and everything that can be wrong with them.
//!
//! Owns `book/labs`: [`Catalog::load`] reads it and reports every problem at once,
//! with file and line; [`context`] lays a variant's files over each other into the
//! build context; the Dockerfile functions say which images a variant stands on.
//! Refuses to know engines, HTTP, and how a run is judged.

mod act;
mod context;
mod diagnostic;
mod differs;
mod expect;
mod ignore;
mod load;
mod look;
pub mod matching;
mod peer;
mod read;
mod reader;
mod settings;
mod symptom;
mod table;
mod tree;
mod variant;

#[cfg(test)]
mod acts_tests;
mod lab;
pub mod limits;
#[cfg(test)]
mod tests;

pub use act::{Act, Deed, Health};
pub use context::{Context, ContextFile, context, debug_context, peer_context};
pub use diagnostic::{Diagnostic, Diagnostics};
pub use differs::{Condition, Difference, EngineTraits};
pub use lab::{
    Ballast, Expect, Kind, Lab, Moment, Outcome, Peer, Probe, Provide, Reporter, Role, RunSettings,
    Stage, Symptom, Variant,
};
pub use load::Catalog;
pub use look::{Look, Sight};
