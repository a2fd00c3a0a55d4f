//! How an image will fail, said before it is started.
//!
//! Owns the rules (`rules/`, one file each) and what they find. Pure: reads an [`Inspection`] and
//! nothing else. Facts about Go come from the binary that would be started, never from a guess
//! about the Dockerfile. Refuses to know engines, terminals and pages.
//!
//! Severity is a promise. "Will not start" is said only where nothing but another image, other
//! words or another engine could help; "will fail" where the program's own code does what the image
//! does not allow, or the image names what it does not have. What is merely linked in is advice with
//! the question to ask.

mod context;
mod evidence;
mod finding;
mod given;
mod go_binary;
mod platform;
pub mod report;
mod rule;
mod rules;
mod start;
mod temporary_files;
#[cfg(test)]
mod testing;
#[cfg(test)]
mod tests;
mod time_zones;

pub use crate::entrypoint::Location;
pub use finding::{Finding, Severity};
pub use platform::TargetPlatform;
pub use rule::Rule;

use crate::entrypoint::ImageContext;
use crate::image::ReadError;
use crate::image::config::Runtime;
use crate::image::tree::Tree;
use crate::inspect::Inspection;
use crate::manifest::Container;
use context::RuleContext;
use finding::Explanation;
use policy::sanitize::shown;
use rule::Check;

/// What an image's maker should know before it runs, the worst first.
///
/// # Errors
///
/// Where the layers make no tree; see [`Inspection::tree`]. And where the image is for another
/// system: every rule is about Linux.
pub fn preflight(
    inspection: &Inspection,
    target: &TargetPlatform,
) -> Result<Vec<Finding>, ReadError> {
    judged(inspection, target, &inspection.image.config.runtime, None)
}

/// The same of a container that a manifest makes of the image.
///
/// # Errors
///
/// As [`preflight`].
pub fn preflight_as(
    inspection: &Inspection,
    target: &TargetPlatform,
    container: &Container,
) -> Result<Vec<Finding>, ReadError> {
    let runtime = container.over(&inspection.image.config.runtime);
    judged(inspection, target, &runtime, Some(container))
}

fn judged(
    inspection: &Inspection,
    target: &TargetPlatform,
    runtime: &Runtime,
    container: Option<&Container>,
) -> Result<Vec<Finding>, ReadError> {
    let system = inspection.image.config.platform.os.as_str();
    if !matches!(system, "" | "linux") {
        return Err(ReadError::OtherSystem(shown(system).into_owned()));
    }
    let tree = Tree::of(&inspection.image)?;
    let image = ImageContext::started_as(inspection, &tree, runtime, container);
    let context = RuleContext::of(image, target);
    let findings = Rule::ALL.iter().flat_map(|rule| rule.findings(&context));
    Ok(told_once(findings.collect()))
}

/// The worst first, each once: two programs may fail for the same reason.
fn told_once(mut findings: Vec<Finding>) -> Vec<Finding> {
    // Rules come in their order, and a stable sort keeps it.
    findings.sort_by_key(|finding| finding.severity);
    findings.dedup();
    findings
}

/// Whether these findings depend on whether the engine runs programs for other CPUs: that is
/// tried only where it matters.
pub fn depend_on_emulation(findings: &[Finding]) -> bool {
    let mut rules = findings.iter().map(|finding| finding.rule);
    rules.any(|rule| *rule == rules::wrong_cpu::RULE)
}
