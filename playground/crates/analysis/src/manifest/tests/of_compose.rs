//! Compose files.

use super::{image, read, refused, words};
use crate::manifest::{Container, MountKind};

const COMPOSE: &str = r#"
name: shop
x-common: &common
  restart: always
  read_only: true
  cap_drop: [ALL]
services:
  api:
    <<: *common
    image: registry.test/team/api:${TAG:-latest}
    entrypoint: /app --config "/etc/my app.yml"
    command: ["serve", "--region=${REGION}"]
    user: 1000:1000
    working_dir: /srv
    environment:
      LEVEL: debug
      PORT: 8080
      ZONE: ${ZONE:-Europe/Berlin}
      KEY: ${KEY}
      PRICE: $$5
      FROM_SHELL:
    tmpfs:
      - /tmp:size=64m,mode=1777
    volumes:
      - data:/data
      - ./conf:/etc/app:ro
      - type: tmpfs
        target: /run
      - type: bind
        source: ${HOME}/x
        target: /x
        read_only: true
      - /cache
    secrets: [token]
    ports: ["127.0.0.1:8080:80/udp", "443", { target: 9000, published: 9 }]
    expose: [7000]
    mem_limit: 512m
    security_opt: ["no-new-privileges:true"]
    sysctls: ["net.ipv4.ip_unprivileged_port_start=0"]
    healthcheck:
      test: wget -q localhost || exit 1
volumes: { data: {} }
"#;

fn only(text: &str) -> Container {
    read(text).containers[0].clone()
}

fn service(said: &str) -> Container {
    only(&format!("services:\n  a:\n    {said}\n"))
}

#[test]
fn a_service_is_read_whole() {
    let api = only(COMPOSE);
    assert_eq!(api.image.as_deref(), Some("registry.test/team/api:latest"));
    let command = [
        "/app",
        "--config",
        "/etc/my app.yml",
        "serve",
        "--region=${REGION}",
    ];
    assert_eq!(words(&api), command);
    let runtime = api.over(&image());
    assert!(
        !api.command_unknown(&runtime),
        "only an argument is not known"
    );
    assert_eq!(
        (&*runtime.user, &*runtime.working_dir),
        ("1000:1000", "/srv")
    );
    let env = [
        "PATH=/bin",
        "A=1",
        "LEVEL=debug",
        "PORT=8080",
        "ZONE=Europe/Berlin",
        "PRICE=$5",
    ];
    assert_eq!(runtime.env, env);
    assert!(api.hides("KEY") && api.hides("FROM_SHELL"));
    assert_eq!(
        runtime.exposed_ports,
        ["80/udp", "443/tcp", "9000/tcp", "7000/tcp"]
    );
    assert_eq!(runtime.volumes, ["/data", "/cache"]);
    let check = runtime.healthcheck.expect("a check");
    assert_eq!(check.test, ["CMD-SHELL", "wget -q localhost || exit 1"]);
    assert!(
        api.read_only && api.no_new_privileges,
        "what `<<` brings counts"
    );
    assert!(!api.capabilities.leave("cap_chown", true));
    assert_eq!(
        (api.memory.as_deref(), api.unprivileged_ports_from),
        (Some("512m"), Some(0))
    );
    let kind = |path: &str| {
        api.mount_at(path)
            .map(|mount| (mount.kind, mount.read_only))
    };
    assert_eq!(kind("/tmp"), Some((MountKind::Tmpfs, false)));
    assert_eq!(kind("/run"), Some((MountKind::Tmpfs, false)));
    assert_eq!(kind("/run/secrets/token"), Some((MountKind::Files, true)));
    assert_eq!(kind("/etc/app/x"), Some((MountKind::Other, true)));
    assert_eq!(kind("/x"), Some((MountKind::Other, true)));
    assert_eq!(kind("/data"), Some((MountKind::Filled, false)));
    let unknown = api.unknown.join("\n");
    for wanted in [
        "REGION of whoever",
        "TAG of whoever calls Compose: its default",
        "value of KEY",
    ] {
        assert!(unknown.contains(wanted), "{wanted} in {unknown}");
    }
}

#[test]
fn command_and_entrypoint_replace_what_compose_replaces() {
    for (said, command) in [
        ("image: x", &["/app", "serve"][..]),
        ("command: worker -n 'a b'", &["/app", "worker", "-n", "a b"]),
        ("entrypoint: [/b]", &["/b"]),
        ("entrypoint: [/b]\n    command: x", &["/b", "x"]),
        ("entrypoint: ''\n    command: /c", &["/c"]),
        ("command: []", &["/app"]),
        ("command:", &["/app", "serve"]),
    ] {
        assert_eq!(words(&service(said)), command, "{said}");
    }
}

#[test]
fn variables_are_worked_out_as_far_as_the_file_tells() {
    let unknown = |said: &str| {
        let service = service(said);
        service.command_unknown(&service.over(&image()))
    };
    assert!(!unknown("command: ['${ARGUMENT}']"));
    assert!(unknown("entrypoint: ''\n    command: ['${APP}']"));
    assert!(unknown("entrypoint: ['${APP}']"));
    assert!(unknown("entrypoint: ${APP} serve"));
    assert!(!unknown("entrypoint: /app ${LEVEL}"));
    assert!(!service("user: '${UID}:${GID}'").user_known());
    let user = service("user: ${UID:-1000}:${GID-7}").over(&image()).user;
    assert_eq!(user, "1000:7");
    let env = service("environment: [A=x$$y, 'B=${C:-${D}}', E]");
    assert_eq!(env.over(&image()).env, ["PATH=/bin", "A=x$y"]);
    assert!(env.hides("B") && env.hides("E"));
    let volume = service("volumes: ['${DATA:?missing}:/data:ro']");
    assert_eq!(
        volume.mount_at("/data").map(|mount| mount.kind),
        Some(MountKind::Other)
    );
}

#[test]
fn a_health_check_can_be_a_list_a_line_or_off() {
    let test = |said: &str| {
        let check = service(said).over(&image()).healthcheck;
        check.map(|check| check.test.join(" "))
    };
    assert_eq!(test("image: x").as_deref(), Some("CMD /app -health"));
    assert_eq!(
        test("healthcheck: { interval: 5s }").as_deref(),
        Some("CMD /app -health")
    );
    assert_eq!(
        test("healthcheck: { test: [CMD, /h] }").as_deref(),
        Some("CMD /h")
    );
    assert_eq!(test("healthcheck: { disable: true }"), None);
    assert_eq!(test("healthcheck: { test: [NONE] }"), None);
}

#[test]
fn what_compose_would_refuse_is_refused_with_its_line() {
    for (said, wanted) in [
        ("command: \"app 'x\"", "a quote has no end"),
        ("user: '${UID'", "not well written"),
        ("volumes: ['a:b:c:d']", "too many colons"),
        ("volumes: [{ type: bind, source: x }]", "no target"),
        ("healthcheck: { test: [/h] }", "begins with CMD"),
        ("read_only: maybe", "true or false"),
        ("tmpfs: { a: b }", "has to be text"),
        ("cap_drop: ALL", "has to be a list"),
    ] {
        let error = refused(&format!("services:\n  a:\n    {said}\n"));
        assert_eq!(error.line, Some(3), "{said}: {error}");
        assert!(error.what.contains(wanted), "{wanted} in {error}");
    }
    assert!(refused("services: [a]\n").what.contains("a mapping"));
}
