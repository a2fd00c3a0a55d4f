//! A repository held against what adopt would do, and against a budget of its own: for CI. Pure.

use super::report::Report;
use super::write::{OURS, dockerfile_name};
use analysis::preflight::Severity;
use policy::UserError;
use serde::Deserialize;
use std::fs;
use std::path::Path;

/// Where a repository keeps its budget.
pub const BUDGET_FILE: &str = ".adopt.toml";

/// What an image may cost at most.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Budget {
    /// Unpacked, in MB (10⁶ bytes).
    pub unpacked_mb: Option<f64>,
    /// As blobs of a registry, in MB.
    pub compressed_mb: Option<f64>,
    /// From start to answer, in milliseconds.
    pub answer_ms: Option<u64>,
    /// Findings of preflight that are more than advice.
    pub findings: Option<usize>,
}

impl Budget {
    /// The budget of a repository; none where it has no such file.
    ///
    /// # Errors
    /// The file is there and makes no sense.
    pub fn of(root: &Path) -> Result<Budget, UserError> {
        let path = root.join(BUDGET_FILE);
        let plain = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file());
        if !plain {
            return Ok(Budget::default());
        }
        let text = fs::read_to_string(&path).map_err(|error| error.to_string());
        let budget =
            text.and_then(|text| toml::from_str(&text).map_err(|e| e.message().to_owned()));
        budget.map_err(|error| UserError {
            what: format!("{BUDGET_FILE} cannot be used: {error}"),
            cause: "it may hold unpacked_mb, compressed_mb, answer_ms and findings".into(),
            next: "correct it, or remove it".into(),
        })
    }
}

/// Everything about the repository that is not as it should be, in sentences.
pub fn complaints(report: &Report, budget: &Budget, root: &Path) -> Vec<String> {
    let mut told = Vec::new();
    if !report.outcome.works() {
        told.push(format!("the image {}", report.outcome.words()));
    }
    told.extend(outdated(report, root));
    if let Some(weight) = report.weight {
        #[expect(clippy::cast_precision_loss, reason = "three digits are compared")]
        let mb = |bytes: u64| bytes as f64 / 1e6;
        for (what, is, may) in [
            ("unpacked", mb(weight.unpacked), budget.unpacked_mb),
            ("compressed", mb(weight.compressed), budget.compressed_mb),
        ] {
            if let Some(may) = may.filter(|may| is > *may) {
                told.push(format!("it has {is:.2} MB {what}, and may have {may:.2}"));
            }
        }
    }
    if let (Some(is), Some(may)) = (report.answered_ms, budget.answer_ms)
        && is > may
    {
        told.push(format!("it answered after {is} ms, and may take {may}"));
    }
    let sure = report.findings.iter();
    let sure = sure
        .filter(|finding| finding.severity != Severity::Advice)
        .count();
    if let Some(may) = budget.findings.filter(|may| sure > *may) {
        told.push(format!(
            "preflight has {sure} findings beyond advice, and may have {may}"
        ));
    }
    told
}

/// Files of ours in the tree that adopt would write otherwise today.
fn outdated(report: &Report, root: &Path) -> Vec<String> {
    let names = ["Dockerfile", dockerfile_name(true)];
    let ours = names.into_iter().find_map(|name| {
        let path = root.join(name);
        let plain = fs::symlink_metadata(&path).is_ok_and(|meta| meta.is_file());
        let text = plain.then(|| fs::read_to_string(&path).ok()).flatten()?;
        text.starts_with(OURS).then_some((name, text))
    });
    match (ours, &report.dockerfile) {
        (Some((name, text)), Some(wanted)) if text != *wanted => {
            vec![format!(
                "{name} is not what adopt writes today: run adopt --write"
            )]
        }
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::report::{Outcome, Weight};
    use super::*;

    fn report() -> Report {
        let mut report = Report::new("x");
        report.outcome = Outcome::Answers;
        report.dockerfile = Some(format!("{OURS}\nFROM scratch\n"));
        report.weight = Some(Weight {
            unpacked: 9_000_000,
            compressed: 4_000_000,
        });
        report.answered_ms = Some(700);
        report
    }

    #[test]
    fn what_is_over_the_budget_is_told() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path();
        let text = "unpacked_mb = 8.5\ncompressed_mb = 5\nanswer_ms = 500\nfindings = 0\n";
        fs::write(root.join(BUDGET_FILE), text).expect("written");
        let budget = Budget::of(root).expect("it makes sense");
        let told = complaints(&report(), &budget, root);
        assert_eq!(
            told,
            [
                "it has 9.00 MB unpacked, and may have 8.50",
                "it answered after 700 ms, and may take 500"
            ]
        );
        assert!(complaints(&report(), &Budget::default(), root).is_empty());
        fs::write(root.join(BUDGET_FILE), "unpacked = 1\n").expect("written");
        assert!(Budget::of(root).is_err());
    }

    #[test]
    fn a_file_of_ours_that_is_out_of_date_is_told_and_theirs_is_not() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path();
        let told = || complaints(&report(), &Budget::default(), root);
        fs::write(root.join("Dockerfile"), "FROM golang\n").expect("written");
        assert!(told().is_empty());
        fs::write(root.join("Dockerfile"), format!("{OURS}\nFROM old\n")).expect("written");
        assert_eq!(told().len(), 1);
        let mut broken = report();
        broken.outcome = Outcome::Builds;
        assert_eq!(complaints(&broken, &Budget::default(), root).len(), 2);
    }
}
