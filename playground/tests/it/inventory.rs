//! Questions that ask why: what a page and a terminal are told, and what not before the run.

use super::support::{Server, fed, root};
use catalog::{Catalog, Kind};
use playground::exercises::progress::{Verb, When};
use playground::web::KEY_HEADER;
use reqwest::{Response, StatusCode};
use serde_json::{Value, json};
use std::path::Path;
use std::process::Command;

async fn answer(server: &Server, id: &str, body: &Value) -> Response {
    let request = server.post(&format!("/api/inventory/{id}"), body);
    request.send().await.expect("an answer")
}

async fn told(response: Response) -> Value {
    assert_eq!(response.status(), StatusCode::OK);
    response.json().await.expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_is_kept_before_and_explained_only_after() {
    let server = Server::start(&root()).await;
    let questions = server.get("/api/inventory").send().await;
    let text = questions.expect("questions").text().await.expect("text");
    for hidden in [
        "\"right\"",
        "\"wrong\"",
        "\"why\"",
        "\"accept\"",
        "\"variant\"",
    ] {
        assert!(!text.contains(hidden), "{hidden} is told before any answer");
    }
    let before = json!({ "answer": "needs-libc", "when": "before" });
    let before = told(answer(&server, "dns", &before).await).await;
    assert_eq!(before, json!({ "kept": true, "explanation": null }));

    let after = json!({ "answer": "needs-libc", "when": "after" });
    let after = told(answer(&server, "dns", &after).await).await;
    let explanation = &after["explanation"];
    assert_eq!(explanation["right"], false);
    assert_eq!(explanation["belief"], "needs-libc");
    assert_eq!(explanation["run"], "dns/files-only");
    assert!(
        explanation["why"]
            .as_str()
            .is_some_and(|why| !why.is_empty())
    );

    let acts = server.state.progress.acts().expect("read");
    let kept: Vec<_> = acts.iter().map(|act| (act.verb, act.detail.when)).collect();
    let (before, after) = (Some(When::Before), Some(When::After));
    assert_eq!(kept, [(Verb::Answered, before), (Verb::Answered, after)]);
    let questions = server.get("/api/inventory").send().await;
    let questions: Value = questions.expect("questions").json().await.expect("JSON");
    let list = questions.as_array().expect("a list");
    let dns = list.iter().find(|one| one["id"] == "dns").expect("dns");
    assert_eq!(
        (&dns["before"], &dns["after"]),
        (&json!(true), &json!(true))
    );
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_answer_is_refused_and_not_kept() {
    let server = Server::start(&root()).await;
    let good = json!({ "answer": "needs-libc", "when": "after" });
    for id in ["nope", "..%2f..%2fetc%2fpasswd", "%00", &"x".repeat(4000)] {
        let refused = answer(&server, id, &good).await;
        assert_eq!(refused.status(), StatusCode::NOT_FOUND, "{id}");
        let error: Value = refused.json().await.expect("JSON");
        let what = error["error"]["what"]
            .as_str()
            .expect("an error for people");
        assert!(what.len() < 200, "{what}");
    }
    for (id, body) in [
        ("dns", json!({ "answer": "x".repeat(501), "when": "after" })),
        (
            "missing-libc",
            json!({ "answer": "x".repeat(501), "when": "before" }),
        ),
        ("missing-libc", json!({ "answer": "  ", "when": "before" })),
        ("dns", json!({ "answer": "loader", "when": "after" })),
        ("dns", json!({ "answer": "needs-libc", "when": "later" })),
        ("dns", json!({ "answer": "needs-libc" })),
        ("dns", json!({ "answer": 1, "when": "after" })),
        (
            "dns",
            json!({ "answer": "needs-libc", "when": "after", "right": true }),
        ),
        ("dns", json!(["needs-libc"])),
    ] {
        let refused = answer(&server, id, &body).await;
        assert_eq!(refused.status(), StatusCode::UNPROCESSABLE_ENTITY, "{body}");
    }
    let huge = json!({ "answer": "x".repeat(1 << 20), "when": "after" });
    let refused = answer(&server, "missing-libc", &huge).await;
    assert_eq!(refused.status(), StatusCode::PAYLOAD_TOO_LARGE);

    let url = format!("{}/api/inventory", server.base);
    let bare = reqwest::Client::new();
    let read = bare.get(&url).send().await.expect("an answer");
    assert_eq!(
        read.status(),
        StatusCode::UNAUTHORIZED,
        "read without a key"
    );
    let wrong_key = bare.post(format!("{url}/dns")).header(KEY_HEADER, "0");
    let written = wrong_key.json(&good).send().await.expect("an answer");
    assert_eq!(written.status(), StatusCode::UNAUTHORIZED);
    let form = server.http.post(format!("{url}/dns"));
    let form = form.header(KEY_HEADER, &server.key).body(good.to_string());
    let form = form.send().await.expect("an answer");
    assert_eq!(form.status(), StatusCode::UNSUPPORTED_MEDIA_TYPE);

    assert_eq!(server.state.progress.acts().expect("read"), []);
    server.close().await;
}

/// What the command says to these lines, and its exit code.
fn inventory(data: &Path, args: &[&str], lines: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playground"));
    command.arg("inventory").args(args);
    command
        .env("EMPTY_ROOM_ROOT", root())
        .env("EMPTY_ROOM_DATA", data);
    fed(&mut command, lines.as_bytes())
}

#[test]
fn the_terminal_tells_nothing_before_and_everything_after() {
    let data = tempfile::tempdir().expect("a folder");
    let why = "Without an `nsswitch.conf`";
    let (code, out, err) = inventory(data.path(), &["ask", "dns"], "9\n3\n");
    assert_eq!(code, Some(0), "{err}");
    assert!(out.contains("Try again") && out.contains("Kept."), "{out}");
    assert!(!out.contains(why) && !out.contains("Not so"), "{out}");

    let (_, out, _) = inventory(data.path(), &["ask", "dns", "--after"], "1\n");
    for told in ["Right.", why, "playground run dns/files-only"] {
        assert!(out.contains(told), "no {told}: {out}");
    }
    let (_, out, _) = inventory(data.path(), &["ask", "missing-libc", "--after"], "glibc\n");
    assert!(
        out.contains("Not so.") && out.contains("The answer: "),
        "{out}"
    );

    let (_, out, _) = inventory(data.path(), &["stats", "--json"], "");
    let lines = out
        .lines()
        .map(|line| serde_json::from_str(line).expect("JSON"));
    let items: Vec<Value> = lines.collect();
    let dns = items.iter().find(|item| item["id"] == "dns").expect("dns");
    assert_eq!(
        (&dns["gain"], &dns["before"]["n"]),
        (&json!(1.0), &json!(1))
    );
    assert_eq!(dns["before"]["belief"], json!(["needs-libc", 1]));
    assert_eq!(dns["after"]["discrimination"], "too-few");
    let (_, out, _) = inventory(data.path(), &["stats"], "");
    assert!(out.contains("cannot be told"), "{out}");
}

#[test]
fn the_end_of_the_input_ends_the_questions_and_keeps_the_answers() {
    let data = tempfile::tempdir().expect("a folder");
    let failures = Catalog::load(&root()).expect("sound").labs;
    let failures = failures.iter().filter(|lab| lab.kind == Kind::Failure);
    let all = failures.count();
    let (code, out, _) = inventory(data.path(), &["ask"], "1\n\n");
    assert_eq!(code, Some(0));
    assert!(out.contains(&format!("(1 of {all}, before)")), "{out}");
    assert!(
        out.contains("Left open.") && out.contains("Stopped here"),
        "{out}"
    );
    let (_, out, _) = inventory(data.path(), &["list", "--json"], "");
    let done = out.lines().filter(|line| line.contains("\"before\":true"));
    assert_eq!((done.count(), out.lines().count()), (1, all));
    let (_, out, _) = inventory(data.path(), &["ask"], "");
    let left = format!("(1 of {}, before)", all - 1);
    assert!(out.contains(&left), "{out}");
    let (code, _, err) = inventory(data.path(), &["ask", "dsn"], "");
    assert!(code == Some(2) && err.contains("dns"), "{code:?} {err}");
}

#[test]
fn a_file_that_is_no_progress_is_named() {
    let data = tempfile::tempdir().expect("a folder");
    let file = data.path().join("none.json");
    std::fs::write(&file, "{}").expect("written");
    for path in [file, data.path().join("missing.json")] {
        let name = path.to_str().expect("a path");
        let (code, _, err) = inventory(data.path(), &["stats", name], "");
        assert!(code == Some(2) && err.contains(name), "{code:?} {err}");
    }
}
