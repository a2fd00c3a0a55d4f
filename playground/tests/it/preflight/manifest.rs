//! `playground preflight --as`: the real command judges the container that a manifest makes of an
//! image. The image is an archive with a real Go program in it, so that no engine is asked.

use super::{command, json, rules, said, without_engine};
use analysis::image::testing::{Make, image_of, tar};
use flate2::read::GzDecoder;
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;
use std::process::{Command, Stdio};

/// A folder with `api.tar`: a program that makes temporary files and looks users up, at `/srv/app`.
fn folder() -> tempfile::TempDir {
    let corpus =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("crates/analysis/tests/corpus/binaries");
    let packed = std::fs::read(corpus.join("go1.27-amd64-asks.gz")).expect("in the corpus");
    let mut program = Vec::new();
    let unpacked = GzDecoder::new(&*packed).read_to_end(&mut program);
    unpacked.expect("gzip");
    let layer = tar(&[
        Make::Mode("srv/app", 0o755, &program),
        Make::File("etc/passwd", b"root:x:0:0::/:/x\napp:x:7:7::/:/x\n"),
        Make::DirMode("tmp", 0o1777),
    ]);
    let config = json!({ "Entrypoint": ["/srv/app"], "User": "app" });
    let folder = tempfile::tempdir().expect("a folder");
    let image = image_of("amd64", &config, &[layer]);
    std::fs::write(folder.path().join("api.tar"), image).expect("written");
    folder
}

fn write(folder: &Path, name: &str, text: &str) {
    std::fs::write(folder.join(name), text).expect("written");
}

fn judged(folder: &Path, more: &[&str]) -> Value {
    let mut args = vec!["api.tar", "--format", "json"];
    args.extend(more);
    json(&without_engine(folder, &args))
}

fn severity(report: &Value, rule: &str) -> Option<String> {
    let findings = report["findings"].as_array()?;
    let found = findings.iter().find(|found| found["rule"] == rule)?;
    found["severity"].as_str().map(str::to_owned)
}

#[test]
fn a_pod_that_the_kubelet_refuses_is_told_before_it_does() {
    let folder = folder();
    let at = folder.path();
    let pod = "kind: Pod\nmetadata: { name: api }\nspec:\n  securityContext: { runAsNonRoot: true }\n  \
               containers:\n  - name: web\n    image: api\n    securityContext: { readOnlyRootFilesystem: \
               true }\n    livenessProbe: { exec: { command: [/bin/curl, localhost] } }\n";
    write(at, "pod.yaml", pod);
    let alone = judged(at, &[]);
    assert_eq!(alone["container"], Value::Null);
    assert_eq!(severity(&alone, "run-as-non-root"), None);
    assert_eq!(severity(&alone, "tmp-not-writable"), None);

    let report = judged(at, &["--as", "pod.yaml"]);
    assert_eq!(report["verdict"], "will-not-start", "{report:#}");
    for (rule, severe) in [
        ("run-as-non-root", "will-not-start"),
        ("healthcheck-missing", "will-fail"),
        ("tmp-not-writable", "advice"),
    ] {
        assert_eq!(
            severity(&report, rule).as_deref(),
            Some(severe),
            "{rule} in {report:#}"
        );
    }
    assert_eq!(report["container"]["file"], "pod.yaml");
    assert_eq!(report["container"]["line"], 6);
    assert_eq!(report["container"]["owner"], "Pod/api");

    // A number, and an emptyDir at /tmp: nothing of it is left.
    let mended = pod
        .replace("runAsNonRoot: true", "runAsNonRoot: true, runAsUser: 7")
        .replace("/bin/curl, localhost", "/srv/app")
        + "    volumeMounts: [{ name: tmp, mountPath: /tmp }]\n  volumes: [{ name: tmp, emptyDir: {} }]\n";
    write(at, "mended.yaml", &mended);
    let report = judged(at, &["--as", "mended.yaml"]);
    for rule in [
        "run-as-non-root",
        "healthcheck-missing",
        "tmp-not-writable",
        "no-tmp",
    ] {
        assert_eq!(severity(&report, rule), None, "{report:#}");
    }
}

#[test]
fn a_compose_service_is_judged_by_its_own_command_user_and_mounts() {
    let folder = folder();
    let at = folder.path();
    let service = |name: &str, said: &str| format!("  {name}: {{ image: api, {said} }}\n");
    let compose = "services:\n".to_owned()
        + &service("gone", "entrypoint: /bin/api")
        + &service("nobody", "user: nobody")
        + &service("bind", "volumes: ['.:/srv']")
        + &service("empty", "tmpfs: /srv")
        + &service("small", "mem_limit: 64m")
        + &service("told", "mem_limit: 64m, environment: [GOMEMLIMIT=58MiB]");
    write(at, "compose.yaml", &compose);
    for (container, rule, severe) in [
        ("gone", "command-missing", Some("will-not-start")),
        ("nobody", "unknown-user", Some("will-not-start")),
        ("bind", "hidden-by-mount", Some("advice")),
        ("empty", "hidden-by-mount", Some("will-not-start")),
        ("small", "memory-limit-unknown", Some("advice")),
        ("told", "memory-limit-unknown", None),
    ] {
        let report = judged(at, &["--as", "compose.yaml", "--container", container]);
        assert_eq!(
            severity(&report, rule).as_deref(),
            severe,
            "{container}: {report:#}"
        );
    }
    for (container, told) in [("small", true), ("bind", false)] {
        let report = judged(at, &["--as", "compose.yaml", "--container", container]);
        // What starts from the host's directory is not the image's program.
        assert_eq!(
            rules(&report).contains(&"no-time-zones"),
            told,
            "{report:#}"
        );
    }
}

