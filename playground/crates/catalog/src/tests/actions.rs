//! Actions, checks and mounts: every rule is broken once.

use super::fixture::problems;

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
    // The fixture has four.
    assert_eq!(acts(2), Vec::<String>::new());
    let said = acts(4);
    assert_eq!(said.len(), 1, "{said:?}");
    assert!(
        said[0].contains("lab.toml:53: there are 8 acts; 6 are allowed"),
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
