//! Every rule of a failure lab's `lab.toml`, each broken once.

use super::project::{FAILURE, Project, STAGE, check};
use crate::*;
use proptest::prelude::*;

#[test]
fn a_failure_lab_breaks_rules_one_by_one() {
    check(
        "x509/lab.toml",
        FAILURE,
        &[
            (
                "id = \"upstream\"",
                "id = \"upstraem\"",
                &[
                    "6: there is no folder book/labs/x509/peers/upstraem; did you mean `upstream`?",
                    "31: the lab has no peer `upstream`; did you mean `upstraem`?",
                    "book/labs/x509/peers/upstream: lab.toml has no [[peer]] with the id `upstream`; did you mean `upstraem`?",
                ],
            ),
            (
                "upstream.test",
                "Up stream",
                &["7: `Up stream` is not a host name"],
            ),
            (
                "upstream.test",
                "app",
                &["7: `app` cannot name a peer: the lab's own container is called so"],
            ),
            (
                "\"listening\"",
                "\"*\"",
                &["8: `ready` is not a regular expression: repetition operator missing expression"],
            ),
            (
                "[[variant]]",
                "[[peer]]\nid = \"upstream\"\nalias = \"upstream.test\"\nready = \"x\"\n\n[[variant]]",
                &[
                    "11: peer `upstream` is declared twice, first on line 6",
                    "12: another peer is called `upstream.test` already",
                ],
            ),
            (
                "role = \"broken\"",
                "role = \"fixed\"",
                &[
                    "1: a failure lab needs a variant with the role `broken`",
                    "13: a failure lab starts with a broken variant",
                ],
            ),
            (
                "role = \"fixed\"",
                "role = \"broken\"",
                &["1: a failure lab needs a variant with the role `fixed`"],
            ),
            (
                "role = \"fixed\"",
                "role = \"stage\"",
                &[
                    "1: a failure lab needs a variant with the role `fixed`",
                    "25: a failure lab's variants are `broken` or `fixed`",
                ],
            ),
            (
                "id = \"bundle\"",
                "id = \"src\"",
                &[
                    "book/labs/x509/bundle: lab.toml has no [[variant]] with the id `bundle`; declared are `broken`, `src`",
                    "23: `src` cannot name a variant: the folder has a meaning",
                    "23: there is no folder book/labs/x509/src; there are `broken`, `bundle`",
                ],
            ),
            (
                "exit_code = 1\n",
                "exit_code = 256\n",
                &["18: `exit_code` is 256; it must be 0 to 255"],
            ),
            (
                "reporter = \"program\"\n",
                "",
                &[
                    "17: this outcome needs a `reporter`: who says what is wrong?",
                    "19: `message` needs a `reporter`",
                ],
            ),
            (
                "message = 'x509: .* unknown authority'\n",
                "",
                &["19: a `reporter` needs the `message` that it must give"],
            ),
            (
                "\"program\"",
                "\"nobody\"",
                &[
                    "19: where `nobody` reports, `unsaid` must say what a program that had noticed would write",
                    "20: where `nobody` reports there is no `message`",
                ],
            ),
            (
                "\"program\"",
                "\"builder\"",
                &["19: a program that ran reports itself, or `nobody` does"],
            ),
            (
                "\"exits\"\nexit_code = 1",
                "\"build-fails\"",
                &["18: what goes wrong in a build, the `builder` reports"],
            ),
            (
                "\"exits\"\nexit_code = 1",
                "\"cannot-start\"",
                &[
                    "17: this outcome needs a `moment`: with which call of the engine does it show?",
                    "18: what cannot start, the `engine` reports",
                ],
            ),
            (
                "\"exits\"\nexit_code = 1\nreporter = \"program\"",
                "\"cannot-start\"\nexit_code = 0\nreporter = \"engine\"",
                &[
                    "17: this outcome needs a `moment`: with which call of the engine does it show?",
                    "18: what cannot start does not exit with 0",
                ],
            ),
            (
                "\"exits\"",
                "\"serves\"",
                &[
                    "16: the outcome `serves` needs a [[variant.probe]]: nothing else shows that it does",
                    "17: this outcome needs a `moment`: with which call of the engine does it show?",
                    "18: `exit_code` belongs to the outcomes `exits` and `cannot-start`, and to the moment `exec`",
                ],
            ),
            (
                "peer = \"upstream\"",
                "peer = \"downstream\"",
                &["31: the lab has no peer `downstream`; there are `upstream`"],
            ),
            (
                "\"upstream-ca.pem\"",
                "\"../ca.pem\"",
                &["30: `../ca.pem` is not a plain path inside the build context"],
            ),
            (
                "\"/ca.pem\"",
                "\"ca.pem\"",
                &["32: `ca.pem` is not an absolute path to a file"],
            ),
            (
                "\"/ca.pem\"",
                "\"/../ca.pem\"",
                &["32: `/../ca.pem` is not an absolute path to a file"],
            ),
            (
                "[[variant.provide]]",
                "[[variant.provide]]\nfile = \"upstream-ca.pem\"\npeer = \"upstream\"\npath = \"/x\"\n[[variant.provide]]",
                &["34: `upstream-ca.pem` is provided twice"],
            ),
            (
                "[[variant]]",
                "[stage]\nnumber = \"9\"\norder = 9\nclaimed_mb = 1\nclaimed_by = \"A\"\nbase = \"x\"\n\n[[variant]]",
                &["10: a lab of kind `failure` has no [stage] table"],
            ),
        ],
    );
}

