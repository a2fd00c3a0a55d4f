//! Which starts fail, and which are only guesses.

use crate::preflight::testing::*;
use serde_json::json;

#[test]
fn applets_of_busybox_need_no_file() {
    let elf = elf();
    let files = [
        Make::Mode("busybox/busybox", 0o755, &elf),
        Make::Link("busybox/sh", "busybox"),
    ];
    let line = json!({ "Cmd": ["/busybox/sh", "-c", "sleep 1"] });
    assert_eq!(found(&line, &files), ["advice: shell"]);
}

#[test]
fn options_of_inits_are_not_taken_for_programs() {
    let elf = elf();
    let files = [
        Make::Mode("tini", 0o755, &elf),
        Make::Mode("app", 0o755, &elf),
    ];
    let tini = |words: &[&str]| found(&json!({ "Entrypoint": ["/tini"], "Cmd": words }), &files);
    assert_eq!(tini(&["-p", "SIGTERM", "--", "/app"]), [""; 0]);
    assert_eq!(tini(&["-p", "SIGTERM", "/app"]), [""; 0]);
    assert_eq!(tini(&["--", "/gone"]), ["will not start: command-missing"]);
}

#[test]
fn what_comes_after_the_end_is_not_judged() {
    let files = [
        Make::Mode("init", 0o755, &elf_for(183)),
        Make::Mode("bin/tini", 0o755, &elf_for(183)),
        Make::Mode("entry", 0o755, b"#!/bin/sh\nexec \"$@\"\n"),
    ];
    for (entrypoint, only) in [
        ("/entry", "will not start: script-interpreter-missing"),
        ("tini", "will not start: wrong-cpu"),
    ] {
        let config = json!({ "Entrypoint": [entrypoint], "Cmd": ["/gone"] });
        assert_eq!(found(&config, &files), [only]);
    }
}
