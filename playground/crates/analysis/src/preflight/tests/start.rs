//! What does not start, and what does.

use crate::image::capabilities::Capabilities;
use crate::preflight::testing::*;
use crate::preflight::{TargetPlatform, preflight};
use serde_json::json;

#[test]
fn a_static_program_on_scratch_is_fine() {
    let elf = elf();
    let files = [Make::Mode("app", 0o755, &elf)];
    assert_eq!(found(&app(), &files), [""; 0]);
    let numeric = json!({ "Cmd": ["app"], "Env": ["PATH=/"], "User": "65532:65532",
        "Healthcheck": { "Test": ["CMD", "/app", "-health"] } });
    assert_eq!(found(&numeric, &files), [""; 0]);
}

#[test]
fn no_command_is_told() {
    assert_eq!(found(&json!({}), &[]), ["will not start: no-command"]);
}

#[test]
fn a_command_that_is_not_there_or_not_executable_does_not_start() {
    let elf = elf();
    let files = [
        Make::Mode("bin/app", 0o755, &elf),
        Make::Mode("plain", 0o644, &elf),
        Make::Owned("own", 0o700, (7, 7), &elf),
        Make::Dir("dir"),
        Make::Link("round", "round"),
    ];
    for (cmd, user, said) in [
        ("/app", "", "will not start: command-missing"),
        ("./app", "", "will not start: command-missing"),
        ("/bin/app -x", "", "will not start: command-missing"),
        ("/round", "", "will not start: command-missing"),
        ("/bin/app/x", "", "will not start: command-missing"),
        ("/plain", "", "will not start: command-not-executable"),
        ("/dir", "", "will not start: command-not-executable"),
        ("/own", "8", "will not start: command-not-executable"),
        ("/own", "7", ""),
        ("/own", "0", ""),
        ("app", "8", ""),
    ] {
        let said: Vec<_> = Some(said)
            .filter(|said| !said.is_empty())
            .into_iter()
            .collect();
        assert_eq!(
            found(&json!({ "Cmd": [cmd], "User": user }), &files),
            said,
            "{cmd}"
        );
    }
}

#[test]
fn the_fix_names_where_the_program_lies() {
    let elf = elf();
    let inspection = image(
        &json!({ "Cmd": ["/app"] }),
        &[Make::Mode("bin/app", 0o755, &elf)],
    );
    let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
    assert!(found[0].fix.contains("[\"/bin/app\"]"), "{found:?}");
}

#[test]
fn shell_form_needs_the_shell_that_it_names() {
    let elf = elf();
    let app = [Make::Mode("app", 0o755, &elf)];
    let sh = json!({ "Cmd": ["/bin/sh", "-c", "/app -x"] });
    assert_eq!(found(&sh, &app), ["will not start: no-shell"]);
    let found_at = preflight(&image(&sh, &app), &TargetPlatform::default()).expect("a tree");
    assert_eq!(found_at[0].fix, "ENTRYPOINT [\"/app\",\"-x\"]");
    let with = [
        Make::Mode("app", 0o755, &elf),
        Make::Mode("bin/sh", 0o755, &elf),
    ];
    assert_eq!(found(&sh, &with), ["advice: shell"]);
    let gone = json!({ "Cmd": ["/bin/sh", "-c", "exec /gone"] });
    assert_eq!(
        found(&gone, &with),
        ["will not start: command-missing", "advice: shell"]
    );
    let other = json!({ "Cmd": ["/bin/sh", "-c", "/gone; exec /app"] });
    assert_eq!(
        found(&other, &with),
        ["will fail: command-missing", "advice: shell"]
    );
    let tested = json!({ "Cmd": ["/bin/sh", "-c", "[ -x /gone ] && /gone; exec /app"] });
    assert_eq!(
        found(&tested, &with),
        ["advice: command-missing", "advice: shell"]
    );
}

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
fn scripts_need_their_interpreter_and_are_read_by_it() {
    let elf = elf();
    let run = |script: &[u8], mode, user: &str| {
        let files = [
            Make::Mode("bin/busybox", 0o755, &elf),
            Make::Mode("run", mode, script),
        ];
        found(&json!({ "Cmd": ["/run"], "User": user }), &files)
    };
    let missing = ["will not start: script-interpreter-missing"];
    assert_eq!(run(b"#!/bin/busybox sh\n", 0o755, "7"), [""; 0]);
    assert_eq!(run(b"#!/bin/sh\n", 0o755, ""), missing);
    assert_eq!(run(b"#!/bin/busybox\r\n", 0o755, ""), missing);
    assert_eq!(
        run(b"#!/bin/busybox\n", 0o711, "7"),
        ["will not start: command-not-executable"]
    );
    assert_eq!(run(b"#!/bin/busybox\n", 0o711, ""), [""; 0]);
    assert_eq!(
        run(b"echo hello\n", 0o755, ""),
        ["will not start: not-an-executable"]
    );
}

