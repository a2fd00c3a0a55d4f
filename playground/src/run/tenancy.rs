//! What a seat of a class may build on: the book's images and no others.
//!
//! The engine is the instructor's. What else lies there, and what a registry would give, is not
//! for whoever sits in the room: a `FROM` would read any of it.

use super::execute::RunContext;
use crate::app_state::AppState;
use analysis::dockerfile::written_bases;
use catalog::{Lab, Variant};
use policy::UserError;
use std::collections::BTreeMap;

impl RunContext<'_> {
    /// Whose cache directories a build fills. What a stranger's file writes there must reach nobody
    /// else's program; files as the book has them share one.
    pub(super) fn cache_namespace(&self) -> Option<String> {
        let tenant = self.state.tenant.as_ref()?;
        (!self.spec.edits.is_empty()).then(|| tenant.id.clone())
    }
}

/// Refuses an edited Dockerfile that stands on anything but the book's bases, or what the variant
/// itself starts from.
///
/// # Errors
/// It names another image, or one that only the builder can tell.
pub(super) fn only_known_bases(
    state: &AppState,
    lab: &Lab,
    variant: &Variant,
    edits: &BTreeMap<String, String>,
) -> Result<(), UserError> {
    let context = |edits| catalog::context(&state.root, lab, variant, &BTreeMap::new(), edits);
    let edited = context(edits)?;
    // A submission is nothing before somebody has handed it in.
    let own = context(&BTreeMap::new());
    let own = own.map_or_else(|_| Vec::new(), |own| written_bases(own.dockerfile()));
    let foreign = written_bases(edited.dockerfile())
        .into_iter()
        .find(|image| !state.bases.knows(image) && !own.contains(image));
    match foreign {
        None => Ok(()),
        Some(image) => Err(UserError {
            what: format!(
                "A class builds on the book's own images, and “{}” is none of them.",
                image.chars().take(100).collect::<String>()
            ),
            cause: "the engine is the instructor's: what else lies there is not for the class"
                .into(),
            next: format!(
                "take one of these: {}",
                state.bases.names().collect::<Vec<_>>().join(", ")
            ),
        }),
    }
}
