//! `playground preflight` as CI calls it: the real command, real images, from any folder.

mod manifest;

use super::support::{build_lab, engine_with};
use analysis::preflight::Rule;
use engine::Engine;
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// The command in a folder that is no book, with an environment that knows of none.
fn command(folder: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playground"));
    command
        .arg("preflight")
        .args(args)
        .current_dir(folder)
        .env_remove("EMPTY_ROOM_ROOT")
        .env_remove("EMPTY_ROOM_BOOK_URL")
        .env_remove("GITHUB_STEP_SUMMARY")
        .env("EMPTY_ROOM_DATA", folder.join("data"))
        .stdin(Stdio::null());
    command
}

fn preflight(folder: &Path, args: &[&str]) -> Output {
    command(folder, args).output().expect("the playground runs")
}

/// The same where no engine can be reached.
fn without_engine(folder: &Path, args: &[&str]) -> Output {
    let mut command = command(folder, args);
    let nowhere = "unix:///nonexistent/docker.sock";
    let output = command.env("DOCKER_HOST", nowhere).output();
    output.expect("the playground runs")
}

fn said(output: &Output) -> (Option<i32>, String, String) {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|error| panic!("{error}: {:?}", said(output)))
}

fn rules(report: &Value) -> Vec<&str> {
    let findings = report["findings"].as_array().into_iter().flatten();
    findings
        .filter_map(|found| found["rule"].as_str())
        .collect()
}

