//! A small client of BuildKit's Control API, whichever way it was reached (`route`).
//!
//! One build is one session (see `session`), one `Solve` call, and one `Status` stream read
//! beside it. Dropping the future cancels the call, and BuildKit kills the running step: that is
//! how Stop works. What BuildKit still does of the build then is waited for (`Unwinding`).

use super::duplex::Lease;
use super::request::{BuildNetwork, BuildRequest, Built};
use super::route::Reached;
use super::session::Session;
use super::steps::Steps;
use super::stopped::StoppedBuilds;
use crate::connection::Engine;
use crate::error::{BuildError, EngineError};
use crate::event::OnEvent;
use crate::random::random_hex;
use bollard_buildkit_proto::moby::buildkit::v1::control_client::ControlClient;
use bollard_buildkit_proto::moby::buildkit::v1::{
    SolveRequest, SolveResponse, StatusRequest, StatusResponse,
};
use futures_util::future::poll_fn;
use std::collections::HashMap;
use std::task::Poll;
use std::time::Duration;
use tonic::transport::Channel;

/// BuildKit takes milliseconds to end a build that was stopped; after this it has stalled.
const UNWIND_LIMIT: Duration = Duration::from_secs(10);

impl Engine {
    /// Builds, and reports each step while it goes on.
    ///
    /// # Errors
    ///
    /// The build failed, or the connection broke.
    pub(super) async fn solve(
        &self,
        request: &BuildRequest,
        reached: Reached,
        steps: &mut Steps,
        on_event: &mut OnEvent<'_>,
    ) -> Result<Built, BuildError> {
        steps.context_starts(request.context.len(), on_event);
        let Reached {
            session,
            channel,
            lease,
        } = reached;
        let build = random_hex(12).map_err(ours)?;
        let mut client = ControlClient::new(channel.clone());

        let solve_request = solve_request(&build, &session, request);
        let solve = async move { client.solve(solve_request).await };
        tokio::pin!(solve);
        // Dropped before the call above is: the connection must outlive it. Nothing is awaited
        // from here to the first poll of both, so there is no status of what was never asked.
        let mut unwinding = Unwinding {
            client: ControlClient::new(channel),
            build,
            status: None,
            lease: Some(lease),
            stopped: request.stopped.clone(),
        };
        let (early, opened) = {
            let answer = unwinding.open();
            tokio::pin!(answer);
            // Both must be on the wire before either is awaited to its end.
            let mut early = None;
            let opened = poll_fn(|cx| {
                if early.is_none()
                    && let Poll::Ready(result) = solve.as_mut().poll(cx)
                {
                    early = Some(result);
                }
                match answer.as_mut().poll(cx) {
                    Poll::Ready(result) => Poll::Ready(result),
                    Poll::Pending if early.is_some() => {
                        Poll::Ready(Err(tonic::Status::cancelled("solved first")))
                    }
                    Poll::Pending => Poll::Pending,
                }
            })
            .await;
            (early, opened)
        };
        if let Some(result) = early {
            unwinding.drain(steps, on_event).await;
            return finish(result, steps);
        }
        opened.map_err(|status| ours(status.message()))?;
        let result = loop {
            tokio::select! {
                biased;
                update = unwinding.next() => match update {
                    Some(update) => steps.update(update, on_event),
                    // The stream's own end or error says less than the solve's answer.
                    None => break solve.await,
                },
                result = &mut solve => break result,
            }
        };
        unwinding.drain(steps, on_event).await;
        finish(result, steps)
    }
}

/// The status stream of a build. Its end is the build's, export and all, so where it is dropped
/// before, it is read to its end on a task of its own: only then nothing gets a name any more.
struct Unwinding {
    client: ControlClient<Channel>,
    build: String,
    status: Option<tonic::Streaming<StatusResponse>>,
    /// Absent where the build is over.
    lease: Option<Lease>,
    stopped: StoppedBuilds,
}

