//! What the labs show together. That each does what it declares, `playground check-content`
//! finds out, which script/test runs.

use super::support::{Server, root};
use serde_json::Value;

/// The claim behind the title, as this engine sees it: the famous 2.5 MB is the compressed
/// size; stage 1 is two orders of magnitude above stage 5a.
#[tokio::test(flavor = "multi_thread")]
async fn the_journey_shrinks_by_two_orders_of_magnitude() {
    let server = Server::start(&root()).await;
    for stage in ["stage-1", "stage-5a"] {
        server.outcome(stage, "image").await;
    }
    let journey: Vec<Value> = server
        .get("/api/journey")
        .send()
        .await
        .expect("the journey")
        .json()
        .await
        .expect("JSON");
    let measured = |stage: &str, size: &str| -> u64 {
        let stage = journey
            .iter()
            .find(|s| s["stage"] == stage)
            .expect("the stage");
        stage["measured"][size].as_u64().expect("measured")
    };
    assert!(measured("stage-1", "unpacked_bytes") > 700_000_000);
    assert!(measured("stage-5a", "unpacked_bytes") < 9_000_000);
    assert!(measured("stage-5a", "compressed_bytes") < 4_000_000);
    let factor = measured("stage-1", "unpacked_bytes") / measured("stage-5a", "unpacked_bytes");
    assert!(factor > 100, "{factor}");
    server.close().await;
}
