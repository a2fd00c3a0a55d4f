//! The ledger on a small book: measured, stopped and gone on with, recorded, told.

use super::support::{Server, copy_folder, engine_with, fixture};
use playground::app_state::AppState;
use playground::ledger::Store;
use playground::run::{ImagePlan, Runs};
use serde_json::Value;
use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;
use tempfile::TempDir;

fn book() -> TempDir {
    let book = tempfile::tempdir().expect("a folder");
    copy_folder(&fixture("ledger"), book.path());
    // Tests run at once; of equal images, the engine may take away the one that another just made.
    for variant in ["small", "large", "timed", "refused"] {
        let file = format!("book/labs/sizes/{variant}/Dockerfile");
        let file = book.path().join(file);
        let text = std::fs::read_to_string(&file).expect("text");
        let label = format!(
            "LABEL room={:?}\n",
            book.path().file_name().expect("a name")
        );
        std::fs::write(file, text + &label).expect("written");
    }
    book
}

fn ledger(book: &Path, data: &Path, args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playground"));
    command.arg("ledger").args(args);
    command
        .env("EMPTY_ROOM_ROOT", book)
        .env("EMPTY_ROOM_DATA", data);
    command
}

/// Exit code, stdout as JSON lines, stderr.
fn told(command: &mut Command) -> (Option<i32>, Vec<Value>, String) {
    let output = command.output().expect("the playground runs");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let lines = text
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let stderr = String::from_utf8_lossy(&output.stderr).into_owned();
    (output.status.code(), lines.collect(), stderr)
}

fn verdicts(lines: &[Value]) -> Vec<(String, String)> {
    let claims = lines.iter().filter(|line| line.get("claim").is_some());
    let word = |line: &Value, key: &str| line[key].as_str().unwrap_or_default().to_owned();
    claims
        .map(|line| (word(line, "claim"), word(line, "verdict")))
        .collect()
}

