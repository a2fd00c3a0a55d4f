//! BuildKit's vertices as the steps of a run.
//!
//! Vertices are keyed by digest. One may start twice (it is announced once), a FROM shared
//! by stages carries one stage's name, and BuildKit's own housekeeping stays hidden unless
//! it fails. Pure: status messages in, events out.

use super::instruction::{SUBSTITUTED, line_of};
use super::request::BuildRequest;
use crate::event::{BuildEvent, OnEvent, StepError, StepStatus, Stream};
use crate::refusals;
use bollard_buildkit_proto::google::protobuf::Timestamp;
use bollard_buildkit_proto::moby::buildkit::v1::{StatusResponse, Vertex};
use std::collections::HashMap;
use std::time::Instant;

/// The steps of one build, as far as they have come.
pub(super) struct Steps {
    prefix: String,
    dockerfile: String,
    aliases: Vec<(String, String)>,
    vertices: HashMap<String, Step>,
    announced: usize,
    context: Option<Instant>,
    failure: Option<StepError>,
}

struct Step {
    id: String,
    title: String,
    hidden: bool,
    state: State,
    started: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    Over,
}

impl Steps {
    pub(super) fn new(request: &BuildRequest) -> Steps {
        Steps {
            prefix: request.prefix.clone(),
            dockerfile: request.dockerfile.clone(),
            aliases: request.aliases.clone(),
            vertices: HashMap::new(),
            announced: 0,
            context: None,
            failure: None,
        }
    }

    /// The builder is reached and is being sent `bytes` of context: the first sign of life,
    /// long before BuildKit's own first word.
    pub(super) fn context_starts(&mut self, bytes: usize, on_event: &mut OnEvent<'_>) {
        self.context = Some(Instant::now());
        on_event(BuildEvent::StepStarted {
            step: format!("{}00", self.prefix),
            title: format!("sending the build context ({} kB)", bytes.div_ceil(1000)),
        });
    }

    fn context_sent(&mut self, status: StepStatus, on_event: &mut OnEvent<'_>) {
        if let Some(since) = self.context.take() {
            on_event(BuildEvent::StepFinished {
                step: format!("{}00", self.prefix),
                status,
                ms: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
                error: None,
            });
        }
    }

    /// Takes in one status message.
    pub(super) fn update(&mut self, update: StatusResponse, on_event: &mut OnEvent<'_>) {
        self.context_sent(StepStatus::Done, on_event);
        for vertex in update.vertexes {
            self.on_vertex(vertex, on_event);
        }
        for status in update.statuses {
            let Some(step) = self.visible(&status.vertex) else {
                continue;
            };
            if step.state == State::Running && status.current > 0 {
                on_event(BuildEvent::StepProgress {
                    step: step.id.clone(),
                    what: progress_name(&status.id),
                    current: status.current.unsigned_abs(),
                    total: (status.total > 0).then(|| status.total.unsigned_abs()),
                });
            }
        }
        for log in update.logs {
            let Some(step) = self.visible(&log.vertex) else {
                continue;
            };
            on_event(BuildEvent::StepLog {
                step: step.id.clone(),
                stream: if log.stream == 2 {
                    Stream::Stderr
                } else {
                    Stream::Stdout
                },
                text: String::from_utf8_lossy(&log.msg).into_owned(),
            });
        }
    }

    /// Ends every step that is still running: the build is over.
    pub(super) fn close(&mut self, on_event: &mut OnEvent<'_>) {
        self.context_sent(StepStatus::Canceled, on_event);
        let mut open: Vec<&mut Step> = self
            .vertices
            .values_mut()
            .filter(|s| !s.hidden && s.state == State::Running)
            .collect();
        open.sort_by(|a, b| a.id.cmp(&b.id));
        for step in open {
            step.state = State::Over;
            on_event(BuildEvent::StepFinished {
                step: step.id.clone(),
                status: StepStatus::Canceled,
                ms: 0,
                error: None,
            });
        }
    }

    /// The failure as a learner should read it; `solve` is what the whole build answered.
    pub(super) fn failure(&self, solve: &str) -> StepError {
        let message = refusals::without_wrapping(solve);
        if let Some(failure) = &self.failure {
            // The solve's answer wraps the vertex's: `failed to compute cache key: …`.
            let whole = message.ends_with(&failure.message);
            let message = if whole { message } else { &failure.message };
            return StepError::new(message, failure.line);
        }
        StepError::new(message, refusals::dockerfile_line(message))
    }

