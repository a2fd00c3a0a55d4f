//! The classic build endpoint: for engines without BuildKit, such as Podman, and for the small
//! builds that need no session. Dropping the future closes the connection: Docker stops the
//! build then, Podman lets the step that runs come to its end.

use super::request::{BuildNetwork, BuildRequest, Built};
use super::stopped::StoppedBuilds;
use super::transcript::Transcript;
use crate::connection::{BULK_LIMIT, Engine};
use crate::error::{BuildError, EngineError, ImageError};
use crate::event::{OnEvent, StepStatus};
use bollard::Docker;
use bollard::query_parameters::BuildImageOptionsBuilder;
use bytes::Bytes;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

/// A build that was stopped in its last step names its image all the same. This endpoint does
/// not say when it has ended, so its image is looked for that long, and that often.
const NAMING_LIMIT: Duration = Duration::from_secs(1);
const NAMING_PACE: Duration = Duration::from_millis(50);

/// As every classic build of ours is asked for: nothing between its steps stays behind.
fn options(tag: &str) -> BuildImageOptionsBuilder {
    BuildImageOptionsBuilder::default()
        .dockerfile("Dockerfile")
        .t(tag)
        .rm(true)
        .forcerm(true)
}

impl Engine {
    /// Builds, and reads the steps out of the text that the engine answers with.
    ///
    /// # Errors
    ///
    /// The build failed, or the engine does not answer.
    pub(super) async fn build_by_text(
        &self,
        request: &BuildRequest,
        transcript: &mut Transcript,
        on_event: &mut OnEvent<'_>,
    ) -> Result<Built, BuildError> {
        let labels: HashMap<String, String> = request.labels.iter().cloned().collect();
        let options = options(&request.tag)
            .labels(&labels)
            .nocache(request.no_cache);
        let options = match request.network {
            BuildNetwork::Engines => options,
            BuildNetwork::Nothing => options.networkmode("none"),
        };
        let context = bollard::body_full(request.context.clone());
        let since = Instant::now();
        let mut under_way = UnderWay {
            docker: self.docker.clone(),
            tag: request.tag.clone(),
            stopped: Some(request.stopped.clone()),
        };
        let mut output = self
            .docker
            .build_image(options.build(), None, Some(context));
        while let Some(piece) = output.next().await {
            match piece.map_err(EngineError::from) {
                Ok(info) => {
                    if let Some(text) = info.stream {
                        transcript.push(&text, since.elapsed(), on_event);
                    }
                }
                Err(EngineError::Refused(message)) => {
                    under_way.is_over();
                    let error = transcript.fail(&message, since.elapsed(), on_event);
                    return Err(BuildError::Failed(error));
                }
                Err(error) => return Err(error.into()),
            }
        }
        under_way.is_over();
        transcript.end(StepStatus::Done, None, since.elapsed(), on_event);
        let found = self.docker.inspect_image(&request.tag).await;
        let image = found.map_err(EngineError::from)?.id;
        let image = image
            .ok_or_else(|| EngineError::Failed("it built an image without an id".to_owned()))?;
        Ok(Built { image })
    }

    /// Builds a context (a tar with a `Dockerfile`) whose FROM the engine has, with the
    /// classic builder: no registry, no session. Returns what the build said.
    ///
    /// # Errors
    ///
    /// The build failed; then the error is what it said, from the beginning.
    pub async fn build_classic(&self, context: Vec<u8>, name: &str) -> Result<String, ImageError> {
        let docker = self.docker.clone().with_timeout(BULK_LIMIT);
        let body = bollard::body_full(Bytes::from(context));
        let mut pieces = docker.build_image(options(name).build(), None, Some(body));
        let mut output = String::new();
        while let Some(piece) = pieces.next().await {
            match piece.map_err(ImageError::from) {
                Ok(info) => output.push_str(info.stream.as_deref().unwrap_or_default()),
                Err(ImageError::Engine(EngineError::Refused(text))) => {
                    return Err(EngineError::Refused(format!("{output}{text}")).into());
                }
                Err(error) => return Err(error),
            }
        }
        Ok(output)
    }
}

/// A build that has not told its end: where it is dropped, its image is waited for.
struct UnderWay {
    docker: Docker,
    tag: String,
    /// Absent where the build is over.
    stopped: Option<StoppedBuilds>,
}

impl UnderWay {
    fn is_over(&mut self) {
        self.stopped = None;
    }
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        let Some(stopped) = self.stopped.take() else {
            return;
        };
        let (docker, tag) = (self.docker.clone(), std::mem::take(&mut self.tag));
        stopped.wait_for(async move {
            let named = async {
                while docker.inspect_image(&tag).await.is_err() {
                    sleep(NAMING_PACE).await;
                }
            };
            // Most are never named.
            let _ = timeout(NAMING_LIMIT, named).await;
        });
    }
}
