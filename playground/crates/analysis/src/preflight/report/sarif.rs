//! The report as SARIF 2.1.0, for code scanning: GitHub's, GitLab's, an editor's.
//!
//! Owns what a finding about an image is in a format about files: it lies at the Dockerfile
//! where one is named, else at the image's name with the path in it; and it stays the same
//! finding when the image is built anew, so neither tag, digest nor layer is part of what it
//! is known by. GitHub tells findings apart by `primaryLocationLineHash` alone.

mod remarks;

pub use remarks::{Remark, RemarkRule};

use super::{Finding, Report, Severity};
use crate::preflight::Rule;
use crate::subject::SubjectKind;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use policy::sanitize::{quiet_json, visible};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashMap;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";
/// What may stand in a relative reference as it is; a colon could make a scheme of its first part.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

impl Report<'_> {
    /// For code scanning.
    pub fn sarif(&self) -> String {
        self.sarif_with("preflight", &[])
    }

    /// The same with what else is to be said, as a series of results of another name.
    pub fn sarif_with(&self, series: &str, remarks: &[Remark]) -> String {
        let run = self.run(series, remarks);
        let mut sarif = json!({ "$schema": SCHEMA, "version": "2.1.0", "runs": [run] });
        drop_unknown(&mut sarif);
        quiet_json(&format!("{sarif:#}"))
    }

    fn run(&self, series: &str, remarks: &[Remark]) -> Value {
        let mut known = HashMap::new();
        let results = self.findings.iter().map(|finding| {
            let like = self.fingerprint(finding);
            let nth: &mut u32 = known.entry(like.clone()).or_default();
            *nth += 1;
            self.outcome(finding, &format!("{like}:{nth}"))
        });
        let mut results: Vec<_> = results.collect();
        let rules = remarks::rules(remarks);
        results.extend(self.remarked(remarks, &rules));
        let subject = self.subject;
        let hash = subject.id.strip_prefix("sha256:").map(visible);
        json!({
            "tool": { "driver": self.driver(&rules) },
            "automationDetails": { "id": format!("{series}/{}/", encoded(&self.lasting_run())) },
            "invocations": [{ "executionSuccessful": true }],
            "artifacts": [{
                "location": self.at(None),
                "description": message(&format!("image {}", self.image())),
                "hashes": hash.map(|hash| json!({ "sha-256": hash })),
            }],
            "results": results,
            "properties": {
                "image": subject.name,
                "imageId": subject.id,
                "platform": subject.platform,
                "container": self.judged_as.map(|judged| judged.json()),
                "ignored": self.ignored,
            },
        })
    }

    fn driver(&self, more: &[&RemarkRule]) -> Value {
        let rules = Rule::ALL.iter().map(|rule| {
            json!({
                "id": rule.id,
                "name": camel_case(rule.id),
                "shortDescription": { "text": rule.title },
                "fullDescription": { "text": rule.title },
                "help": self.help(rule),
                "helpUri": self.page_url(rule.page),
            })
        });
        json!({
            "name": "playground preflight",
            "fullName": "Empty Room: playground preflight",
            "version": env!("CARGO_PKG_VERSION"),
            "semanticVersion": env!("CARGO_PKG_VERSION"),
            "informationUri": self.book_url,
            "rules": rules.chain(more.iter().map(|rule| self.remark_rule(rule))).collect::<Vec<_>>(),
        })
    }

    fn help(&self, rule: &Rule) -> Value {
        let text = match self.page(rule.page) {
            Some(page) => format!("{}. It is shown happening at {page}.", rule.title),
            None => format!("{}.", rule.title),
        };
        let url = self.page_url(rule.page);
        let markdown =
            url.map(|url| format!("{}. [See it happen, and a way out]({url}).", rule.title));
        json!({ "text": text, "markdown": markdown })
    }

    fn outcome(&self, finding: &Finding, fingerprint: &str) -> Value {
        let found_at = finding.location.as_ref();
        let path = found_at.and_then(|at| at.path.as_deref());
        let name = path.unwrap_or("config");
        json!({
            "ruleId": finding.rule.id,
            "ruleIndex": Rule::ALL.iter().position(|rule| **rule == *finding.rule),
            "level": level(finding.severity),
            "message": message(&said(finding)),
            "locations": [{
                // Code scanning shows nothing without a line.
                "physicalLocation": {
                    "artifactLocation": self.at(path),
                    "region": { "startLine": 1 },
                },
                "logicalLocations": [{
                    "name": visible(name),
                    "fullyQualifiedName": visible(&format!("{}!{name}", self.subject.name)),
                    "kind": "resource",
                }],
            }],
            "partialFingerprints": { "primaryLocationLineHash": fingerprint },
            "properties": {
                "severity": finding.severity,
                "when": finding.when,
                "evidence": finding.evidence,
                "fix": finding.fix,
                "layer": found_at.and_then(|at| at.layer),
                "createdBy": found_at.and_then(|at| at.created_by.as_ref()),
            },
        })
    }

    /// A file in the repository, or in the image as if that were a folder of its name.
    fn at(&self, path: Option<&str>) -> Value {
        let uri = match (self.dockerfile, path) {
            (Some(dockerfile), _) => encoded(dockerfile),
            (None, path) => encoded(&format!("{}{}", self.lasting_name(), path.unwrap_or(""))),
        };
        json!({ "uri": uri })
    }

    /// What the image is called tomorrow, too: without tag and digest.
    fn lasting_name(&self) -> String {
        let name = self.subject.name.as_str();
        let is_id = |name: &str| name.len() >= 12 && name.bytes().all(|b| b.is_ascii_hexdigit());
        match self.subject.kind {
            SubjectKind::Image if name.starts_with("sha256:") || is_id(name) => "image".into(),
            SubjectKind::Image => {
                let name = name.split('@').next().unwrap_or(name);
                let last = name.rfind('/').map_or(0, |slash| slash + 1);
                let end = name[last..].find(':').map(|colon| last + colon);
                name[..end.unwrap_or(name.len())].to_owned()
            }
            _ => name.rsplit('/').next().unwrap_or(name).to_owned(),
        }
    }

    /// The image, and the container of it: two of them are two series of results.
    fn lasting_run(&self) -> String {
        match self.judged_as {
            Some(judged) => format!("{}/{}", self.lasting_name(), judged.lasting_words()),
            None => self.lasting_name(),
        }
    }

    fn fingerprint(&self, finding: &Finding) -> String {
        let found_at = finding.location.as_ref();
        let path = found_at.and_then(|at| at.path.as_deref());
        let name = self.lasting_run();
        digest_of([finding.rule.id, &name, path.unwrap_or_default()])
    }
}

