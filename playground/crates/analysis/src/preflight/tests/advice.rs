//! Advice, and where there is none to give.

use crate::binary::linked::Ability;
use crate::preflight::testing::*;
use crate::preflight::{TargetPlatform, preflight};
use serde_json::{Value, json};

fn rules(config: &Value, files: &[Make<'_>]) -> Vec<String> {
    found(config, files)
}

#[test]
fn root_is_told_and_numbers_are_fine() {
    let elf = elf();
    let run = |user: &str| {
        let config = json!({ "Cmd": ["/app"], "User": user });
        let inspection = image(&config, &[Make::Mode("app", 0o755, &elf)]);
        let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
        found.into_iter().map(|f| f.rule.id()).collect::<Vec<_>>()
    };
    assert_eq!(run(""), ["runs-as-root"]);
    assert_eq!(run("0:0"), ["runs-as-root"]);
    assert_eq!(run("10001"), [""; 0]);
}

#[test]
fn a_low_port_is_advice_and_only_for_users() {
    let elf = elf();
    let run = |user: &str, port: &str| {
        let config = json!({ "Cmd": ["/app"], "User": user, "ExposedPorts": { port: {} } });
        rules(&config, &[Make::Mode("app", 0o755, &elf)])
    };
    assert_eq!(run("7", "80/tcp"), ["advice: privileged-port"]);
    assert_eq!(run("7", "8080/tcp"), [""; 0]);
    assert_eq!(run("", "80/tcp"), [""; 0]);
}

#[test]
fn volumes_take_their_owner_from_the_image() {
    let elf = elf();
    let run = |user: &str, data: Option<(u64, u64)>| {
        let config = json!({ "Cmd": ["/app"], "User": user, "Volumes": { "/data": {} } });
        let mut files = vec![Make::Mode("app", 0o755, &elf)];
        files.extend(data.map(|owner| Make::DirOwned("data", 0o755, owner)));
        rules(&config, &files)
    };
    let not = ["will fail: volume-not-writable"];
    assert_eq!(run("7", None), not);
    assert_eq!(run("7", Some((0, 0))), not);
    assert_eq!(run("7", Some((7, 7))), [""; 0]);
    assert_eq!(run("", None), [""; 0]);
}

#[test]
fn a_shell_that_stays_swallows_signals() {
    let elf = elf();
    let run = |shell: &str, line: &str| {
        let path = format!("bin/{shell}");
        let files = [
            Make::Mode(&path, 0o755, &elf),
            Make::Link("bin/sh", shell),
            Make::Mode("app", 0o755, &elf),
        ];
        let found = rules(&json!({ "Cmd": ["/bin/sh", "-c", line] }), &files);
        found.iter().any(|said| said.contains("signals-swallowed"))
    };
    assert!(run("dash", "/app"));
    assert!(!run("dash", "exec /app"));
    assert!(!run("bash", "/app"));
    assert!(!run("busybox", "/app"));
    assert!(run("busybox", "/app; echo done"));
}

#[test]
fn a_shell_form_cmd_behind_an_entrypoint_is_noticed() {
    let elf = elf();
    let config = json!({ "Entrypoint": ["/app"], "Cmd": ["/bin/sh", "-c", "hello"] });
    let run = |can: &[(Ability, &'static str)]| {
        let mut inspection = image(&config, &[Make::Mode("app", 0o755, &elf)]);
        make_go(&mut inspection, "/app", "0", can);
        said(&inspection, &TargetPlatform::default())
    };
    assert_eq!(run(&[]), ["advice: shell-as-arguments"]);
    let starts = [(Ability::StartPrograms, "os.StartProcess")];
    assert_eq!(run(&starts), ["will fail: no-programs"]);
}

const DIGEST: &str = "sha256:1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c1f0c";

#[test]
fn a_base_by_tag_is_not_pinned() {
    let elf = elf();
    let run = |name: &str, digest: Option<&str>| {
        let mut labels = json!({ "org.opencontainers.image.base.name": name });
        if let Some(digest) = digest {
            labels["org.opencontainers.image.base.digest"] = digest.into();
        }
        let config = json!({ "Cmd": ["/app"], "Labels": labels });
        rules(&config, &[Make::Mode("app", 0o755, &elf)])
    };
    let not = ["advice: unpinned-base"];
    assert_eq!(run("localhost:5000/base", None), not);
    assert_eq!(run("docker.io/library/alpine:3.20", None), not);
    assert_eq!(run("alpine:latest", Some(DIGEST)), not);
    assert_eq!(run("alpine:3.20", Some(DIGEST)), [""; 0]);
    assert_eq!(run(&format!("alpine:3.20@{DIGEST}"), None), [""; 0]);
}

#[test]
fn tools_that_production_does_not_need_are_named() {
    let elf = elf();
    let files = [
        Make::Mode("app", 0o755, &elf),
        Make::Mode("bin/bash", 0o755, &elf),
        Make::Mode("usr/bin/apt-get", 0o755, &elf),
        Make::Mode("usr/bin/su", 0o4755, &elf),
        Make::Mode("usr/local/go/bin/go", 0o755, &elf),
    ];
    let all = ["shell", "package-manager", "setuid-files", "compiler"];
    let all = all.map(|rule| format!("advice: {rule}"));
    assert_eq!(rules(&app(), &files), all);
}
