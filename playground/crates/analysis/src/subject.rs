//! What was read: how it is called, and where it came from.
//!
//! Shared by X-ray's and preflight's reports.

use crate::image::Image;
use serde::Serialize;

/// Where something came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SubjectKind {
    /// An engine has it.
    Image,
    /// A file or directory holds it.
    Archive,
    /// It is a single executable.
    Binary,
}

/// How something is called, and where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SubjectName {
    /// Where it came from.
    pub kind: SubjectKind,
    /// As it was asked for.
    pub name: String,
}

/// What a report is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Subject {
    /// Where it came from.
    pub kind: SubjectKind,
    /// As it was asked for: `golang:1.23`, `app.tar`.
    pub name: String,
    /// The image's id; empty of a binary.
    pub id: String,
    /// `linux/amd64`; of a binary, as its header says, perhaps empty.
    pub platform: String,
}

impl Subject {
    /// An image that was asked for by this name.
    pub fn of_image(asked: SubjectName, image: &Image) -> Subject {
        Subject {
            kind: asked.kind,
            name: asked.name,
            id: image.identity.id.clone(),
            platform: image.identity.platform.to_string(),
        }
    }
}
