use super::*;
use crate::adopt::report::Weight;
use crate::event::BuildRemark;

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

/// A Dockerfile of the repository's own, of this size in MB.
fn own(unpacked: u64) -> Current {
    Current {
        file: "Dockerfile".into(),
        ours: false,
        context: ".".into(),
        bases: Vec::new(),
        build_ms: 1,
        outcome: Outcome::Answers,
        weight: Some(Weight {
            unpacked: unpacked * 1_000_000,
            compressed: 0,
        }),
        how: None,
        ports: Vec::new(),
        answered_ms: Some(20),
        said: String::new(),
        why: None,
        untold: None,
        findings: Vec::new(),
        checks: None,
        left: None,
        subject: None,
    }
}

fn words(report: &Report, budget: &Budget, root: &Path) -> Vec<String> {
    let all = complaints(report, budget, root);
    all.iter().map(Complaint::words).collect()
}

#[test]
fn what_is_over_the_budget_is_told_with_its_line() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    let text = "unpacked_mb = 8.5\ncompressed_mb = 5\nanswer_ms = 500\nfindings = 0\n";
    fs::write(root.join(BUDGET_FILE), text).expect("written");
    let budget = Budget::of(root).expect("it makes sense");
    assert_eq!(
        words(&report(), &budget, root),
        [
            ".adopt.toml:1: the image has 9.00 MB unpacked, and may have 8.50",
            ".adopt.toml:3: it answered after 700 ms, and may take 500"
        ]
    );
    assert!(complaints(&report(), &Budget::default(), root).is_empty());
}

#[test]
fn the_image_that_counts_is_that_of_the_repositorys_own_dockerfile() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    fs::write(root.join(BUDGET_FILE), "unpacked_mb = 100\n").expect("written");
    fs::write(root.join("Dockerfile"), "FROM golang\n").expect("written");
    let budget = Budget::of(root).expect("it makes sense");
    let mut report = report();
    report.current = Some(own(900));
    let told = complaints(&report, &budget, root);
    let kinds: Vec<_> = told.iter().map(|one| (one.kind, one.fails())).collect();
    assert_eq!(kinds, [(Kind::OverBudget, true), (Kind::Larger, false)]);
    report.current = Some(own(10));
    assert!(complaints(&report, &budget, root).is_empty());
    // One that does not come up is told in its own words.
    let mut broken = own(10);
    (broken.outcome, broken.said) = (Outcome::Builds, "no such file".into());
    report.current = Some(broken);
    let told = words(&report, &budget, root);
    assert_eq!(
        told,
        ["Dockerfile:1: the image is built, and does not come up here: no such file"]
    );
}

#[test]
fn a_file_of_ours_that_is_out_of_date_is_told_and_theirs_is_not() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    let told = || words(&report(), &Budget::default(), root);
    fs::write(root.join("Dockerfile"), "FROM golang\n").expect("written");
    assert!(told().is_empty());
    fs::write(root.join("Dockerfile"), format!("{OURS}\nFROM old\n")).expect("written");
    assert_eq!(told().len(), 1);
    let mut broken = report();
    broken.outcome = Outcome::Builds;
    assert_eq!(complaints(&broken, &Budget::default(), root).len(), 2);
}

#[test]
fn code_scanning_gets_complaints_and_the_builders_own_checks_with_their_places() {
    let dir = tempfile::tempdir().expect("a folder");
    let root = dir.path();
    fs::write(root.join(BUDGET_FILE), "\nunpacked_mb = 100\n").expect("written");
    let budget = Budget::of(root).expect("it makes sense");
    let mut report = report();
    let mut current = own(900);
    current.checks = Some(vec![BuildRemark {
        rule: "StageNameCasing".into(),
        what: "Stage name 'Build' should be lowercase".into(),
        url: Some("https://docs.docker.com/go/dockerfile/rule/stage-name-casing/".into()),
        line: Some(3),
    }]);
    report.current = Some(current);
    let told = complaints(&report, &budget, root);
    let text = sarif(&report, &told, root, None);
    let value: serde_json::Value = serde_json::from_str(&text).expect("JSON");
    let run = &value["runs"][0];
    let results = run["results"].as_array().expect("results");
    let seen: Vec<_> = results
        .iter()
        .map(|one| {
            let place = &one["locations"][0]["physicalLocation"];
            let uri = place["artifactLocation"]["uri"]
                .as_str()
                .unwrap_or_default();
            let line = place["region"]["startLine"].as_u64().unwrap_or_default();
            let (id, level) = (&one["ruleId"], &one["level"]);
            format!(
                "{} {} {uri}:{line}",
                id.as_str().unwrap_or_default(),
                level.as_str().unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(
        seen,
        [
            "adopt-over-budget warning .adopt.toml:2",
            "adopt-smaller note Dockerfile:1",
            "buildkit-StageNameCasing note Dockerfile:3",
        ]
    );
    for result in results {
        let at = result["ruleIndex"].as_u64().expect("an index");
        let rule = &run["tool"]["driver"]["rules"][usize::try_from(at).expect("small")];
        assert_eq!(rule["id"], result["ruleId"]);
    }
}

#[test]
fn what_cannot_be_told_from_here_is_no_fault_and_no_pass() {
    let dir = tempfile::tempdir().expect("a folder");
    let mut report = report();
    let mut current = own(10);
    (current.outcome, current.untold) = (Outcome::Nothing, Some(Untold::Network));
    current.weight = None;
    report.current = Some(current);
    let told = complaints(&report, &Budget::default(), dir.path());
    assert_eq!(verdict(&told), Verdict::Untold);
    assert!(
        told[0].words().contains("cannot be told from here"),
        "{told:?}"
    );
    assert_eq!(verdict(&[]), Verdict::Passes);
    // What is sure counts all the same.
    fs::write(dir.path().join("Dockerfile"), format!("{OURS}\nFROM old\n")).expect("written");
    let told = complaints(&report, &Budget::default(), dir.path());
    assert_eq!(verdict(&told), Verdict::Fails);
}
