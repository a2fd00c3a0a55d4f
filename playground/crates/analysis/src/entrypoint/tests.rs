//! What would be started, for the ways in which images say so.

use super::*;
use crate::entrypoint::testing::*;
use serde_json::{Value, json};

/// `required`, `certain` or `possible`, by whom, the word, and the path it leads to or `-`.
fn told(config: Value, entries: &[Make<'_>]) -> Vec<String> {
    let inspection = image(&config, entries);
    let tree = tree(&inspection);
    let say = |start: &Start| {
        let certainty = match start.certainty {
            Certainty::Required => "required",
            Certainty::Certain => "certain",
            Certainty::Possible => "possible",
        };
        let by = match &start.by {
            StartedBy::Engine => "engine",
            StartedBy::Kernel(_) => "kernel",
            StartedBy::Shell(_) => "shell",
            StartedBy::Program(name) => name,
        };
        let file = start.file.as_ref().map(|id| tree.path(*id));
        let file = file.unwrap_or_else(|_| "-".into());
        format!("{certainty} {by}: {} {file}", start.called)
    };
    Entrypoint::of_image(&ImageContext::of(&inspection, &tree))
        .starts
        .iter()
        .map(say)
        .collect()
}

#[test]
fn the_command_is_found_by_path_by_name_and_from_the_working_directory() {
    let elf = elf();
    let files = [
        Make::Mode("srv/app", 0o755, &elf),
        Make::Link("opt/tool", "../srv/app"),
    ];
    assert_eq!(
        told(json!({ "Cmd": ["./app"], "WorkingDir": "/srv" }), &files),
        ["required engine: ./app /srv/app"]
    );
    assert_eq!(
        told(
            json!({ "Cmd": ["tool"], "Env": ["PATH=/bin:/opt"] }),
            &files
        ),
        ["required engine: tool /srv/app"]
    );
    assert_eq!(
        told(json!({ "Cmd": ["tool"] }), &files),
        ["required engine: tool -"]
    );
    assert_eq!(told(json!({}), &files), [""; 0]);
}

#[test]
fn shells_scripts_and_inits_lead_to_what_they_start() {
    let elf = elf();
    let files = [
        Make::Mode("bin/busybox", 0o755, &elf),
        Make::Link("bin/sh", "busybox"),
        Make::Mode("sbin/tini", 0o755, &elf),
        Make::Mode("bin/env", 0o755, &elf),
        Make::Mode("bin/su-exec", 0o755, &elf),
        Make::Mode("bin/serve", 0o755, &elf),
        Make::Mode("entry.sh", 0o755, b"#!/usr/bin/env sh\nexec \"$@\"\n"),
        Make::Link("usr/bin", "../bin"),
        Make::Mode("app", 0o755, &elf),
    ];
    let sh = |line: &str| json!({ "Cmd": ["/bin/sh", "-c", line] });
    assert_eq!(
        told(sh("exec /app -x"), &files),
        [
            "required engine: /bin/sh /bin/busybox",
            "required shell: /app /app"
        ]
    );
    assert_eq!(
        told(sh("/gone"), &files),
        [
            "required engine: /bin/sh /bin/busybox",
            "required shell: /gone -"
        ]
    );
    assert_eq!(
        told(
            json!({ "Entrypoint": ["tini", "--"], "Cmd": ["serve"] }),
            &files
        ),
        [
            "required engine: tini /sbin/tini",
            "required tini: serve /bin/serve"
        ]
    );
    assert_eq!(
        told(json!({ "Entrypoint": ["su-exec", "web", "/app"] }), &files),
        [
            "required engine: su-exec /bin/su-exec",
            "required su-exec: /app /app"
        ]
    );
    assert_eq!(
        told(
            json!({ "Entrypoint": ["/entry.sh"], "Cmd": ["serve", "/app"] }),
            &files
        ),
        [
            "required engine: /entry.sh /entry.sh",
            "required kernel: /usr/bin/env /bin/env",
            "required env: sh /bin/busybox",
            "possible entry.sh: serve /bin/serve",
            "possible serve: /app /app"
        ]
    );
}

#[test]
fn a_health_check_is_started_in_the_image_s_own_shell() {
    let elf = elf();
    let files = [
        Make::Mode("bin/bash", 0o755, &elf),
        Make::Mode("app", 0o755, &elf),
    ];
    let health =
        |test: Value| json!({ "Shell": ["/bin/bash", "-ec"], "Healthcheck": { "Test": test } });
    assert_eq!(
        told(
            health(json!(["CMD-SHELL", "/app -health || exit 1"])),
            &files
        ),
        [
            "required engine: /bin/bash /bin/bash",
            "required shell: /app /app"
        ]
    );
    assert_eq!(
        told(health(json!(["CMD", "/app", "-health"])), &files),
        ["required engine: /app /app"]
    );
    assert_eq!(told(health(json!(["NONE"])), &files), [""; 0]);
}

#[test]
fn rights_decide_as_the_kernel_decides() {
    let elf = elf();
    let files = [
        Make::Owned("group", 0o710, (0, 33), &elf),
        Make::DirOwned("root", 0o700, (0, 0)),
        Make::Mode("root/app", 0o755, &elf),
        Make::Mode("plain", 0o644, &elf),
        Make::File("etc/passwd", b"web:x:7:8::/srv:/bin/sh\n"),
        Make::File("etc/group", b"www:x:33:web\n"),
    ];
    let run = |path: &str, user: &str| told(json!({ "Cmd": [path], "User": user }), &files);
    assert_eq!(run("/group", "web"), ["required engine: /group /group"]);
    assert_eq!(run("/group", "9"), ["required engine: /group -"]);
    assert_eq!(run("/group", "9:www"), ["required engine: /group /group"]);
    assert_eq!(
        run("/root/app", ""),
        ["required engine: /root/app /root/app"]
    );
    assert_eq!(run("/root/app", "7"), ["required engine: /root/app -"]);
    assert_eq!(run("/plain", ""), ["required engine: /plain -"]);
    assert_eq!(run("/etc", ""), ["required engine: /etc -"]);
}

#[test]
fn programs_that_start_each_other_without_end_end() {
    let words: Vec<_> = std::iter::repeat_n("tini", 500).collect();
    let elf = elf();
    let starts = told(
        json!({ "Cmd": words }),
        &[Make::Mode("bin/tini", 0o755, &elf)],
    );
    assert!(starts.len() < 20, "{}", starts.len());
    let script = [Make::Mode("a", 0o755, b"#!/a\n")];
    assert!(told(json!({ "Cmd": ["/a", "/a", "/a"] }), &script).len() <= 64);
}

#[test]
fn an_entrypoint_that_ends_in_exec_decides_what_is_started() {
    let elf = elf();
    let at_once = b"#!/bin/sh\nset -e\nexec \"$@\"\n";
    let later = b"#!/bin/sh\n/migrate\nexec \"$@\"\n";
    let files = [
        Make::Mode("bin/sh", 0o755, &elf),
        Make::Mode("entry", 0o755, at_once),
        Make::Mode("later", 0o755, later),
    ];
    for (entrypoint, certainty) in [("/entry", "required"), ("/later", "certain")] {
        let said = told(
            json!({ "Entrypoint": [entrypoint], "Cmd": ["/app", "-v"] }),
            &files,
        );
        let name = &entrypoint[1..];
        assert_eq!(
            said,
            [
                format!("required engine: {entrypoint} {entrypoint}"),
                "required kernel: /bin/sh /bin/sh".to_owned(),
                format!("{certainty} {name}: /app -"),
            ]
        );
    }
}

#[test]
fn an_entrypoint_that_changes_its_arguments_or_its_place_is_not_guessed() {
    let elf = elf();
    let memcached = b"#!/bin/sh\nset -e\nif [ \"${1#-}\" != \"$1\" ]; then\n\tset -- memcached \"$@\"\nfi\nexec \"$@\"\n";
    let files = [
        Make::Mode("bin/sh", 0o755, &elf),
        Make::Mode("bin/memcached", 0o755, &elf),
        Make::Mode("official", 0o755, memcached),
        Make::Mode("moves", 0o755, b"#!/bin/sh\ncd /srv\nexec \"$@\"\n"),
        Make::Mode("login", 0o755, b"#!/bin/sh -l\nexec \"$@\"\n"),
    ];
    let told = |entrypoint: &str, cmd: &[&str]| {
        let config = json!({ "Entrypoint": [entrypoint], "Cmd": cmd });
        told(config, &files).split_off(2)
    };
    assert_eq!(told("/official", &["-m", "64"]), [""; 0]);
    for script in ["moves", "login"] {
        let path = format!("/{script}");
        assert_eq!(told(&path, &["./app"]), [""; 0]);
        assert_eq!(told(&path, &["app"]), [""; 0]);
        assert_eq!(
            told(&path, &["/app"]),
            [format!("required {script}: /app -")]
        );
    }
}

#[test]
fn a_shell_that_reads_a_profile_may_know_another_path() {
    let elf = elf();
    let files = [
        Make::Mode("bin/bash", 0o755, &elf),
        Make::Mode("bin/ls", 0o755, &elf),
    ];
    for options in [&["--login", "-c"][..], &["-lc"], &["-l", "-c"]] {
        let told = |line: &str| {
            let mut cmd = vec!["/bin/bash"];
            cmd.extend(options);
            cmd.push(line);
            told(json!({ "Cmd": cmd }), &files).split_off(1)
        };
        assert_eq!(told("app"), [""; 0], "{options:?}");
        assert_eq!(told("ls"), ["possible shell: ls /bin/ls"]);
        assert_eq!(told(". /settings && app"), [""; 0]);
        assert_eq!(told("/app"), ["required shell: /app -"]);
    }
}

#[test]
fn two_hyphens_end_the_init_s_options_and_not_those_of_its_program() {
    let elf = elf();
    let files = ["dumb-init", "tini", "npm"].map(|name| format!("bin/{name}"));
    let files: Vec<_> = files
        .iter()
        .map(|path| Make::Mode(path, 0o755, &elf))
        .collect();
    let told = |cmd: &[&str]| told(json!({ "Cmd": cmd }), &files).split_off(1);
    assert_eq!(
        told(&["dumb-init", "npm", "start", "--", "worker"]),
        ["required dumb-init: npm /bin/npm"]
    );
    assert_eq!(told(&["tini", "-s", "--", "-x"]), ["required tini: -x -"]);
    assert_eq!(
        told(&["tini", "-p", "SIGTERM", "--", "gone"]),
        ["required tini: gone -"]
    );
    assert_eq!(
        told(&["tini", "-p", "gone", "start", "--", "worker"]),
        [""; 0]
    );
}

#[test]
fn an_init_of_any_kind_and_a_script_s_last_line_start_the_program() {
    let elf = elf();
    let files = [
        Make::Mode("bin/sh", 0o755, &elf),
        Make::Mode("init", 0o755, &elf),
        Make::Mode("entry", 0o755, b"#!/bin/sh\nset -e\nexec /app -x \"$@\"\n"),
        Make::Mode("later", 0o755, b"#!/bin/sh\n/migrate\nexec /app\n"),
    ];
    let told = |words: &[&str]| told(json!({ "Entrypoint": words }), &files);
    assert_eq!(
        told(&["/init", "/app"]),
        ["required engine: /init /init", "required init: /app -"]
    );
    // Its own words.
    assert_eq!(told(&["/init", "serve"]), ["required engine: /init /init"]);
    for (entry, certainty) in [("entry", "required"), ("later", "certain")] {
        assert_eq!(
            told(&[&format!("/{entry}"), "serve"]).split_off(2),
            [format!("{certainty} {entry}: /app -")]
        );
    }
}

/// Which branch it takes, only the script knows; what it may start has needs of its own.
#[test]
fn what_a_script_of_many_ways_names_is_possible() {
    let elf = elf();
    let text = b"#!/bin/sh\nif [ \"$1\" = serve ]; then exec /app; fi\n/gone\nexec tool \"$@\"\n";
    let files = [
        Make::Mode("bin/sh", 0o755, &elf),
        Make::Mode("bin/tool", 0o755, &elf),
        Make::Mode("app", 0o755, &elf),
        Make::Mode("entry", 0o755, text),
    ];
    let config = json!({ "Entrypoint": ["/entry"], "Cmd": ["serve"] });
    assert_eq!(
        told(config, &files).split_off(2),
        [
            "possible entry: /app /app",
            "possible entry: tool /bin/tool"
        ]
    );
}

#[test]
fn a_script_without_its_interpreter_starts_nothing() {
    let files = [Make::Mode("entry", 0o755, b"#!/bin/sh\nexec \"$@\"\n")];
    assert_eq!(
        told(json!({ "Entrypoint": ["/entry"], "Cmd": ["/app"] }), &files),
        [
            "required engine: /entry /entry",
            "required kernel: /bin/sh -"
        ]
    );
}
