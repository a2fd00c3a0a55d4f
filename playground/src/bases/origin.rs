//! Whose an image of a base's name is: published, or rebuilt by us, and by which recipe.
//!
//! Owns the labels that tell, and the seal that labels alone would not replace. Refuses to know
//! how an image is come by.

use engine::{Engine, ImageError, ImageFacts};
use policy::UserError;
use serde::Serialize;
use sha2::{Digest, Sha256};

/// `rebuilt` on every image that was rebuilt.
pub const BASE_LABEL: &str = "org.emptyroom.base";
/// What it was made by and of; another value than today's makes it stale.
pub const RECIPE_LABEL: &str = "org.emptyroom.recipe";
/// How it was put together (see [`seal`]): labels are inherited, what they tell is not.
pub(super) const SEAL_LABEL: &str = "org.emptyroom.seal";
/// Versions of the packages in it.
pub(super) const PACKAGES_LABEL: &str = "org.emptyroom.packages";

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

/// The state of a base, and the image of its name, where there is one: a missing base with
/// an image is one of ours that is out of date.
pub(super) type State = (BaseState, Option<ImageFacts>);

/// The state of the base `name` for those who would make it by `recipe`.
pub(super) async fn state_of(
    engine: &Engine,
    name: &str,
    recipe: &str,
) -> Result<State, UserError> {
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
pub(super) fn is_ours(facts: &ImageFacts) -> bool {
    let diff_ids = facts.diff_ids.iter().map(String::as_str);
    facts.labels.contains_key(BASE_LABEL)
        && facts.labels.get(SEAL_LABEL) == Some(&seal(diff_ids, facts.history.len()))
}

/// Names an image by its layers and by how many lines its history has.
pub(super) fn seal<'a>(diff_ids: impl Iterator<Item = &'a str>, lines: usize) -> String {
    let mut hash = Sha256::new();
    for diff_id in diff_ids {
        hash.update(diff_id);
    }
    let layers = format!("{:x}", hash.finalize());
    format!("{}-{lines}", &layers[..12])
}

/// An engine that refuses, in words for people.
pub(super) fn engine_error(error: ImageError) -> UserError {
    let (cause, next) = match &error {
        ImageError::NoSpace(_) => (
            format!("The engine's disk is full: {error}"),
            "Make room, for example: docker image prune",
        ),
        _ => (
            error.to_string(),
            "See whether the engine still answers: playground status",
        ),
    };
    UserError {
        what: "The engine could not do its part with a base.".into(),
        cause,
        next: next.into(),
    }
}
