//! What a seat of a class may build on: the book's images and no others.
//!
//! The engine is the instructor's. What else lies there, and what a registry would give, is not
//! for whoever sits in the room: a `FROM` would read any of it.

use super::execute::RunContext;
use crate::app_state::AppState;
use analysis::dockerfile::{fetched, untold, written_bases};
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
/// itself starts from; one that a builder may read otherwise than it is read here; and one that lets
/// the builder fetch an address, which it does from where the engine is.
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
    let as_it_is = own.as_ref().map_or("", |own| own.dockerfile());
    if edited.dockerfile() != as_it_is {
        readable(edited.dockerfile())?;
    }
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

/// Refuses what cannot be told before it is built.
fn readable(dockerfile: &str) -> Result<(), UserError> {
    if let Some((line, what)) = untold(dockerfile) {
        return Err(UserError {
            what: format!("A class does not build this Dockerfile: line {line} has {what}."),
            cause: "which images it starts from is read before it is built, and builders may read \
                    this otherwise"
                .into(),
            next: "write the line without it".into(),
        });
    }
    match fetched(dockerfile) {
        None => Ok(()),
        Some((line, address)) => Err(UserError {
            what: format!(
                "In a class, ADD takes files of the folder, and “{}” in line {line} may be an \
                 address.",
                address.chars().take(100).collect::<String>()
            ),
            cause: "the builder would fetch it as the instructor's machine, whose own services \
                    are not for the class"
                .into(),
            next: "fetch it in a RUN, or copy a file".into(),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::Catalog;
    use catalog::exercise::{SOLUTION, STARTER};
    use std::path::Path;

    #[test]
    fn what_hides_an_image_or_fetches_an_address_is_refused_and_a_plain_file_is_not() {
        for hostile in [
            "FROM golang:1.23\nRUN <<E\nFROM golang:1.23 AS payroll\nE\nCOPY --from=payroll / /\n",
            "FROM golang:1.23\nCOPY --fr\\om=payroll / /\n",
            "FROM golang:1.23\nADD http://127.0.0.1:8080/ /x\n",
            "FROM golang:1.23\nRUN --network=host wget http://127.0.0.1:8080/\n",
        ] {
            let error = readable(hostile).expect_err(hostile);
            policy::sanitize::testing::assert_harmless(&error.to_string());
        }
        readable("FROM golang:1.23\nADD . $HOME\nRUN --network=none go build\n").expect("plain");
    }

    /// Learners begin with these files, and end with them.
    #[test]
    fn nothing_that_the_book_has_is_refused() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let catalog = Catalog::load(&root).expect("the book");
        let (ballast, edits) = (BTreeMap::new(), BTreeMap::new());
        let exercises = catalog.exercises.iter().flat_map(|exercise| {
            let variants = [STARTER, SOLUTION].map(|id| exercise.lab.variant(Some(id)));
            variants.map(|variant| (&exercise.lab, variant.expect("there")))
        });
        let labs = catalog.labs.iter();
        let labs = labs.flat_map(|lab| lab.variants.iter().map(move |variant| (lab, variant)));
        for (lab, variant) in labs.chain(exercises) {
            let context = catalog::context(&root, lab, variant, &ballast, &edits);
            let context = context.expect("a context");
            let read = readable(context.dockerfile());
            assert!(read.is_ok(), "{} {}: {read:?}", lab.id, variant.id);
        }
    }
}