impl Unwinding {
    async fn open(&mut self) -> Result<(), tonic::Status> {
        let request = StatusRequest {
            r#ref: self.build.clone(),
        };
        self.status = Some(self.client.status(request).await?.into_inner());
        Ok(())
    }

    /// The next update; none where the stream has ended or broken.
    async fn next(&mut self) -> Option<StatusResponse> {
        self.status.as_mut()?.message().await.ok().flatten()
    }

    /// After the solve has answered, the last few updates are still under way.
    async fn drain(mut self, steps: &mut Steps, on_event: &mut OnEvent<'_>) {
        let _lease = self.lease.take();
        let rest = async {
            while let Some(update) = self.next().await {
                steps.update(update, on_event);
            }
        };
        let _ = tokio::time::timeout(Duration::from_secs(2), rest).await;
    }
}

impl Drop for Unwinding {
    fn drop(&mut self) {
        let Some(lease) = self.lease.take() else {
            return;
        };
        let mut rest = Unwinding {
            client: self.client.clone(),
            build: std::mem::take(&mut self.build),
            status: self.status.take(),
            lease: None,
            stopped: StoppedBuilds::default(),
        };
        let rest = async move {
            let end = async {
                if rest.status.is_some() || rest.open().await.is_ok() {
                    while rest.next().await.is_some() {}
                }
            };
            if tokio::time::timeout(UNWIND_LIMIT, end).await.is_err() {
                log::warn!("a build that was stopped goes on on the engine");
            }
            drop(lease);
        };
        self.stopped.wait_for(rest);
    }
}

type Solved = Result<tonic::Response<SolveResponse>, tonic::Status>;

fn finish(result: Solved, steps: &Steps) -> Result<Built, BuildError> {
    match result {
        Ok(response) => {
            let mut answer = response.into_inner().exporter_response;
            let image = answer
                .remove("containerimage.digest")
                .ok_or_else(|| ours("it built an image without a digest"))?;
            Ok(Built { image })
        }
        // A status that we made up ourselves, because the connection broke, has a source;
        // one that BuildKit sent has none.
        Err(status) if std::error::Error::source(&status).is_some() => Err(ours(status.message())),
        Err(status) => match status.code() {
            tonic::Code::Unavailable => Err(ours(status.message())),
            _ => Err(BuildError::Failed(steps.failure(status.message()))),
        },
    }
}

fn solve_request(build: &str, session: &Session, request: &BuildRequest) -> SolveRequest {
    let mut attrs = HashMap::from([
        ("context".to_owned(), session.context_url()),
        // Ignores a `# syntax=` line, which would need a registry.
        ("cmdline".to_owned(), "dockerfile.v0".to_owned()),
        ("filename".to_owned(), "Dockerfile".to_owned()),
    ]);
    if request.no_cache {
        // Without names of stages, it is for all of them.
        attrs.insert("no-cache".to_owned(), String::new());
    }
    if let Some(namespace) = &request.cache_namespace {
        let known_to_the_frontend = "build-arg:BUILDKIT_CACHE_MOUNT_NS".to_owned();
        attrs.insert(known_to_the_frontend, namespace.clone());
    }
    if request.network == BuildNetwork::Nothing {
        attrs.insert("force-network-mode".to_owned(), "none".to_owned());
    }
    for (name, value) in &request.labels {
        attrs.insert(format!("label:{name}"), value.clone());
    }
    SolveRequest {
        r#ref: build.to_owned(),
        frontend: "dockerfile.v0".to_owned(),
        frontend_attrs: attrs,
        exporter_deprecated: "moby".to_owned(),
        exporter_attrs_deprecated: HashMap::from([("name".to_owned(), request.tag.clone())]),
        session: session.id.clone(),
        ..SolveRequest::default()
    }
}

pub(super) fn ours(error: impl std::fmt::Display) -> BuildError {
    BuildError::Engine(EngineError::Failed(error.to_string()))
}
