//! SARIF held against its schema, and findings against their next build.

use super::super::testing::{hostile, missing_roots, none, report, rule, subject};
use super::*;
use crate::entrypoint::Location;
use crate::subject::Subject;

/// SARIF as it was read back, held against the schema of the standard.
fn valid(report: &Report<'_>) -> Value {
    let schema = include_str!("../../../../tests/schemas/sarif-schema-2.1.0.json");
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
    let finding = |rule: &'static Rule, severity| Finding {
        rule,
        severity,
        when: None,
        location: None,
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
        assert_eq!(run["tool"]["driver"]["rules"][index]["id"], finding.rule.id);
    }
}

#[test]
fn the_schema_refuses_what_is_no_sarif() {
    let schema = include_str!("../../../../tests/schemas/sarif-schema-2.1.0.json");
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
    let descriptor = |report: &Report<'_>| {
        let sarif = valid(report);
        let rules = sarif["runs"][0]["tool"]["driver"]["rules"].clone();
        let rules = rules.as_array().expect("rules").clone();
        rules
            .into_iter()
            .find(|rule| rule["id"] == "silent-utc")
            .expect("it")
    };
    let plain = descriptor(&report(&subject, &[]));
    assert_eq!(plain["helpUri"], Value::Null);
    let help = plain["help"]["text"].as_str().expect("a text");
    assert!(
        help.contains("museum/silent-utc.html of the book"),
        "{help}"
    );
    let linked = descriptor(&Report {
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
        location: missing_roots().location.map(|location| Location {
            layer: Some(9),
            created_by: None,
            ..location
        }),
        ..missing_roots()
    };
    assert_eq!(fingerprints(&rebuilt, &[moved]), before);
}

#[test]
fn different_findings_never_look_the_same() {
    let elsewhere = Finding {
        location: Some(Location {
            path: Some("/other".into()),
            layer: None,
            created_by: None,
        }),
        ..missing_roots()
    };
    let ruled = Finding {
        rule: rule("no-tmp"),
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
