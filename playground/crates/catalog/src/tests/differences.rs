//! Differences between engines, and versions of Go: every rule is broken once, and the first that fits counts.

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
        ("go >= 1.26", "go >= 1.27", true),
        ("go >= 1.27", "go >= 1.26", false),
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
        go: (1, 23),
        cut_off: false,
    };
    let message = |kind| expect.on(kind).0.message.map(|m| m.as_str().to_owned());
    assert_eq!(
        message(engine(Some(20), false)).as_deref(),
        Some("no-such-shell")
    );
    assert_eq!(message(engine(Some(28), false)).as_deref(), Some("m28"));
    assert_eq!(
        expect.on(engine(Some(29), false)).1.map(|one| &*one.note),
        Some("new words")
    );
    let (podman, _) = expect.on(engine(None, true));
    assert_eq!((podman.message.is_none(), podman.moment), (true, None));
    assert_eq!(podman.outcome, Outcome::Serves);
}

#[test]
fn a_newer_go_may_end_with_another_exit_code_when_it_is_stopped() {
    let after = "unsaid = '(?i)signal'";
    let differs =
        "[[variant.expect.differs]]\non = \"go >= 1.27\"\nnote = \"n\"\nstop_exit_code = 143";
    let dir = fixture_with(after, &format!("{after}\n{differs}"));
    let catalog = Catalog::load(dir.path()).unwrap_or_else(|problems| panic!("{problems}"));
    let deaf = catalog.resolve("acts/deaf").expect("a variant").1;
    let stopped = |go| {
        let (there, note) = deaf.on(EngineTraits {
            docker: Some(28),
            podman: false,
            emulates: false,
            go,
            cut_off: false,
        });
        (there.actions[0].exit_code, note)
    };
    assert_eq!(stopped((1, 26)), (Some(137), None));
    assert_eq!(stopped((1, 27)), (Some(143), Some("n".to_owned())));
    assert_eq!(stopped((2, 0)).0, Some(143));
    // Another variant is not stopped.
    let after = "moment = \"exec\"";
    let said = problems(after, &format!("{after}\n{differs}"));
    assert!(
        said.len() == 1 && said[0].contains("the `exit_code` of a `stop`, which is not there"),
        "{said:?}"
    );
}

#[test]
fn a_build_that_has_to_download_says_how_it_fails_where_there_is_no_network() {
    let after = "moment = \"exec\"";
    let declared = |keys: &str| {
        let head = "[[variant.expect.differs]]\non = \"no network\"\nnote = \"n\"";
        format!("{after}\n{head}\n{keys}")
    };
    let fails = "outcome = \"build-fails\"\nreporter = \"builder\"\nmessage = \"dial tcp\"";
    assert_eq!(problems(after, &declared(fails)), Vec::<String>::new());
    let said = problems(after, &declared("message = \"m\""));
    let told = "only builds have a network";
    assert!(said.iter().any(|one| one.contains(told)), "{said:?}");

    let dir = fixture_with(after, &declared(fails));
    let catalog = Catalog::load(dir.path()).unwrap_or_else(|problems| panic!("{problems}"));
    let expect = &catalog.resolve("acts/serves").expect("a variant").1.expect;
    let there = |cut_off| {
        let traits = EngineTraits {
            docker: Some(28),
            podman: false,
            emulates: false,
            go: (1, 23),
            cut_off,
        };
        let (there, difference) = expect.on(traits);
        (there.outcome, difference.map(|one| one.note.clone()))
    };
    assert_eq!(there(false), (Outcome::Serves, None));
    assert_eq!(there(true), (Outcome::BuildFails, Some("n".to_owned())));
    assert!(expect.was_cut_off(Some("n")));
    assert!(!expect.was_cut_off(None) && !expect.was_cut_off(Some("another")));
}