/// Names what is told by all of its parts together.
fn digest_of(parts: [&str; 3]) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    let hash = hash.finalize();
    let bytes = hash.iter().take(8);
    bytes.map(|byte| format!("{byte:02x}")).collect()
}

/// A rule's name in SARIF, from its id: `NoCommand`.
fn camel_case(id: &str) -> String {
    let words = id.split('-').filter_map(|word| {
        let (first, rest) = word.split_at_checked(1)?;
        Some(first.to_ascii_uppercase() + rest)
    });
    words.collect()
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::WillNotStart => "error",
        Severity::WillFail => "warning",
        Severity::Advice => "note",
    }
}

/// All of a finding in one text: many a viewer shows nothing else.
fn said(finding: &Finding) -> String {
    let mut said = visible(&finding.what);
    if let Some(when) = &finding.when {
        said.push_str(&format!(" It fails when it {}.", visible(when)));
    }
    let seen = finding.evidence.iter().take(5);
    let seen: Vec<_> = seen.map(|seen| visible(seen)).collect();
    if !seen.is_empty() {
        said.push_str(&format!(" Seen: {}.", seen.join("; ")));
    }
    said.push_str(&format!(" Fix: {}", visible(&finding.fix)));
    said
}

/// A message of plain text, which in SARIF may hold links: an image's may not.
fn message(text: &str) -> Value {
    json!({ "text": text.replace("](", "] (") })
}

fn encoded(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

/// Leaves out what is not known: SARIF knows no `null`.
fn drop_unknown(value: &mut Value) {
    match value {
        Value::Object(fields) => {
            fields.retain(|_, value| !value.is_null());
            fields.values_mut().for_each(drop_unknown);
        }
        Value::Array(values) => values.iter_mut().for_each(drop_unknown),
        _ => {}
    }
}

#[cfg(test)]
mod tests;
