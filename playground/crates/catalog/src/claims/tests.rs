//! Claims as they are read and judged, on a small project.

use super::{CLAIMS, Claims, Judged, Measurements, Samples, Verdict, judge};
use crate::Catalog;
use crate::tests::project::Project;
use std::collections::BTreeMap;

const STRIPPED: &str = r#"[[claim]]
id = "03"
title = "Memory falls by a third"
source = ["A", "B"]
claimed = "30–35 %"
page = "one.md"
  [[claim.test]]
  title = "bundle against broken"
  lab = "x509"
  variant = "bundle"
  metric = "memory"
  against = "broken"
  as = "percent"
  min = -38
  max = -18
"#;

struct Book {
    project: Project,
    catalog: Catalog,
}

impl Book {
    fn new(claims: &str) -> Book {
        let project = Project::new();
        let catalog = project.load();
        let book = project.root().join("book");
        std::fs::create_dir_all(book.join("src")).expect("made");
        std::fs::write(book.join("src/one.md"), "# One\n").expect("written");
        std::fs::write(project.root().join(CLAIMS), claims).expect("written");
        Book { project, catalog }
    }

    fn problems(claims: &str) -> Vec<String> {
        let book = Book::new(claims);
        match Claims::load(book.project.root(), &book.catalog) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(ToString::to_string).collect(),
        }
    }

    /// The one claim, where `fixed` and `broken` held so much in each round.
    fn judged(claims: &str, fixed: &[f64], broken: &[f64]) -> Judged {
        let book = Book::new(claims);
        let claims = Claims::load(book.project.root(), &book.catalog).expect("sound");
        let samples = |values: &[f64]| timed("memory", values.iter().copied().map(Some));
        let variants = [("bundle", fixed), ("broken", broken)]
            .into_iter()
            .filter(|(_, values)| !values.is_empty())
            .map(|(id, values)| (id.to_owned(), samples(values)));
        let measurements = Measurements {
            labs: BTreeMap::from([("x509".into(), variants.collect())]),
        };
        judge(&claims.claims[0], &book.catalog, &measurements)
    }

    /// The same where the samples are given.
    fn judged_by(claims: &str, bundle: Samples, broken: Samples) -> Judged {
        let book = Book::new(claims);
        let claims = Claims::load(book.project.root(), &book.catalog).expect("sound");
        let variants = [("bundle".to_owned(), bundle), ("broken".to_owned(), broken)];
        let measurements = Measurements {
            labs: BTreeMap::from([("x509".into(), variants.into())]),
        };
        judge(&claims.claims[0], &book.catalog, &measurements)
    }
}

fn timed(metric: &str, values: impl IntoIterator<Item = Option<f64>>) -> Samples {
    let values: Vec<_> = values.into_iter().collect();
    Samples {
        behaves: true,
        rounds: u32::try_from(values.len()).expect("few"),
        metrics: BTreeMap::from([(metric.into(), values)]),
        ..Samples::default()
    }
}

#[test]
fn a_figure_within_the_claimed_range_holds() {
    let judged = Book::judged(STRIPPED, &[70.0], &[100.0]);
    assert_eq!(judged.verdict, Verdict::Holds);
    assert_eq!(judged.measured, "−30 %");
    assert_eq!(
        judged.reason,
        "bundle against broken: −30 %, as claimed (asked for: −38 % to −18 %)"
    );
}

#[test]
fn a_figure_outside_of_it_does_not() {
    let judged = Book::judged(STRIPPED, &[90.0], &[100.0]);
    assert_eq!(judged.verdict, Verdict::DoesNotHold);
    assert_eq!(judged.measured, "−10 %");
}

#[test]
fn rounds_are_compared_pair_by_pair() {
    // The machine was slow in the second round: for both.
    let judged = Book::judged(STRIPPED, &[70.0, 700.0, 71.0], &[100.0, 1000.0, 100.0]);
    assert_eq!(judged.verdict, Verdict::Holds);
    assert_eq!(judged.measured, "−30 % (−30 % to −29 % in 3 rounds)");
}

