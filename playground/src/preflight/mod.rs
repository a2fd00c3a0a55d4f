//! How an image will fail, said before it is started.
//!
//! Owns the rules and what they find. Pure: reads an [`Inspection`](crate::inspect::Inspection)
//! and nothing else. Facts about Go come from the binary that would be started, never from a
//! guess about the Dockerfile. Refuses to know engines, terminals and pages.

mod finding;
mod rule;
mod scene;
pub mod started;
#[cfg(test)]
mod testing;
mod user;

pub use finding::{Finding, Place, Severity};
pub use rule::Rule;
pub use started::{Started, started};

/// Stub until the rules come.
#[derive(Clone, Debug, Default)]
pub struct Here {
    /// The engine's CPU.
    pub cpu: Option<String>,
}

/// Stub until the rules come.
pub fn preflight(
    _: &crate::inspect::Inspection,
    _: &Here,
) -> Result<Vec<Finding>, crate::image::ReadError> {
    Ok(Vec::new())
}
