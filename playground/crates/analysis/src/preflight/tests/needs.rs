//! What Go programs can do, and what images lack for it.

use crate::binary::linked::Ability;
use crate::preflight::testing::*;
use crate::preflight::{Severity, TargetPlatform, preflight};
use serde_json::{Value, json};

type Can = (Ability, &'static str);

const TLS: Can = (Ability::TlsClient, "crypto/tls.dial");
const ROOTS: Can = (Ability::OwnRoots, "crypto/x509.SetFallbackRoots");
const ZONES: Can = (Ability::TimeZones, "time.LoadLocation");
const LOCAL: Can = (Ability::LocalTime, "time.initLocal");
const OWN_ZONES: Can = (Ability::OwnTimeZones, "time/tzdata.loadFromEmbeddedTZData");
const TEMPORARY: Can = (Ability::TemporaryFiles, "os.CreateTemp");
const CURRENT: Can = (Ability::Users, "os/user.Current");
const BY_ID: Can = (Ability::Users, "os/user.LookupId");
const STARTS: Can = (Ability::StartPrograms, "os.StartProcess");
const STUB: Can = (
    Ability::CgoStub,
    "github.com/mattn/go-sqlite3.SQLiteDriver.Open",
);

/// What is said of `/app`, a Go program, in an image with these files besides.
fn go(config: Value, cgo: &str, can: &[Can], files: &[Make<'_>]) -> Vec<String> {
    let elf = elf();
    let mut all = vec![Make::Mode("app", 0o755, &elf)];
    all.extend_from_slice(files);
    let mut config = config;
    config["Entrypoint"] = json!(["/app"]);
    let mut inspection = image(&config, &all);
    make_go(&mut inspection, "/app", cgo, can);
    said(&inspection, &TargetPlatform::default())
}

fn plain(can: &[Can], files: &[Make<'_>]) -> Vec<String> {
    go(json!({}), "0", can, files)
}

fn env(env: &[&str], can: &[Can], files: &[Make<'_>]) -> Vec<String> {
    go(json!({ "Env": env }), "0", can, files)
}

fn user(user: &str, can: &[Can], files: &[Make<'_>]) -> Vec<String> {
    go(json!({ "User": user }), "0", can, files)
}

const NOTHING: [&str; 0] = [];
const NO_CA: [&str; 1] = ["will fail: no-ca-certificates"];

#[test]
fn a_tls_client_needs_certificates_from_anywhere_go_looks() {
    assert_eq!(plain(&[TLS], &[]), NO_CA);
    assert_eq!(plain(&[], &[]), NOTHING);
    assert_eq!(plain(&[TLS, ROOTS], &[]), NOTHING);
    let bundle = Make::File("etc/ssl/certs/ca-certificates.crt", b"-----BEGIN");
    assert_eq!(plain(&[TLS], &[bundle]), NOTHING);
    let alpine = Make::File("etc/ssl/cert.pem", b"-----BEGIN");
    assert_eq!(plain(&[TLS], &[alpine]), NOTHING);
    let one = Make::File("etc/pki/tls/certs/ours.pem", b"-----BEGIN");
    assert_eq!(plain(&[TLS], &[one]), NOTHING);
    assert_eq!(plain(&[TLS], &[Make::Dir("etc/ssl/certs")]), NO_CA);
    let own = Make::File("roots.pem", b"-----BEGIN");
    assert_eq!(
        env(
            &["SSL_CERT_FILE=/roots.pem"],
            &[TLS],
            std::slice::from_ref(&own)
        ),
        NOTHING
    );
    assert_eq!(
        env(
            &["SSL_CERT_FILE=/gone.pem"],
            &[TLS],
            std::slice::from_ref(&own)
        ),
        NO_CA
    );
    assert_eq!(env(&["SSL_CERT_DIR=/x:/"], &[TLS], &[own]), NOTHING);
}

#[test]
fn certificates_that_the_user_may_not_read_are_none() {
    let shut = [
        Make::DirMode("etc/ssl/certs", 0o700),
        Make::File("etc/ssl/certs/ca-certificates.crt", b"-----BEGIN"),
    ];
    assert_eq!(user("7", &[TLS], &shut), NO_CA);
    assert_eq!(user("", &[TLS], &shut), NOTHING);
}

#[test]
fn zones_by_name_need_data_in_the_image_or_the_program() {
    let no = ["will fail: no-time-zones"];
    let data = Make::File("usr/share/zoneinfo/Europe/Berlin", b"TZif");
    let zip = Make::File("zoneinfo.zip", b"PK");
    assert_eq!(plain(&[ZONES], &[]), no);
    assert_eq!(plain(&[ZONES, OWN_ZONES], &[]), NOTHING);
    assert_eq!(plain(&[ZONES], &[data]), NOTHING);
    assert_eq!(env(&["ZONEINFO=/zoneinfo.zip"], &[ZONES], &[zip]), NOTHING);
    assert_eq!(env(&["ZONEINFO=/zoneinfo.zip"], &[ZONES], &[]), no);
}

#[test]
fn tz_is_silently_utc_where_its_zone_is_not() {
    let no = ["will fail: silent-utc"];
    let tz =
        |zone: &str, can: &[Can], files: &[Make<'_>]| env(&[&format!("TZ={zone}")], can, files);
    let data = [
        Make::File("usr/share/zoneinfo/Europe/Berlin", b"TZif"),
        Make::File("etc/localtime", b"TZif"),
    ];
    let berlin = "Europe/Berlin";
    assert_eq!(tz(berlin, &[LOCAL], &[]), no);
    assert_eq!(tz(berlin, &[], &[]), NOTHING);
    assert_eq!(tz(berlin, &[LOCAL, OWN_ZONES], &[]), NOTHING);
    assert_eq!(tz(berlin, &[LOCAL], &data), NOTHING);
    assert_eq!(tz(":Europe/Berlin", &[LOCAL], &data), NOTHING);
    assert_eq!(tz("Europe/Berln", &[LOCAL], &data), no);
    assert_eq!(tz("/etc/localtime", &[LOCAL], &data), NOTHING);
    assert_eq!(
        tz("CET-1CEST,M3.5.0,M10.5.0/3", &[LOCAL, OWN_ZONES], &data),
        no
    );
    for utc in ["", "UTC", "Etc/UTC"] {
        assert_eq!(tz(utc, &[LOCAL], &[]), NOTHING);
    }
    // ZONEINFO is for names that the program loads, not for TZ.
    let both = ["TZ=Europe/Berlin", "ZONEINFO=/usr/zones"];
    let elsewhere = [Make::File("usr/zones/Europe/Berlin", b"TZif")];
    assert_eq!(env(&both, &[LOCAL, ZONES], &elsewhere), no);
}

#[test]
fn go_s_own_user_lookup_is_content_with_a_line_or_with_user() {
    let no = ["will fail: user-lookup"];
    let passwd = [Make::File("etc/passwd", b"app:x:7:7::/:/x\n")];
    assert_eq!(user("7", &[CURRENT], &[]), no);
    assert_eq!(user("7", &[CURRENT], &passwd), NOTHING);
    assert_eq!(user("8", &[CURRENT], &passwd), no);
    let named = |cgo: &str| {
        let config = json!({ "User": "8", "Env": ["USER=app"] });
        go(config, cgo, &[CURRENT], &passwd)
    };
    assert_eq!(named("0"), NOTHING);
    assert_eq!(named("1"), no);
    assert_eq!(user("8", &[BY_ID, CURRENT], &[]), no);
    assert_eq!(user("8", &[BY_ID, CURRENT], &passwd), no);
    // By name it asks for others, and asks who it is only on the way.
    let by_name = [(Ability::Users, "os/user.Lookup"), CURRENT];
    assert_eq!(user("8", &by_name, &[]), no);
    assert_eq!(user("8", &by_name, &passwd), NOTHING);
    let group = [(Ability::Users, "os/user.LookupGroup")];
    assert_eq!(user("7", &group, &passwd), no);
}

#[test]
fn temporary_files_need_a_directory_that_the_user_may_write_to() {
    let (none, shut) = ("will fail: no-tmp", "will fail: tmp-not-writable");
    let tmp = |mode| [Make::DirMode("tmp", mode)];
    assert_eq!(plain(&[TEMPORARY], &[]), [none]);
    assert_eq!(plain(&[TEMPORARY], &tmp(0o755)), NOTHING);
    assert_eq!(user("7", &[TEMPORARY], &tmp(0o755)), [shut]);
    assert_eq!(user("7", &[TEMPORARY], &tmp(0o1777)), NOTHING);
    let own = [Make::DirOwned("scratch", 0o700, (7, 7))];
    let config = |user: &str| json!({ "User": user, "Env": ["TMPDIR=/scratch"] });
    assert_eq!(go(config("7"), "0", &[TEMPORARY], &own), NOTHING);
    assert_eq!(go(config("8"), "0", &[TEMPORARY], &own), [shut]);
    assert_eq!(env(&["TMPDIR=/dev/shm"], &[TEMPORARY], &[]), NOTHING);
    let volume = |user: &str| json!({ "User": user, "Volumes": { "/tmp": {} } });
    assert_eq!(go(volume(""), "0", &[TEMPORARY], &[]), NOTHING);
    assert_eq!(
        go(volume("7"), "0", &[TEMPORARY], &[]),
        [shut, "will fail: volume-not-writable"]
    );
}

#[test]
fn a_program_that_starts_others_needs_others() {
    let script = [Make::Mode("tool", 0o755, b"#!/app\n")];
    assert_eq!(plain(&[STARTS], &[]), ["will fail: no-programs"]);
    assert_eq!(plain(&[STARTS], &script), NOTHING);
    // base-files brings this one to distroless, too.
    let dead = [Make::Mode(
        "etc/update-motd.d/10-uname",
        0o755,
        b"#!/bin/sh\n",
    )];
    assert_eq!(plain(&[STARTS], &dead), ["will fail: no-programs"]);
}

#[test]
fn a_trimmed_program_has_forgotten_where_go_lay() {
    let elf = elf();
    let files = [
        Make::Mode("app", 0o755, &elf),
        Make::File("usr/local/go/lib/time/zoneinfo.zip", b"PK"),
    ];
    let mut inspection = image(&app(), &files);
    make_go(&mut inspection, "/app", "0", &[ZONES]);
    assert_eq!(said(&inspection, &TargetPlatform::default()), NOTHING);
    set(&mut inspection, "/app", "-trimpath", "true");
    assert_eq!(
        said(&inspection, &TargetPlatform::default()),
        ["will fail: no-time-zones"]
    );
}

#[test]
fn a_stub_is_told_by_its_function() {
    assert_eq!(plain(&[STUB], &[]), ["will fail: cgo-stub"]);
}

#[test]
fn the_evidence_names_functions_and_the_place_the_program() {
    let elf = elf();
    let mut inspection = image(&app(), &[Make::Mode("app", 0o755, &elf)]);
    make_go(&mut inspection, "/app", "0", &[TLS]);
    let found = preflight(&inspection, &TargetPlatform::default()).expect("a tree");
    let finding = &found[0];
    assert_eq!(finding.severity, Severity::WillFail);
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
    make_go(&mut inspection, "/tool", "0", &[TLS, ZONES, TEMPORARY]);
    assert_eq!(said(&inspection, &TargetPlatform::default()), NOTHING);
}
