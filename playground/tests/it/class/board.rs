//! The board: what it tells the instructor, a wall, a spreadsheet, and nobody else.

use super::room::{Room, until};
use reqwest::Method;
use serde_json::{Value, json};

#[tokio::test(flavor = "multi_thread")]
async fn a_check_that_fails_three_times_is_seen_with_its_message() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("Ada").await;
    let hopeless = json!({ "files": { "Dockerfile": "FROM alpine:3.20\nCMD [\"/none\"]\n" } });
    for _ in 0..3 {
        let (status, answer) = ada
            .post("/api/exercises/01-two-stages/check", hopeless.clone())
            .await;
        assert_eq!(status, 201, "{answer}");
        ada.events(answer["run"].as_str().expect("an id")).await;
    }
    let instructor = room.instructor();
    until("three runs on the board", async || {
        instructor.get("/api/class/board").await.1["seats"][0]["runs"] == 3
    })
    .await;
    let (_, board) = instructor.get("/api/class/board").await;
    let stuck = &board["seats"][0]["stuck"];
    assert_eq!(
        (&stuck["why"], &stuck["times"]),
        (&json!("same-check"), &json!(3)),
        "{board}"
    );
    assert_eq!(board["funnel"][0]["tried"], 1);
    assert_eq!(board["funnel"][0]["failing"], 1);
    assert_eq!(board["commonest"][0]["seats"], 1);
    assert!(
        board["commonest"][0]["message"]
            .as_str()
            .is_some_and(|said| !said.is_empty())
    );
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_goes_up_and_what_everyone_is_asked_comes_down() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let (ada, instructor) = (room.join("Ada").await, room.instructor());
    ada.post("/api/class/hand", json!({ "up": true })).await;
    let (_, board) = instructor.get("/api/class/board").await;
    assert_eq!(board["seats"][0]["doing"], "asks");
    let lower = format!("/api/class/seats/{}/lower", ada.seat);
    assert_eq!(instructor.post(&lower, json!({})).await.0, 200);
    let call = json!({ "run": { "lab": "copy-missing", "variant": "wrong-path" } });
    assert_eq!(instructor.post("/api/class/call", call).await.0, 200);
    let (_, here) = ada
        .post("/api/class/here", json!({ "page": "index.html" }))
        .await;
    assert_eq!(here["hand"], false);
    assert_eq!(here["call"]["lab"], "copy-missing");
    assert!(
        here["call"]["page"]
            .as_str()
            .is_some_and(|page| page.ends_with(".html"))
    );
    let (_, board) = instructor.get("/api/class/board").await;
    assert_eq!(board["seats"][0]["called"]["state"], "open");
    let run = ada.run("copy-missing", "wrong-path", json!({})).await;
    ada.events(&run).await;
    until("the result on the board", async || {
        let (_, board) = instructor.get("/api/class/board").await;
        board["seats"][0]["called"]["ending"] == "as-declared"
    })
    .await;
    assert_eq!(
        instructor
            .post("/api/class/call", json!({ "run": null }))
            .await
            .0,
        200
    );
    let (_, here) = ada
        .post("/api/class/here", json!({ "page": "nowhere.html" }))
        .await;
    assert_eq!(here["call"], Value::Null);
    let unknown = json!({ "run": { "lab": "../x", "variant": "broken" } });
    assert_eq!(instructor.post("/api/class/call", unknown).await.0, 404);
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wall_and_an_export_without_names_name_nobody() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("Ada Lovelace").await;
    let run = ada.run("copy-missing", "wrong-path", json!({})).await;
    ada.events(&run).await;
    let instructor = room.instructor();
    until("the run on the board", async || {
        instructor.get("/api/class/board").await.1["seats"][0]["runs"] == 1
    })
    .await;
    for path in [
        "/api/class/projector",
        "/api/class/export.csv?names=no",
        "/api/class/export.jsonl?names=no",
    ] {
        let answer = instructor
            .request(Method::GET, path)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await.expect("text");
        assert!(!text.contains("Ada"), "{path}: {text}");
    }
    let named = instructor.request(Method::GET, "/api/class/export.jsonl");
    let named = named
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    assert!(named.contains("Ada Lovelace"));
    for line in named.lines() {
        let statement: Value = serde_json::from_str(line).expect("JSON");
        let verb = statement["verb"]["id"].as_str().expect("a verb");
        assert!(
            verb.starts_with("http://adlnet.gov/expapi/verbs/"),
            "{verb}"
        );
    }
    let csv = instructor.request(Method::GET, "/api/class/export.csv");
    let csv = csv
        .send()
        .await
        .expect("an answer")
        .text()
        .await
        .expect("text");
    assert_eq!(csv.trim_end().lines().count(), 2, "{csv}");
    room.close().await;
}
