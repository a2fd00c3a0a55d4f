//! What a report for code scanning says beside preflight's findings: a budget that is not kept, what a
//! builder's own checks say. Each lies at a line of a file of the repository.

use super::{Report, Rule, Severity, camel_case, digest_of, encoded, level, message};
use policy::sanitize::visible;
use serde_json::{Value, json};

/// What a remark is an instance of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RemarkRule {
    /// Its name: `adopt-over-budget`.
    pub id: String,
    /// What is wrong where it is told.
    pub title: String,
    /// The page of the book about it.
    pub page: Option<String>,
    /// Where its makers explain it.
    pub url: Option<String>,
}

/// Something to say beside the findings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// What it is an instance of.
    pub rule: RemarkRule,
    /// How bad it is.
    pub severity: Severity,
    /// In a sentence.
    pub what: String,
    /// A file of the repository and a line of it, from 1.
    pub at: Option<(String, u32)>,
}

/// The rules of these remarks, each once.
pub(super) fn rules(remarks: &[Remark]) -> Vec<&RemarkRule> {
    let mut rules: Vec<&RemarkRule> = Vec::new();
    for remark in remarks {
        if !rules.iter().any(|rule| rule.id == remark.rule.id) {
            rules.push(&remark.rule);
        }
    }
    rules
}

impl Report<'_> {
    pub(super) fn remark_rule(&self, rule: &RemarkRule) -> Value {
        let title = visible(&rule.title);
        let page = rule.page.as_deref();
        json!({
            "id": visible(&rule.id),
            "name": camel_case(&rule.id),
            "shortDescription": { "text": title },
            "fullDescription": { "text": title },
            "help": { "text": match self.page(page) {
                Some(page) => format!("{title}. See {page}."),
                None => format!("{title}."),
            } },
            "helpUri": self.page_url(page).or_else(|| rule.url.clone()),
        })
    }

    pub(super) fn remarked(&self, remarks: &[Remark], rules: &[&RemarkRule]) -> Vec<Value> {
        let results = remarks.iter().map(|remark| {
            let at = rules.iter().position(|rule| rule.id == remark.rule.id);
            let (uri, line) = match &remark.at {
                Some((file, line)) => (json!({ "uri": encoded(file) }), *line),
                None => (self.at(None), 1),
            };
            json!({
                "ruleId": visible(&remark.rule.id),
                "ruleIndex": at.map(|at| Rule::ALL.len() + at),
                "level": level(remark.severity),
                "message": message(&visible(&remark.what)),
                "locations": [{ "physicalLocation": {
                    "artifactLocation": uri,
                    "region": { "startLine": line.max(1) },
                } }],
                "partialFingerprints": { "primaryLocationLineHash": self.known_by(remark) },
                "properties": { "severity": remark.severity },
            })
        });
        results.collect()
    }

    /// Neither figures nor lines are part of it: the same complaint stays the same when they change.
    fn known_by(&self, remark: &Remark) -> String {
        let file = remark.at.as_ref().map_or("", |(file, _)| file);
        let first: String = remark
            .what
            .chars()
            .filter(|c| !c.is_ascii_digit())
            .collect();
        format!("{}:1", digest_of([&remark.rule.id, file, &first]))
    }
}
