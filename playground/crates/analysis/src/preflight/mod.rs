//! How an image will fail, said before it is started.
//!
//! Owns the rules and what they find. Pure: reads an [`Inspection`](crate::inspect::Inspection)
//! and nothing else. Facts about Go come from the binary that would be started, never from a
//! guess about the Dockerfile. Refuses to know engines, terminals and pages.
//!
//! Severity is a promise. "Will not start" is said only where nothing but another image, other
//! words or another engine could help; "will fail" where the program's own code can do what
//! the image does not allow. All else is advice, and what cannot be told is not said.

mod advice;
mod finding;
mod judge;
mod layers;
mod needs;
mod platform;
pub mod report;
mod rule;
mod start;
#[cfg(test)]
pub(crate) mod testing;
#[cfg(test)]
mod tests;
pub mod versions;

pub use crate::entrypoint::Location;
pub use finding::{Finding, Severity};
pub use platform::TargetPlatform;
pub use rule::Rule;

use crate::entrypoint::{Entrypoint, ImageContext};
use crate::image::ReadError;
use crate::image::tree::Tree;
use crate::inspect::Inspection;

/// What an image's maker should know before it runs, the worst first.
///
/// Fails where the layers make no tree; see [`Inspection::tree`].
pub fn preflight(
    inspection: &Inspection,
    here: &TargetPlatform,
) -> Result<Vec<Finding>, ReadError> {
    let tree = Tree::of(&inspection.image)?;
    let context = ImageContext::of(inspection, &tree);
    let started = Entrypoint::in_context(&context);
    let mut found = Vec::new();
    start::find(&context, here, &started, &mut found);
    needs::find(&context, &started, &mut found);
    advice::find(&context, &started, &mut found);
    layers::find(&context, &mut found);
    found.sort_by_key(|finding| (finding.severity, finding.rule));
    Ok(found)
}
