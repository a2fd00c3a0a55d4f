//! What a container may not do, tried by containers that try.

use super::support::{Server, fixture};
use serde_json::{Value, json};

fn check<'a>(finished: &'a Value, id: &str) -> &'a Value {
    let checks = finished["checks"].as_array().expect("checks");
    checks
        .iter()
        .find(|c| c["id"] == id)
        .unwrap_or(&Value::Null)
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_have_no_network() {
    let server = Server::start(&fixture("limits")).await;
    let finished = server.outcome("limits", "way-out").await;
    assert_eq!(finished["ending"], "as-declared", "{finished}");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn containers_have_no_capabilities_and_gain_none() {
    let server = Server::start(&fixture("limits")).await;
    let finished = server.outcome("limits", "capabilities").await;
    assert_eq!(finished["ending"], "as-declared", "{finished}");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_eats_memory_is_killed_and_the_reader_told_why() {
    let server = Server::start(&fixture("limits")).await;
    let finished = server.outcome("limits", "memory").await;
    assert_eq!(finished["ending"], "as-declared", "{finished}");
    let seen = check(&finished, "outcome")["seen"].as_str().unwrap_or("");
    assert!(seen.contains("memory"), "{seen}");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_cannot_fork_without_end() {
    let server = Server::start(&fixture("limits")).await;
    let finished = server.outcome("limits", "processes").await;
    let message = finished["message"].as_str().unwrap_or("").to_lowercase();
    assert!(
        message.contains("fork") || message.contains("unavailable"),
        "{finished}"
    );
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_flood_of_output_is_clipped_and_the_run_ends_well() {
    let server = Server::start(&fixture("limits")).await;
    let run = server.run("limits", "output", json!({})).await;
    let events = server.events(&run).await;
    let kept: usize = events
        .iter()
        .filter(|e| e["event"] == "output")
        .map(|e| e["text"].as_str().unwrap_or("").len())
        .sum();
    assert!(kept > 32 * 1024, "the beginning is kept: {kept} bytes");
    assert!(kept < 256 * 1024, "the flood is not: {kept} bytes");
    assert_eq!(
        events.last().map(|e| &e["ending"]),
        Some(&json!("as-declared"))
    );
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_container_that_never_ends_is_ended() {
    let server = Server::start(&fixture("limits")).await;
    let finished = server.outcome("limits", "time").await;
    assert_eq!(finished["ending"], "not-as-declared");
    let seen = check(&finished, "outcome")["seen"].as_str().unwrap_or("");
    assert!(seen.contains("still running after 2 s"), "{finished}");
    assert_eq!(server.leftovers().await, Vec::<String>::new());
    server.close().await;
}
