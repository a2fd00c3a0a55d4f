//! A small client of BuildKit's Control API over Docker's `/grpc` endpoint.
//!
//! An engine without BuildKit (Podman) builds by `classic` instead; it is asked once.
//!
//! One build is one session (see `session`), one `Solve` call, and one `Status` stream read
//! beside it. Dropping the future drops the connection, and BuildKit kills the running
//! step: that is how Stop works.

use super::Engine;
use super::classic::Transcript;
use super::session::Session;
use super::steps::Steps;
use super::upgrade::{Duplex, Lease, upgrade};
use crate::event::{BuildEvent, StepError, StepStatus};
use bollard_buildkit_proto::moby::buildkit::v1::control_client::ControlClient;
use bollard_buildkit_proto::moby::buildkit::v1::{SolveRequest, StatusRequest};
use bytes::Bytes;
use futures_util::future::poll_fn;
use hyper_util::rt::TokioIo;
use std::collections::HashMap;
use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tonic::transport::Endpoint;
use tower::service_fn;

/// What to build.
#[derive(Clone, Debug)]
pub struct BuildRequest {
    /// The context as a tar; its Dockerfile is `Dockerfile`.
    pub context: Bytes,
    /// The Dockerfile's text, to find the line that a step stands on.
    pub dockerfile: String,
    /// `repository:tag` of the result.
    pub tag: String,
    /// Stage to stop at; the last where absent.
    pub target: Option<String>,
    /// Images that the context's Dockerfile names in place of those that `dockerfile` does:
    /// (named there, written here). Steps are told in the words of `dockerfile`.
    pub aliases: Vec<(String, String)>,
    /// Labels of the result.
    pub labels: Vec<(String, String)>,
    /// Prefix of step ids, so that several builds fit into one run.
    pub prefix: String,
    /// Give up after this long.
    pub limit: Duration,
}

/// A finished build.
#[derive(Clone, Debug)]
pub struct Built {
    /// The image's id (`sha256:…`).
    pub image: String,
}

/// Why there is no image.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The Dockerfile or one of its commands is at fault: the learner's, and a value.
    #[error("{}", .0.message)]
    Failed(StepError),
    /// The time limit was hit.
    #[error("the build took longer than its limit of {} s and was stopped", .0.as_secs())]
    TooLong(Duration),
    /// The engine could not be asked: ours.
    #[error("the engine's builder did not answer: {0}")]
    Engine(String),
}

/// A way to BuildKit, open until it is dropped.
type Reached = (Session, Duplex, Lease);

impl Engine {
    /// Builds an image, telling `on` of each step. Drop the future to stop the build.
    pub async fn build(
        &self,
        request: &BuildRequest,
        on: &mut (dyn FnMut(BuildEvent) + Send),
    ) -> Result<Built, BuildError> {
        let since = Instant::now();
        let mut steps = Steps::new(request);
        let mut transcript = Transcript::new(request);
        let building = async {
            if let Some(reached) = self.reach_buildkit(request).await? {
                self.solve(request, reached, &mut steps, on).await
            } else {
                self.build_by_text(request, &mut transcript, on).await
            }
        };
        let result = match tokio::time::timeout(request.limit, building).await {
            Ok(result) => result,
            Err(_) => Err(BuildError::TooLong(request.limit)),
        };
        steps.close(on);
        transcript.end(StepStatus::Canceled, None, since.elapsed(), on);
        result
    }

    /// A session and a connection to BuildKit, where the engine has one.
    async fn reach_buildkit(&self, request: &BuildRequest) -> Result<Option<Reached>, BuildError> {
        if self.no_buildkit.load(Ordering::Relaxed) {
            return Ok(None);
        }
        let reached = async {
            let (session, (duplex, lease)) = tokio::try_join!(
                Session::open(self.address(), request.context.clone()),
                upgrade(self.address(), "/grpc", &[]),
            )?;
            Ok::<_, io::Error>((session, duplex, lease))
        };
        match reached.await {
            Ok(reached) => Ok(Some(reached)),
            Err(error) if error.kind() == io::ErrorKind::Unsupported => {
                log::info!("building without BuildKit: {error}");
                self.no_buildkit.store(true, Ordering::Relaxed);
                Ok(None)
            }
            Err(error) => Err(ours(error)),
        }
    }

