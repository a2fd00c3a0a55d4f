//! What the checks of a built image accept, and what they refuse.

use crate::checks::command_form::{self, CommandForm};
use crate::checks::go_build::{self, GoBuild};
use crate::checks::linkage::{self, Linkage, Linked};
use crate::checks::rebuild::{self, Rebuild};
use crate::checks::user::{self, User, Wanted};
use crate::checks::{
    CheckKind, FileCapabilities, FindingFacts, ImageFacts, Needs, Preflight, RebuildFacts, Seen,
};
use regex::Regex;

/// Whether a check is content with an image.
fn fits(kind: &CheckKind, image: &ImageFacts) -> bool {
    let Needs::Image(then) = kind.needs() else {
        panic!("it needs something else");
    };
    let check = crate::checks::Check {
        id: "c".into(),
        title: "C".into(),
        kind: kind.clone(),
    };
    let seen: Seen = then(image);
    check.judge(&[check.observation(seen)]).passed
}

#[test]
fn a_numeric_user_is_a_number_other_than_root() {
    let user = |user: &str| ImageFacts {
        user: user.into(),
        ..ImageFacts::default()
    };
    let wants = |user| CheckKind::User(User { user });
    for (name, numeric, not_root) in [
        ("", false, false),
        ("root", false, false),
        ("0", false, false),
        ("0:0", false, false),
        ("root:1000", false, false),
        ("app", false, true),
        ("65532", true, true),
        ("65532:65532", true, true),
    ] {
        assert_eq!(
            fits(&wants(Wanted::Numeric), &user(name)),
            numeric,
            "{name:?}"
        );
        assert_eq!(
            fits(&wants(Wanted::NotRoot), &user(name)),
            not_root,
            "{name:?}"
        );
    }
    assert_eq!(
        user::Seen::User {
            user: String::new()
        }
        .to_string(),
        "no USER, so root"
    );
}

#[test]
fn a_shell_that_is_written_out_is_no_exec_form() {
    let image = |words: &[&str]| ImageFacts {
        command: words.iter().map(|word| (*word).to_owned()).collect(),
        ..ImageFacts::default()
    };
    let exec = CheckKind::CommandForm(CommandForm {
        command_form: command_form::Form::Exec,
    });
    for (words, is_exec) in [
        (&["/app"][..], true),
        (&["/app", "-c", "x"], true),
        (&["/bin/sh", "-c", "/app"], false),
        (&["sh", "-ec", "/app"], false),
        (&["/bin/sh", "/run.sh"], true),
        (&[], false),
    ] {
        assert_eq!(fits(&exec, &image(words)), is_exec, "{words:?}");
    }
}

#[test]
fn what_no_program_shows_passes_neither_as_static_nor_as_built() {
    let none = ImageFacts::default();
    let linked = |linked| CheckKind::Linkage(Linkage { linked });
    assert!(!fits(&linked(Linked::Static), &none));
    assert!(!fits(&linked(Linked::Dynamic), &none));
    let absent = CheckKind::GoBuild(GoBuild {
        go_module: None,
        go_setting: Some("vcs.revision".into()),
        value: None,
    });
    assert!(!fits(&absent, &none));
    let seen = linkage::Seen::Linkage {
        path: None,
        loader: None,
        libraries: Vec::new(),
    };
    assert!(seen.to_string().contains("no program that could be read"));
    let seen = go_build::Seen::GoBuild {
        path: None,
        module: String::new(),
        setting: None,
        value: None,
    };
    assert!(seen.to_string().contains("no program that could be read"));
}

#[test]
fn failing_stands_for_every_finding_that_is_more_than_advice() {
    let image = |fails| ImageFacts {
        findings: vec![FindingFacts {
            rule: "no-shell".into(),
            fails,
            what: "there is none".into(),
        }],
        ..ImageFacts::default()
    };
    let without = |rule: &str| {
        CheckKind::Preflight(Preflight {
            findings_absent: vec![rule.into()],
        })
    };
    assert!(fits(&without("failing"), &image(false)));
    assert!(!fits(&without("failing"), &image(true)));
    assert!(!fits(&without("no-shell"), &image(false)));
    assert!(fits(&without("secret"), &image(true)));
}

#[test]
fn a_rebuild_is_held_against_its_steps_and_the_starters_time() {
    let step = |title: &str, cached| (title.to_owned(), cached);
    let facts = |ms, starter_ms| RebuildFacts {
        ms,
        starter_ms,
        steps: vec![
            step("[2/4] RUN go mod download", true),
            step("[3/4] COPY . .", false),
            step("[4/4] RUN go build", false),
        ],
    };
    let wants = |cached: Option<&str>, steps_at_most, ratio_at_most| {
        CheckKind::Rebuild(Rebuild {
            rebuild: "main.go".into(),
            cached: cached.map(|step| Regex::new(step).expect("a pattern")),
            steps_at_most,
            ratio_at_most,
        })
    };
    for (kind, ms, starter_ms, fits) in [
        (wants(Some("go mod download"), None, None), 9, None, true),
        (wants(Some("go build"), None, None), 9, None, false),
        (wants(Some("go vet"), None, None), 9, None, false),
        (wants(None, Some(2), None), 9, None, true),
        (wants(None, Some(1), None), 9, None, false),
        (wants(None, None, Some(0.5)), 50, Some(100), true),
        (wants(None, None, Some(0.5)), 51, Some(100), false),
        // Without the starter's time there is nothing to hold it against.
        (wants(None, None, Some(0.5)), 1, None, false),
    ] {
        let Needs::Rebuild { then, .. } = kind.needs() else {
            panic!("it needs something else");
        };
        let check = crate::checks::Check {
            id: "c".into(),
            title: "C".into(),
            kind: kind.clone(),
        };
        let seen = then(facts(ms, starter_ms));
        let passed = check.judge(&[check.observation(seen)]).passed;
        assert_eq!(passed, fits, "{kind:?}");
    }
    let seen = rebuild::Seen::Rebuild {
        touched: "main.go".into(),
        ms: 1500,
        starter_ms: Some(3000),
        run: Vec::new(),
        cached: Vec::new(),
    };
    assert_eq!(
        seen.to_string(),
        "1.5 s (the starter 3.0 s), every step from the cache"
    );
}

#[test]
fn a_file_is_marked_or_none_is() {
    let unmarked = CheckKind::FileCapabilities(FileCapabilities {
        file_capabilities: false,
    });
    let offered = ImageFacts {
        file_capabilities: vec![("/app".into(), "cap_net_bind_service=p".into())],
        ..ImageFacts::default()
    };
    assert!(fits(&unmarked, &ImageFacts::default()));
    assert!(!fits(&unmarked, &offered));
}
