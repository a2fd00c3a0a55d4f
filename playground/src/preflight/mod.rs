//! How an image will fail, said before it is started.
//!
//! Owns the rules and what they find. Pure: reads an [`Inspection`](crate::inspect::Inspection)
//! and nothing else. Facts about Go come from the binary that would be started, never from a
//! guess about the Dockerfile. Refuses to know engines, terminals and pages.

mod finding;
mod rule;
pub mod versions;

pub use finding::{Finding, Place, Severity};
pub use rule::Rule;
