//! Kubernetes objects.

use super::{image, read, refused, words};
use crate::manifest::{Container, MountKind};

/// As `kubectl create deployment` and a hardening guide would leave it.
const DEPLOYMENT: &str = r#"
apiVersion: v1
kind: Service
metadata:
  name: api
spec:
  ports: [{ port: 80, targetPort: 8080 }]
---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: api
spec:
  replicas: 2
  template:
    spec:
      securityContext:
        runAsNonRoot: true
        runAsUser: 1000
        fsGroup: 2000
        sysctls:
        - { name: net.ipv4.ip_unprivileged_port_start, value: "0" }
      initContainers:
      - name: migrate
        image: registry.test/team/api:1
        args: ["migrate"]
        volumeMounts:
        - { name: cache, mountPath: /cache }
      containers:
      - name: api
        image: registry.test/team/api:1
        command: ["/app", "--region=$(REGION)", "--key=$(KEY)", "$(NOBODY)", "$$(REGION)"]
        env:
        - { name: REGION, value: eu }
        - { name: WHERE, value: "$(REGION)-1" }
        - name: KEY
          valueFrom: { secretKeyRef: { name: keys, key: k } }
        ports:
        - containerPort: 443
        resources: { limits: { memory: 512Mi, cpu: 1 } }
        securityContext:
          runAsGroup: 3000
          readOnlyRootFilesystem: true
          allowPrivilegeEscalation: false
          capabilities: { drop: [ALL], add: [NET_BIND_SERVICE] }
        livenessProbe: { exec: { command: ["/bin/alive"] } }
        readinessProbe: { exec: { command: ["/bin/ready"] } }
        startupProbe: { httpGet: { path: /, port: 8080 } }
        volumeMounts:
        - { name: tmp, mountPath: /tmp/ }
        - { name: cache, mountPath: /cache }
        - { name: certs, mountPath: /etc/ssl/certs/ca.pem, subPath: ca.pem }
        - { name: data, mountPath: /data, readOnly: true }
      volumes:
      - { name: tmp, emptyDir: { medium: Memory } }
      - { name: cache, emptyDir: {} }
      - { name: certs, configMap: { name: ca } }
      - { name: data, persistentVolumeClaim: { claimName: d } }
"#;

fn api() -> Container {
    let manifest = read(DEPLOYMENT);
    assert_eq!(manifest.others, ["Service/api (line 2)"]);
    let found = manifest.choose(None, Some("Deployment/api/api"));
    found.expect("the container").clone()
}

#[test]
fn a_deployment_is_read_whole() {
    let api = api();
    assert_eq!(api.line, 30);
    let command = [
        "/app",
        "--region=eu",
        "--key=$(KEY)",
        "$(NOBODY)",
        "$(REGION)",
    ];
    assert_eq!(words(&api), command);
    let runtime = api.over(&image());
    assert_eq!(runtime.user, "1000:3000");
    assert_eq!(runtime.env, ["PATH=/bin", "A=1", "REGION=eu", "WHERE=eu-1"]);
    assert_eq!(runtime.exposed_ports, ["443/tcp"]);
    assert_eq!(
        runtime.volumes, [""; 0],
        "the claim lies over the image's volume"
    );
    let check = runtime.healthcheck.expect("a probe");
    assert_eq!(check.test, ["CMD", "/bin/ready"]);
    assert_eq!(api.more_probes, [["/bin/alive"]]);
    assert!(api.hides("KEY") && !api.hides("REGION"));
    assert!(api.run_as_non_root && api.read_only && api.no_new_privileges);
    assert_eq!(
        (api.memory.as_deref(), &*api.groups),
        (Some("512Mi"), &[2000][..])
    );
    assert_eq!(api.unprivileged_ports_from, Some(0));
    assert!(api.capabilities.leave("cap_net_bind_service", true));
    assert!(!api.capabilities.leave("cap_chown", true));
    let unknown = api.unknown.join("\n");
    for wanted in [
        "the value of KEY",
        "the files of the volume certs",
        "the volume data at /data",
    ] {
        assert!(unknown.contains(wanted), "{wanted} in {unknown}");
    }
}

