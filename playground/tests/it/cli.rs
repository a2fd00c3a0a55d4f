//! The command line: what scripts rely on, and what people read when something is wrong.

use super::support::{engine, fed, fixture, root};
use serde_json::Value;
use std::path::Path;
use std::process::{Command, Output};

fn playground(root: &Path, args: &[&str]) -> (Output, String, String) {
    let data = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_playground"))
        .args(args)
        .env("EMPTY_ROOM_ROOT", root)
        .env("EMPTY_ROOM_DATA", data.path())
        .output()
        .expect("the playground runs");
    let stdout = String::from_utf8_lossy(&output.stdout).into_owned();
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output, stdout, stderr)
}

fn lines(text: &str) -> Vec<Value> {
    let lines = text
        .lines()
        .map(|l| serde_json::from_str(l).expect("each line is JSON"));
    lines.collect()
}

#[test]
fn list_gives_one_object_a_line() {
    let (output, stdout, _) = playground(&root(), &["list", "--json"]);
    assert!(output.status.success());
    let labs = lines(&stdout);
    let ids: Vec<&str> = labs.iter().filter_map(|l| l["id"].as_str()).collect();
    for id in [
        "stage-1",
        "stage-2",
        "stage-3",
        "stage-4",
        "stage-5a",
        "stage-5b",
        "stage-6",
        "missing-libc",
        "x509",
        "unknown-time-zone",
    ] {
        assert!(ids.contains(&id), "{id} in {ids:?}");
    }
    for lab in &labs {
        assert!(
            matches!(
                lab["kind"].as_str(),
                Some("stage" | "failure" | "experiment")
            ),
            "{lab}"
        );
        assert!(
            lab["variants"].as_array().is_some_and(|v| !v.is_empty()),
            "{lab}"
        );
    }
}

#[tokio::test]
async fn run_exits_with_zero_only_when_the_outcome_is_as_declared() {
    engine().await;
    let (output, stdout, _) = playground(&fixture("limits"), &["run", "limits/quiet", "--json"]);
    assert_eq!(output.status.code(), Some(0));
    let events = lines(&stdout);
    assert_eq!(
        events.last().map(|e| e["event"].clone()),
        Some("finished".into())
    );
    let (output, stdout, stderr) = playground(&fixture("limits"), &["run", "limits/time"]);
    assert_eq!(output.status.code(), Some(1), "{stdout}{stderr}");
    assert!(stdout.contains("still running after 2 s"), "{stdout}");
}

#[test]
fn an_unknown_lab_is_named_with_its_nearest_neighbour() {
    let (output, _, stderr) = playground(&root(), &["run", "stage-5c"]);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("stage-5c") && stderr.contains("stage-5a"),
        "{stderr}"
    );
    assert!(stderr.contains("next:"), "{stderr}");
}

#[test]
fn a_broken_lab_toml_is_reported_whole_with_file_and_lines() {
    let broken = tempfile::tempdir().expect("a folder");
    let lab = broken.path().join("book/labs/wrong");
    std::fs::create_dir_all(lab.join("broken")).expect("made");
    std::fs::write(broken.path().join("book.toml"), "[book]\n").expect("written");
    std::fs::write(lab.join("broken/Dockerfile"), "FROM scratch\n").expect("written");
    let text = "kind = \"failure\"\ntitel = \"x\"\nsummary = 3\n\n[[variant]]\nid = \"broken\"\n\
                title = \"t\"\nrole = \"borken\"\nshow = [\"Dockerfile\"]\n";
    std::fs::write(lab.join("lab.toml"), text).expect("written");
    let (output, _, stderr) = playground(broken.path(), &["list"]);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    for wanted in [
        "lab.toml:2",
        "titel",
        "lab.toml:3",
        "lab.toml:5",
        "expect",
        "lab.toml:8",
        "borken",
    ] {
        assert!(stderr.contains(wanted), "{wanted} in:\n{stderr}");
    }
}

#[test]
fn without_an_engine_it_says_what_was_tried_and_what_to_do() {
    let data = tempfile::tempdir().expect("a folder");
    let output = Command::new(env!("CARGO_BIN_EXE_playground"))
        .args(["run", "stage-5a"])
        .env("EMPTY_ROOM_ROOT", root())
        .env("EMPTY_ROOM_DATA", data.path())
        .env("DOCKER_HOST", "unix:///nonexistent/docker.sock")
        .output()
        .expect("the playground runs");
    let stdout = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(3), "{stdout}");
    for wanted in [
        "No Docker engine answers",
        "DOCKER_HOST",
        "/nonexistent/docker.sock",
        "next:",
    ] {
        assert!(stdout.contains(wanted), "{wanted} in:\n{stdout}");
    }
}

