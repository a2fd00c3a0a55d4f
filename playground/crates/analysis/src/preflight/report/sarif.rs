//! The report as SARIF 2.1.0, for code scanning: GitHub's, GitLab's, an editor's.
//!
//! Owns what a finding about an image is in a format about files: it lies at the Dockerfile
//! where one is named, else at the image's name with the path in it; and it stays the same
//! finding when the image is built anew, so neither tag, digest nor layer is part of what it
//! is known by. GitHub tells findings apart by `primaryLocationLineHash` alone.

use super::{Finding, Report, Rule, Severity};
use crate::subject::SubjectKind;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use policy::sanitize::{quiet_json, visible};
use serde_json::{Value, json};
use serde_sarif::sarif::{
    Artifact, ArtifactLocation, Invocation, Location, LogicalLocation, Message,
    MultiformatMessageString, PhysicalLocation, PropertyBag, Region, ReportingDescriptor,
    Result as Outcome, ResultLevel, Run, RunAutomationDetails, Sarif, Tool, ToolComponent,
};
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap};

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
        let sarif = Sarif {
            schema: Some(SCHEMA.into()),
            version: "2.1.0".into(),
            runs: vec![self.run()],
            inline_external_properties: None,
            properties: None,
        };
        let value = serde_json::to_value(sarif).unwrap_or_default();
        quiet_json(&format!("{value:#}"))
    }

    fn run(&self) -> Run {
        let mut known = HashMap::new();
        let results = self.findings.iter().map(|finding| {
            let like = self.fingerprint(finding);
            let nth: &mut u32 = known.entry(like.clone()).or_default();
            *nth += 1;
            self.outcome(finding, format!("{like}:{nth}"))
        });
        let results: Vec<_> = results.collect();
        let subject = self.subject;
        let hash = subject.id.strip_prefix("sha256:");
        let image = Artifact {
            location: Some(self.at(None)),
            description: Some(message(&format!("image {}", self.image()))),
            hashes: hash.map(|hash| BTreeMap::from([("sha-256".into(), visible(hash))])),
            ..Artifact::default()
        };
        let invocation = Invocation::builder().execution_successful(true).build();
        let tool = Tool {
            driver: self.driver(),
            extensions: None,
            properties: None,
        };
        Run::builder()
            .tool(tool)
            .automation_details(RunAutomationDetails {
                id: Some(format!("preflight/{}/", encoded(&self.lasting_name()))),
                ..RunAutomationDetails::default()
            })
            .invocations([invocation])
            .artifacts([image])
            .results(results)
            .properties(bag([
                ("image", subject.name.clone().into()),
                ("imageId", subject.id.clone().into()),
                ("platform", subject.platform.clone().into()),
                ("ignored", self.ignored.into()),
            ]))
            .build()
    }

    fn driver(&self) -> ToolComponent {
        let rules = Rule::ALL.iter().map(|rule| {
            let mut descriptor = ReportingDescriptor::builder()
                .id(rule.id())
                .name(camel_case(rule.id()))
                .short_description(words(rule.title()))
                .full_description(words(rule.title()))
                .help(self.help(rule))
                .build();
            descriptor.help_uri = self.page_url(rule);
            descriptor
        });
        let mut driver = ToolComponent::builder()
            .name("playground preflight")
            .full_name("Empty Room: playground preflight")
            .version(env!("CARGO_PKG_VERSION"))
            .semantic_version(env!("CARGO_PKG_VERSION"))
            .rules(rules.collect::<Vec<_>>())
            .build();
        driver.information_uri = self.book_url.map(str::to_owned);
        driver
    }

    fn help(&self, rule: &Rule) -> MultiformatMessageString {
        let text = match self.page(rule) {
            Some(page) => format!("{}. It is shown happening at {page}.", rule.title()),
            None => format!("{}.", rule.title()),
        };
        let markdown = self
            .page_url(rule)
            .map(|url| format!("{}. [See it happen, and a way out]({url}).", rule.title()));
        MultiformatMessageString {
            text,
            markdown,
            properties: None,
        }
    }

    fn outcome(&self, finding: &Finding, fingerprint: String) -> Outcome {
        let index = Rule::ALL.iter().position(|rule| **rule == *finding.rule);
        let found_at = finding.location.as_ref();
        let path = found_at.and_then(|at| at.path.as_deref());
        let name = path.unwrap_or("config");
        let location = Location {
            physical_location: Some(PhysicalLocation {
                artifact_location: Some(self.at(path)),
                // Code scanning shows nothing without a line.
                region: Some(Region {
                    start_line: Some(1),
                    ..Region::default()
                }),
                ..PhysicalLocation::default()
            }),
            logical_locations: Some(vec![LogicalLocation {
                name: Some(visible(name)),
                fully_qualified_name: Some(visible(&format!("{}!{name}", self.subject.name))),
                kind: Some("resource".into()),
                ..LogicalLocation::default()
            }]),
            ..Location::default()
        };
        let mut outcome = Outcome::builder()
            .rule_id(finding.rule.id())
            .level(level(finding.severity))
            .message(message(&said(finding)))
            .locations([location])
            .partial_fingerprints([("primaryLocationLineHash".to_owned(), fingerprint)])
            .properties(bag([
                ("severity", json!(finding.severity)),
                ("when", json!(finding.when)),
                ("evidence", json!(finding.evidence)),
                ("fix", json!(finding.fix)),
                ("layer", json!(found_at.and_then(|at| at.layer))),
                (
                    "createdBy",
                    json!(found_at.and_then(|at| at.created_by.as_ref())),
                ),
            ]))
            .build();
        outcome.rule_index = index.and_then(|index| index.try_into().ok());
        outcome
    }

    /// A file in the repository, or in the image as if that were a folder of its name.
    fn at(&self, path: Option<&str>) -> ArtifactLocation {
        let uri = match (self.dockerfile, path) {
            (Some(dockerfile), _) => encoded(dockerfile),
            (None, path) => encoded(&format!("{}{}", self.lasting_name(), path.unwrap_or(""))),
        };
        ArtifactLocation {
            uri: Some(uri),
            ..ArtifactLocation::default()
        }
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
                let end = name[last..]
                    .find(':')
                    .map_or(name.len(), |colon| last + colon);
                name[..end].to_owned()
            }
            _ => name.rsplit('/').next().unwrap_or(name).to_owned(),
        }
    }

    fn fingerprint(&self, finding: &Finding) -> String {
        let found_at = finding.location.as_ref();
        let path = found_at.and_then(|at| at.path.as_deref());
        let name = self.lasting_name();
        let mut hash = Sha256::new();
        for part in [finding.rule.id(), &name, path.unwrap_or_default()] {
            hash.update(part.as_bytes());
            hash.update([0]);
        }
        let hash = hash.finalize();
        hash.iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect()
    }
}

