//! What preflight says of a container that a manifest makes of an image.

use crate::binary::linked::Ability;
use crate::image::capabilities::Capabilities;
use crate::inspect::Inspection;
use crate::preflight::testing::*;
use serde_json::{Value, json};

const TEMPORARY: Can = (Ability::TemporaryFiles, "os.CreateTemp");
const TLS: Can = (Ability::TlsClient, "crypto/tls.dial");
const ZONES: Can = (Ability::TimeZones, "time.LoadLocation");

fn go_image(config: &Value, can: &[Can], files: &[Make<'_>]) -> Inspection {
    let elf = elf();
    let mut all = vec![Make::Mode("app", 0o755, &elf)];
    all.extend_from_slice(files);
    let mut config = config.clone();
    config["Entrypoint"] = json!(["/app"]);
    let mut inspection = image(&config, &all);
    make_go(&mut inspection, "/app", "0", can);
    inspection
}

/// A service `a` with these lines.
fn service(inspection: &Inspection, lines: &[&str]) -> Vec<String> {
    let lines = lines.join("\n    ");
    said_as(inspection, &format!("services:\n  a:\n    {lines}\n"))
}

#[test]
fn a_read_only_root_needs_a_mount_for_temporary_files() {
    let shut = ["advice: tmp-not-writable"];
    let tmp = [Make::DirMode("tmp", 0o1777)];
    let image = go_image(&json!({}), &[TEMPORARY], &tmp);
    assert_eq!(service(&image, &["user: '7'"]), NOTHING);
    assert_eq!(
        service(&image, &["read_only: true"]),
        shut,
        "root may not write either"
    );
    for mount in [
        "tmpfs: /tmp",
        "tmpfs: [/tmp:size=1m]",
        "volumes: [{ type: tmpfs, target: /tmp }]",
        "volumes: [data:/tmp]",
        "volumes: ['/srv/tmp:/tmp']",
        "environment: [TMPDIR]",
    ] {
        assert_eq!(
            service(&image, &["read_only: true", mount]),
            NOTHING,
            "{mount}"
        );
    }
    let locked = service(&image, &["volumes: ['/srv/tmp:/tmp:ro']"]);
    assert_eq!(locked, shut);
    let elsewhere = [
        "read_only: true",
        "tmpfs: /scratch",
        "environment: [TMPDIR=/scratch]",
    ];
    assert_eq!(service(&image, &elsewhere), NOTHING);
    let none = go_image(&json!({}), &[TEMPORARY], &[]);
    assert_eq!(service(&none, &["read_only: true"]), ["advice: no-tmp"]);
    assert_eq!(
        service(&none, &["read_only: true", "tmpfs: /tmp", "user: '7'"]),
        NOTHING
    );
}

#[test]
fn what_a_mount_may_bring_along_is_not_called_missing() {
    let tls = go_image(&json!({}), &[TLS], &[]);
    assert_eq!(service(&tls, &["image: x"]), ["advice: no-ca-certificates"]);
    for mount in [
        "volumes: ['/etc/ssl/certs:/etc/ssl/certs:ro']",
        "volumes: ['./ca.pem:/etc/ssl/certs/ca.pem:ro']",
        "volumes: ['./tls:/etc/ssl']",
        "environment: [SSL_CERT_FILE]",
    ] {
        assert_eq!(service(&tls, &[mount]), NOTHING, "{mount}");
    }
    let named = [
        "environment: [SSL_CERT_FILE=/run/secrets/ca]",
        "secrets: [ca]",
    ];
    assert_eq!(service(&tls, &named), NOTHING);
    assert_eq!(
        service(&tls, &named[..1]),
        ["will fail: no-ca-certificates"]
    );

    let zones = go_image(&json!({}), &[ZONES], &[]);
    assert_eq!(service(&zones, &["image: x"]), ["advice: no-time-zones"]);
    let host = ["volumes: ['/usr/share/zoneinfo:/usr/share/zoneinfo:ro']"];
    assert_eq!(service(&zones, &host), NOTHING);

    let image = image(&json!({ "Cmd": ["/srv/app"] }), &[]);
    assert_eq!(
        service(&image, &["image: x"]),
        ["will not start: command-missing"]
    );
    assert_eq!(service(&image, &["volumes: ['.:/srv']"]), NOTHING);
    assert_eq!(service(&image, &["command: $APP"]), NOTHING);
    assert_eq!(
        service(&image, &["command: app", "environment: [PATH]"]),
        NOTHING
    );
}

#[test]
fn another_user_may_do_other_things() {
    let elf = elf();
    let files = [
        Make::Mode("app", 0o700, &elf),
        Make::Mode("run", 0o750, &elf),
        Make::DirOwned("data", 0o770, (0, 0)),
    ];
    let image = image(&json!({ "Cmd": ["/app"] }), &files);
    let not = ["will fail: command-not-executable"];
    assert_eq!(service(&image, &["image: x"]), NOTHING);
    assert_eq!(service(&image, &["user: '7'"]), not);
    // Without the capability that could help, nothing does.
    let dropped = service(&image, &["user: '7'", "cap_drop: [ALL]"]);
    assert_eq!(dropped, ["will not start: command-not-executable"]);
    assert_eq!(
        service(&image, &["user: '${UID}'"]),
        NOTHING,
        "cannot be told"
    );
    // Without a group, the list's missing line means root's.
    assert_eq!(service(&image, &["user: '7'", "command: /run"]), NOTHING);
    assert_eq!(service(&image, &["user: '7:7'", "command: /run"]), not);
    assert_eq!(service(&image, &["user: '7:0'", "command: /run"]), NOTHING);
    assert_eq!(
        service(
            &image,
            &["user: '7:7'", "group_add: ['0']", "command: /run"]
        ),
        NOTHING
    );
    let volume = [
        "user: '7:7'",
        "group_add: ['5']",
        "command: /srv",
        "volumes: [data:/data, '.:/srv']",
    ];
    assert_eq!(service(&image, &volume), ["advice: volume-not-writable"]);
    let host = [
        "user: '7:7'",
        "command: /srv",
        "volumes: [./data:/data, '.:/srv']",
    ];
    assert_eq!(
        service(&image, &host),
        NOTHING,
        "whose it is, the host knows"
    );
}

#[test]
fn dropped_capabilities_keep_a_program_that_carries_them_from_starting() {
    let elf = elf();
    let mut image = image(&app(), &[Make::Mode("app", 0o755, &elf)]);
    let rights = Capabilities {
        permitted: 1 << 10,
        inheritable: 0,
        effective: true,
        root: 0,
    };
    set_capabilities(&mut image, "/app", rights);
    let refused = ["will not start: file-capabilities"];
    for (lines, told) in [
        (&["image: x"][..], &NOTHING[..]),
        (&["cap_drop: [ALL]"], &refused),
        (&["cap_drop: [NET_BIND_SERVICE]"], &refused),
        (
            &["cap_drop: [ALL]", "cap_add: [CAP_NET_BIND_SERVICE]"],
            &NOTHING,
        ),
        (&["cap_drop: [ALL]", "privileged: true"], &NOTHING),
        (
            &["security_opt: ['no-new-privileges:true']"],
            &["advice: file-capabilities"],
        ),
    ] {
        assert_eq!(service(&image, lines), told, "{lines:?}");
    }
}

#[test]
fn ports_are_those_of_the_manifest() {
    let elf = elf();
    let image = image(
        &json!({ "Cmd": ["/app"], "User": "7", "ExposedPorts": { "80/tcp": {} } }),
        &[Make::Mode("app", 0o755, &elf)],
    );
    let told = ["advice: privileged-port"];
    for (lines, told) in [
        (&["image: x"][..], &told[..]),
        (&["ports: ['80:8080']"], &NOTHING),
        (&["ports: ['8443:443']"], &told),
        (&["user: '0'"], &NOTHING),
        (&["user: '0'", "cap_drop: [ALL]"], &told),
        (
            &[
                "user: '0'",
                "cap_drop: [ALL]",
                "cap_add: [NET_BIND_SERVICE]",
            ],
            &NOTHING,
        ),
        (
            &["sysctls: { net.ipv4.ip_unprivileged_port_start: 0 }"],
            &NOTHING,
        ),
        (
            &["sysctls: { net.ipv4.ip_unprivileged_port_start: 100 }"],
            &told[..],
        ),
    ] {
        assert_eq!(service(&image, lines), told, "{lines:?}");
    }
}

#[test]
fn every_exec_probe_needs_its_program() {
    let elf = elf();
    let health = json!({ "Cmd": ["/app"], "Healthcheck": { "Test": ["CMD", "/gone"] } });
    let image = image(&health, &[Make::Mode("app", 0o755, &elf)]);
    let pod = |probes: &str| {
        let text = format!("kind: Pod\nspec:\n  containers:\n  - name: a\n    {probes}\n");
        said_as(&image, &text)
    };
    let missing = ["will fail: healthcheck-missing"];
    assert_eq!(pod("image: x"), NOTHING, "no kubelet asks the image's own");
    assert_eq!(
        pod("livenessProbe: { exec: { command: [/gone] } }"),
        missing
    );
    assert_eq!(pod("livenessProbe: { exec: { command: [/app] } }"), NOTHING);
    assert_eq!(
        pod(
            "readinessProbe: { exec: { command: [/app] } }\n    livenessProbe: { exec: { command: [cat, /x] } }"
        ),
        missing
    );
    assert_eq!(
        pod("livenessProbe: { exec: { command: [sh, -c, 'cat /x'] } }"),
        ["will fail: healthcheck-no-shell"]
    );
}
