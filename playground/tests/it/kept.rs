//! The second click on the same files: nothing is built, and the page is told so.

use super::support::{Server, engine_with, fixture};
use serde_json::{Value, json};

/// Runs a variant to its end, which must be as it is declared; whether its image was built.
async fn was_built(server: &Server, variant: &str, edits: Value) -> bool {
    let run = server.run("limits", variant, edits).await;
    let events = server.events(&run).await;
    let end = events.last().expect("an end");
    assert_eq!(end["outcome"], "exits", "{events:#?}");
    let statuses = |wanted: &str| {
        let steps = events.iter().filter(|e| e["event"] == "step-finished");
        let of_the_build = steps.filter(|e| e["step"].as_str().unwrap_or("").starts_with('b'));
        of_the_build.filter(|e| e["status"] == wanted).count()
    };
    let first = events.iter().find(|e| e["step"] == "b00");
    let title = first.expect("a first step")["title"]
        .as_str()
        .expect("a title");
    let built = title.starts_with("sending");
    assert!(built || title.contains("still has the image"), "{title}");
    let (cached, done) = (statuses("cached"), statuses("done"));
    assert!(built || (cached > 1 && done == 0), "{events:#?}");
    assert!(
        events.iter().any(|e| e["event"] == "sizes"),
        "it is weighed"
    );
    built
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_files_are_built_once_and_others_or_lost_ones_anew() {
    let engine = engine_with("alpine:3.20").await;
    let server = Server::start(&fixture("limits")).await;
    assert!(was_built(&server, "quiet", json!({})).await);
    assert!(!was_built(&server, "quiet", json!({})).await);

    let kept = server.state.kept_images();
    assert_eq!(kept.len(), 1, "{kept:?}");
    engine.remove_image(&kept[0]).await.expect("removed");
    assert!(was_built(&server, "quiet", json!({})).await, "it was lost");
    assert!(!was_built(&server, "quiet", json!({})).await);

    let edited =
        |text: &str| json!({ "Dockerfile": format!("FROM alpine:3.20\nLABEL of={text}\n") });
    assert!(was_built(&server, "slow-build", edited("one")).await);
    assert!(was_built(&server, "slow-build", edited("two")).await);
    assert!(!was_built(&server, "slow-build", edited("one")).await);
    assert_eq!(server.leftovers().await, [""; 0]);
    assert_eq!(server.state.kept_images().len(), 3);
    // Which also looks at what is left then.
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_clicks_at_once_one_image_stays() {
    engine_with("alpine:3.20").await;
    let server = Server::start(&fixture("limits")).await;
    let click = || was_built(&server, "quiet", json!({}));
    tokio::join!(click(), click());
    assert_eq!(server.state.kept_images().len(), 1);
    assert_eq!(server.leftovers().await, [""; 0]);
    assert!(!click().await);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_builder_takes_from_elsewhere_is_asked_for_each_time() {
    let engine = engine_with("alpine:3.20").await;
    let server = Server::start(&fixture("limits")).await;
    // Which image that is, the builder finds out.
    let cpu = &engine.facts().arch;
    let dockerfile = format!("FROM --platform=linux/{cpu} alpine:3.20\nCMD [\"true\"]\n");
    for _ in 0..2 {
        let edits = json!({ "Dockerfile": dockerfile });
        assert!(was_built(&server, "slow-build", edits).await);
    }
    assert_eq!(server.state.kept_images(), [""; 0]);
    server.close().await;
}
