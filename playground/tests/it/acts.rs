//! What is done to a running container, and what is looked at where nobody reports.

use super::support::{Server, fixture, leftovers};
use serde_json::{Value, json};

async fn as_declared(variant: &str) -> Vec<Value> {
    let server = Server::start(&fixture("acts")).await;
    let run = server.run("acts", variant, json!({})).await;
    let events = server.events(&run).await;
    let finished = events.last().expect("a terminal event");
    assert_eq!(finished["ending"], "as-declared", "{finished:#}");
    assert_eq!(server.leftovers().await, Vec::<String>::new());
    server.close().await;
    events
}

fn named<'a>(events: &'a [Value], name: &str, key: &str, id: &str) -> &'a Value {
    let found = events.iter().find(|e| e["event"] == name && e[key] == id);
    found.unwrap_or_else(|| panic!("no {name} {id} in {events:#?}"))
}

/// Also: a debug container has one capability, no way to gain more, and sees the processes
/// and the loopback of the container under test, and no other network.
#[tokio::test(flavor = "multi_thread")]
async fn acts_tell_who_speaks_and_tools_see_only_the_container_beside() {
    let events = as_declared("serves").await;
    let shell = named(&events, "acted", "act", "shell");
    assert_eq!(shell["by_engine"], true, "{shell}");
    assert_eq!(shell["command"], "docker exec app /no-such-shell");
    let there = named(&events, "acted", "act", "there");
    assert_eq!(
        (&there["by_engine"], &there["exit_code"]),
        (&json!(false), &json!(3))
    );
    assert_eq!(
        named(&events, "acted", "act", "health")["status"],
        "unhealthy"
    );
    let beside = named(&events, "acted", "act", "beside")["text"].as_str();
    let beside = beside.expect("text");
    assert_eq!(beside.lines().last(), Some("1"), "loopback only: {beside}");
    assert_eq!(events.last().expect("the end")["moment"], "exec");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_that_nobody_hears_is_measured() {
    let events = as_declared("deaf").await;
    let stop = named(&events, "acted", "act", "stop");
    assert!(stop["ms"].as_u64().is_some_and(|ms| ms < 20_000), "{stop}");
}

#[tokio::test(flavor = "multi_thread")]
async fn mounts_are_what_the_lab_asks_for_and_go_with_the_container() {
    let events = as_declared("mounts").await;
    let clocks = &named(&events, "looked", "look", "clock")["seen"];
    assert_eq!(clocks["expected"], "2025-07-15T14:00:00+02:00");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_secret_that_a_later_layer_removes_is_found() {
    let events = as_declared("luggage").await;
    let found = &named(&events, "looked", "look", "secret")["seen"]["found"];
    assert_eq!(found[0]["path"], "src/secret.txt", "{found}");
    let context = &named(&events, "looked", "look", "context")["seen"];
    assert_eq!(context["files"], 3, "{context}");
}

/// An edit that never serves leaves acts undone, and says so instead of failing.
#[tokio::test(flavor = "multi_thread")]
async fn acts_that_could_not_be_done_are_failed_checks() {
    let server = Server::start(&fixture("acts")).await;
    let edits = json!({ "Dockerfile": "FROM alpine:3.20\nCMD [\"false\"]\n" });
    let run = server.run("acts", "serves", edits).await;
    let finished = server.events(&run).await.pop().expect("a terminal event");
    assert_eq!(finished["ending"], "not-as-declared", "{finished:#}");
    let checks = finished["checks"].as_array().expect("checks");
    let shell = checks.iter().find(|c| c["id"] == "shell").expect("a check");
    assert_eq!(
        (&shell["passed"], &shell["seen"]),
        (&json!(false), &json!("was not done"))
    );
    server.close().await;
}

fn check<'a>(finished: &'a Value, id: &str) -> &'a Value {
    let checks = finished["checks"].as_array().expect("checks");
    let found = checks.iter().find(|check| check["id"] == id);
    found.unwrap_or_else(|| panic!("no check {id} in {finished:#}"))
}

/// It once served, was stopped politely, or was the playground's own error, as chance had it.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_ends_under_an_act_has_ended_by_itself() {
    let server = Server::start(&fixture("acts")).await;
    for _ in 0..4 {
        let finished = server.outcome("acts", "ends").await;
        assert_eq!(finished["ending"], "not-as-declared", "{finished:#}");
        assert_eq!(finished["outcome"], "exits", "{finished:#}");
        assert_eq!(check(&finished, "stop")["seen"], "was not done");
    }
    server.close().await;
}

/// Nobody can ask a program that has exited. That is its end, and no failure of the playground,
/// also where the engine notes it later than the prober finds out.
#[tokio::test(flavor = "multi_thread")]
async fn a_program_that_exits_before_it_is_asked_has_ended_by_itself() {
    let server = Server::start(&fixture("acts")).await;
    for seconds in ["0", "0.2", "0.4", "0.6"] {
        let dockerfile = format!("FROM alpine:3.20\nENTRYPOINT [\"sleep\", \"{seconds}\"]\n");
        let run = server
            .run("acts", "serves", json!({ "Dockerfile": dockerfile }))
            .await;
        let finished = server.events(&run).await.pop().expect("a terminal event");
        assert_eq!(finished["ending"], "not-as-declared", "{finished:#}");
        assert_eq!(finished["outcome"], "exits", "{finished:#}");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_speaks_for_the_engine_and_nobody_is_nobody() {
    let server = Server::start(&fixture("acts")).await;
    let liar = server.outcome("acts", "liar").await;
    assert_eq!(check(&liar, "reporter")["seen"], "the program", "{liar:#}");
    let noticed = server.outcome("acts", "noticed").await;
    assert_eq!(check(&noticed, "reporter")["seen"], "the program");
    assert_eq!(noticed["message"], "warning: all is lost");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stop_while_emulation_is_tried_leaves_nothing_behind() {
    let server = Server::start(&fixture("acts")).await;
    let owner = server.state.owner.id();
    let run = server.run("acts", "elsewhere", json!({})).await;
    // Whichever comes first; the attempt takes a second on an idle machine.
    while !leftovers(owner)
        .await
        .iter()
        .any(|name| name.contains("emulation"))
    {
        let listed = server.get("/api/runs").send().await.expect("an answer");
        let listed: Vec<Value> = listed.json().await.expect("JSON");
        if listed[0]["state"] == "finished" {
            break;
        }
    }
    let stop = server.post(&format!("/api/runs/{run}/stop"), &json!({}));
    stop.send().await.expect("an answer");
    server.events(&run).await;
    assert_eq!(server.leftovers().await, Vec::<String>::new());
    server.close().await;
}
