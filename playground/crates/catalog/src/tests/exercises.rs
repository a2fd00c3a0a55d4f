//! What an exercise must satisfy, each rule broken once.

use super::fixture::fixture_with;
use crate::exercise::{SOLUTION, STARTER, SUBMISSION};
use crate::{Catalog, CheckResult, Diagnostic};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

const EXERCISE: &str = r#"title = "Small"
summary = "Make it small."
unit = "first-images"
minutes = 5
edit = ["Dockerfile"]
show = ["main.go"]

[[look]]
id = "small"
title = "Is small"
unpacked_at_most = 1000

[[look]]
id = "bases"
title = "Stands on what it may"
bases = ["alpine:3.20"]

[expect]
outcome = "exits"
exit_code = 0

[[hint]]
check = "outcome"
seen = 'no such file'
cause = "The loader is missing."
levels = ["What does it ask for?", "Link it statically."]

[[hint]]
check = "outcome"
cause = "It does not run."
levels = ["Read the red step.", "Is the program there?"]

[[hint]]
check = "exit-code"
cause = "It is not content."
levels = ["What does it say?", "What does it need?"]

[[hint]]
check = "small"
cause = "It carries its tools."
levels = ["Which layer is large?", "Copy the program alone."]

[[hint]]
check = "bases"
cause = "It stands on another image."
levels = ["Look at FROM.", "alpine:3.20 is allowed."]

[starter]
check = "small"
cause = "tools"

[[wrong]]
id = "dynamic"
title = "Leaves cgo on"
check = "outcome"
cause = "loader"
"#;

/// A project with one exercise, with `from` in its exercise.toml replaced.
fn project(from: &str, to: &str) -> TempDir {
    let dir = fixture_with("kind", "kind");
    let exercise = dir.path().join("exercises/01-small");
    for (path, text) in [
        ("README.md", "Make it small: at most 1 kB.\n"),
        ("src/main.go", "package main\n"),
        ("starter/Dockerfile", "FROM alpine:3.20\n"),
        ("solution/Dockerfile", "FROM scratch\n"),
        ("wrong/dynamic/Dockerfile", "FROM scratch\n"),
    ] {
        write(&exercise.join(path), text);
    }
    assert!(EXERCISE.contains(from), "the exercise has no {from:?}");
    write(
        &exercise.join("exercise.toml"),
        &EXERCISE.replacen(from, to, 1),
    );
    dir
}

fn write(file: &Path, text: &str) {
    fs::create_dir_all(file.parent().expect("a folder")).expect("made");
    fs::write(file, text).expect("written");
}

fn problems_of(dir: &Path) -> Vec<String> {
    match Catalog::load(dir) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(Diagnostic::to_string).collect(),
    }
}

#[test]
fn a_sound_exercise_has_a_variant_for_each_answer() {
    let dir = project("title", "title");
    let catalog = Catalog::load(dir.path()).expect("sound");
    let exercise = catalog.exercise("1").expect("by number");
    assert_eq!(exercise.id, "01-small");
    let variants = exercise.lab.variants.iter();
    let variants: Vec<&str> = variants.map(|variant| variant.id.as_str()).collect();
    assert_eq!(variants, [SUBMISSION, STARTER, SOLUTION, "wrong/dynamic"]);
    assert!(catalog.exercise("01-small").is_ok());
    assert!(catalog.lab_variant("01-small", SUBMISSION).is_ok());
    let error = catalog.exercise("01-smal").expect_err("unknown");
    assert!(error.to_string().contains("01-small"), "{error}");
}

