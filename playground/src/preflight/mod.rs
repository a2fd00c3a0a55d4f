//! How an image will fail, said before it is started.
//!
//! Owns the rules and what they find. Pure: reads an [`Inspection`](crate::inspect::Inspection)
//! and nothing else. Facts about Go come from the binary that would be started, never from a
//! guess about the Dockerfile. Refuses to know engines, terminals and pages.

mod finding;
pub mod report;
mod rule;

pub use finding::{Finding, Place, Severity};
pub use rule::Rule;

use crate::image::ReadError;
use crate::inspect::Inspection;

/// Where the image would run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Here {
    /// The engine's CPU as Go spells it; `None` where no engine is known.
    pub cpu: Option<String>,
}

/// A stub until the rules are merged.
pub fn preflight(inspection: &Inspection, _here: &Here) -> Result<Vec<Finding>, ReadError> {
    inspection.tree()?;
    Ok(Vec::new())
}