    fn visible(&self, digest: &str) -> Option<&Step> {
        self.vertices
            .get(digest)
            .filter(|s| !s.hidden && s.state != State::Waiting)
    }

    /// `FROM golang:1.23`, as the reader wrote it, whatever stands in for it.
    /// BuildKit calls a stage without a name `stage-1`, which here means another chapter.
    fn as_written(&self, name: String) -> String {
        let name = match name.strip_prefix("[stage-").and_then(|n| n.split_once(' ')) {
            Some((number, rest)) if number.bytes().all(|b| b.is_ascii_digit()) => {
                format!("[final {rest}")
            }
            _ => name,
        };
        let Some((head, image)) = name.split_once("FROM docker.io/") else {
            return name;
        };
        let image = image.split('@').next().unwrap_or(image);
        match self.aliases.iter().find(|(alias, _)| alias == image) {
            Some((_, written)) => format!("{head}FROM {written}{SUBSTITUTED}"),
            None => name,
        }
    }

    fn on_vertex(&mut self, mut vertex: Vertex, on_event: &mut OnEvent<'_>) {
        vertex.name = self.as_written(vertex.name);
        let failed = !vertex.error.is_empty();
        let canceled = failed && refusals::is_canceled(&vertex.error);
        if failed && !canceled && self.failure.is_none() {
            self.failure = Some(self.step_error(&vertex));
        }
        let next = self.announced + 1;
        let step = self
            .vertices
            .entry(vertex.digest.clone())
            .or_insert_with(|| Step {
                id: String::new(),
                title: vertex.name.clone(),
                hidden: housekeeping(&vertex.name),
                state: State::Waiting,
                started: None,
            });
        if failed && !canceled {
            step.hidden = false;
        }
        if step.hidden {
            return;
        }
        if step.state == State::Waiting && (vertex.started.is_some() || vertex.cached) {
            self.announced = next;
            step.id = format!("{}{next:02}", self.prefix);
            step.state = State::Running;
            step.started = vertex.started;
            on_event(BuildEvent::StepStarted {
                step: step.id.clone(),
                title: step.title.clone(),
            });
        }
        if step.state == State::Running && vertex.completed.is_some() {
            step.state = State::Over;
            let status = match (canceled, failed, vertex.cached) {
                (true, ..) => StepStatus::Canceled,
                (_, true, _) => StepStatus::Failed,
                (_, _, true) => StepStatus::Cached,
                _ => StepStatus::Done,
            };
            let started = vertex.started.or(step.started);
            on_event(BuildEvent::StepFinished {
                step: step.id.clone(),
                status,
                ms: between(started, vertex.completed),
                error: match status {
                    StepStatus::Failed => self.failure.clone(),
                    _ => None,
                },
            });
        }
    }

    fn step_error(&self, vertex: &Vertex) -> StepError {
        let line = line_of(&self.dockerfile, &vertex.name);
        StepError::new(refusals::without_wrapping(&vertex.error), line)
    }
}

/// BuildKit's bookkeeping, which says nothing about the Dockerfile.
fn housekeeping(name: &str) -> bool {
    name.starts_with("[internal]")
        || name.starts_with("http://buildkit-session")
        || name.starts_with("copy /context")
        || name.starts_with("resolve image config")
}

/// What a status line counts: layers are named by their digests.
fn progress_name(status: &str) -> String {
    let name = status.split_whitespace().next().unwrap_or(status);
    if name.starts_with("sha256:") {
        "downloading".to_owned()
    } else {
        name.to_owned()
    }
}

fn between(from: Option<Timestamp>, to: Option<Timestamp>) -> u64 {
    let (Some(from), Some(to)) = (from, to) else {
        return 0;
    };
    let nanos = (to.seconds - from.seconds) * 1_000_000_000 + i64::from(to.nanos - from.nanos);
    u64::try_from(nanos / 1_000_000).unwrap_or(0)
}

#[cfg(test)]
mod tests {
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
            no_cache: false,
            network: crate::BuildNetwork::Engines,
            prefix: "b".into(),
            limit: std::time::Duration::ZERO,
            patience: super::super::Patience::default(),
            stopped: super::super::StoppedBuilds::default(),
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
            BuildEvent::StepFinished { status: StepStatus::Failed, error: Some(e), .. } if e.line == Some(4)
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
}