#[test]
fn every_form_names_the_container_and_stdin_will_do() {
    let folder = folder();
    let at = folder.path();
    let task = "{\"family\": \"shop\", \"containerDefinitions\": [{\"name\": \"api\", \"image\": \"api\", \
                \"secrets\": [{\"name\": \"KEY\", \"valueFrom\": \"arn\"}]}]}";
    write(at, "task.json", task);
    let name = "as shop/api of task.json, line 1";
    let (_, text, stderr) = said(&without_engine(at, &["api.tar", "--as", "task.json"]));
    assert!(
        text.lines().next().is_some_and(|line| line.ends_with(name)),
        "{text}{stderr}"
    );
    assert!(
        text.contains("Cannot be told\n  - the value of KEY\n"),
        "{text}"
    );
    let (_, github, _) = said(&without_engine(
        at,
        &["api.tar", "--as", "task.json", "--format", "github"],
    ));
    assert!(github.contains(name), "{github}");
    let sarif = json(&without_engine(
        at,
        &["api.tar", "--as", "task.json", "--format", "sarif"],
    ));
    let container = &sarif["runs"][0]["properties"]["container"];
    assert_eq!(
        (&container["file"], &container["name"]),
        (&json!("task.json"), &json!("api"))
    );

    let piped = command(at, &["api.tar", "--as", "-", "--format", "json"])
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .stdin(std::fs::File::open(at.join("task.json")).expect("written"))
        .output();
    let report = json(&piped.expect("the playground runs"));
    assert_eq!(report["container"]["file"], "stdin");
}

#[test]
fn a_manifest_that_is_wrong_is_an_error_with_its_line_and_no_report() {
    let folder = folder();
    let at = folder.path();
    write(
        at,
        "number.yaml",
        "kind: Pod\nspec:\n  containers:\n  - name: a\n    env: [{ name: P, value: 80 }]\n",
    );
    write(
        at,
        "two.yaml",
        "services:\n  a: { image: x }\n  b: { image: y }\n",
    );
    write(
        at,
        "service.yaml",
        "kind: Service\nmetadata: { name: api }\n",
    );
    write(
        at,
        "chart.yaml",
        "kind: Pod\nspec:\n  {{- if .Values.x }}\n",
    );
    write(at, "attack.yaml", "\"\\u001b[2J\\n::error::x\": 1\n");
    for (file, wanted) in [
        (
            "number.yaml",
            &["number.yaml:5: value is a number", "quotes"][..],
        ),
        (
            "two.yaml",
            &["a (x, line 2), b (y, line 3)", "--container NAME"],
        ),
        ("service.yaml", &["Service/api (line 1)"]),
        ("chart.yaml", &["chart.yaml:3: ", "helm template"]),
        ("attack.yaml", &["attack.yaml:1: "]),
        ("gone.yaml", &["gone.yaml", "No such file"]),
    ] {
        let (code, stdout, stderr) = said(&without_engine(at, &["api.tar", "--as", file]));
        assert_eq!((code, &*stdout), (Some(2), ""), "{file}: {stderr}");
        for wanted in wanted {
            assert!(stderr.contains(wanted), "{wanted} in {stderr}");
        }
        policy::sanitize::testing::assert_harmless(&stderr);
    }
    let (code, _, stderr) = said(&without_engine(at, &["api.tar", "--container", "a"]));
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("--as"), "{stderr}");
}

#[test]
fn manifests_made_to_hurt_end_in_one_error() {
    let folder = folder();
    let at = folder.path();
    let mut bomb = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
    for n in 1..30 {
        let ten = vec![format!("*a{}", n - 1); 10].join(", ");
        bomb.push_str(&format!("a{n}: &a{n} [{ten}]\n"));
    }
    write(at, "bomb.yaml", &bomb);
    write(at, "deep.yaml", &"[".repeat(500_000));
    write(at, "large.yaml", &"# nothing\n".repeat(200_000));
    std::fs::create_dir(at.join("folder.yaml")).expect("made");
    let fifo = Command::new("mkfifo").arg(at.join("fifo.yaml")).status();
    assert!(fifo.expect("mkfifo runs").success());
    for (file, wanted) in [
        ("bomb.yaml", "aliases written out"),
        ("deep.yaml", "deep.yaml:1: "),
        ("large.yaml", "larger than 1048576 bytes"),
        ("folder.yaml", "it is a directory"),
        ("fifo.yaml", "no regular file"),
        ("/dev/zero", "no regular file"),
    ] {
        let (code, stdout, stderr) = said(&without_engine(at, &["api.tar", "--as", file]));
        assert_eq!((code, &*stdout), (Some(2), ""), "{file}: {stderr}");
        assert!(stderr.contains(wanted), "{wanted} in {stderr}");
    }
    // What never ends on stdin is not waited for either.
    let mut endless = Command::new("yes")
        .stdout(Stdio::piped())
        .spawn()
        .expect("yes runs");
    let output = command(at, &["api.tar", "--as", "-"])
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .stdin(endless.stdout.take().expect("piped"))
        .output()
        .expect("the playground runs");
    endless.wait().expect("it ends with its pipe");
    let (code, _, stderr) = said(&output);
    assert_eq!(code, Some(2), "{stderr}");
    assert!(stderr.contains("larger than"), "{stderr}");
}
