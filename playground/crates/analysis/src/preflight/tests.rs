//! What preflight says of whole images, and of real Go programs from the corpus of binaries.

mod as_started;

use super::testing::*;
use super::{Explanation, Rule, Severity, TargetPlatform, depend_on_emulation, preflight};
use crate::binary::linked::Ability;
use flate2::read::GzDecoder;
use serde_json::json;
use std::io::Read;
use std::path::Path;

fn binary(name: &str) -> Vec<u8> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/binaries");
    let packed = std::fs::read(folder.join(format!("{name}.gz"))).expect("in the corpus");
    let mut bytes = Vec::new();
    let read = GzDecoder::new(&*packed).read_to_end(&mut bytes);
    read.expect("gzip");
    bytes
}

fn alone(name: &str) -> Vec<String> {
    found(&app(), &[Make::Mode("app", 0o755, &binary(name))])
}

#[test]
fn what_asks_for_much_is_told_what_scratch_lacks() {
    let told = ["no-time-zones", "user-lookup", "no-tmp"];
    // Its machine code is thinned: what it calls cannot be seen.
    let told = told.map(|rule| format!("advice: {rule}"));
    assert_eq!(alone("go1.27-amd64-asks"), told);
    let bytes = binary("go1.27-amd64-asks");
    let furnished = [
        Make::Mode("app", 0o755, &bytes),
        Make::File("usr/share/zoneinfo/Europe/Berlin", b"TZif"),
        Make::File("etc/passwd", b"root:x:0:0::/root:/sbin/nologin\n"),
        Make::DirMode("tmp", 0o1777),
    ];
    assert_eq!(found(&app(), &furnished), [""; 0]);
}

#[test]
fn linux_rules_are_not_applied_to_another_system() {
    let mut inspection = image(&app(), &[Make::Mode("app.exe", 0o755, b"MZ")]);
    inspection.image.config.platform.os = "windows".to_owned();
    let error = preflight(&inspection, &TargetPlatform::default()).expect_err("refused");
    assert!(error.to_string().contains("for windows"), "{error}");
}

#[test]
fn linkage_is_told_apart() {
    assert_eq!(
        alone("go1.26-amd64-pie"),
        ["will not start: loader-missing"]
    );
    assert_eq!(alone("go1.23-amd64-glibc"), [""; 0]);
    assert_eq!(alone("go1.24-386"), [""; 0]);
    assert_eq!(alone("go1.18-amd64"), [""; 0]);
    assert_eq!(alone("go1.27-s390x"), ["will not start: wrong-cpu"]);
    assert_eq!(alone("go1.20-arm64"), ["will not start: wrong-cpu"]);
}

#[test]
fn symbols_that_were_left_in_are_told() {
    assert_eq!(alone("go1.23-amd64-symbols"), ["advice: debug-info"]);
}

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
    assert_eq!(found(&app(), &files), all);
}

#[test]
fn the_evidence_names_functions_and_the_place_the_program() {
    let elf = elf();
    let mut inspection = image(&app(), &[Make::Mode("app", 0o755, &elf)]);
    make_go(
        &mut inspection,
        "/app",
        "0",
        &[(Ability::TlsClient, "crypto/tls.dial")],
    );
    let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
    let finding = &found[0];
    assert_eq!(finding.severity, Severity::Advice);
    assert_eq!(finding.evidence[0], "crypto/tls.dial is linked into /app");
    let location = finding.location.as_ref().expect("a place");
    assert_eq!(
        (location.path.as_deref(), location.layer),
        (Some("/app"), Some(1))
    );
    assert_eq!(location.created_by.as_deref(), Some("COPY 1"));
}

#[test]
fn programs_that_are_not_started_need_nothing() {
    let elf = elf();
    let files = [
        Make::Mode("app", 0o755, &elf),
        Make::Mode("tool", 0o755, &elf),
    ];
    let mut inspection = image(&app(), &files);
    let can = [
        (Ability::TlsClient, "crypto/tls.dial"),
        (Ability::TimeZones, "time.LoadLocation"),
        (Ability::TemporaryFiles, "os.CreateTemp"),
    ];
    make_go(&mut inspection, "/tool", "0", &can);
    assert_eq!(said(&inspection, &TargetPlatform::default()), NOTHING);
}

#[test]
fn only_a_program_for_another_cpu_makes_it_matter_what_an_engine_emulates() {
    for (machine, matters) in [(183, true), (62, false)] {
        let inspection = image(&app(), &[Make::Mode("app", 0o755, &elf_for(machine))]);
        let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
        assert_eq!(depend_on_emulation(&found), matters);
    }
}

#[test]
fn two_equal_findings_are_told_once_and_the_worst_first() {
    let finding = |severity, what: &str| {
        let told = Explanation::new(what, vec!["/app".to_owned()], "a fix");
        let severity = Some(severity);
        Explanation { severity, ..told }.of(Rule::ALL[0])
    };
    let advice = |what: &str| finding(Severity::Advice, what);
    let worse = finding(Severity::WillFail, "fails");
    let found = vec![
        advice("a"),
        advice("a"),
        worse.clone(),
        advice("b"),
        worse.clone(),
    ];
    assert_eq!(super::told_once(found), [worse, advice("a"), advice("b")]);
}
