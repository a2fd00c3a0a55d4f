//! Findings to report in tests, friendly and hostile.

use super::{Finding, Report, Severity};
use crate::entrypoint::Location;
use crate::preflight::Rule;
use crate::subject::{Subject, SubjectKind};
use policy::sanitize::testing::ATTACKS;

pub(super) fn subject() -> Subject {
    Subject {
        kind: SubjectKind::Image,
        name: "team/api:7".into(),
        id: format!("sha256:6e3a0bf3d0c1{}", "0".repeat(52)),
        platform: "linux/amd64".into(),
    }
}

pub(super) fn rule(id: &str) -> &'static Rule {
    Rule::named(id).expect("a rule")
}

pub(super) fn none() -> [Finding; 0] {
    []
}

pub(super) fn missing_roots() -> Finding {
    Finding {
        rule: rule("no-ca-certificates"),
        severity: Severity::WillFail,
        what: "/app verifies TLS servers, and there is nothing to verify them with.".into(),
        when: Some("dials a TLS server".into()),
        evidence: vec!["/app links crypto/x509.(*Certificate).Verify".into()],
        fix: "COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/".into(),
        page: None,
        location: Some(Location {
            path: Some("/app".into()),
            layer: Some(1),
            created_by: Some("COPY /app /app".into()),
        }),
    }
}

/// An image all of whose names are attacks, and a finding for each.
pub(super) fn hostile() -> (Subject, Vec<Finding>) {
    let subject = Subject {
        name: ATTACKS.concat(),
        id: ATTACKS[0].into(),
        platform: ATTACKS[1].into(),
        ..subject()
    };
    let findings = ATTACKS.iter().map(|attack| Finding {
        rule: rule("secret"),
        severity: Severity::WillFail,
        what: (*attack).into(),
        when: Some((*attack).into()),
        evidence: vec![(*attack).into()],
        fix: format!("{attack}\n{attack}"),
        page: None,
        location: Some(Location {
            path: Some((*attack).into()),
            layer: Some(3),
            created_by: Some((*attack).into()),
        }),
    });
    let findings = findings.collect();
    (subject, findings)
}

pub(super) fn report<'a>(subject: &'a Subject, findings: &'a [Finding]) -> Report<'a> {
    Report {
        subject,
        judged_as: None,
        findings,
        ignored: 0,
        book_url: None,
        dockerfile: None,
    }
}
