use super::*;

const DOCKERFILE: &str = "FROM golang:1.23 AS build\nWORKDIR /src\nCOPY . .\n\
    RUN --mount=type=cache,target=/x go  build \\\n  ./...\n\nFROM scratch\nCOPY . .\n";

fn steps() -> Steps {
    Steps::new(&BuildRequest {
        context: bytes::Bytes::new(),
        dockerfile: DOCKERFILE.into(),
        tag: "t".into(),
        aliases: vec![("empty-room/trust:1".into(), "golang:1.23".into())],
        labels: Vec::new(),
        cache_namespace: None,
        network: crate::BuildNetwork::Engines,
        no_cache: false,
        prefix: "b".into(),
        limit: std::time::Duration::ZERO,
        patience: crate::build::Patience::default(),
        stopped: crate::build::StoppedBuilds::default(),
    })
}

#[test]
fn a_stand_in_is_told_as_written() {
    let title = steps().as_written("[b 1/2] FROM docker.io/empty-room/trust:1".into());
    assert_eq!(
        title,
        "[b 1/2] FROM golang:1.23 (trusting this machine's CAs)"
    );
    let plain = "[b 1/2] FROM docker.io/library/alpine:3.20".to_owned();
    assert_eq!(steps().as_written(plain.clone()), plain);
}

fn vertex(name: &str, error: &str) -> Vertex {
    let at = Some(Timestamp {
        seconds: 5,
        nanos: 0,
    });
    Vertex {
        digest: name.into(),
        name: name.into(),
        started: at,
        completed: at,
        error: error.into(),
        ..Vertex::default()
    }
}

#[test]
fn a_failed_step_points_at_its_line_in_the_dockerfile() {
    let mut seen = Vec::new();
    let mut steps = steps();
    steps.update(
        StatusResponse {
            vertexes: vec![vertex("[build 4/4] RUN go build ./...", "exit code: 1")],
            ..StatusResponse::default()
        },
        &mut |e| seen.push(e),
    );
    assert_eq!(steps.failure("failed to solve").line, Some(4));
    assert!(matches!(
        &seen[1],
        BuildEvent::StepFinished(StepFinished { status: StepStatus::Failed, error: Some(e), .. }) if e.line == Some(4)
    ));
}

#[test]
fn a_parse_error_keeps_its_line() {
    let steps = steps();
    let failure = steps.failure(
        "failed to solve with frontend dockerfile.v0: failed to create LLB definition: \
         dockerfile parse error line 2: unknown instruction: RUNN",
    );
    assert_eq!(failure.line, Some(2));
    assert!(failure.message.starts_with("dockerfile parse error"));
}

#[test]
fn housekeeping_is_hidden_unless_it_fails() {
    let mut seen = Vec::new();
    let mut steps = steps();
    let quiet = vertex("[internal] load metadata for golang:1.23", "");
    let loud = vertex("[internal] load metadata for nope:1", "no such host");
    steps.update(
        StatusResponse {
            vertexes: vec![quiet, loud],
            ..StatusResponse::default()
        },
        &mut |e| seen.push(e),
    );
    assert_eq!(seen.len(), 2);
}

/// As Docker 20.10 told it of `RUN mkdir /tmp` in scratch: looked up in 26 µs, then carried
/// out, which failed.
#[test]
fn a_vertex_that_ends_and_starts_anew_is_one_step_that_fails() {
    let name = "[stage-1 1/2] RUN mkdir /tmp";
    let mut running = vertex(name, "");
    running.completed = None;
    let log = bollard_buildkit_proto::moby::buildkit::v1::VertexLog {
        vertex: name.into(),
        stream: 2,
        msg: b"stat /bin/sh".to_vec(),
        ..Default::default()
    };
    let tell = |updates: Vec<(Vec<Vertex>, bool)>| {
        let mut seen = Vec::new();
        let mut steps = steps();
        for (vertexes, logs) in updates {
            let logs = logs.then(|| log.clone()).into_iter().collect();
            let update = StatusResponse {
                vertexes,
                logs,
                ..StatusResponse::default()
            };
            steps.update(update, &mut |event| seen.push(event));
        }
        steps.close(&mut |event| seen.push(event));
        seen
    };
    let looked_up = vertex(name, "");
    let failed = vertex(name, "exit code: 1");
    let seen = tell(vec![
        (vec![looked_up.clone()], false),
        (vec![running.clone()], false),
        (Vec::new(), true),
        (vec![failed.clone()], false),
    ]);
    assert!(matches!(
        &seen[..],
        [BuildEvent::StepStarted { .. }, BuildEvent::StepLog(StepLog { step: heard, .. }),
         BuildEvent::StepFinished(StepFinished { step, status: StepStatus::Failed, .. })] if heard == step
    ));
    // Later than in the next message, it is a step of its own: each start has one end.
    let seen = tell(vec![
        (vec![looked_up], false),
        (Vec::new(), false),
        (vec![running], false),
        (Vec::new(), true),
        (vec![failed], false),
    ]);
    assert!(matches!(
        &seen[..],
        [BuildEvent::StepStarted { step: first, .. },
         BuildEvent::StepFinished(StepFinished { step: done, status: StepStatus::Done, .. }),
         BuildEvent::StepStarted { step: second, .. }, BuildEvent::StepLog(StepLog { step: heard, .. }),
         BuildEvent::StepFinished(StepFinished { step: failed, status: StepStatus::Failed, .. })]
        if first == done && second == heard && second == failed && first != second
    ));
}

#[test]
fn a_vertex_that_starts_twice_is_announced_once() {
    let mut seen = 0;
    let mut steps = steps();
    for _ in 0..2 {
        let mut again = vertex("[build 2/4] WORKDIR /src", "");
        again.completed = None;
        steps.update(
            StatusResponse {
                vertexes: vec![again],
                ..StatusResponse::default()
            },
            &mut |_| seen += 1,
        );
    }
    assert_eq!(seen, 1);
}
