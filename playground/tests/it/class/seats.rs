//! Seats work beside each other on one engine, and none sees or changes what is another's.

use super::super::support::leftovers;
use super::room::{Room, until};
use playground::class::{Class, Size};
use serde_json::{Value, json};

const ID: &str = "/api/exercises/01-two-stages";

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_joins_runs_a_lab_and_stands_on_the_board() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("Ada").await;
    let run = ada.run("stage-5a", "image", json!({})).await;
    let events = ada.events(&run).await;
    assert_eq!(events.last().expect("an end")["ending"], "as-declared");
    ada.post(
        "/api/class/here",
        json!({ "page": "journey/stage-5a.html" }),
    )
    .await;
    let instructor = room.instructor();
    // A run is told as over before it is written down.
    until("the run on the board", async || {
        instructor.get("/api/class/board").await.1["seats"][0]["runs"] == 1
    })
    .await;
    let (status, board) = instructor.get("/api/class/board").await;
    assert_eq!(status, 200);
    let seat = &board["seats"][0];
    assert_eq!(seat["name"], "Ada");
    assert_eq!(seat["runs"], 1);
    assert_eq!(seat["last"]["ending"], "as-declared");
    assert_eq!(seat["page"]["href"], "journey/stage-5a.html");
    let owner = room.class.state().owner.id().to_owned();
    room.close().await;
    assert_eq!(leftovers(&owner).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_seat_sees_reads_stops_or_changes_what_is_anothers() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let (ada, bo) = (room.join("Ada").await, room.join("Bo").await);
    let marked = "FROM scratch\n# ada was here\n";
    let file = json!({ "path": "Dockerfile", "text": marked, "revision": null });
    let (status, answer) = ada.post(&format!("{ID}/files"), file).await;
    assert_eq!(status, 200, "{answer}");
    let run = ada.run("copy-missing", "wrong-path", json!({})).await;
    for stranger in [&bo, &room.instructor()] {
        let (_, work) = stranger.get(ID).await;
        assert!(!work.to_string().contains("ada was here"), "{work}");
        assert_eq!(stranger.get("/api/runs").await.1, json!([]));
        for path in [
            format!("/api/runs/{run}/events"),
            format!("{ID}/checks/{run}"),
        ] {
            assert_eq!(stranger.get(&path).await.0, 404, "{path}");
        }
        let stop = format!("/api/runs/{run}/stop");
        assert_eq!(stranger.post(&stop, json!({})).await.0, 404);
        let scan = json!({ "run": run });
        assert_eq!(stranger.post("/api/xrays", scan).await.0, 422);
        let exported = stranger.get("/api/exercises/export").await.1;
        assert!(!exported.to_string().contains("ada was here"), "{exported}");
    }
    // Whatever became of it, it was not stopped by anybody.
    let ending = ada.events(&run).await.pop().expect("an end");
    assert_ne!(ending["ending"], "stopped");
    let (_, work) = ada.get(ID).await;
    assert!(work.to_string().contains("ada was here"));
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_strangers_build_leaves_in_a_cache_reaches_nobody() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let (ada, bo) = (room.join("Ada").await, room.join("Bo").await);
    let mark = room.class.seats()[0].folder.clone();
    let cache = "--mount=type=cache,target=/root/.cache/go-build";
    let build = |command: String| {
        let text = format!(
            "FROM golang:1.23-alpine AS build\nRUN {cache} {command}\nFROM scratch\n\
             COPY --from=build /etc/hostname /x\nCMD [\"/x\"]\n"
        );
        json!({ "Dockerfile": text })
    };
    let plant = format!("echo {mark} > /root/.cache/go-build/planted");
    let run = ada.run("stage-5a", "image", build(plant)).await;
    ada.events(&run).await;
    // Other words, so that no step comes from the layer cache.
    let look = |who: &str| {
        build(format!(
            "echo {who} looks; cat /root/.cache/go-build/planted || true"
        ))
    };
    let said = |events: Vec<Value>| -> String {
        let logs = events.iter().filter(|event| event["event"] == "step-log");
        logs.map(|event| event["text"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    let run = ada.run("stage-5a", "image", look("ada")).await;
    let own = said(ada.events(&run).await);
    assert!(own.contains(&mark), "her own cache stays hers: {own}");
    let run = bo.run("stage-5a", "image", look("bo")).await;
    let others = said(bo.events(&run).await);
    assert!(
        others.contains("bo looks") && !others.contains(&mark),
        "{others}"
    );
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn one_seat_cannot_keep_the_others_waiting() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open_for(
        data.path(),
        Size {
            seats: 8,
            at_once: 1,
        },
    )
    .await;
    let greedy = room.join("Greedy").await;
    // None of them is over before it is stopped.
    let endless = json!({ "Dockerfile": "FROM alpine:3.20\nRUN echo greedy; sleep 500\n" });
    let mut accepted = Vec::new();
    for _ in 0..3 {
        accepted.push(greedy.run("stage-5a", "image", endless.clone()).await);
    }
    let body = json!({ "lab": "copy-missing", "variant": "wrong-path", "edits": {} });
    let (status, refused) = greedy.post("/api/runs", body).await;
    assert_eq!(status, 422, "{refused}");
    let other = room.join("Other").await;
    let run = other.run("copy-missing", "wrong-path", json!({})).await;
    let stop = async |run: &str| {
        let path = format!("/api/runs/{run}/stop");
        assert_eq!(greedy.post(&path, json!({})).await.0, 202);
    };
    stop(&accepted[0]).await;
    greedy.events(&accepted[0]).await;
    // The greedy one's second was first in line; then it is the other's turn, and not the third's.
    let instructor = room.instructor();
    until("the second one's turn", async || {
        instructor.get("/api/class/board").await.1["seats"][0]["running"]["waits"] == false
    })
    .await;
    stop(&accepted[1]).await;
    other.events(&run).await;
    let (_, runs) = greedy.get("/api/runs").await;
    let runs = runs.as_array().expect("a list");
    let finished = runs.iter().filter(|run| run["state"] == "finished").count();
    assert_eq!(finished, 2, "{runs:?}");
    stop(&accepted[2]).await;
    greedy.events(&accepted[2]).await;
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn seats_files_and_the_board_outlive_the_server() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("Ada").await;
    let run = ada.run("copy-missing", "wrong-path", json!({})).await;
    ada.events(&run).await;
    let file = json!({ "path": "Dockerfile", "text": "FROM mine\n", "revision": null });
    ada.post(&format!("{ID}/files"), file).await;
    let old = room.instructor();
    let code = room.class.code();
    room.close().await;
    let again = Room::open(data.path()).await;
    assert_eq!(again.class.code(), code);
    let mut back = again.browser();
    back.key.clone_from(&ada.key);
    let (status, work) = back.get(ID).await;
    assert_eq!(status, 200);
    assert!(work.to_string().contains("FROM mine"), "{work}");
    let (_, board) = again.instructor().get("/api/class/board").await;
    assert_eq!(board["seats"][0]["runs"], 1, "{board}");
    // The instructor's key is of one launch.
    let mut stale = again.browser();
    stale.key = old.key;
    assert_eq!(stale.get("/api/class/board").await.0, 401);
    again.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_class_that_is_ended_leaves_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("Ada").await;
    ada.run("stage-5a", "image", json!({})).await;
    let owner = room.class.state().owner.id().to_owned();
    let (status, _) = room
        .instructor()
        .post("/api/class/end", json!({ "end": true }))
        .await;
    assert_eq!(status, 200);
    assert!(room.ended().await, "it was ended for good");
    assert_eq!(leftovers(&owner).await, Vec::<String>::new());
    assert!(Class::end(data.path()).expect("removed"));
    assert!(!Class::dir(data.path()).exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_a_seat_up_leaves_nothing_behind() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let (ada, bo) = (room.join("Ada").await, room.join("Bo").await);
    let file = json!({ "path": "Dockerfile", "text": "FROM mine\n", "revision": null });
    ada.post(&format!("{ID}/files"), file).await;
    let folder = Class::dir(data.path())
        .join("seats")
        .join(&room.class.seats()[0].folder);
    assert!(folder.is_dir());
    let said = ada
        .post("/api/class/leave", json!({ "leave": false }))
        .await;
    assert_eq!(
        (said.0.as_u16(), folder.is_dir()),
        (200, true),
        "not unasked"
    );
    assert_eq!(
        ada.post("/api/class/leave", json!({ "leave": true }))
            .await
            .0,
        200
    );
    assert!(!folder.exists());
    assert_eq!(ada.get(ID).await.0, 401);
    assert_eq!(bo.get(ID).await.0, 200);
    room.close().await;
}