#[test]
fn what_the_kernel_does_not_know_is_no_executable() {
    let elf = elf();
    let mut object = elf.clone();
    object[16] = 1;
    let not = ["will not start: not-an-executable"];
    // Cut off among its program headers.
    let mut cut = elf.clone();
    (cut[32], cut[56]) = (64, 1);
    for bytes in [b"".as_slice(), b"MZ\x90", b"!<arch>\n", &object, &cut] {
        assert_eq!(found(&app(), &[Make::Mode("app", 0o755, bytes)]), not);
    }
    // A shell runs it as a script.
    let sh = json!({ "Cmd": ["/bin/sh", "-c", "/app"] });
    let files = [
        Make::Mode("bin/sh", 0o755, &elf),
        Make::Mode("app", 0o755, b"echo hello"),
    ];
    assert_eq!(found(&sh, &files), ["advice: shell"]);
}

#[test]
fn the_cpu_is_that_of_the_engine_or_of_the_image() {
    const ARM64: u16 = 183;
    let here = |cpu: Option<&str>, emulates| TargetPlatform {
        cpu: cpu.map(str::to_owned),
        emulates,
    };
    let not = "will not start: wrong-cpu";
    let (amd64, arm64) = ("amd64", "arm64");
    for (says, machine, engine, emulates, wanted) in [
        (amd64, 62, Some(amd64), false, None),
        (amd64, 62, None, false, None),
        (amd64, ARM64, None, false, Some(not)),
        (amd64, ARM64, Some(amd64), false, Some(not)),
        (amd64, ARM64, Some(amd64), true, Some("advice: wrong-cpu")),
        (amd64, ARM64, Some(arm64), false, Some("advice: wrong-cpu")),
        (arm64, ARM64, Some(amd64), false, Some(not)),
        (arm64, ARM64, None, false, None),
    ] {
        let layer = tar(&[Make::Mode("app", 0o755, &elf_for(machine))]);
        let inspection = image_for(says, &app(), &[layer]);
        let found = said(&inspection, &here(engine, emulates));
        assert_eq!(
            found.first().map(String::as_str),
            wanted,
            "{says} {machine} {engine:?}"
        );
    }
    // Kernels of 64-bit PCs run what is for 32 bits.
    let mut small = vec![0; 52];
    small[..7].copy_from_slice(b"\x7fELF\x01\x01\x01");
    small[16] = 2;
    small[18] = 3;
    small[20] = 1;
    assert_eq!(found(&app(), &[Make::Mode("app", 0o755, &small)]), [""; 0]);
}

#[test]
fn an_engine_that_was_not_tried_is_promised_nothing() {
    let layer = tar(&[Make::Mode("app", 0o755, &elf_for(183))]);
    let inspection = image_for("arm64", &app(), &[layer]);
    for (tried, wanted) in [
        (Some(false), Some("will not start: wrong-cpu")),
        (Some(true), Some("advice: wrong-cpu")),
        (None, None),
    ] {
        let here = TargetPlatform {
            cpu: Some("amd64".into()),
            emulates: false,
        };
        let found = said(&inspection, &here.tried(tried));
        assert_eq!(found.first().map(String::as_str), wanted, "{tried:?}");
    }
}

