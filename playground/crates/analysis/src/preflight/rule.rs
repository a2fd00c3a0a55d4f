//! What a rule is: a name, what it is about, and how it is checked.

use super::go_binary::GoBinary;
use super::start::{Explanation, FailedStart};
use super::{Finding, RuleContext, Severity, rules};
use crate::entrypoint::Role;
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;

/// A rule of preflight. Each is a file in `rules/`; two are the same if their ids are.
pub struct Rule {
    /// Its place in lists, and in reports among findings of the same severity.
    pub(super) order: u16,
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    pub(super) page: Option<&'static str>,
    pub(super) severity: Severity,
    pub(super) checks: &'static [Check],
}

/// How a rule is checked; its findings come in this order.
pub(super) enum Check {
    /// By looking at the image.
    Image(fn(&RuleContext<'_>) -> Option<Finding>),
    /// By looking at what is in the image: one finding for each that is wrong.
    Each(fn(&RuleContext<'_>) -> Vec<Finding>),
    /// By looking at each Go program that starts; the finding lies at the program.
    GoBinary(fn(&RuleContext<'_>, &GoBinary<'_>) -> Option<Finding>),
    /// By telling why a program does not start, if it is for this reason. How bad that is, the
    /// start knows. A health check's becomes a finding of `healthcheck-missing`.
    Start(fn(&RuleContext<'_>, &FailedStart<'_>) -> Option<Explanation>),
}

impl Rule {
    /// Every rule, in the order of lists and reports.
    pub const ALL: &'static [&'static Rule] = &rules::ALL;

    /// The rule of this id.
    pub fn named(id: &str) -> Option<&'static Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.id == id)
    }

    /// Its name, as it is written in reports and after `--ignore`: `no-command`.
    pub fn id(&self) -> &'static str {
        self.id
    }

    /// What is wrong where it finds something.
    pub fn title(&self) -> &'static str {
        self.title
    }

    /// The page of the book that shows it happen: `museum/x509.html`.
    pub fn page(&self) -> Option<&'static str> {
        self.page
    }

    /// The worst that its findings can be. Of a rule about failing, a finding that is only
    /// advice is a hint, and no prediction.
    pub fn severity(&self) -> Severity {
        self.severity
    }

    pub(super) fn findings(&'static self, context: &RuleContext<'_>) -> Vec<Finding> {
        let findings = |check: &Check| match check {
            Check::Image(check) => Vec::from_iter(check(context)),
            Check::Each(check) => check(context),
            Check::GoBinary(check) => {
                let located = |go: &GoBinary<'_>| {
                    let finding = check(context, go)?;
                    Some(finding.at(context.image.location(go.id)))
                };
                context.go_binaries.iter().filter_map(located).collect()
            }
            Check::Start(explain) => {
                let told = |failed: &FailedStart<'_>| {
                    let explanation = explain(context, failed)?;
                    Some(failed.finding(&context.image, self, explanation))
                };
                context.failed(Role::Command).filter_map(told).collect()
            }
        };
        self.checks.iter().flat_map(findings).collect()
    }
}

impl PartialEq for Rule {
    fn eq(&self, other: &Rule) -> bool {
        self.id == other.id
    }
}

impl Eq for Rule {}

impl Ord for Rule {
    fn cmp(&self, other: &Rule) -> Ordering {
        (self.order, self.id).cmp(&(other.order, other.id))
    }
}

impl PartialOrd for Rule {
    fn partial_cmp(&self, other: &Rule) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id)
    }
}

impl fmt::Debug for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rule({})", self.id)
    }
}

impl Serialize for Rule {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id)
    }
}
