//! What Stop promises of a build that is just naming its image.

use super::support::engine;
use engine::{BuildEvent, BuildRequest, Engine, LABEL};
use std::time::Duration;
use tokio::sync::Notify;

const DOCKERFILE: &str = "FROM scratch\nCOPY a /a\n";

/// A build that no cache knows, with some megabytes to export.
fn request(tag: &str) -> BuildRequest {
    let file = format!("{tag} {}\n", std::process::id()).repeat(100_000);
    let mut tar = tar::Builder::new(Vec::new());
    for (name, text) in [("Dockerfile", DOCKERFILE), ("a", &file)] {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        tar.append_data(&mut header, name, text.as_bytes())
            .expect("appended");
    }
    BuildRequest {
        context: tar.into_inner().expect("a tar").into(),
        dockerfile: DOCKERFILE.to_owned(),
        tag: tag.to_owned(),
        target: None,
        aliases: Vec::new(),
        labels: vec![(LABEL.to_owned(), "lab".to_owned())],
        prefix: String::new(),
        limit: Duration::from_secs(60),
    }
}

async fn is_there(engine: &Engine, tag: &str) -> bool {
    matches!(engine.image(tag).await, Ok(Some(_)))
}

/// An image that is named after it was removed would stay for good.
#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_was_stopped_names_no_image_once_it_has_ended() {
    let engine = engine().await;
    let tags: Vec<String> = (0..8)
        .map(|n| format!("empty-room/test-stopped:{}-{n}", std::process::id()))
        .collect();
    let mut stopped = 0;
    for tag in &tags {
        let exporting = Notify::new();
        let request = request(tag);
        let mut on_event = |event: BuildEvent| {
            if let BuildEvent::StepStarted { title, .. } = event
                && title.contains("exporting")
            {
                exporting.notify_one();
            }
        };
        tokio::select! {
            biased;
            () = exporting.notified() => stopped += 1,
            built = engine.build(&request, &mut on_event) => drop(built.expect("it builds")),
        }
        engine.stopped_builds_end().await;
        if is_there(&engine, tag).await {
            engine.remove_image(tag).await.expect("removed");
        }
    }
    assert!(stopped > 0, "no build was caught while it was exporting");
    let mut left = Vec::new();
    for tag in &tags {
        if is_there(&engine, tag).await {
            left.push(tag);
            engine.remove_image(tag).await.expect("removed");
        }
    }
    assert_eq!(left, Vec::<&String>::new());
}
