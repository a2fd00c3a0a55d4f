//! What a rule is: a name, what it is about, and how it is checked.

use super::go_binary::GoBinary;
use super::start::FailedStart;
use super::{Explanation, Finding, RuleContext, Severity, rules};
use crate::entrypoint::Role;
use crate::image::tree::NodeId;
use serde::{Serialize, Serializer};
use std::cmp::Ordering;
use std::fmt;

/// A rule of preflight. Each is a file in `rules/`; two are the same if their ids are.
pub struct Rule {
    /// Its place in lists, and in reports among findings of the same severity.
    pub(super) order: u16,
    /// Its name, as it is written in reports and after `--ignore`: `no-command`.
    pub id: &'static str,
    /// What is wrong where it finds something.
    pub title: &'static str,
    /// The page of the book that shows it happen: `museum/x509.html`.
    pub page: Option<&'static str>,
    /// The worst that its findings can be. Of a rule about failing, a finding that is only
    /// advice is a hint, and no prediction.
    pub severity: Severity,
    pub(super) checks: &'static [Check],
}

/// How a rule is checked; its findings come in this order.
pub(super) enum Check {
    /// By looking at the image.
    Image(fn(&RuleContext<'_>) -> Option<Explanation>),
    /// By looking at what is in the image: one finding for each that is wrong.
    Each(fn(&RuleContext<'_>) -> Vec<Explanation>),
    /// By looking at each file that would be executed; the finding lies there.
    File(fn(&RuleContext<'_>, NodeId) -> Option<Explanation>),
    /// By looking at each Go program that starts; the finding lies at the program.
    GoBinary(fn(&RuleContext<'_>, &GoBinary<'_>) -> Option<Explanation>),
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

    pub(super) fn findings(&'static self, context: &RuleContext<'_>) -> Vec<Finding> {
        let located =
            |(id, told): (NodeId, Option<Explanation>)| Some(told?.at(context.image.location(id)));
        let explained = |check: &Check| match check {
            Check::Image(check) => Vec::from_iter(check(context)),
            Check::Each(check) => check(context),
            Check::File(check) => {
                let told = context.started_files.iter();
                let told = told.map(|id| (*id, check(context, *id)));
                told.filter_map(located).collect()
            }
            Check::GoBinary(check) => {
                let told = context.go_binaries.iter();
                let told = told.map(|go| (go.id, check(context, go)));
                told.filter_map(located).collect()
            }
            Check::Start(explain) => context.explained(Role::Command, explain),
        };
        let explained = self.checks.iter().flat_map(explained);
        explained.map(|told| told.of(self)).collect()
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
