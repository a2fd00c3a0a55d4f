//! What preflight promises.

use analysis::inspect::Inspection;
use analysis::preflight::{Finding, TargetPlatform, preflight as findings_of};

/// Longest sentence about a finding, in bytes: names in it are cut.
const LONGEST: usize = 64 << 10;

/// Looks at an image and holds the findings to what is promised of them.
pub fn preflight(inspection: &Inspection) {
    for cpu in [None, Some("arm64".to_owned())] {
        let target = TargetPlatform {
            cpu,
            ..TargetPlatform::default()
        };
        let (one, other) = (
            findings_of(inspection, &target),
            findings_of(inspection, &target),
        );
        match (one, other) {
            (Ok(findings), Ok(again)) => {
                assert_eq!(findings, again, "the same image, other findings");
                findings.iter().for_each(sound);
                let ranks = findings.iter().map(|finding| finding.severity);
                assert!(ranks.is_sorted(), "the worst first: {findings:?}");
            }
            (Err(error), Err(other)) => {
                super::message(&error);
                assert_eq!(error.to_string(), other.to_string());
            }
            (one, other) => panic!("first {one:?}, then {other:?}"),
        }
    }
}

pub(super) fn sound(finding: &Finding) {
    assert!(
        !finding.what.is_empty() && !finding.fix.is_empty(),
        "{finding:?}"
    );
    assert!(
        finding.what.len() <= LONGEST && finding.fix.len() <= LONGEST,
        "{finding:?}"
    );
    assert!(!finding.evidence.is_empty(), "{finding:?}");
    assert!(serde_json::to_string(finding).is_ok());
}
