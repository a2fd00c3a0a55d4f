//! The engine's images: the only ones that may be named, and by what the engine calls them.

use super::Source;
use crate::app_state::AppState;
use engine::{ImageListed, is_run_tag};
use policy::UserError;
use policy::image_name::is_same_image;
use serde::Serialize;
use std::sync::Arc;

/// Longest name or id that is looked up, in bytes: twice what registries allow.
const MAX_NAME: usize = 512;

/// An image that can be X-rayed; one with several names is listed under each.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its name; `None` of one without.
    pub name: Option<String>,
    /// The engine's id.
    pub id: String,
    /// As this engine prints it, in bytes.
    pub size_bytes: u64,
}

/// What the engine has, named ones first. Images of runs that are under way are left out: they
/// go with their run.
pub(super) async fn list(state: &Arc<AppState>) -> Result<Vec<Listed>, UserError> {
    if state.tenant.is_some() {
        return Err(UserError {
            what: "In a class, images of the engine are not listed and not looked into.".into(),
            cause: "the engine is the instructor's, with whatever else lies there".into(),
            next: "look into a lab's variant, or into a run of yours".into(),
        });
    }
    let engine = state.engine().await?;
    let images = engine.images().await.map_err(|error| UserError {
        what: format!("The engine does not list its images: {error}"),
        cause: "it stopped answering, or does not let this user do it".into(),
        next: "check that `docker image ls` answers, then ask again".into(),
    })?;
    Ok(listed(images))
}

fn listed(images: Vec<ImageListed>) -> Vec<Listed> {
    let entries = images.into_iter().flat_map(|image| {
        let of = |name: Option<String>| Listed {
            name,
            id: image.id.clone(),
            size_bytes: image.size_bytes,
        };
        match image.names.is_empty() {
            true => vec![of(None)],
            false => {
                let names = image.names.iter().filter(|name| !is_run_tag(name));
                names.map(|name| of(Some(name.clone()))).collect()
            }
        }
    });
    let mut all: Vec<_> = entries.collect();
    all.sort_by_cached_key(|image| (image.name.is_none(), image.name.clone(), image.id.clone()));
    all
}

/// The image of this name or id, if the engine lists it. What a client says is compared, never
/// passed on: from here on the engine's own names are used.
pub(super) async fn find(
    state: &Arc<AppState>,
    asked: &str,
) -> Result<(String, Source), UserError> {
    if asked.len() > MAX_NAME {
        return Err(unknown(asked));
    }
    let images = list(state).await?;
    let found = images.into_iter().find(|image| {
        let name = image.name.as_deref();
        name.is_some_and(|name| is_same_image(name, asked)) || is_id(&image.id, asked)
    });
    let image = found.ok_or_else(|| unknown(asked))?;
    let by_name = image.name.filter(|name| is_same_image(name, asked));
    let name = by_name.unwrap_or(image.id);
    let source = Source::Image {
        name: name.clone(),
        bytes: image.size_bytes,
    };
    Ok((name, source))
}

/// Whole, with or without `sha256:`, or its first twelve digits, as engines print it.
fn is_id(id: &str, asked: &str) -> bool {
    let digits = id.strip_prefix("sha256:").unwrap_or(id);
    asked == id || asked == digits || digits.get(..12) == Some(asked)
}

fn unknown(asked: &str) -> UserError {
    let shown: String = asked.chars().take(100).collect();
    UserError {
        what: format!("The engine has no image {shown:?}."),
        cause: "it was removed or never pulled, or its name is another one".into(),
        next: "choose one from the list, or `docker pull` it first".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_known_by_names_and_ids_and_nothing_in_between() {
        assert!(is_same_image("golang:1.23", "golang:1.23"));
        assert!(is_same_image("golang:latest", "golang"));
        assert!(is_same_image("golang:latest", "docker.io/library/golang"));
        for wrong in ["golang", "golang:1.2", "", "golang:1.23 ", "GOLANG:1.23"] {
            assert!(!is_same_image("golang:1.23", wrong), "{wrong}");
        }
        let id = "sha256:0123456789abcdef";
        for right in [id, "0123456789abcdef", "0123456789ab"] {
            assert!(is_id(id, right), "{right}");
        }
        for wrong in ["", "0", "0123456789abc", "sha256:", "sha256:0123456789ab"] {
            assert!(!is_id(id, wrong), "{wrong}");
        }
    }

    #[test]
    fn named_images_come_first_and_those_of_runs_not_at_all() {
        let image = |id: &str, names: &[&str]| ImageListed {
            id: id.into(),
            names: names.iter().map(|name| (*name).to_owned()).collect(),
            size_bytes: 1,
        };
        let images = vec![
            image("sha256:3", &[]),
            image("sha256:2", &["empty-room/run:a-b-1f.image"]),
            image("sha256:1", &["b:1", "a:1"]),
        ];
        let names: Vec<_> = listed(images).into_iter().map(|image| image.name).collect();
        assert_eq!(names, [Some("a:1".into()), Some("b:1".into()), None]);
    }
}
