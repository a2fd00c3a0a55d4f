//! What works and could be better, and what works here and not everywhere.
//!
//! Owns the rules about the image's config and about what lies in its tree besides the program.

mod bases;
mod config;
mod contents;
mod volumes;

use super::finding::{Finding, Severity};
use super::rule::Rule;
use super::scene::Scene;
use super::started::Started;

pub(super) fn find(scene: &Scene<'_>, started: &Started, found: &mut Vec<Finding>) {
    found.extend(config::shell_as_arguments(scene, started));
    found.extend(config::signals(scene, started));
    found.extend(config::root(scene));
    found.extend(config::port(scene, started));
    found.extend(config::file_capabilities(scene, started));
    found.extend(volumes::find(scene));
    found.extend(bases::pinning(scene));
    contents::find(scene, started, found);
}

/// Advice about the image as a whole.
fn advice(rule: Rule, what: String, evidence: Vec<String>, fix: String) -> Finding {
    Finding {
        rule,
        severity: Severity::Advice,
        what,
        when: None,
        evidence,
        fix,
        place: None,
    }
}
