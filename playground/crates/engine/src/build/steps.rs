//! BuildKit's vertices as the steps of a run.
//!
//! Vertices are keyed by digest. BuildKit looks a vertex up before it carries it out, and may tell
//! both as a start and an end: such a step is one step, so an end is told when the next message
//! does not start it anew. A FROM shared by stages carries one stage's name, and BuildKit's own
//! housekeeping stays hidden unless it fails. Pure: status messages in, events out.

use super::instruction::{SUBSTITUTED, line_of, without_modules};
use super::remarks::Remarks;
use super::request::BuildRequest;
use crate::event::{
    BuildEvent, OnEvent, StepError, StepFinished, StepLog, StepProgress, StepStatus, Stream,
};
use crate::names::{MODULES_IMAGE, familiar};
use crate::refusals;
use bollard_buildkit_proto::google::protobuf::Timestamp;
use bollard_buildkit_proto::moby::buildkit::v1::{StatusResponse, Vertex};
use std::collections::{HashMap, HashSet};
use std::time::Instant;

/// The steps of one build, as far as they have come.
pub(super) struct Steps {
    prefix: String,
    dockerfile: String,
    aliases: Vec<(String, String)>,
    vertices: HashMap<String, Step>,
    /// Digests of the vertices in `State::Ended`, in the order of their ends.
    ended: Vec<String>,
    announced: usize,
    context: Option<Instant>,
    failure: Option<StepError>,
    remarks: Remarks,
}

struct Step {
    id: String,
    title: String,
    hidden: bool,
    state: State,
    started: Option<Timestamp>,
    completed: Option<Timestamp>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Waiting,
    Running,
    /// It ended well, which is not told yet: the next message may start it anew.
    Ended,
    Over,
}

impl Step {
    fn done(&mut self) -> BuildEvent {
        self.state = State::Over;
        BuildEvent::StepFinished(StepFinished {
            step: self.id.clone(),
            status: StepStatus::Done,
            ms: between(self.started, self.completed),
            error: None,
        })
    }
}

impl Steps {
    pub(super) fn new(request: &BuildRequest) -> Steps {
        Steps {
            prefix: request.prefix.clone(),
            dockerfile: request.dockerfile.clone(),
            aliases: request.aliases.clone(),
            vertices: HashMap::new(),
            ended: Vec::new(),
            announced: 0,
            context: None,
            failure: None,
            remarks: Remarks::default(),
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
            on_event(BuildEvent::StepFinished(StepFinished {
                step: format!("{}00", self.prefix),
                status,
                ms: u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX),
                error: None,
            }));
        }
    }

    /// Takes in one status message.
    pub(super) fn update(&mut self, update: StatusResponse, on_event: &mut OnEvent<'_>) {
        self.context_sent(StepStatus::Done, on_event);
        let anew: HashSet<&str> = (update.vertexes.iter())
            .filter(|v| v.started.is_some() && v.completed.is_none())
            .map(|v| v.digest.as_str())
            .collect();
        for digest in std::mem::take(&mut self.ended) {
            let Some(step) = self.vertices.get_mut(&digest) else {
                continue;
            };
            if anew.contains(digest.as_str()) {
                step.state = State::Running;
            } else if step.state == State::Ended {
                on_event(step.done());
            }
        }
        for vertex in update.vertexes {
            self.on_vertex(vertex, on_event);
        }
        for status in update.statuses {
            let Some(step) = self.visible(&status.vertex) else {
                continue;
            };
            if step.state == State::Running && status.current > 0 {
                on_event(BuildEvent::StepProgress(StepProgress {
                    step: step.id.clone(),
                    what: progress_name(&status.id),
                    current: status.current.unsigned_abs(),
                    total: (status.total > 0).then(|| status.total.unsigned_abs()),
                }));
            }
        }
        for log in update.logs {
            let Some(step) = self.visible(&log.vertex) else {
                continue;
            };
            on_event(BuildEvent::StepLog(StepLog {
                step: step.id.clone(),
                stream: if log.stream == 2 {
                    Stream::Stderr
                } else {
                    Stream::Stdout
                },
                text: String::from_utf8_lossy(&log.msg).into_owned(),
            }));
        }
        let remarks = update.warnings.iter();
        for remark in remarks.filter_map(|one| self.remarks.new_one(one)) {
            on_event(BuildEvent::Remark(remark));
        }
    }

    /// Ends every step that is still running: the build is over.
    pub(super) fn close(&mut self, on_event: &mut OnEvent<'_>) {
        self.context_sent(StepStatus::Canceled, on_event);
        for digest in std::mem::take(&mut self.ended) {
            if let Some(step) = self.vertices.get_mut(&digest) {
                on_event(step.done());
            }
        }
        let mut open: Vec<&mut Step> = self
            .vertices
            .values_mut()
            .filter(|s| !s.hidden && s.state == State::Running)
            .collect();
        open.sort_by(|a, b| a.id.cmp(&b.id));
        for step in open {
            step.state = State::Over;
            on_event(BuildEvent::StepFinished(StepFinished {
                step: step.id.clone(),
                status: StepStatus::Canceled,
                ms: 0,
                error: None,
            }));
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
        let name = without_modules(&name);
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
                completed: None,
            });
        if failed && !canceled {
            step.hidden = false;
        }
        if step.hidden {
            return;
        }
        // What was told to be done and is carried out after all, is another step.
        let again = step.state == State::Over
            && step.completed.is_some()
            && vertex.started.is_some()
            && (vertex.completed.is_none() || failed && !canceled);
        if step.state == State::Waiting && (vertex.started.is_some() || vertex.cached) || again {
            self.announced = next;
            step.id = format!("{}{next:02}", self.prefix);
            step.state = State::Running;
            step.started = vertex.started;
            step.completed = None;
            on_event(BuildEvent::StepStarted {
                step: step.id.clone(),
                title: step.title.clone(),
            });
        }
        if step.state == State::Running && vertex.completed.is_some() {
            let status = match (canceled, failed, vertex.cached) {
                (true, ..) => StepStatus::Canceled,
                (_, true, _) => StepStatus::Failed,
                (_, _, true) => StepStatus::Cached,
                _ => StepStatus::Done,
            };
            let started = vertex.started.or(step.started);
            if status == StepStatus::Done {
                step.state = State::Ended;
                step.started = started;
                step.completed = vertex.completed;
                self.ended.push(vertex.digest);
                return;
            }
            step.state = State::Over;
            on_event(BuildEvent::StepFinished(StepFinished {
                step: step.id.clone(),
                status,
                ms: between(started, vertex.completed),
                error: match status {
                    StepStatus::Failed => self.failure.clone(),
                    _ => None,
                },
            }));
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
        || is_modules(name)
}

/// The image of modules, which stands in no Dockerfile: a mount of ours brings it in.
fn is_modules(name: &str) -> bool {
    let image = name.split_once("FROM ").map(|(_, image)| familiar(image));
    let tag = image.and_then(|image| image.strip_prefix(MODULES_IMAGE));
    tag.is_some_and(|tag| tag.starts_with(':'))
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
mod tests;