#[test]
fn a_round_that_failed_shifts_no_pair() {
    // The second round was slow for both, and the first of one came to nothing.
    let bundle = timed("memory", [None, Some(700.0), Some(71.0)]);
    let broken = timed("memory", [Some(100.0), Some(1000.0), Some(100.0)]);
    let judged = Book::judged_by(STRIPPED, bundle, broken);
    assert_eq!(judged.verdict, Verdict::Holds, "{}", judged.reason);
    assert_eq!(judged.measured, "−29.5 % (−30 % to −29 % in 2 rounds)");
    let (bundle, broken) = (
        timed("memory", [None, Some(70.0)]),
        timed("memory", [Some(100.0)]),
    );
    let judged = Book::judged_by(STRIPPED, bundle, broken);
    assert_eq!(judged.verdict, Verdict::NotTestedHere);
    assert!(
        judged.reason.contains("no round has `memory` of both"),
        "{}",
        judged.reason
    );
}

#[test]
fn rounds_of_two_runs_are_no_pairs_and_told_apart() {
    let of_run = |run: &str, samples: Samples| Samples {
        run: run.into(),
        ..samples
    };
    // As pairs they would all say −30 %: by chance, since nothing was measured in turns.
    let bundle = of_run("a", timed("memory", [Some(70.0), Some(140.0), Some(210.0)]));
    let broken = timed("memory", [Some(100.0), Some(200.0), Some(300.0)]);
    let judged = Book::judged_by(STRIPPED, bundle.clone(), of_run("b", broken.clone()));
    assert_eq!(
        judged.measured,
        "−30 % (−76.7 % to +110 %), measured in different runs, inside the noise"
    );
    assert_eq!(judged.verdict, Verdict::DoesNotHold);
    let judged = Book::judged_by(STRIPPED, bundle, of_run("a", broken));
    assert_eq!(judged.measured, "−30 %");
}

#[test]
fn one_build_says_nothing_of_reproducibility() {
    let claims = STRIPPED
        .replace("memory", "distinct-builds")
        .replace("  against = \"broken\"\n  as = \"percent\"\n", "")
        .replace("min = -38\n  max = -18", "max = 1");
    let builds = |rounds| Samples {
        rounds,
        ..timed("distinct-builds", [Some(1.0)])
    };
    let judged = |rounds| Book::judged_by(&claims, builds(rounds), Samples::default());
    assert_eq!(judged(1).verdict, Verdict::NotTestedHere);
    assert!(
        judged(1)
            .reason
            .contains("it takes two rounds, cannot be told here"),
        "{}",
        judged(1).reason
    );
    assert_eq!(judged(2).verdict, Verdict::Holds);
}

#[test]
fn a_difference_inside_the_noise_is_no_difference() {
    let claims = STRIPPED.replace("min = -38\n  max = -18", "max = -1");
    let judged = Book::judged(
        &claims,
        &[98.0, 130.0, 98.0, 70.0, 130.0],
        &[100.0, 100.0, 100.0, 100.0, 100.0],
    );
    assert_eq!(judged.verdict, Verdict::DoesNotHold);
    assert!(
        judged.measured.ends_with("inside the noise"),
        "{}",
        judged.measured
    );
}

#[test]
fn some_of_its_tests_make_a_claim_hold_with_conditions() {
    let more = "  [[claim.test]]\n  title = \"it behaves\"\n  lab = \"x509\"\n  \
                variant = \"broken\"\n  behaves = true\n";
    let judged = Book::judged(&format!("{STRIPPED}{more}"), &[90.0], &[100.0]);
    assert_eq!(judged.verdict, Verdict::HoldsWithConditions);
    let contradicted = more.replace("true", "false");
    let judged = Book::judged(&format!("{STRIPPED}{contradicted}"), &[90.0], &[100.0]);
    assert_eq!(judged.verdict, Verdict::DoesNotHold);
}

#[test]
fn what_was_not_run_has_no_verdict() {
    assert_eq!(Book::judged(STRIPPED, &[], &[]).verdict, Verdict::NotRunYet);
    let judged = Book::judged(STRIPPED, &[70.0], &[]);
    assert_eq!(judged.verdict, Verdict::NotRunYet, "{}", judged.reason);
    let quick = Samples::default();
    let judged = Book::judged_by(STRIPPED, timed("memory", [Some(70.0)]), quick);
    assert_eq!(judged.verdict, Verdict::NotRunYet, "{}", judged.reason);
}

#[test]
fn what_cannot_be_tested_says_why() {
    let untested = "  [claim.untested]\n  why = \"No kernel is that old.\"\n  where = \"there.\"\n";
    let head = STRIPPED
        .split("  [[claim.test]]")
        .next()
        .unwrap_or_default();
    let judged = Book::judged(&format!("{head}{untested}"), &[], &[]);
    assert_eq!(judged.verdict, Verdict::NotTestedHere);
    assert_eq!(
        judged.reason,
        "No kernel is that old. It could be tested there."
    );
}

