//! Labs as data: the nouns, how they are read, and everything that can be wrong with them.
//!
//! Owns `book/labs`: [`Catalog::load`] reads it and reports every problem at once,
//! with file and line; [`context`] lays a variant's files over each other into the
//! build context; the Dockerfile functions say which images a variant stands on.
//! Refuses to know engines, HTTP, and how a run is judged.

mod context;
mod dockerfile;
mod expect;
mod ignore;
mod load;
mod near;
mod problem;
mod read;
mod reader;
mod symptom;
mod tree;
mod variant;

mod lab;
pub mod limits;
#[cfg(test)]
mod tests;

pub use context::{Context, ContextFile, context, peer_context};
pub use dockerfile::{dockerfile_bases, instruction_lines, substitute_bases};
pub use lab::{
    Expect, Kind, Lab, Outcome, Peer, Probe, Provide, Reporter, Role, RunSettings, Stage, Symptom,
    Variant,
};
pub use load::Catalog;
pub use problem::{Problem, Problems};
