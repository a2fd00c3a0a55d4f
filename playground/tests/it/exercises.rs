//! Exercises on the command line: the learner's loop on a real engine, and work that stays.

use super::support::{engine_with, root};
use playground::web::KEY_HEADER;
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use tempfile::TempDir;

const FIRST: &str = "01-two-stages";

/// A learner's machine: progress in one folder, files in another.
struct Learner {
    dir: TempDir,
}

/// What a command came to.
struct Said {
    code: Option<i32>,
    out: String,
    err: String,
}

impl Learner {
    fn new() -> Learner {
        let dir = tempfile::tempdir().expect("a folder");
        Learner { dir }
    }

    fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_playground"));
        command
            .arg("exercises")
            .args(args)
            .env("EMPTY_ROOM_ROOT", root())
            .env("EMPTY_ROOM_DATA", self.dir.path().join("data"))
            .env("EMPTY_ROOM_WORK", self.work())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    fn said(&self, args: &[&str]) -> Said {
        let output = self.command(args).output().expect("the playground runs");
        Said {
            code: output.status.code(),
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
        }
    }

    fn work(&self) -> PathBuf {
        self.dir.path().join("work")
    }

    fn dockerfile(&self) -> PathBuf {
        self.work().join(FIRST).join("Dockerfile")
    }

    /// The first exercise as the list shows it.
    fn first(&self) -> Value {
        let listed = self.said(&["--json"]);
        let line = listed.out.lines().next().expect("a line");
        serde_json::from_str(line).expect("JSON")
    }
}

impl Said {
    #[track_caller]
    fn ended(self, code: i32) -> String {
        assert_eq!(self.code, Some(code), "{}{}", self.out, self.err);
        self.out
    }

    #[track_caller]
    fn has(self, code: i32, words: &[&str]) -> String {
        let out = self.ended(code);
        for word in words {
            assert!(out.contains(word), "{word} in:\n{out}");
        }
        out
    }
}

fn solution() -> PathBuf {
    root()
        .join("exercises")
        .join(FIRST)
        .join("solution/Dockerfile")
}

