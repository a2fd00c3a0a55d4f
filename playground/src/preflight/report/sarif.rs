//! The report as SARIF 2.1.0, for code scanning: GitHub's, GitLab's, an editor's.
//!
//! Owns what a finding about an image is in a format about files: it lies at the Dockerfile
//! where one is named, else at the image's name with the path in it; and it stays the same
//! finding when the image is built anew, so neither tag, digest nor layer is part of what it
//! is known by. GitHub tells findings apart by `primaryLocationLineHash` alone.

use super::hostile::{quiet_json, visible};
use super::{Finding, Report, Rule, Severity};
use crate::xray::SubjectKind;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
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
        let rules = Rule::ALL.iter().map(|&rule| {
            let mut descriptor = ReportingDescriptor::builder()
                .id(rule.id())
                .name(format!("{rule:?}"))
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

    fn help(&self, rule: Rule) -> MultiformatMessageString {
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
        let index = Rule::ALL.iter().position(|rule| *rule == finding.rule);
        let place = finding.place.as_ref();
        let path = place.and_then(|place| place.path.as_deref());
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
                ("layer", json!(place.and_then(|place| place.layer))),
                (
                    "createdBy",
                    json!(place.and_then(|place| place.created_by.as_ref())),
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
        let place = finding.place.as_ref();
        let path = place.and_then(|place| place.path.as_deref());
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
mod tests {
    use super::super::testing::{hostile, missing_roots, none, report, subject};
    use super::*;
    use crate::preflight::Place;
    use crate::xray::Subject;

    /// SARIF as it was read back, held against the schema of the standard.
    fn valid(report: &Report<'_>) -> Value {
        let schema = include_str!("../../../tests/schemas/sarif-schema-2.1.0.json");
        let schema: Value = serde_json::from_str(schema).expect("a schema");
        let validator = jsonschema::options()
            .should_validate_formats(true)
            .build(&schema)
            .expect("a schema");
        let text = report.sarif();
        let sarif: Value = serde_json::from_str(&text).expect("JSON");
        let wrong: Vec<_> = validator
            .iter_errors(&sarif)
            .map(|error| format!("{} at {}", error, error.instance_path()))
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}\n{text}");
        sarif
    }

    fn uri(result: &Value) -> &Value {
        &result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    }

    #[test]
    fn every_report_is_valid_sarif() {
        let subject = subject();
        valid(&report(&subject, &none()));
        let finding = |rule: Rule, severity| Finding {
            rule,
            severity,
            when: None,
            place: None,
            ..missing_roots()
        };
        let severities = [Severity::WillNotStart, Severity::WillFail, Severity::Advice];
        let findings: Vec<_> = Rule::ALL
            .iter()
            .flat_map(|&rule| severities.map(|severity| finding(rule, severity)))
            .collect();
        let sarif = valid(&Report {
            book_url: Some("https://example.org/room/"),
            dockerfile: Some("build/My Dockerfile"),
            ..report(&subject, &findings)
        });
        let run = &sarif["runs"][0];
        assert_eq!(
            run["results"].as_array().map(Vec::len),
            Some(findings.len())
        );
        for (result, finding) in run["results"]
            .as_array()
            .into_iter()
            .flatten()
            .zip(&findings)
        {
            assert_eq!(uri(result), "build/My%20Dockerfile");
            let index = result["ruleIndex"].as_u64().expect("an index") as usize;
            assert_eq!(
                run["tool"]["driver"]["rules"][index]["id"],
                finding.rule.id()
            );
        }
    }

    #[test]
    fn the_schema_refuses_what_is_no_sarif() {
        let schema = include_str!("../../../tests/schemas/sarif-schema-2.1.0.json");
        let schema: Value = serde_json::from_str(schema).expect("a schema");
        let validator = jsonschema::validator_for(&schema).expect("a schema");
        let run = json!({ "tool": { "driver": { "name": "x" } }, "results": [{}] });
        assert!(!validator.is_valid(&json!({ "version": "2.1.0", "runs": [run] })));
    }

    #[test]
    fn hostile_images_make_valid_sarif_without_links() {
        let (subject, findings) = hostile();
        let text = report(&subject, &findings).sarif();
        assert!(!text.chars().any(|c| c.is_control() && c != '\n'));
        let sarif = valid(&report(&subject, &findings));
        for result in sarif["runs"][0]["results"].as_array().into_iter().flatten() {
            let said = result["message"]["text"].as_str().expect("a text");
            assert!(!said.contains("]("), "{said}");
            let uri = uri(result).as_str().expect("a place");
            assert!(!uri.contains(':') && uri.is_ascii(), "{uri}");
        }
    }

    #[test]
    fn code_scanning_gets_a_place_a_level_and_the_images_digest() {
        let (subject, findings) = (subject(), [missing_roots()]);
        let sarif = valid(&report(&subject, &findings));
        let run = &sarif["runs"][0];
        let result = &run["results"][0];
        assert_eq!(result["level"], "warning");
        assert_eq!(uri(result), "team/api/app");
        let location = &result["locations"][0];
        assert_eq!(location["physicalLocation"]["region"]["startLine"], 1);
        let logical = &location["logicalLocations"][0];
        assert_eq!(logical["fullyQualifiedName"], "team/api:7!/app");
        let hash = &run["artifacts"][0]["hashes"]["sha-256"];
        assert_eq!(*hash, subject.id["sha256:".len()..]);
        assert_eq!(run["properties"]["imageId"], subject.id);
        assert_eq!(run["automationDetails"]["id"], "preflight/team/api/");
        assert_eq!(run["tool"]["driver"]["version"], env!("CARGO_PKG_VERSION"));
    }

    #[test]
    fn help_is_linked_only_where_the_book_is_published() {
        let subject = subject();
        let rule = |report: &Report<'_>| {
            let sarif = valid(report);
            let rules = sarif["runs"][0]["tool"]["driver"]["rules"].clone();
            let rules = rules.as_array().expect("rules").clone();
            rules
                .into_iter()
                .find(|rule| rule["id"] == "silent-utc")
                .expect("it")
        };
        let plain = rule(&report(&subject, &[]));
        assert_eq!(plain["helpUri"], Value::Null);
        let help = plain["help"]["text"].as_str().expect("a text");
        assert!(
            help.contains("museum/silent-utc.html of the book"),
            "{help}"
        );
        let linked = rule(&Report {
            book_url: Some("https://example.org/room"),
            ..report(&subject, &[])
        });
        assert_eq!(
            linked["helpUri"],
            "https://example.org/room/museum/silent-utc.html"
        );
    }

    fn fingerprints(subject: &Subject, findings: &[Finding]) -> Vec<String> {
        let sarif = valid(&report(subject, findings));
        let results = sarif["runs"][0]["results"].as_array().cloned();
        let prints = results.into_iter().flatten().map(|result| {
            let print = &result["partialFingerprints"]["primaryLocationLineHash"];
            print.as_str().expect("a fingerprint").to_owned()
        });
        prints.collect()
    }

    #[test]
    fn a_finding_is_the_same_when_the_image_is_built_anew() {
        let before = fingerprints(&subject(), &[missing_roots()]);
        let rebuilt = Subject {
            name: "team/api:8".into(),
            id: format!("sha256:{}", "f".repeat(64)),
            ..subject()
        };
        let moved = Finding {
            what: "In other words.".into(),
            evidence: vec!["something else".into()],
            place: missing_roots().place.map(|place| Place {
                layer: Some(9),
                created_by: None,
                ..place
            }),
            ..missing_roots()
        };
        assert_eq!(fingerprints(&rebuilt, &[moved]), before);
    }

    #[test]
    fn different_findings_never_look_the_same() {
        let elsewhere = Finding {
            place: Some(Place {
                path: Some("/other".into()),
                layer: None,
                created_by: None,
            }),
            ..missing_roots()
        };
        let ruled = Finding {
            rule: Rule::NoTmp,
            ..missing_roots()
        };
        let findings = [missing_roots(), missing_roots(), elsewhere, ruled];
        let mut prints = fingerprints(&subject(), &findings);
        let other = Subject {
            name: "team/web:7".into(),
            ..subject()
        };
        prints.extend(fingerprints(&other, &findings));
        prints.sort();
        prints.dedup();
        assert_eq!(prints.len(), 8);
    }

    #[test]
    fn tags_and_digests_come_and_go_and_names_last() {
        let named = |kind, name: &str| {
            let subject = Subject {
                kind,
                name: name.into(),
                ..subject()
            };
            report(&subject, &[]).lasting_name()
        };
        for (name, lasting) in [
            ("golang:1.23", "golang"),
            ("h:5000/team/api", "h:5000/team/api"),
            ("h:5000/team/api:7@sha256:00", "h:5000/team/api"),
            ("sha256:0011", "image"),
            ("0123456789ab", "image"),
        ] {
            assert_eq!(named(SubjectKind::Image, name), lasting);
        }
        assert_eq!(named(SubjectKind::Archive, "out/image.tar"), "image.tar");
    }
}