#[test]
fn every_problem_is_told_where_it_stands() {
    let cases: &[(&str, &str, &[&str])] = &[
        (
            "lab = \"x509\"",
            "lab = \"x508\"",
            &["9: there is no lab `x508`; did you mean `x509`?"],
        ),
        (
            "\"bundle\"\n",
            "\"mended\"\n",
            &["10: the lab `x509` has no variant `mended`; there are `broken`, `bundle`"],
        ),
        (
            "\"one.md\"",
            "\"two.md\"",
            &["6: there is no page book/src/two.md"],
        ),
        (
            "as = \"percent\"",
            "",
            &["12: `against` needs `as`: percent, ratio or difference"],
        ),
        (
            "min = -38\n  max = -18",
            "",
            &["7: a figure needs `min`, `max` or both"],
        ),
        ("max = -18", "max = -40", &["15: `max` is below `min`"]),
        (
            "metric = \"memory\"",
            "behaves = true\n  metric = \"memory\"",
            &["12: a test has either `behaves` or a `metric`"],
        ),
        (
            "id = \"03\"",
            "id = \"0 3\"",
            &["2: claim id `0 3` is not letters and digits, as 03 or H2"],
        ),
        (
            "claimed = \"30–35 %\"\n",
            "claim = 3\n",
            &[
                "1: [[claim]] lacks `claimed`",
                "5: [[claim]] does not know the key `claim`; did you mean `claimed`?",
            ],
        ),
    ];
    for (from, to, expected) in cases {
        let expected: Vec<_> = expected
            .iter()
            .map(|text| format!("{CLAIMS}:{text}"))
            .collect();
        let mut problems = Book::problems(&STRIPPED.replacen(from, to, 1));
        if *from == "metric = \"memory\"" {
            problems.truncate(1);
        }
        assert_eq!(problems, expected, "{from}");
    }
    let all = STRIPPED
        .replace("\"one.md\"", "\"two.md\"")
        .replace("\"memory\"", "\"memori\"");
    assert_eq!(
        Book::problems(&format!("{all}{all}")).len(),
        5,
        "all at once"
    );
}

#[test]
fn a_claim_of_which_a_part_cannot_be_told_does_not_hold_by_the_rest() {
    let second = "  [[claim.test]]\n  title = \"and so\"\n  lab = \"x509\"\n  variant = \"broken\"\n  \
                  behaves = true\n";
    let book = Book::new(&format!("{STRIPPED}{second}"));
    let claims = Claims::load(book.project.root(), &book.catalog).expect("sound");
    let samples = |missing: Option<&str>| Samples {
        behaves: true,
        missing: missing.map(str::to_owned),
        metrics: BTreeMap::from([("memory".into(), vec![Some(70.0)])]),
        ..Samples::default()
    };
    let judged = |broken| {
        let variants = [
            ("bundle".to_owned(), samples(None)),
            ("broken".to_owned(), samples(broken)),
        ];
        let measurements = Measurements {
            labs: BTreeMap::from([("x509".into(), variants.into())]),
        };
        judge(&claims.claims[0], &book.catalog, &measurements).verdict
    };
    assert_eq!(
        judged(Some("it cannot be built here")),
        Verdict::NotTestedHere
    );
    assert_eq!(judged(None), Verdict::HoldsWithConditions);
}

#[test]
fn a_share_of_nothing_is_no_figure() {
    let judged = Book::judged(STRIPPED, &[70.0], &[0.0]);
    assert_eq!(judged.verdict, Verdict::NotTestedHere);
    assert_eq!(judged.measured, "");
}

#[test]
fn a_file_that_cannot_be_claims_is_no_empty_list() {
    let book = Book::new("");
    let path = book.project.root().join(CLAIMS);
    let problems = || {
        let problems = Claims::load(book.project.root(), &book.catalog).expect_err("no claims");
        problems.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    std::fs::write(&path, b"[[claim]]\ntitle = \"\xff\"\n").expect("written");
    assert_eq!(problems(), [format!("{CLAIMS}:2: is not UTF-8 text")]);
    std::fs::write(&path, "#".repeat((1 << 20) + 1)).expect("written");
    let large = format!("{CLAIMS}: is larger than 1048576 bytes");
    assert_eq!(problems(), [large]);
    std::fs::remove_file(&path).expect("gone");
    std::os::unix::fs::symlink("/dev/zero", &path).expect("linked");
    assert_eq!(problems(), [format!("{CLAIMS}: is no plain file")]);
}