fn read(path: &Path) -> String {
    std::fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[tokio::test]
async fn a_learner_starts_fails_is_told_why_passes_and_moves_on() {
    engine_with("alpine:3.20").await;
    let learner = Learner::new();
    let none = learner.said(&["check"]);
    assert_eq!(none.code, Some(2), "{}", none.err);
    assert!(none.err.contains("exercises start 01"), "{}", none.err);
    let said = learner.said(&["start", "1"]);
    said.has(
        0,
        &[
            "handed in:  Dockerfile",
            "book/src/journey/stage-3.md",
            "exercises check 01",
        ],
    );
    let main = learner.work().join(FIRST).join("main.go");
    std::fs::write(&main, read(&main) + "\n// mine\n").expect("written");
    let said = learner.said(&["hint"]).has(0, &["Nothing was checked yet"]);
    assert!(!said.contains("FROM"), "{said}");

    let words = [
        "main.go: not looked at",
        "not yet",
        "expected:",
        "found:",
        "look at:  book/src/journey/stage-3.md",
        "only the build needs",
        "exercises hint 01",
    ];
    let said = learner.said(&["check"]).has(1, &words);
    assert!(
        !said.contains("COPY --from"),
        "the answer is not told: {said}"
    );
    learner.said(&["hint"]).has(0, &["hint 1 of 3"]);
    learner.said(&["hint"]).has(0, &["hint 2 of 3"]);
    learner.said(&["diff"]).has(1, &["--show-solution"]);
    learner
        .said(&["diff", "--show-solution"])
        .has(0, &["+++ solution/Dockerfile"]);
    assert_eq!(learner.first()["failing"], "The image is small");

    std::fs::copy(solution(), learner.dockerfile()).expect("copied");
    let said = learner.said(&["check", "--json"]).ended(0);
    let told: Value = serde_json::from_str(&said).expect("JSON");
    assert_eq!(told["result"]["verdict"]["passed"], true, "{told}");
    assert_eq!(told["not_looked_at"][0], "main.go", "{told}");
    learner.said(&["diff"]).has(0, &["the same"]);
    assert_eq!(learner.first()["state"], "passed");

    learner
        .said(&["reset", "1"])
        .has(0, &["01-two-stages.kept-1"]);
    let kept = learner.work().join("01-two-stages.kept-1/Dockerfile");
    assert_eq!(read(&kept), read(&solution()));
    assert_ne!(read(&learner.dockerfile()), read(&solution()));

    let file = learner.dir.path().join("progress.json");
    let name = file.to_string_lossy().into_owned();
    learner.said(&["export", &name]).ended(0);
    // What is there is not overwritten.
    learner.said(&["export", &name]).ended(2);
    let other = Learner::new();
    other.said(&["import", &name]).has(0, &["1 new files"]);
    assert_eq!(other.first(), learner.first());
    assert_eq!(read(&other.dockerfile()), read(&learner.dockerfile()));
    let statements = other.said(&["xapi", "--name", "ada"]).ended(0);
    let verbs: Vec<Value> = statements
        .lines()
        .map(|line| {
            serde_json::from_str::<Value>(line).expect("JSON")["verb"]["display"]["en"].clone()
        })
        .collect();
    assert_eq!(verbs, ["initialized", "failed", "asked", "asked", "passed"]);
}

#[test]
fn what_no_builder_could_use_is_said_without_an_engine() {
    let learner = Learner::new();
    learner.said(&["start", "1"]).ended(0);
    std::fs::write(learner.dockerfile(), "FORM alpine:3.20\n").expect("written");
    let output = learner
        .command(&["check"])
        .env("DOCKER_HOST", "unix:///nowhere/docker.sock")
        .output()
        .expect("runs");
    let out = String::from_utf8_lossy(&output.stdout);
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    assert!(
        out.contains("Dockerfile:1: error") && out.contains("`FROM`"),
        "{out}"
    );
}

#[test]
fn a_broken_export_changes_nothing() {
    let learner = Learner::new();
    learner.said(&["start", "1"]).ended(0);
    let (before, file) = (learner.first(), learner.dir.path().join("broken.json"));
    let name = file.to_string_lossy().into_owned();
    for broken in [
        "",
        "{}",
        "{\"empty_room_progress\": 1, \"acts\": [",
        "\u{0}",
    ] {
        std::fs::write(&file, broken).expect("written");
        let said = learner.said(&["import", &name]);
        assert_eq!(said.code, Some(2), "{broken}: {}", said.err);
        assert!(
            said.err.contains("next:") || said.err.contains("Next"),
            "{}",
            said.err
        );
    }
    assert_eq!(learner.first(), before);
}

#[tokio::test]
async fn a_check_that_is_killed_loses_nothing_and_two_at_once_both_count() {
    engine_with("golang:1.23").await;
    let learner = Learner::new();
    learner.said(&["start", "1"]).ended(0);
    let mine = read(&solution()) + "# mine\n";
    // A step that is not over before the check is killed.
    let endless = mine.replacen("RUN ", "RUN sleep 500\nRUN ", 1);
    assert_ne!(endless, mine, "there is something to build");
    std::fs::write(learner.dockerfile(), &endless).expect("written");
    let mut killed = learner.command(&["check", "1"]).spawn().expect("starts");
    let mut lines = BufReader::new(killed.stderr.take().expect("piped")).lines();
    lines.next().expect("a step is over").expect("text");
    killed.kill().expect("killed");
    killed.wait().expect("ended");
    assert_eq!(read(&learner.dockerfile()), endless);
    assert_eq!(learner.first()["state"], "begun");

    std::fs::write(learner.dockerfile(), &mine).expect("written");
    let two = [0, 1].map(|_| learner.command(&["check", "1"]).spawn().expect("starts"));
    for check in two {
        let output = check.wait_with_output().expect("ends");
        assert_eq!(output.status.code(), Some(0), "{output:?}");
    }
    assert_eq!(learner.first()["attempts"], 2);
    assert_eq!(read(&learner.dockerfile()), mine);
}

#[tokio::test]
async fn a_server_that_is_killed_during_a_check_loses_nothing() {
    engine_with("golang:1.23").await;
    let learner = Learner::new();
    let mut serve = Command::new(env!("CARGO_BIN_EXE_playground"))
        .args(["serve", "--port", "0"])
        .env("EMPTY_ROOM_ROOT", root())
        .env("EMPTY_ROOM_DATA", learner.dir.path().join("data"))
        .env("EMPTY_ROOM_WORK", learner.work())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("starts");
    let mut lines = BufReader::new(serve.stdout.take().expect("piped")).lines();
    let address = lines.find_map(|line| {
        let line = line.expect("text");
        let at = line.find("http://127.0.0.1:")?;
        let (base, key) = line[at..].trim().split_once("/#key=")?;
        Some((base.to_owned(), key.to_owned()))
    });
    let (base, key) = address.expect("an address");
    let client = reqwest::Client::new();
    let post = async |path: &str, body: Value| {
        let request = client.post(format!("{base}/api/exercises/{FIRST}{path}"));
        let request = request.header("Origin", &base).header(KEY_HEADER, &key);
        request
            .json(&body)
            .send()
            .await
            .expect("an answer")
            .status()
    };
    let mine = read(&solution()) + "# mine\n";
    let file = json!({ "path": "Dockerfile", "text": mine, "revision": null });
    assert_eq!(post("/files", file).await, 200);
    assert_eq!(post("/check", json!({})).await, 201);
    serve.kill().expect("killed");
    serve.wait().expect("ended");

    assert_eq!(read(&learner.dockerfile()), mine);
    assert_eq!(learner.first()["attempts"], 0);
    learner.said(&["check", "1"]).ended(0);
    assert_eq!(learner.first()["attempts"], 1);
    assert_eq!(read(&learner.dockerfile()), mine);
}

#[tokio::test]
async fn watch_checks_again_at_a_save_and_ends_at_ctrl_c() {
    engine_with("alpine:3.20").await;
    let learner = Learner::new();
    learner.said(&["start", "1"]).ended(0);
    std::fs::write(learner.dockerfile(), "FORM alpine:3.20\n").expect("written");
    let mut watching = learner.command(&["watch", "1"]).spawn().expect("starts");
    let mut lines = BufReader::new(watching.stdout.take().expect("piped")).lines();
    let mut until = |words: &str| {
        let mut lines = lines.by_ref().map(|line| line.expect("text"));
        assert!(
            lines.any(|line| line.contains(words)),
            "it never said {words}"
        );
    };
    until("Dockerfile:1: error");
    until("nothing was built");
    // What nobody can build is said, and the next save is waited for.
    std::fs::write(learner.dockerfile(), "FROM scratch\nCMD [\"\0\"]\n").expect("written");
    until("error: ");
    until("Nothing was built");
    // As many editors save: another file takes its name.
    let beside = learner.dockerfile().with_file_name("new~");
    std::fs::copy(solution(), &beside).expect("copied");
    std::fs::rename(&beside, learner.dockerfile()).expect("renamed");
    until("passed, after");
    until("Ctrl-C ends");
    let pid = watching.id().to_string();
    let asked = Command::new("kill").args(["-INT", &pid]).status();
    assert!(asked.expect("kill runs").success());
    assert!(watching.wait().expect("ends").success());
    assert_eq!(learner.first()["state"], "passed");
}
