//! Acts, looks, moments, differences and mounts: every rule is broken once.

use super::{Catalog, Diagnostic};
use std::fs;
use std::path::Path;

/// A copy of the tests' own room with one change in its lab.toml.
fn problems(from: &str, to: &str) -> Vec<String> {
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/acts");
    let dir = tempfile::tempdir().expect("a folder");
    copy(&room, dir.path());
    let file = dir.path().join("book/labs/acts/lab.toml");
    let text = fs::read_to_string(&file).expect("the lab");
    assert!(text.contains(from), "the lab has no {from:?}");
    fs::write(&file, text.replacen(from, to, 1)).expect("written");
    match Catalog::load(dir.path()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(Diagnostic::to_string).collect(),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}

/// Each change brings exactly one problem, with file and line.
#[test]
fn every_rule_of_acts_and_looks_is_checked() {
    let cases = [
        (
            "exec = [\"/no-such-shell\"]",
            "exec = []",
            "`exec` names no program",
        ),
        (
            "exec = [\"/no-such-shell\"]",
            "",
            "an act is exactly one of",
        ),
        (
            "exec = [\"/no-such-shell\"]",
            "exec = [\"a\"]\nstop = true",
            "an act is exactly one of",
        ),
        (
            "exec = [\"/no-such-shell\"]",
            "exec = [\"a\"]\nat_most_ms = 5",
            "only a `stop` is timed",
        ),
        (
            "exec = [\"/no-such-shell\"]",
            "exec = [\"a\"]\ncommand = [\"b\"]",
            "only a `debug` act",
        ),
        (
            "health = \"unhealthy\"",
            "health = \"sick\"",
            "`health` cannot be `sick`",
        ),
        (
            "health = \"unhealthy\"",
            "health = \"healthy\"\nexit_code = 1",
            "no `exit_code`",
        ),
        (
            "stop = true",
            "stop = true\nmessage = \"x\"",
            "it has no `message`",
        ),
        (
            "stop = true",
            "stop = true\nat_most_ms = 1",
            "`at_most_ms` is below `at_least_ms`",
        ),
        (
            "id = \"shell\"",
            "id = \"moment\"",
            "an act cannot be called `moment`",
        ),
        (
            "id = \"shell\"",
            "id = \"hello\"",
            "check `hello` is listed twice",
        ),
        ("moment = \"exec\"", "", "this outcome needs a `moment`"),
        (
            "moment = \"exec\"",
            "moment = \"stop\"",
            "what serves shows with",
        ),
        (
            "reporter = \"nobody\"",
            "reporter = \"nobody\"\nmoment = \"stop\"",
            "there is no `moment`",
        ),
        ("bytes = 300000", "bytes = 90000000", "`bytes` is 90000000"),
        ("deep/pack.bin", "../pack.bin", "is not a plain path"),
        (
            "tmpfs = [\"/tmp\"]",
            "tmpfs = [\"/proc/x\"]",
            "can be mounted",
        ),
        ("tmpfs = [\"/tmp\"]", "tmpfs = [\"tmp\"]", "can be mounted"),
        (
            "tmpfs = [\"/tmp\"]",
            "tmpfs = [\"/data\"]",
            "both a tmpfs and a volume",
        ),
        (
            "volumes = [\"/data\"]",
            "volumes = [\"/data:/etc\"]",
            "can be mounted",
        ),
        (
            "read_only = true",
            "read_only = \"yes\"",
            "must be true or false",
        ),
        (
            "unprivileged_port_start = 1024",
            "unprivileged_port_start = 70000",
            "it must be 0 to 65535",
        ),
        (
            "clock = \"Europe/Berlin\"",
            "clock = \"Europe/Nowhere\"",
            "is not a time zone",
        ),
        (
            "reads = 'now: (\\S+)'",
            "reads = 'now'",
            "needs exactly one group",
        ),
        ("agrees = false", "", "a `clock` needs `agrees`"),
        ("context_at_least = 300000", "", "a look is exactly one of"),
        (
            "context_at_least = 300000",
            "context_at_least = 9\ncontext_at_most = 8",
            "is below",
        ),
        (
            "layers_hold = \"not-a-real",
            "layers_hold = \"a\" # ",
            "8 to 200 bytes",
        ),
        ("found = true", "", "`layers_hold` needs `found`"),
    ];
    let mut wrong = Vec::new();
    for (from, to, wanted) in cases {
        let said = problems(from, to);
        let located = said
            .iter()
            .all(|one| one.starts_with("book/labs/acts/lab.toml:"));
        if !(located && said.iter().any(|one| one.contains(wanted)) && said.len() <= 2) {
            wrong.push(format!(
                "{from:?} → {to:?}: wanted {wanted:?}, got {said:#?}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_stop_is_the_last_act() {
    let said = problems(
        "stop = true",
        "stop = true\n[[variant.act]]\nid = \"late\"\ntitle = \"t\"\nstop = true",
    );
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("must be the variant's last act"),
        "{said:?}"
    );
}

#[test]
fn a_variant_has_six_acts_at_most() {
    let acts = |count: usize| {
        let more = (0..count).map(|number| {
            format!("[[variant.act]]\nid = \"more-{number}\"\ntitle = \"t\"\nexec = [\"a\"]\n")
        });
        let more: String = more.collect();
        problems("[variant.expect]", &format!("{more}[variant.expect]"))
    };
    // The room has four.
    assert_eq!(acts(2), Vec::<String>::new());
    let said = acts(4);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("lab.toml:53: a variant has 8 acts; 6 are allowed"),
        "{said:?}"
    );
}

#[test]
fn what_is_never_built_has_no_clock_and_no_layers() {
    let expect = "outcome = \"build-fails\"\nreporter = \"builder\"\nmessage = 'm'";
    let clock = problems(
        "outcome = \"exits\"\nexit_code = 0\nreporter = \"program\"\nmessage = '(?s)/here: Read-only file system.*kept\\n1024'",
        expect,
    );
    assert_eq!(clock.len(), 1, "{clock:?}");
    assert!(
        clock[0].contains("nothing runs where the build fails: there is no `clock` to look at"),
        "{clock:?}"
    );
    let message = "message = '(?s)/here: Read-only file system.*kept\\n1024'";
    let differs =
        format!("{message}\n[[variant.expect.differs]]\non = \"podman\"\nnote = \"n\"\n{expect}");
    // `exit_code` goes with the outcome.
    assert_eq!(problems(message, &differs), clock);
    // The context was sent all the same.
    let layers = problems(
        "outcome = \"exits\"\nexit_code = 0\nreporter = \"nobody\"\n\n[[symptom]]",
        &format!("{expect}\n[[symptom]]"),
    );
    assert_eq!(layers.len(), 2, "{layers:?}");
    assert!(
        layers
            .iter()
            .all(|one| one.contains("no image where the build fails: `layers_hold` has no layers")),
        "{layers:?}"
    );
}

#[test]
fn debug_images_are_there_and_used() {
    let said = problems("debug = \"inside\"", "debug = \"insight\"");
    assert!(
        said.iter().any(|one| one
            .contains("there is no folder book/labs/acts/debug/insight; there are `inside`")),
        "{said:?}"
    );
}

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
    use super::{EngineTraits, Outcome};
    let text = "moment = \"exec\"\n[[variant.expect.differs]]\non = \"docker >= 28\"\nnote = \"new words\"\nmessage = \"m28\"\n\
        [[variant.expect.differs]]\non = \"podman\"\nnote = \"p\"\nreporter = \"nobody\"";
    let room = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/acts");
    let dir = tempfile::tempdir().expect("a folder");
    copy(&room, dir.path());
    let file = dir.path().join("book/labs/acts/lab.toml");
    let lab = fs::read_to_string(&file).expect("the lab");
    fs::write(&file, lab.replacen("moment = \"exec\"", text, 1)).expect("written");
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
