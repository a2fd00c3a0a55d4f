//! What works and could be better, and what works here and not everywhere.
//!
//! Owns the rules about the image's config and about what lies in its tree besides the program.

mod bases;
mod config;
mod contents;
mod volumes;

use super::finding::{Finding, Severity};
use super::rule::Rule;
use crate::entrypoint::Entrypoint;
use crate::entrypoint::ImageContext;

pub(super) fn find(context: &ImageContext<'_>, started: &Entrypoint, found: &mut Vec<Finding>) {
    found.extend(config::shell_as_arguments(context, started));
    found.extend(config::signals(context, started));
    found.extend(config::root(context));
    found.extend(config::port(context, started));
    found.extend(config::file_capabilities(context, started));
    found.extend(volumes::find(context));
    found.extend(bases::pinning(context));
    contents::find(context, started, found);
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
        location: None,
    }
}