#[test]
fn mounts_are_told_apart_by_what_lies_in_them() {
    let api = api();
    let kind = |path: &str| api.mount_at(path).map(|mount| mount.kind);
    assert_eq!(kind("/tmp/x"), Some(MountKind::Empty { shared: false }));
    assert_eq!(kind("/cache"), Some(MountKind::Empty { shared: true }));
    assert_eq!(kind("/etc/ssl/certs/ca.pem"), Some(MountKind::Files));
    assert_eq!(kind("/data/a"), Some(MountKind::Other));
    assert_eq!(kind("/tmpfile"), None);
    assert!(api.touches("/etc/ssl/certs") && !api.touches("/etc/passwd"));
}

#[test]
fn a_command_drops_the_images_cmd_and_arguments_alone_replace_it() {
    let pod = |said: &str| {
        let text = format!("kind: Pod\nspec: {{ containers: [{{ name: a, {said} }}] }}\n");
        words(&read(&text).containers[0])
    };
    assert_eq!(pod("image: x"), ["/app", "serve"]);
    assert_eq!(pod("command: [/b]"), ["/b"]);
    assert_eq!(pod("args: [x, y]"), ["/app", "x", "y"]);
    assert_eq!(pod("command: [/b], args: [x]"), ["/b", "x"]);
    assert_eq!(pod("command: [], args: []"), ["/app", "serve"]);
}

#[test]
fn every_kind_that_makes_pods_is_known_and_strangers_by_their_template() {
    let pods = "containers: [{ name: a, image: x }]";
    for (kind, spec) in [
        ("Pod", format!("{{ {pods} }}")),
        (
            "CronJob",
            format!("{{ jobTemplate: {{ spec: {{ template: {{ spec: {{ {pods} }} }} }} }} }}"),
        ),
        (
            "Deployment",
            format!("{{ template: {{ spec: {{ {pods} }} }} }}"),
        ),
        (
            "StatefulSet",
            format!("{{ template: {{ spec: {{ {pods} }} }} }}"),
        ),
        (
            "DaemonSet",
            format!("{{ template: {{ spec: {{ {pods} }} }} }}"),
        ),
        (
            "ReplicaSet",
            format!("{{ template: {{ spec: {{ {pods} }} }} }}"),
        ),
        ("Job", format!("{{ template: {{ spec: {{ {pods} }} }} }}")),
        (
            "Rollout",
            format!("{{ template: {{ spec: {{ {pods} }} }} }}"),
        ),
    ] {
        let manifest = read(&format!(
            "kind: {kind}\nmetadata: {{ name: n }}\nspec: {spec}\n"
        ));
        assert_eq!(manifest.containers[0].full_name(), format!("{kind}/n/a"));
    }
}

#[test]
fn what_the_api_would_refuse_is_refused_with_its_line() {
    for (said, line, wanted) in [
        ("command: /app", 5, "command is text, and has to be a list"),
        ("args: [1]", 5, "args is a number, and has to be text"),
        (
            "env: [{ name: PORT, value: 8080 }]",
            5,
            "value is a number, and has to be text",
        ),
        (
            "env: [{ name: PORT, value: yes }]",
            5,
            "value is true or false, and has to be text",
        ),
        ("env: [{ value: x }]", 5, "has no name"),
        (
            "securityContext: { runAsUser: app }",
            5,
            "runAsUser is text, and has to be a whole number",
        ),
        (
            "volumeMounts: [{ name: gone, mountPath: /x }]",
            5,
            "\"gone\"",
        ),
        ("volumeMounts: 7", 5, "volumeMounts is a number"),
        ("image: a\n    image: b", 6, "\"image\" is there twice"),
    ] {
        let error = refused(&format!(
            "kind: Pod\nspec:\n  containers:\n  - name: a\n    {said}\n"
        ));
        assert_eq!(error.line, Some(line), "{error}");
        assert!(error.what.contains(wanted), "{wanted} in {error}");
    }
    let error = refused("kind: Deployment\nspec: { replicas: 1 }\n");
    assert!(
        error.what.contains("spec.template.spec.containers"),
        "{error}"
    );
}

#[test]
fn numbers_and_truths_in_quotes_are_text_and_bare_words_too() {
    for value in [
        "\"8080\"", "'yes'", "1.2.3", "0x", "on-call", "512Mi", "!!str 7",
    ] {
        let text = format!(
            "kind: Pod\nspec:\n  containers:\n  - name: a\n    env:\n    - name: V\n      value: {value}\n"
        );
        let container = &read(&text).containers[0];
        assert!(!container.hides("V"), "{value}");
        assert_eq!(container.over(&image()).env.len(), 3, "{value}");
    }
}