#[test]
fn a_signal_ends_what_still_waits_for_its_engine() {
    for args in [
        &["run", "limits/quiet"][..],
        &["status"],
        &["check-content"],
        &["bases", "status"],
    ] {
        // It accepts, and never says a word: an engine that takes its time. One for each, so that
        // nobody who asked before is taken for this one.
        let silent = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let host = format!("tcp://{}", silent.local_addr().expect("an address"));
        let data = tempfile::tempdir().expect("a folder");
        let mut child = Command::new(env!("CARGO_BIN_EXE_playground"))
            .args(args)
            .env("EMPTY_ROOM_ROOT", fixture("limits"))
            .env("EMPTY_ROOM_DATA", data.path())
            .env("DOCKER_HOST", &host)
            .stdout(std::process::Stdio::null())
            .spawn()
            .expect("the playground runs");
        let connection = silent.accept().expect("it asks");
        let since = std::time::Instant::now();
        let asked = Command::new("kill").arg(child.id().to_string()).status();
        assert!(asked.expect("kill runs").success());
        let status = child.wait().expect("it ends");
        assert_eq!(status.code(), Some(130), "{args:?}");
        assert!(since.elapsed().as_secs() < 3, "{args:?}");
        drop(connection);
    }
}

#[tokio::test]
async fn a_taken_port_moves_on_to_the_next_and_says_so() {
    use std::io::{BufRead, BufReader};
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = taken.local_addr().expect("an address").port();
    let data = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_playground"))
        .args(["serve", "--port", &port.to_string()])
        .env("EMPTY_ROOM_ROOT", fixture("limits"))
        .env("EMPTY_ROOM_DATA", data.path())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("the playground starts");
    let stdout = BufReader::new(child.stdout.take().expect("its output"));
    let said: Vec<String> = stdout
        .lines()
        .map_while(Result::ok)
        .take_while(|line| !line.contains("Ctrl-C"))
        .collect();
    child.kill().expect("killed");
    child.wait().expect("gone");
    let said = said.join("\n");
    assert!(said.contains(&format!("Port {port} is taken")), "{said}");
    assert!(said.contains("http://127.0.0.1:"), "{said}");
    drop(taken);
}

/// Runs `explain` with this on its stdin.
fn explain(args: &[&str], input: &[u8]) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playground"));
    command
        .arg("explain")
        .args(args)
        .env("EMPTY_ROOM_ROOT", fixture("limits"))
        .env("EMPTY_ROOM_DATA", "/nonexistent/none is needed");
    fed(&mut command, input)
}

#[test]
fn explain_names_the_page_and_the_next_command() {
    let message = "sh: can’t fork: Resource temporarily unavailable";
    let words: Vec<&str> = message.split(' ').collect();
    let log = format!("app-1  | starting\napp-1  | {message}\n");
    for (args, input) in [
        (&[message][..], ""),
        (&words, ""),
        (&[], log.as_str()),
        (&["-"], &log),
    ] {
        let (code, stdout, stderr) = explain(args, input.as_bytes());
        assert_eq!(code, Some(0), "{args:?}: {stdout}{stderr}");
        assert!(stdout.contains("limits.html"), "{stdout}");
        assert!(stdout.contains("playground run limits"), "{stdout}");
    }
    let (code, stdout, _) = explain(&["--json", message], b"");
    assert_eq!(code, Some(0));
    let answer = lines(&stdout).pop().expect("one object");
    assert_eq!(answer["query"], message);
    assert_eq!(answer["matches"][0]["page"], "limits.html");
}

