//! Building images: by BuildKit where the engine has it, else by the classic endpoint.
//!
//! Owns the time limit; `route` has the choice, `silence` what stands still. Both ways tell the same steps; neither knows labs.

mod buildkit;
mod classic;
mod context;
mod duplex;
mod instruction;
mod remarks;
mod request;
mod route;
mod session;
mod silence;
mod steps;
mod stopped;
mod transcript;
mod upgrade;

pub use context::build_context;
pub use request::{BuildNetwork, BuildRequest, Built};
pub use silence::Patience;
pub use stopped::StoppedBuilds;

use crate::connection::Engine;
use crate::error::BuildError;
use crate::event::{BuildEvent, OnEvent, StepStatus};
use crate::refusals::is_layer_lost;
use silence::Watch;
use std::time::Instant;
use steps::Steps;
use transcript::Transcript;

impl Engine {
    /// Builds an image, telling `on_event` of each step. Drop the future to stop the build:
    /// Docker stops at once, Podman lets the step that runs come to its end. Until
    /// `request.stopped` has ended, the image may still get its name.
    ///
    /// A layer that the build cache names and the engine has lost is the engine's own failure,
    /// whatever the Dockerfile says, and it stays: then the image is built anew, without the cache.
    ///
    /// # Errors
    ///
    /// A build that failed by its own fault, took too long, stood still, or could not be asked
    /// for.
    pub async fn build(
        &self,
        request: &BuildRequest,
        on_event: &mut OnEvent<'_>,
    ) -> Result<Built, BuildError> {
        match self.build_once(request, on_event).await {
            Err(BuildError::Failed(error))
                if is_layer_lost(&error.message) && !request.no_cache =>
            {
                on_event(BuildEvent::LayerLost);
                let anew = BuildRequest {
                    no_cache: true,
                    ..request.clone()
                };
                self.build_once(&anew, on_event).await
            }
            built => built,
        }
    }

    async fn build_once(
        &self,
        request: &BuildRequest,
        on_event: &mut OnEvent<'_>,
    ) -> Result<Built, BuildError> {
        let since = Instant::now();
        let mut steps = Steps::new(request);
        let mut transcript = Transcript::new(request);
        let watch = Watch::new(request.patience);
        let heard = watch.clone();
        let on_event = &mut |event: BuildEvent| {
            heard.hear(&event);
            on_event(event);
        };
        let building = async {
            if let Some(reached) = self.reach_buildkit(&request.context).await? {
                self.solve(request, reached, &mut steps, on_event).await
            } else {
                self.build_by_text(request, &mut transcript, on_event).await
            }
        };
        // Whichever is first; what is dropped here stops the build.
        let result = tokio::select! {
            biased;
            result = building => result,
            stall = watch.stall() => Err(BuildError::Stalled(stall)),
            () = tokio::time::sleep(request.limit) => Err(BuildError::TooLong(request.limit)),
        };
        steps.close(on_event);
        transcript.end(StepStatus::Canceled, None, since.elapsed(), on_event);
        result
    }
}
