//! What a variant is held against: the lab around it.

use crate::files::Files;
use crate::folder::Folder;
use crate::lab::Kind;

/// What a variant is held against.
pub(crate) struct Surroundings<'f> {
    pub(crate) kind: Option<Kind>,
    pub(crate) folder: &'f Folder,
    pub(crate) sources: Vec<&'f Files>,
    pub(crate) peers: Vec<&'f str>,
}
