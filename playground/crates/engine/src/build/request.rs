//! What a build is asked, and what it hands back.

use super::{Patience, StoppedBuilds};
use bytes::Bytes;
use std::time::Duration;

/// What to build.
#[derive(Clone, Debug)]
pub struct BuildRequest {
    /// The context as a tar; its Dockerfile is `Dockerfile`.
    pub context: Bytes,
    /// The Dockerfile's text, to find the line that a step stands on.
    pub dockerfile: String,
    /// `repository:tag` of the result.
    pub tag: String,
    /// Images that the context's Dockerfile names in place of those that `dockerfile` does:
    /// (named there, written here). Steps are told in the words of `dockerfile`.
    pub aliases: Vec<(String, String)>,
    /// Labels of the result.
    pub labels: Vec<(String, String)>,
    /// Whose `RUN --mount=type=cache` directories a build sees and fills; `None`: those of all. Engines
    /// without BuildKit have none.
    pub cache_namespace: Option<String>,
    /// Whether every step is to run anew, whatever the cache has.
    pub no_cache: bool,
    /// What the commands of its steps can reach.
    pub network: BuildNetwork,
    /// Prefix of step ids, so that several builds fit into one run.
    pub prefix: String,
    /// Give up after this long.
    pub limit: Duration,
    /// Give up where nothing is said for this long.
    pub patience: Patience,
    /// Where it is waited for once it was stopped.
    pub stopped: StoppedBuilds,
}

/// What the commands of a build can reach.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum BuildNetwork {
    /// What any `docker build` can: modules have to come from somewhere.
    #[default]
    Engines,
    /// Nothing but loopback.
    Nothing,
}

/// A finished build.
#[derive(Clone, Debug)]
pub struct Built {
    /// The image's id (`sha256:…`).
    pub image: String,
}
