//! Differences between engines: every rule is broken once, and the first that fits counts.

use super::fixture::{fixture_with, problems};
use crate::{Catalog, EngineTraits, Outcome};

#[test]
fn differences_name_known_engines_and_change_something() {
    let differs = |body: &str| {
        problems(
            "moment = \"exec\"",
            &format!("moment = \"exec\"\n[[variant.expect.differs]]\n{body}"),
        )
    };
    let good = "on = \"docker >= 28\"\nnote = \"n\"\nmessage = \"m\"";
    assert_eq!(differs(good), Vec::<String>::new());
    for (from, to, wanted) in [
        (
            "docker >= 28",
            "docker = 28",
            "`on` cannot be `docker = 28`",
        ),
        ("note = \"n\"\n", "", "lacks `note`"),
        ("message = \"m\"", "", "changes nothing"),
        (
            "message = \"m\"",
            "massage = \"m\"",
            "did you mean `message`?",
        ),
    ] {
        let said = differs(&good.replace(from, to));
        assert!(
            said.iter().any(|one| one.contains(wanted)),
            "{wanted}: {said:?}"
        );
    }
}

/// The line is the key's, or that of the difference where the key stands in the expectation.
#[test]
fn a_difference_keeps_the_rules_of_an_expectation() {
    let differs = |after: &str, keys: &str| {
        let head = "[[variant.expect.differs]]\non = \"podman\"\nnote = \"n\"";
        problems(after, &format!("{after}\n{head}\n{keys}"))
    };
    let declared = "moment = \"exec\"";
    let builder = "outcome = \"build-fails\"\nreporter = \"builder\"";
    assert_eq!(differs(declared, builder), Vec::<String>::new());
    let second = |on: &str| {
        format!(
            "exit_code = 1\n[[variant.expect.differs]]\non = {on:?}\nnote = \"n\"\nexit_code = 2"
        )
    };
    assert_eq!(
        differs(declared, &second("docker < 23")),
        Vec::<String>::new()
    );
    for (keys, line, wanted) in [
        ("outcome = \"build-fails\"", 50, "the `builder` reports"),
        (
            "outcome = \"exits\"",
            50,
            "a program that ran reports itself",
        ),
        ("outcome = \"cannot-start\"", 53, "needs a `moment`"),
        (
            "outcome = \"cannot-start\"\nmoment = \"stop\"",
            54,
            "what cannot start shows with",
        ),
        (
            "outcome = \"cannot-start\"\nmoment = \"start\"\nexit_code = 0",
            55,
            "does not exit with 0",
        ),
        ("reporter = \"nobody\"\nmessage = \"m\"", 54, "no `message`"),
        (
            "reporter = \"nobody\"\nmoment = \"exec\"",
            54,
            "no `moment`",
        ),
        (
            "moment = \"answer\"\nexit_code = 3",
            54,
            "`exit_code` belongs to",
        ),
        (
            &second("podman"),
            55,
            "never comes about: the difference on line 50 fits first",
        ),
    ] {
        let said = differs(declared, keys);
        let at = format!("lab.toml:{line}:");
        assert!(
            said.len() == 1 && said[0].contains(&at) && said[0].contains(wanted),
            "{keys}: {said:#?}"
        );
    }
    let message = "message = '(?s)/here: Read-only file system.*kept\\n1024'";
    let said = differs(message, "outcome = \"serves\"");
    assert!(
        said.len() == 1 && said[0].contains("needs a [[variant.probe]]"),
        "{said:?}"
    );
}

#[test]
fn a_difference_behind_a_wider_one_is_found() {
    let twice = |first: &str, second: &str| {
        let differs = [first, second].map(|on| {
            format!("\n[[variant.expect.differs]]\non = {on:?}\nnote = \"n\"\nexit_code = 1")
        });
        let declared = "moment = \"exec\"";
        let said = problems(declared, &format!("{declared}{}", differs.concat()));
        said.iter().any(|one| one.contains("never comes about"))
    };
    for (first, second, unreachable) in [
        ("emulation", "emulation", true),
        ("docker >= 23", "docker >= 28", true),
        ("docker >= 28", "docker >= 23", false),
        ("docker < 28", "docker < 23", true),
        ("docker < 23", "docker < 28", false),
        ("docker < 28", "docker >= 28", false),
    ] {
        assert_eq!(twice(first, second), unreachable, "{first}, {second}");
    }
}

#[test]
fn the_first_difference_that_fits_replaces_what_it_names() {
    let text = "moment = \"exec\"\n[[variant.expect.differs]]\non = \"docker >= 28\"\nnote = \"new words\"\nmessage = \"m28\"\n\
        [[variant.expect.differs]]\non = \"podman\"\nnote = \"p\"\nreporter = \"nobody\"";
    let dir = fixture_with("moment = \"exec\"", text);
    let catalog = Catalog::load(dir.path()).unwrap_or_else(|problems| panic!("{problems}"));
    let expect = &catalog.resolve("acts/serves").expect("a variant").1.expect;
    let engine = |docker, podman| EngineTraits {
        docker,
        podman,
        emulates: false,
    };
    let message = |kind| expect.on(kind).0.message.map(|m| m.as_str().to_owned());
    assert_eq!(
        message(engine(Some(20), false)).as_deref(),
        Some("no-such-shell")
    );
    assert_eq!(message(engine(Some(28), false)).as_deref(), Some("m28"));
    assert_eq!(
        expect.on(engine(Some(29), false)).1.as_deref(),
        Some("new words")
    );
    let (podman, _) = expect.on(engine(None, true));
    assert_eq!((podman.message.is_none(), podman.moment), (true, None));
    assert_eq!(podman.outcome, Outcome::Serves);
}