    async fn solve(
        &self,
        request: &BuildRequest,
        (session, duplex, _lease): Reached,
        steps: &mut Steps,
        on: &mut (dyn FnMut(BuildEvent) + Send),
    ) -> Result<Built, BuildError> {
        steps.sending(request.context.len(), on);
        let once = Arc::new(Mutex::new(Some(duplex)));
        let channel = Endpoint::from_static("http://buildkit")
            .connect_with_connector(service_fn(move |_| {
                let taken = once.lock().ok().and_then(|mut slot| slot.take());
                async move {
                    taken
                        .map(TokioIo::new)
                        .ok_or_else(|| std::io::Error::other("the engine closed the connection"))
                }
            }))
            .await
            .map_err(ours)?;
        let build = super::random_hex(12).map_err(ours)?;
        let mut client = ControlClient::new(channel.clone());
        let mut status_client = ControlClient::new(channel);

        let solve_request = solve_request(&build, &session, request);
        let solve = async move { client.solve(solve_request).await };
        tokio::pin!(solve);
        let mut status = {
            let answer = status_client.status(StatusRequest { r#ref: build });
            tokio::pin!(answer);
            // Both must be on the wire before either is awaited to its end.
            let mut early = None;
            let stream = poll_fn(|cx| {
                if early.is_none()
                    && let std::task::Poll::Ready(result) = solve.as_mut().poll(cx)
                {
                    early = Some(result);
                }
                match answer.as_mut().poll(cx) {
                    std::task::Poll::Ready(result) => std::task::Poll::Ready(result),
                    std::task::Poll::Pending if early.is_some() => {
                        std::task::Poll::Ready(Err(tonic::Status::cancelled("solved first")))
                    }
                    std::task::Poll::Pending => std::task::Poll::Pending,
                }
            })
            .await;
            if let Some(result) = early {
                if let Ok(response) = stream {
                    drain(response.into_inner(), steps, on).await;
                }
                return finish(result, steps);
            }
            stream
                .map_err(|status| BuildError::Engine(status.message().to_owned()))?
                .into_inner()
        };
        let result = loop {
            tokio::select! {
                biased;
                message = status.message() => match message {
                    Ok(Some(update)) => steps.update(update, on),
                    // The stream's own end or error says less than the solve's answer.
                    Ok(None) | Err(_) => break solve.await,
                },
                result = &mut solve => {
                    drain(status, steps, on).await;
                    break result;
                }
            }
        };
        finish(result, steps)
    }
}

type Solved = Result<
    tonic::Response<bollard_buildkit_proto::moby::buildkit::v1::SolveResponse>,
    tonic::Status,
>;

fn finish(result: Solved, steps: &Steps) -> Result<Built, BuildError> {
    match result {
        Ok(response) => {
            let mut answer = response.into_inner().exporter_response;
            let image = answer
                .remove("containerimage.digest")
                .ok_or_else(|| BuildError::Engine("it built an image without a digest".into()))?;
            Ok(Built { image })
        }
        // A status that we made up ourselves, because the connection broke, has a source;
        // one that BuildKit sent has none.
        Err(status) if std::error::Error::source(&status).is_some() => {
            Err(BuildError::Engine(status.message().to_owned()))
        }
        Err(status) => match status.code() {
            tonic::Code::Unavailable => Err(BuildError::Engine(status.message().to_owned())),
            _ => Err(BuildError::Failed(steps.failure(status.message()))),
        },
    }
}

/// After the solve has answered, the last few status messages are still under way.
async fn drain(
    mut status: tonic::Streaming<bollard_buildkit_proto::moby::buildkit::v1::StatusResponse>,
    steps: &mut Steps,
    on: &mut (dyn FnMut(BuildEvent) + Send),
) {
    let rest = async {
        while let Ok(Some(update)) = status.message().await {
            steps.update(update, on);
        }
    };
    let _ = tokio::time::timeout(Duration::from_secs(2), rest).await;
}

fn solve_request(build: &str, session: &Session, request: &BuildRequest) -> SolveRequest {
    let mut attrs = HashMap::from([
        ("context".to_owned(), session.context_url()),
        // Ignores a `# syntax=` line, which would need a registry.
        ("cmdline".to_owned(), "dockerfile.v0".to_owned()),
        ("filename".to_owned(), "Dockerfile".to_owned()),
    ]);
    if let Some(target) = &request.target {
        attrs.insert("target".to_owned(), target.clone());
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

fn ours(error: impl std::fmt::Display) -> BuildError {
    BuildError::Engine(error.to_string())
}