#[test]
fn what_is_wrong_with_an_exercise_is_said_with_its_line() {
    let wrong = [
        ("title = \"Small\"\n", "", "1: the exercise lacks `title`"),
        (
            "unit = \"first-images\"",
            "unit = \"First\"",
            "3: unit id `First` is not kebab-case",
        ),
        ("minutes = 5", "minutes = 0", "4: `minutes` is 0"),
        ("[\"Dockerfile\"]", "[]", "`edit` names no file"),
        (
            "[\"Dockerfile\"]",
            "[\"Dockerfile\", \"app.go\"]",
            "5: neither starter/ nor solution/ has `app.go`",
        ),
        (
            "[\"main.go\"]",
            "[\"other.go\"]",
            "6: neither src/ nor the sources have `other.go`",
        ),
        (
            "bases = [\"alpine:3.20\"]",
            "user = \"numeric\"",
            "which `bases` may be named",
        ),
        (
            "check = \"small\"\ncause = \"It",
            "check = \"smal\"\ncause = \"It",
            "has no check `smal`",
        ),
        (
            "check = \"exit-code\"\ncause",
            "check = \"bases\"\nseen = \"x\"\ncause",
            "is for the check `exit-code`",
        ),
        (
            "levels = [\"Look at FROM.\", \"alpine:3.20 is allowed.\"]",
            "levels = [\"FROM scratch\"]",
            "the answer would come first",
        ),
        (
            "cause = \"tools\"",
            "cause = \"friends\"",
            "no [[hint]] of `small` has a cause with `friends`",
        ),
        (
            "id = \"dynamic\"",
            "id = \"static\"",
            "there is no folder wrong/static",
        ),
        (
            "title = \"Leaves cgo on\"",
            "title = \"Leaves cgo on\"\nover = \"src\"",
            "`over` is `src`",
        ),
        ("outcome = \"exits\"", "outcome = \"explodes\"", "explodes"),
        (
            "minutes = 5",
            "minutes = 5\nmintues = 6",
            "does not know the key `mintues`",
        ),
    ];
    let wrong = wrong.into_iter().chain([
        (
            "unpacked_at_most = 1000",
            "unpacked_at_most = 2000",
            "11: README.md does not say `2 kB`, which the check `small` wants by `unpacked_at_most`",
        ),
        (
            "[expect]",
            "[run]\nmemory_mib = 32\n\n[expect]",
            "19: README.md does not say `32 MiB`, which the run wants by `memory_mib`",
        ),
    ]);
    for (from, to, said) in wrong {
        let problems = problems_of(project(from, to).path());
        let file = "exercises/01-small/exercise.toml:";
        let found = problems
            .iter()
            .any(|one| one.starts_with(file) && one.contains(said));
        assert!(found, "{to:?} should say {said:?}; said was {problems:#?}");
    }
}

#[test]
fn files_that_do_not_belong_to_an_exercise_are_named() {
    let stray = [
        (
            "exercises/notes.txt",
            "exercises/notes.txt: does not belong here",
        ),
        (
            "exercises/small/exercise.toml",
            "exercises/small: is no exercise's folder",
        ),
        (
            "exercises/01-small/hint.md",
            "exercises/01-small/hint.md: does not belong here",
        ),
        (
            "exercises/01-small/starter/main.go",
            "starter/main.go is not in `edit`",
        ),
        (
            "exercises/01-small/src/Dockerfile",
            "`Dockerfile` is in src/, too",
        ),
        (
            "exercises/01-small/wrong/other/Dockerfile",
            "no [[wrong]] of exercise.toml has this id",
        ),
        (
            "exercises/01-small/wrong/dynamic/main.go",
            "wrong/dynamic/main.go is not in `edit`",
        ),
    ];
    for (path, said) in stray {
        let dir = project("title", "title");
        write(&dir.path().join(path), "x\n");
        let problems = problems_of(dir.path());
        let found = problems.iter().any(|one| one.contains(said));
        assert!(found, "{path} should say {said:?}; said was {problems:#?}");
    }
}

#[test]
fn two_exercises_cannot_have_one_number() {
    let dir = project("title", "title");
    let [one, two] = ["01-small", "01-tiny"].map(|id| dir.path().join("exercises").join(id));
    for path in [
        "README.md",
        "exercise.toml",
        "src/main.go",
        "starter/Dockerfile",
        "solution/Dockerfile",
        "wrong/dynamic/Dockerfile",
    ] {
        let text = fs::read_to_string(one.join(path)).expect("read");
        write(&two.join(path), &text);
    }
    let problems = problems_of(dir.path());
    assert_eq!(
        problems,
        ["exercises/01-tiny: 1 is another exercise's number, too"]
    );
}

#[test]
fn advice_names_the_cause_that_the_evidence_shows() {
    let dir = project("title", "title");
    let catalog = Catalog::load(dir.path()).expect("sound");
    let exercise = catalog.exercise("1").expect("by number");
    let failed = |id: &str, seen: &str| CheckResult {
        id: id.into(),
        title: id.into(),
        expected: String::new(),
        seen: seen.into(),
        passed: false,
        unreached: false,
    };
    let cause = |checks: &[CheckResult], said: &str| {
        let advice = exercise.advice(checks, said)?;
        advice.hint.map(|hint| hint.cause.clone())
    };
    let outcome = [failed("outcome", "cannot start"), failed("small", "large")];
    let told = cause(&outcome, "exec /app: no such file or directory");
    assert_eq!(told.as_deref(), Some("The loader is missing."));
    let told = cause(&outcome, "exec /app: permission denied");
    assert_eq!(told.as_deref(), Some("It does not run."));
    assert_eq!(
        cause(&outcome[1..], "no such file").as_deref(),
        Some("It carries its tools.")
    );
    assert_eq!(cause(&[], "no such file"), None);
}
