//! What Stop promises of a build that is just naming its image.

use super::alpine::context;
use super::support::engine;
use engine::{BuildEvent, BuildRequest, Engine, LABEL, Patience, StoppedBuilds};
use std::time::Duration;
use tokio::sync::Notify;

const DOCKERFILE: &str = "FROM scratch\nCOPY a /a\n";

/// A build that no cache knows, with some megabytes to export.
fn request(tag: &str, labels: &[&str]) -> BuildRequest {
    let file = format!("{tag} {}\n", std::process::id()).repeat(100_000);
    BuildRequest {
        context: context(&[("Dockerfile", DOCKERFILE), ("a", &file)]).into(),
        dockerfile: DOCKERFILE.to_owned(),
        tag: tag.to_owned(),
        aliases: Vec::new(),
        labels: labels
            .iter()
            .map(|&label| (label.to_owned(), "lab".to_owned()))
            .collect(),
        cache_namespace: None,
        no_cache: false,
        network: engine::BuildNetwork::Engines,
        prefix: String::new(),
        limit: Duration::from_secs(60),
        patience: Patience::default(),
        stopped: StoppedBuilds::default(),
    }
}

async fn is_there(engine: &Engine, tag: &str) -> bool {
    matches!(engine.image(tag).await, Ok(Some(_)))
}

/// Stops builds at the event after which only the naming is left, and looks what they leave
/// behind once they have ended and their images were removed.
async fn stopped_while_naming(
    engine: &Engine,
    builder: &str,
    labels: &[&str],
    names: fn(&BuildEvent) -> bool,
) {
    let tags: Vec<String> = (0..8)
        .map(|n| {
            format!(
                "empty-room/test-stopped:{builder}-{}-{n}",
                std::process::id()
            )
        })
        .collect();
    let mut stopped = 0;
    for tag in &tags {
        let naming = Notify::new();
        let request = request(tag, labels);
        let mut on_event = |event: BuildEvent| {
            if names(&event) {
                naming.notify_one();
            }
        };
        tokio::select! {
            biased;
            () = naming.notified() => stopped += 1,
            built = engine.build(&request, &mut on_event) => drop(built.expect("it builds")),
        }
        request.stopped.end().await;
        if is_there(engine, tag).await {
            engine.remove_image(tag).await.expect("removed");
        }
    }
    assert!(
        stopped > 0,
        "no build was caught while it was naming its image"
    );
    let mut left = Vec::new();
    for tag in &tags {
        if is_there(engine, tag).await {
            left.push(tag);
            engine.remove_image(tag).await.expect("removed");
        }
    }
    assert_eq!(left, Vec::<&String>::new());
}

/// An image that is named after it was removed would stay for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_was_stopped_names_no_image_once_it_has_ended() {
    let engine = engine().await;
    let exports = |event: &BuildEvent| matches!(event, BuildEvent::StepStarted { title, .. } if title.contains("exporting"));
    stopped_while_naming(&engine, "buildkit", &[LABEL], exports).await;
}

/// The same of the classic builder, which does not say when it has ended.
#[tokio::test(flavor = "multi_thread")]
async fn a_classic_build_that_was_stopped_names_no_image_once_it_has_ended() {
    let engine = engine().await.without_buildkit();
    // It is stopped between steps only. Labels would be one more, so COPY is the last.
    let copies = |event: &BuildEvent| matches!(event, BuildEvent::StepStarted { title, .. } if title.contains("COPY"));
    stopped_while_naming(&engine, "classic", &[], copies).await;
}
