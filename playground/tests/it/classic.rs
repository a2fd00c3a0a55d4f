//! Engines without BuildKit: Docker's own classic endpoint stands in for Podman's.

use super::alpine::context;
use super::support::engine;
use engine::{
    BuildError, BuildEvent, BuildRequest, Engine, Patience, StepFinished, StepStatus, StoppedBuilds,
};
use std::time::Duration;

const DOCKERFILE: &str = "FROM scratch AS first\nCOPY a /a\n\nFROM scratch\nENV X=1\n\
    COPY --from=first /a /b\n";

fn request(dockerfile: &str, tag: &str) -> BuildRequest {
    BuildRequest {
        context: context(&[("Dockerfile", dockerfile), ("a", "text")]).into(),
        dockerfile: dockerfile.to_owned(),
        tag: format!("empty-room/test-classic:{tag}"),
        aliases: Vec::new(),
        labels: vec![("org.emptyroom.test".into(), "classic".into())],
        cache_namespace: None,
        no_cache: false,
        network: engine::BuildNetwork::Engines,
        prefix: "b".into(),
        limit: Duration::from_secs(60),
        patience: Patience::default(),
        stopped: StoppedBuilds::default(),
    }
}

async fn build(
    engine: &Engine,
    request: &BuildRequest,
) -> (Result<String, BuildError>, Vec<BuildEvent>) {
    let mut events = Vec::new();
    let built = engine.build(request, &mut |event| events.push(event)).await;
    (built.map(|built| built.image), events)
}

fn ends(events: &[BuildEvent]) -> Vec<StepStatus> {
    let ends = events.iter().filter_map(|event| match event {
        BuildEvent::StepFinished(StepFinished { status, .. }) => Some(*status),
        _ => None,
    });
    ends.collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn an_engine_without_buildkit_still_builds() {
    let engine = engine().await.without_buildkit();
    let request = request(DOCKERFILE, "good");
    let (first, _) = build(&engine, &request).await;
    let (again, events) = build(&engine, &request).await;
    let found = engine.image(&request.tag).await.expect("an answer");
    engine.remove_image(&request.tag).await.expect("removed");

    let titles: Vec<&str> = events
        .iter()
        .filter_map(|event| match event {
            BuildEvent::StepStarted { title, .. } => Some(title.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(titles.len(), 5, "{titles:?}");
    assert!(titles[0].ends_with("] FROM scratch AS first"), "{titles:?}");
    assert!(titles[4].starts_with("[stage-1 "), "{titles:?}");
    assert_eq!(ends(&events)[4], StepStatus::Cached, "{events:?}");
    let found = found.expect("the image is there");
    assert_eq!(found.labels["org.emptyroom.test"], "classic");
    assert_eq!(first.expect("built"), found.id);
    assert_eq!(again.expect("built again"), found.id);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_failed_classic_build_points_at_its_line() {
    let engine = engine().await.without_buildkit();
    let (built, events) = build(&engine, &request("FROM scratch\n\nCOPY nope /\n", "bad")).await;
    let Err(BuildError::Failed(error)) = built else {
        panic!("it should have failed: {built:?}");
    };
    assert_eq!(error.line, Some(3), "{error:?}");
    assert!(error.message.contains("nope"), "{error:?}");
    assert_eq!(ends(&events), [StepStatus::Done, StepStatus::Failed]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_classic_parse_error_is_the_readers() {
    let engine = engine().await.without_buildkit();
    let (built, _) = build(&engine, &request("FROM scratch\nCOPYY a /\n", "odd")).await;
    assert!(
        matches!(&built, Err(BuildError::Failed(error)) if error.line == Some(2)),
        "{built:?}"
    );
}
