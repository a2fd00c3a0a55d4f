//! The images that Dockerfiles start from: there, pulled, or rebuilt without a registry.
//!
//! Owns the order in which a base is come by, the labels that tell a rebuilt base from a
//! published one, and the rule that the one never replaces the other. How layers are made
//! is the recipe's business (`playground/bases/rebuild.sh`); how an engine is reached is
//! [`engine`]'s.

mod archive;
mod cache;
mod load;
mod pull;
mod rebuild;
mod recipe;
mod spec;
mod status;
mod trust;

pub use status::BaseStatus;
pub use trust::{TRUST_LABEL, trusted, trusting};

use engine::{Engine, ImageError, ImageFacts};
use policy::UserError;
use serde::Serialize;
use sha2::{Digest, Sha256};
use spec::{Base, Spec};

/// `rebuilt` on every image that [`Bases::rebuild`] made.
pub const BASE_LABEL: &str = "org.emptyroom.base";
/// What it was made by and of; another value than today's makes it stale.
pub const RECIPE_LABEL: &str = "org.emptyroom.recipe";
/// How it was put together (see [`seal`]): labels are inherited, what they tell is not.
const SEAL_LABEL: &str = "org.emptyroom.seal";
/// Versions of the packages in it.
const PACKAGES_LABEL: &str = "org.emptyroom.packages";

/// Where an image of a base's name comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum BaseState {
    /// The engine has an image that is not ours: from a registry, or the reader's own.
    Published,
    /// The engine has one that we rebuilt, by today's recipe.
    Rebuilt,
    /// The engine has none, or one of ours that is out of date.
    Missing,
}

impl BaseState {
    /// As page, journal and command line call it.
    pub fn name(self) -> &'static str {
        match self {
            BaseState::Published => "published",
            BaseState::Rebuilt => "rebuilt",
            BaseState::Missing => "missing",
        }
    }
}

/// One moment of getting a base ready.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Progress {
    /// The base's name, or several.
    pub base: String,
    /// What is being done.
    pub text: String,
    /// So far, in bytes, where bytes are counted.
    pub current: u64,
    /// In all, where known.
    pub total: Option<u64>,
}

impl Progress {
    /// A moment at which no bytes are counted.
    fn new(base: &str, text: &str) -> Progress {
        Progress {
            base: base.to_owned(),
            text: text.to_owned(),
            current: 0,
            total: None,
        }
    }
}

/// Where progress goes.
pub type OnProgress<'a> = &'a (dyn Fn(Progress) + Send + Sync);

/// All bases of the book, and what was learnt lately about registries.
#[derive(Debug)]
pub struct Bases {
    spec: Spec,
    unreachable: pull::Unreachable,
    /// One base is come by at a time: they share layers, and the network.
    one_at_a_time: tokio::sync::Mutex<()>,
}

impl Bases {
    /// The bases that the binary carries; `EMPTY_ROOM_GO_VERSION` may ask for another Go.
    ///
    /// # Errors
    ///
    /// `EMPTY_ROOM_GO_VERSION` is no version of Go.
    pub fn load() -> Result<Bases, UserError> {
        let asked = std::env::var("EMPTY_ROOM_GO_VERSION")
            .ok()
            .filter(|go| !go.is_empty());
        Bases::parse(spec::EMBEDDED, asked.as_deref())
    }

    /// Bases from a text like that of `bases.toml`, made of the same layers.
    ///
    /// # Errors
    ///
    /// Everything that is wrong with the text, each with its line.
    pub fn parse(text: &str, go_version: Option<&str>) -> Result<Bases, UserError> {
        let spec = Spec::parse(text, go_version).map_err(|problems| UserError {
            what: "The list of bases cannot be used.".into(),
            cause: problems.join("; "),
            next: "Mend playground/bases/bases.toml (or EMPTY_ROOM_GO_VERSION) and build again."
                .into(),
        })?;
        Ok(Bases {
            spec,
            unreachable: pull::Unreachable::default(),
            one_at_a_time: tokio::sync::Mutex::default(),
        })
    }

    /// Whether Dockerfiles mean one of these by `name`.
    pub fn knows(&self, name: &str) -> bool {
        self.names().any(|known| known == name)
    }