fn expected(words: [(&str, &str); 4]) -> Vec<(String, String)> {
    words
        .map(|(id, word)| (id.to_owned(), word.to_owned()))
        .to_vec()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_claim_gets_its_verdict_and_the_recording_shows_in_the_book() {
    engine_with("alpine:3.20").await;
    let (book, data) = (book(), tempfile::tempdir().expect("a folder"));
    let (code, lines, stderr) = told(&mut ledger(
        book.path(),
        data.path(),
        &["run", "--record", "--json"],
    ));
    assert_eq!(code, Some(0), "{stderr}");
    let all = expected([
        ("01", "holds"),
        ("02", "does-not-hold"),
        ("03", "holds"),
        ("H1", "not-tested-here"),
    ]);
    assert_eq!(verdicts(&lines), all, "{lines:#?}");
    let first = lines
        .iter()
        .find(|line| line["claim"] == "01")
        .expect("told");
    for key in [
        "claim", "source", "claimed", "measured", "verdict", "reason",
    ] {
        assert!(first.get(key).is_some(), "{key} in {first}");
    }
    assert_eq!(first["measured"], "2 ×");
    // Told again without an engine, and to a page.
    let (_, shown, _) = told(&mut ledger(book.path(), data.path(), &["show", "--json"]));
    assert_eq!(verdicts(&shown), all);
    let (_, recorded, _) = told(&mut ledger(
        book.path(),
        data.path(),
        &["show", "--recorded", "--json"],
    ));
    assert_eq!(verdicts(&recorded), all);
    let server = Server::start(book.path()).await;
    let page = server.get("/sizes.html").send().await.expect("a page");
    let page = page.text().await.expect("text");
    for wanted in ["<span>20 bytes</span>", "measured: 2 ×", "10\u{a0}bytes"] {
        assert!(page.contains(wanted), "{wanted} in {page}");
    }
    let live: Value = server
        .get("/api/ledger")
        .send()
        .await
        .expect("told")
        .json()
        .await
        .expect("JSON");
    assert_eq!(
        live["claims"][0]["verdict"], "not-run-yet",
        "the recording is not the reader's own"
    );
    server.close().await;
}

/// Starts a ledger, and stops it in its timed rounds, some of which are over then. Returns how many
/// runs it told of, and what it said.
fn stopped(book: &Path, data: &Path, args: &[&str]) -> (usize, String) {
    let mut command = ledger(book, data, args);
    let piped = command.stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = piped.spawn().expect("it starts");
    let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
    for _ in 0..5 {
        let line = lines.next().expect("more").expect("text");
        assert!(line.contains("progress"), "{line}");
    }
    let pid = child.id().to_string();
    Command::new("kill")
        .args(["-INT", &pid])
        .status()
        .expect("sent");
    let rest = lines.map_while(Result::ok);
    let told = 5 + rest.filter(|line| line.contains("progress")).count();
    let ended = child.wait_with_output().expect("it ends");
    assert_eq!(ended.status.code(), Some(130));
    (told, String::from_utf8_lossy(&ended.stderr).into_owned())
}

/// The progress that was told.
fn progress(lines: &[Value]) -> Vec<&Value> {
    let told = lines.iter().filter_map(|line| line.get("progress"));
    told.collect()
}

/// A file that the ledger keeps, read or changed.
fn kept(data: &Path, change: impl FnOnce(&mut Value)) -> Value {
    let path = data.join("ledger/sizes.json");
    let text = std::fs::read_to_string(&path).expect("text");
    let mut file: Value = serde_json::from_str(&text).expect("JSON");
    let before = file.clone();
    change(&mut file);
    if file != before {
        std::fs::write(&path, file.to_string()).expect("written");
    }
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_was_stopped_goes_on_whatever_else_was_measured_since() {
    engine_with("alpine:3.20").await;
    let (book, data) = (book(), tempfile::tempdir().expect("a folder"));
    let (before, said) = stopped(book.path(), data.path(), &["run", "--json", "--fresh"]);
    let next = "goes on from here: playground ledger run --json\n";
    assert!(said.ends_with(next), "{said}");
    for args in [
        ["run", "--quick", "--json"].as_slice(),
        &["run", "--quick", "--claim", "01", "--json"],
    ] {
        let (code, _, stderr) = told(&mut ledger(book.path(), data.path(), args));
        assert_eq!(code, Some(0), "{stderr}");
    }
    let (code, lines, stderr) = told(&mut ledger(book.path(), data.path(), &["run", "--json"]));
    assert_eq!(code, Some(0), "{stderr}");
    let progress = progress(&lines);
    let total = progress[0]["total"].as_u64().expect("a number");
    // A run that was cut off in the middle is carried out again, and none that was told.
    assert_eq!(
        progress.len() as u64,
        total - before as u64,
        "{progress:#?}"
    );
    assert_eq!(verdicts(&lines)[2], ("03".into(), "holds".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quick_ledger_keeps_earlier_timings_with_their_date() {
    engine_with("alpine:3.20").await;
    let (book, data) = (book(), tempfile::tempdir().expect("a folder"));
    let args = ["run", "--claim", "03", "--json"];
    let (code, _, stderr) = told(&mut ledger(book.path(), data.path(), &args));
    assert_eq!(code, Some(0), "{stderr}");
    kept(data.path(), |file| file["date"] = "2020-02-20".into());
    let args = ["run", "--quick", "--claim", "01", "--json"];
    told(&mut ledger(book.path(), data.path(), &args));
    let file = kept(data.path(), |_| ());
    assert_ne!(file["date"], "2020-02-20", "of what is new");
    for part in ["look", "rounds"] {
        let date = &file["earlier"]["timed"][part]["date"];
        assert_eq!(date, "2020-02-20", "nobody asked for it: {file:#}");
    }
    let (_, lines, _) = told(&mut ledger(
        book.path(),
        data.path(),
        &["run", "--quick", "--json"],
    ));
    assert_eq!(verdicts(&lines)[2], ("03".into(), "holds".into()));
    let file = kept(data.path(), |_| ());
    assert!(file["earlier"]["timed"]["look"].is_null(), "{file:#}");
    assert_eq!(file["earlier"]["timed"]["rounds"]["date"], "2020-02-20");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_could_not_be_written_down_is_not_measured_again() {
    engine_with("alpine:3.20").await;
    let (book, data) = (book(), tempfile::tempdir().expect("a folder"));
    let in_the_way = book.path().join("book/recorded");
    std::fs::write(&in_the_way, "").expect("written");
    let args = ["run", "--quick", "--record", "--json"];
    let (code, lines, stderr) = told(&mut ledger(book.path(), data.path(), &args));
    assert_eq!(code, Some(3), "{stderr}");
    assert!(!progress(&lines).is_empty(), "it measured");
    std::fs::remove_file(&in_the_way).expect("removed");
    let (code, lines, stderr) = told(&mut ledger(book.path(), data.path(), &args));
    assert_eq!(code, Some(0), "{stderr}");
    assert!(progress(&lines).is_empty(), "{lines:#?}");
    let recorded = in_the_way.join("ledger/sizes.json");
    assert!(recorded.is_file(), "written down at last");
    // Now it is over: the next one begins anew.
    let (_, lines, _) = told(&mut ledger(book.path(), data.path(), &args));
    assert!(!progress(&lines).is_empty(), "{lines:#?}");
}

#[test]
fn two_ledgers_do_not_measure_into_one_folder() {
    let (book, data) = (book(), tempfile::tempdir().expect("a folder"));
    let lock = Store::in_data(data.path()).lock("playground ledger run --claim 03");
    let lock = lock.expect("nobody measures");
    let (code, lines, stderr) = told(&mut ledger(book.path(), data.path(), &["run", "--json"]));
    assert_eq!((code, lines.len()), (Some(3), 0), "{stderr}");
    let holder = format!(
        "already: `playground ledger run --claim 03`, process {}, since",
        std::process::id()
    );
    for wanted in [holder.as_str(), "wait until it has ended, or stop it"] {
        assert!(stderr.contains(wanted), "{stderr}");
    }
    drop(lock);
    // Reading needs no lock.
    let (code, _, stderr) = told(&mut ledger(book.path(), data.path(), &["show", "--json"]));
    assert_eq!(code, Some(0), "{stderr}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_that_is_being_read_when_all_is_stopped_does_not_stay() {
    let engine = engine_with("alpine:3.20").await;
    let (book, data) = (book(), tempfile::tempdir().expect("a folder"));
    let state = AppState::open_on(book.path(), data.path(), engine.clone()).expect("sound");
    let runs = Runs::new(Arc::new(state));
    let plan = ImagePlan {
        lab: "sizes".into(),
        variant: "small".into(),
        edits: BTreeMap::new(),
        fresh: false,
        touch: None,
    };
    let (reads, mut reading) = tokio::sync::oneshot::channel();
    // It would read for ever.
    let read = move |_, id: String| async move {
        reads.send(id).expect("somebody waits");
        std::future::pending::<Result<(), policy::UserError>>().await
    };
    let id = {
        let looking = std::pin::pin!(runs.with_image(plan, read));
        tokio::select! {
            id = &mut reading => id.expect("its id"),
            done = looking => panic!("it ended: {done:?}"),
        }
        // As Ctrl-C does: whoever asked is gone.
    };
    assert!(engine.image(&id).await.expect("told").is_some());
    runs.close().await;
    assert!(engine.image(&id).await.expect("told").is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_quick_ledger_leaves_timings_out_and_says_so() {
    engine_with("alpine:3.20").await;
    let (book, data) = (book(), tempfile::tempdir().expect("a folder"));
    let (code, lines, stderr) = told(&mut ledger(
        book.path(),
        data.path(),
        &["run", "--quick", "--json"],
    ));
    assert_eq!(code, Some(0), "{stderr}");
    let all = [
        ("01", "holds"),
        ("02", "not-run-yet"),
        ("03", "not-run-yet"),
        ("H1", "not-tested-here"),
    ];
    assert_eq!(verdicts(&lines), expected(all));
}

#[tokio::test(flavor = "multi_thread")]
async fn measuring_one_claim_forgets_nothing_of_the_others() {
    engine_with("alpine:3.20").await;
    let (book, data) = (book(), tempfile::tempdir().expect("a folder"));
    for args in [
        ["run", "--quick", "--record", "--json"].as_slice(),
        &["run", "--claim", "03", "--record", "--json"],
    ] {
        let (code, _, stderr) = told(&mut ledger(book.path(), data.path(), args));
        assert_eq!(code, Some(0), "{stderr}");
    }
    for args in [
        ["show", "--json"].as_slice(),
        &["show", "--recorded", "--json"],
    ] {
        let (_, lines, _) = told(&mut ledger(book.path(), data.path(), args));
        let verdicts = verdicts(&lines);
        assert_eq!(verdicts[0], ("01".into(), "holds".into()), "{args:?}");
        assert_eq!(verdicts[2], ("03".into(), "holds".into()), "{args:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_built_here_is_not_tested_rather_than_wrong() {
    engine_with("alpine:3.20").await;
    let (book, data) = (book(), tempfile::tempdir().expect("a folder"));
    let file = book.path().join("book/labs/sizes/large/Dockerfile");
    let text = std::fs::read_to_string(&file).expect("text");
    std::fs::write(&file, text + "RUN echo no such component >&2; exit 1\n").expect("written");
    let args = ["run", "--quick", "--claim", "01", "--json"];
    let (code, lines, stderr) = told(&mut ledger(book.path(), data.path(), &args));
    assert_eq!(code, Some(0), "{stderr}");
    assert_eq!(verdicts(&lines), [("01".into(), "not-tested-here".into())]);
    let reason = lines.last().expect("told")["reason"].to_string();
    assert!(reason.contains("it cannot be built here"), "{reason}");
}

#[test]
fn unsound_claims_are_told_all_at_once_with_their_lines() {
    let (book, data) = (book(), tempfile::tempdir().expect("a folder"));
    let file = book.path().join("book/claims.toml");
    let text = std::fs::read_to_string(&file).expect("text");
    let text = text
        .replace("\"text\"", "\"txt\"")
        .replace("where =", "wher =");
    std::fs::write(&file, text).expect("written");
    let output = ledger(book.path(), data.path(), &["show"])
        .output()
        .expect("it runs");
    assert_eq!(output.status.code(), Some(2));
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    for line in [
        "book/claims.toml:11: the lab `sizes` has no metric `txt`; did you mean `text`?",
        "book/claims.toml:58: [claim.untested] does not know the key `wher`; did you mean `where`?",
    ] {
        assert!(said.contains(line), "{line} in {said}");
    }
}