/// A lab's image on the engine; whoever asks removes it.
async fn build(engine: &Engine, lab: &str, variant: &str) -> String {
    let tag = format!(
        "empty-room/run:it{}-preflight.{variant}",
        std::process::id()
    );
    build_lab(engine, &tag, lab, variant).await;
    tag
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_and_a_mended_image_are_told_apart_in_every_form() {
    let engine = engine_with("golang:1.23").await;
    let broken = build(&engine, "no-shell-cmd", "shell-cmd").await;
    let mended = build(&engine, "no-shell-cmd", "exec-form").await;
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();

    let found = preflight(at, &[&broken, "--format", "json"]);
    let clean = preflight(at, &[&mended, "--format", "json"]);
    let text = preflight(at, &[&broken]);
    let sarif = preflight(at, &[&broken, "--format", "sarif"]);
    let summary = at.join("summary.md");
    let github = command(
        at,
        &[&broken, "--format", "github", "--dockerfile", "Dockerfile"],
    )
    .env("GITHUB_STEP_SUMMARY", &summary)
    .output()
    .expect("the playground runs");
    let ignored = preflight(at, &[&broken, "--ignore", "no-shell", "--format", "json"]);
    let tolerated = preflight(at, &[&broken, "--fail-on", "never"]);
    // The same image, without the engine.
    let archive = at.join("image.tar");
    save(&engine, &broken, &archive).await;
    let word = archive.to_str().expect("a path");
    let offline = without_engine(at, &[word, "--format", "json"]);
    let piped = command(at, &["-", "--format", "json"])
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .stdin(std::fs::File::open(&archive).expect("saved"))
        .output()
        .expect("the playground runs");
    for image in [&broken, &mended] {
        engine.remove_image(image).await.expect("removed");
    }

    assert_eq!(found.status.code(), Some(1), "{:?}", said(&found));
    let report = json(&found);
    assert_eq!(report["verdict"], "will-not-start", "{report:#}");
    assert!(rules(&report).contains(&"no-shell"), "{report:#}");
    assert_eq!(report["subject"]["name"], broken);

    assert_eq!(clean.status.code(), Some(0), "{:?}", said(&clean));
    let report = json(&clean);
    assert!(!rules(&report).contains(&"no-shell"), "{report:#}");

    let (code, stdout, stderr) = said(&text);
    assert_eq!((code, &*stderr), (Some(1), ""));
    assert!(stdout.contains("Will not start\n"), "{stdout}");
    assert!(stdout.contains("museum/no-shell-cmd.html"), "{stdout}");
    assert!(stdout.ends_with("verdict: it will not start\n"), "{stdout}");
    assert!(!stdout.contains('\x1b'), "colours in a pipe: {stdout:?}");

    let sarif = json(&sarif);
    let results = sarif["runs"][0]["results"].as_array().expect("results");
    let result = results.iter().find(|result| result["ruleId"] == "no-shell");
    assert_eq!(result.expect("it")["level"], "error");

    let (code, stdout, _) = said(&github);
    assert_eq!(code, Some(1));
    assert!(
        stdout.starts_with("::error title=will not start%3A "),
        "{stdout}"
    );
    assert!(stdout.contains(",file=Dockerfile::"), "{stdout}");
    let summary = std::fs::read_to_string(summary).expect("a job summary");
    assert!(
        summary.contains("| will not start | `no-shell` |"),
        "{summary}"
    );

    let report = json(&ignored);
    assert!(!rules(&report).contains(&"no-shell"), "{report:#}");
    assert_eq!(report["counts"]["ignored"], 1);
    assert_eq!(tolerated.status.code(), Some(0), "{:?}", said(&tolerated));

    for other in [&offline, &piped] {
        assert_eq!(other.status.code(), Some(1), "{:?}", said(other));
        let report = json(other);
        assert_eq!(report["subject"]["kind"], "archive");
        assert!(rules(&report).contains(&"no-shell"), "{report:#}");
    }
}

async fn save(engine: &Engine, image: &str, to: &Path) {
    use futures_util::TryStreamExt;
    let pieces: Vec<_> = engine.save(image).try_collect().await.expect("saved");
    std::fs::write(to, pieces.concat()).expect("written");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_not_there_is_answered_with_near_ones() {
    let _has_it = engine_with("alpine:3.20").await;
    let folder = tempfile::tempdir().expect("a folder");
    let (code, stdout, stderr) = said(&preflight(folder.path(), &["alpine:3.200"]));
    assert_eq!((code, &*stdout), (Some(3), ""), "{stderr}");
    assert!(
        stderr.contains("alpine:3.20,") || stderr.contains("(alpine:3.20)"),
        "{stderr}"
    );
    assert!(stderr.contains("docker pull alpine:3.200"), "{stderr}");
}

#[test]
fn damaged_archives_end_in_one_clear_error_and_no_report() {
    let folder = tempfile::tempdir().expect("a folder");
    let at = folder.path();
    let mut header = tar::Header::new_ustar();
    header.set_path("manifest.json").expect("a name");
    header.set_size(4000);
    header.set_cksum();
    let mut cut_short = header.as_bytes().to_vec();
    cut_short.extend(b"[{\"Config\":");
    for (name, bytes) in [
        ("cut-short.tar", &*cut_short),
        ("garbage.tar", b"this is no archive at all"),
        ("empty.tar", b""),
        ("bad.tar.gz", b"\x1f\x8b\x08\0\0\0\0\0\0\x03garbage"),
    ] {
        std::fs::write(at.join(name), bytes).expect("written");
        for format in ["text", "json", "sarif", "github"] {
            let output = without_engine(at, &[name, "--format", format]);
            let (code, stdout, stderr) = said(&output);
            assert_eq!((code, &*stdout), (Some(3), ""), "{name}: {stderr}");
            for wanted in [name, "cause:", "next:"] {
                assert!(stderr.contains(wanted), "{wanted} in {stderr}");
            }
        }
    }
}

#[test]
fn wrong_arguments_exit_with_two_and_say_what_would_be_right() {
    let folder = tempfile::tempdir().expect("a folder");
    let program = env!("CARGO_BIN_EXE_playground");
    for (args, wanted) in [
        (
            &["x", "--ignore", "no-shel"][..],
            "did you mean `no-shell`?",
        ),
        (&["x", "--platform", "arm"], "linux/arm64"),
        (&["x", "--book-url", "ftp://x"], "https://"),
        (&["./not-there.tar"], "docker save"),
        (&[program], "playground xray"),
        (&[], "IMAGE"),
    ] {
        let (code, stdout, stderr) = said(&without_engine(folder.path(), args));
        assert_eq!((code, &*stdout), (Some(2), ""), "{args:?}: {stderr}");
        assert!(stderr.contains(wanted), "{wanted} in {stderr}");
    }
}

#[test]
fn without_an_engine_an_engines_image_cannot_be_read_and_it_says_so() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, stdout, stderr) = said(&without_engine(folder.path(), &["alpine:3.20"]));
    assert_eq!((code, &*stdout), (Some(3), ""), "{stderr}");
    for wanted in [
        "No Docker engine answers",
        "/nonexistent/docker.sock",
        "docker save",
    ] {
        assert!(stderr.contains(wanted), "{wanted} in {stderr}");
    }
}

#[test]
fn every_rule_can_be_listed_without_an_image() {
    let folder = tempfile::tempdir().expect("a folder");
    let (code, stdout, _) = said(&without_engine(folder.path(), &["--list-rules"]));
    assert_eq!(code, Some(0));
    assert_eq!(stdout.lines().count(), Rule::ALL.len());
    let listed = json(&without_engine(
        folder.path(),
        &["--list-rules", "--format", "json"],
    ));
    assert_eq!(
        listed["rules"].as_array().map(Vec::len),
        Some(Rule::ALL.len())
    );
}
