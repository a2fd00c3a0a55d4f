//! The ledger on a small book: measured, stopped and gone on with, recorded, told.

use super::support::{Server, copy_folder, engine_with, fixture};
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};
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

#[tokio::test(flavor = "multi_thread")]
async fn a_ledger_that_was_stopped_goes_on_where_it_was() {
    engine_with("alpine:3.20").await;
    let (book, data) = (book(), tempfile::tempdir().expect("a folder"));
    let mut command = ledger(book.path(), data.path(), &["run", "--json"]);
    let mut first = command.stdout(Stdio::piped()).spawn().expect("it starts");
    let mut lines = BufReader::new(first.stdout.take().expect("stdout")).lines();
    let mut done = Vec::new();
    // Into the timed rounds: some are over, some are not.
    while done.len() < 5 {
        let line: Value =
            serde_json::from_str(&lines.next().expect("more").expect("text")).expect("JSON");
        done.push(line["progress"]["done"].clone());
    }
    let pid = first.id().to_string();
    Command::new("kill")
        .args(["-INT", &pid])
        .status()
        .expect("sent");
    let ended = first.wait().expect("it ends");
    assert_eq!(ended.code(), Some(130));
    let before = lines
        .map_while(Result::ok)
        .filter(|line| line.contains("progress"))
        .count()
        + done.len();
    let (code, lines, stderr) = told(&mut ledger(book.path(), data.path(), &["run", "--json"]));
    assert_eq!(code, Some(0), "{stderr}");
    let progress: Vec<_> = lines
        .iter()
        .filter(|line| line.get("progress").is_some())
        .collect();
    let total = progress[0]["progress"]["total"].as_u64().expect("a number");
    // A run that was cut off in the middle is carried out again, and none that was told.
    assert_eq!(
        progress.len() as u64,
        total - before as u64,
        "{progress:#?}"
    );
    assert_eq!(verdicts(&lines)[2], ("03".into(), "holds".into()));
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
