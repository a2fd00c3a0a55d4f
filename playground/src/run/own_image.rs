//! Images of ours that labs need and that are built once: the prober, and what builds without a
//! network download. A run builds the prober when it first asks something; kits want all.

use super::prepare::Prepared;
use super::prober;
use crate::app_state::AppState;
use crate::bases::modules::Modules;
use crate::bases::{self};
use analysis::dockerfile;
use bytes::Bytes;
use engine::{BuildNetwork, BuildRequest, Engine, Patience, StoppedBuilds};
use policy::UserError;
use std::time::Duration;

/// One image of ours, as it is built.
pub(super) struct OwnImage {
    /// Its name, which changes with what it is made of.
    pub(super) tag: String,
    /// What the label on it says.
    pub(super) label: &'static str,
    /// As it is written; the context holds it as it is sent.
    pub(super) dockerfile: String,
    /// Files beside the Dockerfile, by path.
    pub(super) files: Vec<(String, Vec<u8>)>,
}

impl OwnImage {
    pub(super) fn prober() -> OwnImage {
        OwnImage {
            tag: prober::image(),
            label: "prober",
            dockerfile: prober::dockerfile().to_owned(),
            files: prober::files().collect(),
        }
    }

    /// Those with what builds download: Go modules and packages, then wheels where any are installed.
    fn carried(state: &AppState) -> Result<Vec<OwnImage>, UserError> {
        let modules = Modules::of(&state.root).map_err(|error| UserError {
            what: "What builds of labs and exercises download cannot be listed.".into(),
            cause: error.to_string(),
            next: "see whether the book's folder can be read: playground list".into(),
        })?;
        let base = state.bases.with_newest_go("golang:1.23");
        let wheels = modules.wheels_image().zip(modules.wheels_dockerfile(base));
        let wheels = wheels.map(|(tag, dockerfile)| OwnImage {
            tag,
            label: "wheels",
            dockerfile,
            files: Vec::new(),
        });
        let modules = OwnImage {
            tag: modules.image(),
            label: "modules",
            dockerfile: modules.dockerfile(base),
            files: modules.context(),
        };
        Ok([modules].into_iter().chain(wheels).collect())
    }

    /// Whether the engine has it.
    pub(super) async fn is_on(&self, engine: &Engine) -> bool {
        matches!(engine.image_id(&self.tag).await, Ok(Some(_)))
    }

    /// What the builder is asked where the engine has these substitutes for its bases.
    pub(super) fn request(
        &self,
        prepared: &Prepared,
        limit: Duration,
        stopped: StoppedBuilds,
    ) -> std::io::Result<BuildRequest> {
        let sent = dockerfile::substitute_bases(&self.dockerfile, &prepared.substitutes);
        let files = self.files.iter();
        let files = files.map(|(path, text)| (path.as_str(), 0o644, text.as_slice()));
        let dockerfile = [("Dockerfile", 0o644, sent.as_bytes())].into_iter();
        let context: Bytes = engine::build_context(dockerfile.chain(files))?.into();
        Ok(BuildRequest {
            context,
            dockerfile: self.dockerfile.clone(),
            tag: self.tag.clone(),
            aliases: prepared.aliases(),
            labels: vec![(engine::LABEL.to_owned(), self.label.to_owned())],
            cache_namespace: None,
            network: BuildNetwork::Engines,
            no_cache: false,
            prefix: String::new(),
            limit,
            patience: Patience::default(),
            stopped,
        })
    }
}

/// Sees to it that the engine has the prober; returns its image's name.
///
/// # Errors
/// For people: its base cannot be come by, or it cannot be built.
pub async fn build_prober(state: &AppState, engine: &Engine) -> Result<String, UserError> {
    ensure(state, engine, OwnImage::prober(), Duration::from_secs(300)).await
}

/// Sees to it that the engine has what builds of labs and exercises download as images (Go modules,
/// Debian packages, Python wheels); returns their names. Needs a network where they have to be built.
///
/// # Errors
/// For people: a base cannot be come by, or something cannot be downloaded.
pub async fn build_carried(state: &AppState, engine: &Engine) -> Result<Vec<String>, UserError> {
    let mut names = Vec::new();
    for own in OwnImage::carried(state)? {
        names.push(ensure(state, engine, own, Duration::from_secs(1200)).await?);
    }
    Ok(names)
}

async fn ensure(
    state: &AppState,
    engine: &Engine,
    own: OwnImage,
    limit: Duration,
) -> Result<String, UserError> {
    let not_built = |what: String| {
        UserError {
        what: format!("The image {} could not be built: {what}", own.tag),
        cause:
            "its Go base is incomplete, what it downloads cannot be reached, or the builder does not work"
                .into(),
        next:
            "run `playground bases status`, and see whether this machine reaches what the message names"
                .into(),
    }
    };
    let _one_at_a_time = state.preparing.lock().await;
    if own.is_on(engine).await {
        return Ok(own.tag);
    }
    let mut prepared = Prepared::default();
    for name in dockerfile::dockerfile_bases(&own.dockerfile) {
        state.bases.ensure(engine, &name, &|_| {}).await?;
        if let Some(trusted) = bases::trusted(engine, &name).await? {
            prepared.substitutes.insert(name, trusted);
        }
    }
    let request = own.request(&prepared, limit, StoppedBuilds::default());
    let request = request.map_err(|error| not_built(error.to_string()))?;
    let built = engine.build(&request, &mut |_| {}).await;
    built.map_err(|error| not_built(error.to_string()))?;
    Ok(own.tag.clone())
}
