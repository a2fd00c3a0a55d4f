//! What a rule found.

use super::Rule;
use crate::entrypoint::Location;
use serde::Serialize;

/// What an image's maker should know before it runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static Rule,
    /// How bad it is, here: a rule may know lighter cases.
    pub severity: Severity,
    /// What is so and what will happen, in one or two sentences with the names in it.
    pub what: String,
    /// When it happens, as the end of "will fail when it …": `dials a TLS server`. Only of
    /// [`Severity::WillFail`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<String>,
    /// What was seen that says so: paths, functions, settings. Never empty.
    pub evidence: Vec<String>,
    /// What to change, as something that can be typed.
    pub fix: String,
    /// A page that fits better than the rule's.
    #[serde(skip)]
    pub page: Option<&'static str>,
    /// Where in the image.
    #[serde(rename = "place", skip_serializing_if = "Option::is_none")]
    pub location: Option<Location>,
}

impl Finding {
    /// The page of the book that shows it happen: `museum/x509.html`.
    pub fn page(&self) -> Option<&'static str> {
        self.page.or(self.rule.page)
    }
}

/// A finding as the check of its rule has it.
#[derive(Default)]
pub(super) struct Explanation {
    pub(super) what: String,
    pub(super) when: Option<String>,
    pub(super) evidence: Vec<String>,
    pub(super) fix: String,
    pub(super) location: Option<Location>,
    /// `None`: the rule's.
    pub(super) page: Option<&'static str>,
    /// `None`: as bad as its rule says.
    pub(super) severity: Option<Severity>,
}

impl Explanation {
    pub(super) fn new(
        what: impl Into<String>,
        evidence: Vec<String>,
        fix: impl Into<String>,
    ) -> Explanation {
        Explanation {
            what: what.into(),
            evidence,
            fix: fix.into(),
            ..Explanation::default()
        }
    }

    /// What fails `when` the program does something: the end of "will fail when it …".
    pub(super) fn will_fail(
        when: impl Into<String>,
        what: impl Into<String>,
        evidence: Vec<String>,
        fix: impl Into<String>,
    ) -> Explanation {
        Explanation {
            when: Some(when.into()),
            ..Explanation::new(what, evidence, fix)
        }
    }

    /// What may fail, and cannot be told from the image: whoever knows the program answers the
    /// question in `what`.
    pub(super) fn asks(
        what: impl Into<String>,
        evidence: Vec<String>,
        fix: impl Into<String>,
    ) -> Explanation {
        Explanation {
            severity: Some(Severity::Advice),
            ..Explanation::new(what, evidence, fix)
        }
    }

    /// The same, at this location of the image.
    pub(super) fn at(mut self, location: Location) -> Explanation {
        self.location = Some(location);
        self
    }

    /// As this rule's finding.
    pub(super) fn of(self, rule: &'static Rule) -> Finding {
        Finding {
            rule,
            severity: self.severity.unwrap_or(rule.severity),
            what: self.what,
            when: self.when,
            evidence: self.evidence,
            fix: self.fix,
            page: self.page,
            location: self.location,
        }
    }
}

/// How bad a finding is, the worst first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// A container of it ends before the program's first instruction.
    WillNotStart,
    /// It starts, and fails when it does what the finding says.
    WillFail,
    /// It works; there is a better way.
    Advice,
}

impl Severity {
    /// In words: `will not start`, `will fail`, `advice`.
    pub fn words(self) -> &'static str {
        match self {
            Severity::WillNotStart => "will not start",
            Severity::WillFail => "will fail",
            Severity::Advice => "advice",
        }
    }
}
