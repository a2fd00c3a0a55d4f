//! A variant's image for whoever wants to look at it: built as a run builds it, never started.
//!
//! Same bases, substitutes, peers and edits. The prober and debug images are left out, since
//! nobody will probe it or act on it.

use super::RunLog;
use super::build;
use super::cleanup::Cleanup;
use super::execute::{RunContext, RunSpec, clean_up};
use crate::app_state::AppState;
use crate::jobs::new_id;
use engine::Engine;
use policy::UserError;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// Which image is to be built.
#[derive(Clone, Debug)]
pub struct ImagePlan {
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
    /// What the reader changed, by path.
    pub edits: BTreeMap<String, String>,
    /// Whether the builder is to do without its cache.
    pub fresh: bool,
    /// A file that gets another comment line before it is built.
    pub touch: Option<String>,
}

/// An image that is on the engine until [`TemporaryImage::remove`].
#[must_use = "the image stays on the engine until it is removed"]
pub struct TemporaryImage {
    /// Its id on the engine.
    pub id: String,
    /// The engine that has it.
    pub engine: Engine,
    state: Arc<AppState>,
    spec: RunSpec,
    cleanup: Cleanup,
}

/// Why there is no image.
#[derive(Clone, Debug)]
pub enum NotBuilt {
    /// It was stopped.
    Stopped,
    /// Its own Dockerfile does not build; what the builder said.
    Dockerfile(String),
    /// The variant cannot be built, or the engine cannot build.
    Failed(UserError),
}

impl NotBuilt {
    /// The error for people; `None` where somebody stopped it.
    pub fn error(self) -> Option<UserError> {
        match self {
            NotBuilt::Stopped => None,
            NotBuilt::Dockerfile(said) => Some(not_built(&said)),
            NotBuilt::Failed(error) => Some(error),
        }
    }
}

impl From<UserError> for NotBuilt {
    fn from(error: UserError) -> NotBuilt {
        NotBuilt::Failed(error)
    }
}

/// Builds a variant and starts none of its containers but the peers that its build needs.
/// Unless an image is returned, nothing stays behind.
///
/// # Errors
/// It was stopped, the variant cannot be built, or no engine answers.
pub async fn build_image(
    state: &Arc<AppState>,
    plan: &ImagePlan,
    log: &Arc<RunLog>,
    stop: &CancellationToken,
) -> Result<TemporaryImage, NotBuilt> {
    let (lab, variant) = state.catalog.lab_variant(&plan.lab, &plan.variant)?;
    let mut variant = variant.clone();
    variant.probes.clear();
    variant.actions.clear();
    variant.checks.clear();
    let spec = RunSpec {
        id: new_id()?,
        lab: lab.clone(),
        variant,
        edits: plan.edits.clone(),
        keeps: false,
        fresh: plan.fresh,
        touch: plan.touch.clone(),
    };
    let engine = tokio::select! {
        biased;
        () = stop.cancelled() => return Err(NotBuilt::Stopped),
        engine = state.engine() => engine?,
    };
    let cleanup = Cleanup::default();
    let ctx = RunContext {
        state,
        engine: engine.clone(),
        spec: &spec,
        log,
        cleanup: &cleanup,
    };
    let built = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        built = build::variant(&ctx) => Some(built),
    };
    drop(ctx);
    let why = match built {
        Some(Ok(built)) => match built.image {
            Ok(image) => {
                return Ok(TemporaryImage {
                    id: image,
                    engine,
                    state: state.clone(),
                    spec,
                    cleanup,
                });
            }
            Err(evidence) => NotBuilt::Dockerfile(evidence.builder),
        },
        Some(Err(error)) => error.into(),
        None => NotBuilt::Stopped,
    };
    clean_up(state, cleanup, &engine, &spec, log).await;
    Err(why)
}

impl TemporaryImage {
    /// Removes the image, and the peers that its build needed.
    pub async fn remove(self, log: &RunLog) {
        let TemporaryImage {
            engine,
            state,
            spec,
            cleanup,
            ..
        } = self;
        clean_up(&state, cleanup, &engine, &spec, log).await;
    }
}

fn not_built(said: &str) -> UserError {
    let said: String = said.trim().chars().take(600).collect();
    UserError {
        what: format!("The image cannot be built: {said}"),
        cause: "the Dockerfile fails, perhaps on purpose: some variants are broken in their build"
            .into(),
        next: "press Run to see every step of the build, or choose another variant".into(),
    }
}