#[test]
fn explain_says_honestly_what_it_does_not_know() {
    let (code, stdout, _) = explain(&["npm ERR! code ENOENT"], b"");
    assert_eq!(code, Some(1));
    assert!(stdout.contains("not known here"), "{stdout}");
    let (code, stdout, _) = explain(&["--json"], b"\xff\xfe\0 binary");
    assert_eq!(code, Some(1));
    let answer = lines(&stdout).pop().expect("one object");
    assert_eq!(
        (&answer["known"], &answer["matches"]),
        (&false.into(), &Value::Array(vec![]))
    );
    for (args, input) in [
        (&[][..], " \n"),
        (&["-"], ""),
        (&[""], ""),
        (&["--jsn", "x"], ""),
    ] {
        let (code, stdout, stderr) = explain(args, input.as_bytes());
        assert_eq!(code, Some(2), "{args:?}: {stdout}{stderr}");
        assert!(stdout.is_empty() && !stderr.is_empty());
    }
}

/// `playground list | head -1`
#[test]
fn a_reader_of_stdout_that_goes_away_is_no_error() {
    let data = tempfile::tempdir().expect("a folder");
    let mut child = Command::new(env!("CARGO_BIN_EXE_playground"))
        .arg("list")
        .env("EMPTY_ROOM_ROOT", root())
        .env("EMPTY_ROOM_DATA", data.path())
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .expect("the playground starts");
    drop(child.stdout.take());
    let output = child.wait_with_output().expect("it ends");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    assert_eq!(stderr, "");
}

#[test]
fn a_folder_that_is_not_the_book_is_named() {
    let (output, _, stderr) = playground(Path::new("/nonexistent"), &["list"]);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(
        stderr.contains("/nonexistent is not the book's folder"),
        "{stderr}"
    );
    assert!(stderr.contains("next:"), "{stderr}");
}

#[tokio::test]
async fn another_go_and_its_bases_take_the_place_of_those_that_dockerfiles_name() {
    engine().await;
    let folder = tempfile::tempdir().expect("a folder");
    let dockerfile = folder.path().join("Dockerfile");
    let text = "FROM golang:1.23-alpine AS build\nRUN go version >/ran\nFROM alpine:3.20\n\
                COPY --from=build /ran /ran\n\
                COPY --from=golang:1.23-alpine /usr/local/go/VERSION /copied\n\
                CMD [\"cat\", \"/ran\", \"/copied\", \"/etc/alpine-release\"]\n";
    std::fs::write(&dockerfile, text).expect("written");
    let edit = format!("Dockerfile={}", dockerfile.display());
    for (go, alpine, other) in [("1.27", "3.23", "go1.23"), ("1.23", "3.20", "go1.27")] {
        let arguments = [
            "run",
            "limits/slow-build",
            "--json",
            "--go",
            go,
            "--edit",
            &edit,
        ];
        let (_, stdout, stderr) = playground(&fixture("limits"), &arguments);
        let output = lines(&stdout)
            .into_iter()
            .filter(|e| e["event"] == "output");
        let output: String = output.map(|e| e["text"].to_string()).collect();
        assert_eq!(
            output.matches(&format!("go{go}")).count(),
            2,
            "{stdout}{stderr}"
        );
        assert!(!output.contains(other), "{output}");
        assert!(output.contains(alpine), "{output}");
        assert!(stdout.contains(&format!("golang:{go}-alpine")), "{stdout}");
    }
    let arguments = ["run", "limits/quiet", "--go", "1.22"];
    let (output, _, stderr) = playground(&fixture("limits"), &arguments);
    assert_eq!(output.status.code(), Some(2));
    for go in ["1.22", "--go 1.23", "--go 1.27"] {
        assert!(stderr.contains(go), "{go} in {stderr}");
    }
}

#[test]
fn the_static_book_shows_what_was_recorded_and_never_empties_a_strangers_folder() {
    let out = tempfile::tempdir().expect("a folder");
    let book = out.path().join("book");
    let to = book.to_str().expect("text");
    for _ in 0..2 {
        let (output, stdout, stderr) = playground(&root(), &["build", "--out", to]);
        assert!(output.status.success(), "{stdout}{stderr}");
    }
    let ledger = std::fs::read_to_string(book.join("ledger.html")).expect("a page");
    assert!(ledger.contains("data-claim=\"03\""), "every claim is there");
    let mine = out.path().join("mine");
    std::fs::create_dir(&mine).expect("made");
    std::fs::write(mine.join("letter.txt"), "keep me").expect("written");
    let (output, _, stderr) =
        playground(&root(), &["build", "--out", mine.to_str().expect("text")]);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("would be emptied"), "{stderr}");
    assert!(mine.join("letter.txt").is_file(), "it is kept");
}