    /// Names of all bases, as Dockerfiles write them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.spec.bases.iter().map(|base| base.name.as_str())
    }

    /// Sees to it that the engine has `name`: as it is, else from the registry, else
    /// rebuilt. Dropping the future stops all of it.
    ///
    /// # Errors
    ///
    /// There is no base of that name, or neither way led to it.
    pub async fn ensure(
        &self,
        engine: &Engine,
        name: &str,
        on_progress: OnProgress<'_>,
    ) -> Result<BaseState, UserError> {
        let base = self.base(name)?;
        match self.state(engine, base).await?.0 {
            BaseState::Missing => {}
            there => return Ok(there),
        }
        let _lock = self.one_at_a_time.lock().await;
        // Whoever had the lock before may have seen to it.
        let (state, stale) = self.state(engine, base).await?;
        if state != BaseState::Missing {
            return Ok(state);
        }
        let pulled = self.pull_over(engine, base, stale.as_ref(), on_progress);
        let Err(refused) = pulled.await else {
            return Ok(BaseState::Published);
        };
        match self.rebuild_bases(engine, &[base], on_progress).await {
            Ok(()) => Ok(self.state(engine, base).await?.0),
            Err(_) if stale.is_some() => {
                let text = "kept an older rebuilt image: neither pull nor rebuild worked";
                on_progress(Progress::new(&base.name, text));
                Ok(BaseState::Rebuilt)
            }
            Err(error) => Err(pull::neither(&base.name, &refused, error)),
        }
    }

    fn base(&self, name: &str) -> Result<&Base, UserError> {
        self.spec
            .bases
            .iter()
            .find(|base| base.name == name)
            .ok_or_else(|| UserError {
                what: format!("{name} is not one of the book's bases."),
                cause: "The name is misspelt, or a lab asks for a base that has no recipe.".into(),
                next: format!(
                    "Use one of: {}",
                    self.names().collect::<Vec<_>>().join(", ")
                ),
            })
    }

    async fn state(&self, engine: &Engine, base: &Base) -> Result<State, UserError> {
        state_of(engine, &base.name, &self.recipe()).await
    }

    /// Names what a rebuilt image is made by and of.
    fn recipe(&self) -> String {
        format!("{}-go{}", cache::recipe_key(), self.spec.go_version)
    }
}

/// The state of a base, and the image of its name, where there is one: a missing base with
/// an image is one of ours that is out of date.
type State = (BaseState, Option<ImageFacts>);

/// The state of the base `name` for those who would make it by `recipe`.
async fn state_of(engine: &Engine, name: &str, recipe: &str) -> Result<State, UserError> {
    let Some(facts) = engine.image(name).await.map_err(engine_error)? else {
        return Ok((BaseState::Missing, None));
    };
    let state = match facts.labels.get(RECIPE_LABEL) {
        _ if !is_ours(&facts) => BaseState::Published,
        Some(made_by) if made_by == recipe => BaseState::Rebuilt,
        _ => BaseState::Missing,
    };
    Ok((state, Some(facts)))
}

/// Whether we made this very image. One that somebody built on it carries its labels, but
/// has a line of history more: that one is theirs.
fn is_ours(facts: &ImageFacts) -> bool {
    let diff_ids = facts.diff_ids.iter().map(String::as_str);
    facts.labels.contains_key(BASE_LABEL)
        && facts.labels.get(SEAL_LABEL) == Some(&seal(diff_ids, facts.history.len()))
}

/// Names an image by its layers and by how many lines its history has.
fn seal<'a>(diff_ids: impl Iterator<Item = &'a str>, lines: usize) -> String {
    let mut hash = Sha256::new();
    for diff_id in diff_ids {
        hash.update(diff_id);
    }
    let layers = format!("{:x}", hash.finalize());
    format!("{}-{lines}", &layers[..12])
}

/// Removes an image of ours whose name another has now, and what we derived from it. One
/// that somebody's image or container stands on is kept by the engine, and one that
/// somebody gave a name of their own by us.
async fn remove_replaced(engine: &Engine, base: &str, id: &str) {
    trust::remove_derived(engine, base, None).await;
    if let Ok(Some(facts)) = engine.image(id).await
        && facts.names.is_empty()
        && is_ours(&facts)
    {
        let _ = engine.remove_image(id).await;
    }
}

/// An engine that refuses, in words for people.
fn engine_error(error: ImageError) -> UserError {
    let (cause, next) = match &error {
        ImageError::NoSpace(_) => (
            format!("The engine's disk is full: {error}"),
            "Make room, for example: docker image prune".to_string(),
        ),
        _ => (
            error.to_string(),
            "See whether the engine still answers: playground status".into(),
        ),
    };
    UserError {
        what: "The engine could not do its part with a base.".into(),
        cause,
        next,
    }
}
