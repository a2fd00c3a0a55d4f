//! Runs as objects on the server: one end, resumable, stoppable, nothing left behind.

use super::support::{Server, engine_with, fixture, leftovers, root};
use playground::app_state::AppState;
use playground::run::{ImagePlan, RunLog, build_image};
use playground::web::KEY_HEADER;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio_util::sync::CancellationToken;

fn ends(events: &[Value]) -> usize {
    events.iter().filter(|e| e["event"] == "finished").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_numbered_from_one_and_has_exactly_one_end() {
    let server = Server::start(&fixture("limits")).await;
    let run = server.run("limits", "quiet", json!({})).await;
    let events = server.events(&run).await;
    let numbers: Vec<u64> = events.iter().filter_map(|e| e["seq"].as_u64()).collect();
    let wanted: Vec<u64> = (1..=events.len() as u64).collect();
    assert_eq!(numbers, wanted);
    assert_eq!(events[0]["event"], "run-started");
    assert_eq!(ends(&events), 1);
    assert_eq!(
        events.last().map(|e| &e["ending"]),
        Some(&json!("as-declared"))
    );
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_that_comes_back_continues_where_it_stopped() {
    let server = Server::start(&fixture("limits")).await;
    let run = server.run("limits", "quiet", json!({})).await;
    let all = server.events(&run).await;
    let rest = server.events_after(&run, 3).await;
    assert_eq!(rest, all[3..]);
    assert_eq!(
        server.events_after(&run, all.len() as u64).await,
        Vec::<Value>::new()
    );
    let (one, two) = tokio::join!(server.events(&run), server.events(&run));
    assert_eq!(one, two, "several viewers see the same");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn every_step_that_starts_also_finishes() {
    let server = Server::start(&fixture("limits")).await;
    for (variant, edits) in [
        ("quiet", json!({})),
        (
            "slow-build",
            json!({ "Dockerfile": "FROM alpine:3.20\nRUN false\n" }),
        ),
    ] {
        let run = server.run("limits", variant, edits).await;
        let events = server.events(&run).await;
        let steps = |kind: &str| -> Vec<String> {
            let mut steps: Vec<String> = events
                .iter()
                .filter(|e| e["event"] == kind)
                .map(|e| e["step"].as_str().unwrap_or("").to_owned())
                .collect();
            steps.sort();
            steps
        };
        assert_eq!(steps("step-started"), steps("step-finished"), "{variant}");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_step_names_its_line_in_the_dockerfile() {
    let server = Server::start(&fixture("limits")).await;
    let dockerfile = "FROM alpine:3.20\n\n# a comment\nRUN true\nRUN echo before; \\\n    exit 3\n";
    let run = server
        .run("limits", "slow-build", json!({ "Dockerfile": dockerfile }))
        .await;
    let events = server.events(&run).await;
    let failed = events
        .iter()
        .find(|e| e["event"] == "step-finished" && e["status"] == "failed")
        .expect("a failed step");
    assert_eq!(failed["error"]["line"], 5, "{failed}");
    assert_eq!(
        events.last().map(|e| &e["outcome"]),
        Some(&json!("build-fails"))
    );
    let parse = json!({ "Dockerfile": "FROM alpine:3.20\nRUNN true\n" });
    let run = server.run("limits", "slow-build", parse).await;
    let finished = server.events(&run).await.pop().expect("an end");
    let message = finished["message"].as_str().unwrap_or("");
    assert!(message.contains("unknown instruction: RUNN"), "{finished}");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_ends_a_build_for_real_and_leaves_nothing_behind() {
    let server = Server::start(&fixture("limits")).await;
    // A text of its own, so that no other test's process is mistaken for this one.
    let building = format!("sleep 42{}", std::process::id());
    let dockerfile = format!("FROM alpine:3.20\nRUN echo stop-me; {building}\n");
    let run = server
        .run("limits", "slow-build", json!({ "Dockerfile": dockerfile }))
        .await;
    let logged = |e: &Value| {
        e["event"] == "step-log" && e["text"].as_str().unwrap_or("").contains("stop-me")
    };
    server.wait_for(&run, logged).await;
    let answer = server
        .post(&format!("/api/runs/{run}/stop"), &json!({}))
        .send()
        .await;
    assert_eq!(answer.expect("an answer").status(), 202);
    let events = server.events(&run).await;
    assert_eq!(ends(&events), 1);
    assert_eq!(events.last().map(|e| &e["ending"]), Some(&json!("stopped")));
    until_gone(&building).await;
    assert_eq!(
        leftovers(server.state.owner.id()).await,
        Vec::<String>::new()
    );
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_ends_a_running_container_and_leaves_nothing_behind() {
    let server = Server::start(&root()).await;
    let run = server.run("x509", "no-bundle", json!({})).await;
    let running = |e: &Value| e["event"] == "step-started" && e["step"] == "run";
    server.wait_for(&run, running).await;
    server
        .post(&format!("/api/runs/{run}/stop"), &json!({}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(ends(&server.events(&run).await), 1);
    assert_eq!(
        leftovers(server.state.owner.id()).await,
        Vec::<String>::new()
    );
    server.close().await;
}

/// How long an engine may take to start or end a process: nothing waits for it where all is well.
const PATIENCE: Duration = Duration::from_secs(300);

/// Waits until no process has `text` in its command line.
async fn until_gone(text: &str) {
    let since = Instant::now();
    while processes().iter().any(|command| command.contains(text)) {
        assert!(since.elapsed() < PATIENCE, "`{text}` still runs");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn processes() -> Vec<String> {
    let entries = std::fs::read_dir("/proc")
        .expect("this test reads /proc")
        .flatten();
    entries
        .filter_map(|e| std::fs::read(e.path().join("cmdline")).ok())
        .map(|raw| String::from_utf8_lossy(&raw).replace('\0', " "))
        .collect()
}

/// The real binary, serving; returns it with its address and key.
fn spawn_serve(root: &Path, data: &Path) -> (Served, String, String) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_playground"))
        .args(["serve", "--port", "0"])
        .env("EMPTY_ROOM_ROOT", root)
        .env("EMPTY_ROOM_DATA", data)
        .stdout(Stdio::piped())
        .spawn()
        .expect("the playground starts");
    let stdout = child.stdout.take().expect("its output");
    let mut lines = BufReader::new(stdout).lines();
    let (base, key) = lines
        .by_ref()
        .map_while(Result::ok)
        .find_map(|line| {
            let url = line
                .split_whitespace()
                .find(|w| w.starts_with("http://"))?
                .to_owned();
            let (base, key) = url.split_once("/#key=")?;
            Some((base.to_owned(), key.to_owned()))
        })
        .expect("it prints its address");
    // Keep reading, or it would block on a full pipe.
    std::thread::spawn(move || for _ in lines {});
    (Served(child), base, key)
}

/// A served playground; killed with the test that started it, should that fail.
struct Served(Child);

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_server_leaves_nothing_behind_once_it_is_started_again() {
    // Both runs are to work at once, and neither to make the base first.
    engine_with("alpine:3.20").await;
    let data = tempfile::tempdir().expect("a folder");
    let (mut child, base, key) = spawn_serve(&fixture("limits"), data.path());
    let http = reqwest::Client::new();
    // Numbers of this run alone: what an earlier one left must not be taken for ours.
    let building = format!("sleep 43{}", std::process::id());
    let running = format!("sleep 44{}", std::process::id());
    for dockerfile in [
        format!("FROM alpine:3.20\nRUN echo kill-me; {building}\n"),
        format!(
            "FROM alpine:3.20\nCMD {:?}\n",
            running.split(' ').collect::<Vec<_>>()
        ),
    ] {
        let edits = json!({ "Dockerfile": dockerfile });
        let body = json!({ "lab": "limits", "variant": "slow-build", "edits": edits });
        let answer = http
            .post(format!("{base}/api/runs"))
            .header(KEY_HEADER, &key)
            .json(&body)
            .send()
            .await;
        assert_eq!(answer.expect("an answer").status(), 201);
    }
    until_there(&building).await;
    until_there(&running).await;
    child.0.kill().expect("killed");
    child.0.wait().expect("gone");
    until_gone(&building).await;

    let owners = owners(data.path());
    assert_eq!(owners.len(), 1, "the killed server's name is still on file");
    let left = leftovers(&owners[0]).await;
    assert!(
        !left.is_empty(),
        "a kill does leave something, or this test shows nothing"
    );
    let (mut again, base, key) = spawn_serve(&fixture("limits"), data.path());
    // Its first answer about the engine comes after the sweep.
    let status = http
        .get(format!("{base}/api/status"))
        .header(KEY_HEADER, &key)
        .send()
        .await;
    assert_eq!(status.expect("an answer").status(), 200);
    assert_eq!(leftovers(&owners[0]).await, Vec::<String>::new());
    let asked = Command::new("kill").arg(again.0.id().to_string()).status();
    assert!(asked.expect("kill runs").success());
    assert!(
        again.0.wait().expect("it ends").success(),
        "SIGTERM is a clean end"
    );
}

async fn until_there(text: &str) {
    let since = Instant::now();
    while !processes().iter().any(|command| command.contains(text)) {
        assert!(since.elapsed() < PATIENCE, "`{text}` was not started");
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

fn owners(data: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(data.join("owners"))
        .expect("owners")
        .flatten();
    entries
        .map(|e| e.file_name().to_string_lossy().into_owned())
        .filter(|name| name != "machine")
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_living_playgrounds_containers_are_never_swept() {
    engine_with("alpine:3.20").await;
    let server = Server::start(&fixture("limits")).await;
    let dockerfile = "FROM alpine:3.20\nCMD [\"sleep\", \"600\"]\n";
    let run = server
        .run("limits", "slow-build", json!({ "Dockerfile": dockerfile }))
        .await;
    let running = |e: &Value| e["event"] == "step-started" && e["step"] == "run";
    server.wait_for(&run, running).await;
    let other = tempfile::tempdir().expect("a folder");
    let (mut child, base, key) = spawn_serve(&fixture("limits"), other.path());
    let http = reqwest::Client::new();
    let status = http
        .get(format!("{base}/api/status"))
        .header(KEY_HEADER, &key)
        .send()
        .await;
    assert_eq!(status.expect("an answer").status(), 200);
    let mine = leftovers(server.state.owner.id()).await;
    assert!(!mine.is_empty(), "the run's container is still there");
    child.0.kill().expect("killed");
    child.0.wait().expect("gone");
    server
        .post(&format!("/api/runs/{run}/stop"), &json!({}))
        .send()
        .await
        .expect("an answer");
    server.events(&run).await;
    server.close().await;
}

/// No step of the builder tells: it never got so far.
#[tokio::test(flavor = "multi_thread")]
async fn a_dockerfile_that_cannot_be_read_points_at_its_line() {
    let server = Server::start(&fixture("limits")).await;
    let edits = json!({ "Dockerfile": "FROM alpine:3.20\nRUNN true\n" });
    let run = server.run("limits", "slow-build", edits).await;
    let events = server.events(&run).await;
    let failed = events
        .iter()
        .find(|e| e["event"] == "step-finished" && e["status"] == "failed")
        .expect("a failed step");
    assert_eq!(failed["error"]["file"], "Dockerfile", "{failed}");
    assert_eq!(failed["error"]["line"], 2, "{failed}");
    server.close().await;
}

/// Go remembers which packages a folder imports by its path and its files' names, sizes and
/// times. Labs all build in `/src` with one cache, and two files may well be of one size.
#[tokio::test(flavor = "multi_thread")]
async fn sources_of_equal_size_do_not_pass_for_each_other_in_gos_cache() {
    let server = Server::start(&root()).await;
    // Another text each time, so that the builder's own cache does not answer.
    let nonce = engine::LABEL.len() + std::process::id() as usize;
    for package in ["fmt", "log", "fmt"] {
        let main = format!(
            "package main\n\nimport \"{package}\"\n\nfunc main() {{ {package}.Print(\"{nonce:012} {package}\") }}\n"
        );
        let edits = json!({ "main.go": main });
        let run = server.run("unknown-time-zone", "broken", edits).await;
        let finished = server.events(&run).await.pop().expect("a terminal event");
        assert_eq!(finished["outcome"], "exits", "{package}: {finished:#}");
    }
    server.close().await;
}

/// Runs that build the same share one image on the engine, whose last name takes it away.
#[tokio::test(flavor = "multi_thread")]
async fn an_image_stays_for_its_run_while_others_give_up_the_very_same() {
    let data = tempfile::tempdir().expect("a folder");
    let engine = engine_with("alpine:3.20").await;
    let state = AppState::open_on(&fixture("limits"), data.path(), engine).expect("opened");
    let (state, taken) = (Arc::new(state), Arc::new(AtomicUsize::new(0)));
    let runs = (0..4).map(|_| {
        let (state, taken) = (state.clone(), taken.clone());
        tokio::spawn(async move {
            // As each seat of a class has it.
            let engine = super::support::engine().await;
            for _ in 0..25 {
                let plan = ImagePlan {
                    lab: "limits".into(),
                    variant: "quiet".into(),
                    edits: BTreeMap::new(),
                    fresh: false,
                    touch: None,
                };
                let log = Arc::new(RunLog::default());
                let built = build_image(&state, &plan, &log, &CancellationToken::new()).await;
                let built = built.unwrap_or_else(|_| panic!("not built"));
                if engine.image(&built.id).await.expect("asked").is_none() {
                    taken.fetch_add(1, Ordering::Relaxed);
                }
                built.remove(&log).await;
            }
        })
    });
    for run in runs.collect::<Vec<_>>() {
        run.await.expect("it does not panic");
    }
    assert_eq!(taken.load(Ordering::Relaxed), 0, "images taken away");
}