#[test]
fn an_image_may_call_its_cpu_as_the_kernel_does() {
    for (says, machine) in [("x86_64", 62), ("aarch64", 183)] {
        let layer = tar(&[Make::Mode("app", 0o755, &elf_for(machine))]);
        let inspection = image_for(says, &app(), &[layer]);
        assert_eq!(
            said(&inspection, &TargetPlatform::default()),
            [""; 0],
            "{says}"
        );
    }
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

#[test]
fn the_engine_takes_no_ids_beyond_31_bits() {
    let elf = elf();
    let run = |user: &str| {
        let files = [
            Make::Mode("app", 0o755, &elf),
            Make::File("etc/passwd", b"big:x:3000000001:8::/:/bin/sh\n"),
        ];
        found(&json!({ "Cmd": ["/app"], "User": user }), &files)
    };
    let not = ["will not start: unknown-user"];
    assert_eq!(run("2147483647:2147483647"), [""; 0]);
    assert_eq!(run("2147483648"), not);
    assert_eq!(run("1:2147483648"), not);
    assert_eq!(run("3000000001"), [""; 0]);
    assert_eq!(run("99999999999999999999"), not);
}

#[test]
fn users_by_name_need_a_line_in_passwd() {
    let elf = elf();
    let run = |user: &str, passwd: &str| {
        let files = [
            Make::Mode("app", 0o755, &elf),
            Make::File("etc/passwd", passwd.as_bytes()),
        ];
        let from = usize::from(passwd.is_empty());
        found(
            &json!({ "Cmd": ["/app"], "User": user }),
            &files[..files.len() - from],
        )
    };
    let not = ["will not start: unknown-user"];
    assert_eq!(run("app", ""), not);
    assert_eq!(run("root", ""), not);
    assert_eq!(run("app", "root:x:0:0::/root:/bin/sh\n"), not);
    assert_eq!(run("app", "app:x:7:7::/:/x\n"), [""; 0]);
    assert_eq!(run("10001", ""), [""; 0]);
    assert_eq!(run("10001:10001", ""), [""; 0]);
    assert_eq!(run("7:staff", "app:x:7:7::/:/x\n"), not);
}

#[test]
fn health_checks_fail_later() {
    let elf = elf();
    let run = |test: serde_json::Value| {
        let config = json!({ "Cmd": ["/app"], "Healthcheck": { "Test": test } });
        found(&config, &[Make::Mode("app", 0o755, &elf)])
    };
    let shell = ["will fail: healthcheck-no-shell"];
    assert_eq!(
        run(json!(["CMD-SHELL", "wget -q localhost || exit 1"])),
        shell
    );
    assert_eq!(run(json!(["CMD", "/bin/sh", "-c", "/app"])), shell);
    assert_eq!(
        run(json!(["CMD", "wget", "x"])),
        ["will fail: healthcheck-missing"]
    );
    assert_eq!(run(json!(["NONE"])), [""; 0]);
    assert_eq!(run(json!([])), [""; 0]);
    let files = [
        Make::Mode("app", 0o755, &elf),
        Make::Mode("bin/sh", 0o755, &elf),
        Make::Mode("bin/wget", 0o755, &elf),
    ];
    let run = |line: &str| {
        let config = json!({ "Cmd": ["/app"], "Healthcheck": { "Test": ["CMD-SHELL", line] } });
        found(&config, &files)
    };
    let missing = ["will fail: healthcheck-missing", "advice: shell"];
    assert_eq!(run("curl -f x || exit 1"), missing);
    let other = ["advice: healthcheck-missing", "advice: shell"];
    assert_eq!(run("curl -f x || wget x"), other);
    assert_eq!(run("wget x || curl -f x"), other);
    assert_eq!(run("wget -q x || exit 1"), ["advice: shell"]);
}

#[test]
fn capabilities_that_no_container_has_by_itself_keep_a_program_from_starting() {
    const BIND: u64 = 1 << 10;
    const ADMIN: u64 = 1 << 12;
    let elf = elf();
    let run = |permitted: u64, effective: bool, user: &str| {
        let config = json!({ "Entrypoint": ["/app"], "User": user });
        let mut inspection = image(&config, &[Make::Mode("app", 0o755, &elf)]);
        let rights = Capabilities {
            permitted,
            inheritable: 0,
            effective,
            root: 0,
        };
        set_capabilities(&mut inspection, "/app", rights);
        said(&inspection, &TargetPlatform::default())
    };
    let refused = ["will not start: file-capabilities"];
    for user in ["", "7"] {
        assert_eq!(run(ADMIN, true, user), refused);
        assert_eq!(run(ADMIN | BIND, true, user), refused);
        assert_eq!(run(BIND, true, user), ["advice: file-capabilities"]);
        assert_eq!(run(ADMIN, false, user), [""; 0]);
        // All that Docker gives.
        assert_eq!(run(0xa804_25fb, true, user), ["advice: file-capabilities"]);
    }
}

#[test]
fn a_script_carries_capabilities_in_vain() {
    let elf = elf();
    let files = [
        Make::Mode("bin/run", 0o755, &elf),
        Make::Mode("app", 0o755, b"#!/bin/run\n"),
    ];
    let mut inspection = image(&app(), &files);
    let rights = Capabilities {
        permitted: 1 << 12,
        inheritable: 0,
        effective: true,
        root: 0,
    };
    set_capabilities(&mut inspection, "/app", rights);
    assert_eq!(said(&inspection, &TargetPlatform::default()), [""; 0]);
    set_capabilities(&mut inspection, "/bin/run", rights);
    assert_eq!(
        said(&inspection, &TargetPlatform::default()),
        ["will not start: file-capabilities"]
    );
}