#[test]
fn a_peer_cannot_take_the_name_of_what_a_run_has_itself() {
    for id in ["app", "prober", "image"] {
        let id = format!("id = \"{id}\"");
        let project = Project::new();
        let text = FAILURE.replace("id = \"upstream\"", &id);
        project.write("x509/lab.toml", &text);
        let problems = project.problems();
        let told = |p: &String| p.contains("lab.toml:6:") && p.contains("cannot name a peer");
        assert!(problems.iter().any(told), "{problems:?}");
    }
}

#[test]
fn syntax_errors_carry_their_line() {
    let cases = [
        ("kind = \"failure\"", "kind = \"failure", 1),
        ("[[variant]]", "[[variant]", 10),
        ("exit_code = 1", "exit_code = ", 18),
        ("exit_code = 1", "outcome = \"exits\"", 18),
    ];
    for (from, to, line) in cases {
        let project = Project::new();
        project.write("x509/lab.toml", FAILURE.replacen(from, to, 1));
        let problems = project.problems();
        let start = format!("book/labs/x509/lab.toml:{line}: not valid TOML: ");
        assert!(
            problems.len() == 1 && problems[0].starts_with(&start),
            "{to}: {problems:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    /// Whatever a slip of the hand makes of a lab.toml: no panic, and every line
    /// that is reported is a line of the file.
    #[test]
    fn mutations_are_reported_within_the_file(
        stage in any::<bool>(),
        at in any::<prop::sample::Index>(),
        gone in 0..60usize,
        put in prop::string::string_regex(
            "([\\PC\n\t]{0,12}|\\[\\[?[a-z.]{0,8}\\]?\\]?\n|[a-z]{1,6} ?= ?(\"x\"|-?[0-9]{1,20}|\\[1\\]|\\{a=1\\})\n){0,3}"
        ).expect("a pattern"),
    ) {
        let (file, original) = if stage { ("stage-5a/lab.toml", STAGE) } else { ("x509/lab.toml", FAILURE) };
        let at = at.index(original.len());
        let text = format!("{}{put}{}", &original[..at], &original[(at + gone).min(original.len())..]);
        let project = Project::new();
        project.write(file, &text);
        if let Err(problems) = Catalog::load(project.root()) {
            let lines = text.lines().count().max(1) as u32;
            for problem in problems.iter() {
                prop_assert!(problem.line.is_none_or(|line| (1..=lines).contains(&line)), "{problem}");
            }
        }
    }
}