/// A rule's name in SARIF, from its id: `NoCommand`.
fn camel_case(id: &str) -> String {
    let words = id.split('-').filter_map(|word| {
        let first = word.chars().next()?;
        Some(format!(
            "{}{}",
            first.to_ascii_uppercase(),
            &word[first.len_utf8()..]
        ))
    });
    words.collect()
}

fn level(severity: Severity) -> ResultLevel {
    match severity {
        Severity::WillNotStart => ResultLevel::Error,
        Severity::WillFail => ResultLevel::Warning,
        Severity::Advice => ResultLevel::Note,
    }
}

/// All of a finding in one text: many a viewer shows nothing else.
fn said(finding: &Finding) -> String {
    let mut said = visible(&finding.what);
    if let Some(when) = &finding.when {
        said.push_str(&format!(" It fails when it {}.", visible(when)));
    }
    let seen: Vec<_> = finding
        .evidence
        .iter()
        .take(5)
        .map(|e| visible(e))
        .collect();
    if !seen.is_empty() {
        said.push_str(&format!(" Seen: {}.", seen.join("; ")));
    }
    said.push_str(&format!(" Fix: {}", visible(&finding.fix)));
    said
}

/// A message of plain text, which in SARIF may hold links: an image's may not.
fn message(text: &str) -> Message {
    Message {
        text: Some(text.replace("](", "] (")),
        ..Message::default()
    }
}

fn words(text: &str) -> MultiformatMessageString {
    MultiformatMessageString {
        text: text.into(),
        markdown: None,
        properties: None,
    }
}

fn encoded(path: &str) -> String {
    utf8_percent_encode(path, PATH).to_string()
}

fn bag<const N: usize>(properties: [(&str, Value); N]) -> PropertyBag {
    let given = properties.into_iter().filter(|(_, value)| !value.is_null());
    PropertyBag {
        tags: None,
        additional_properties: given.map(|(key, value)| (key.into(), value)).collect(),
    }
}

#[cfg(test)]
mod tests;
