//! What is kept of an image that was read, and where to find it.

use super::program::Program;
use crate::image::notes::{Note, Noted};
use crate::image::tree::{NodeId, Tree};
use crate::image::{Image, ReadError, Visited};
use std::sync::Arc;

/// An image, read whole.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Its config, layers and entries.
    pub image: Image,
    /// What was seen of its files while they passed by.
    pub seen: Visited<FileFacts>,
}

/// What is kept of one regular file.
#[derive(Clone, Debug)]
pub struct FileFacts {
    /// Tells whether two files have the same content: XXH3, not made to withstand forgery.
    pub fingerprint: u64,
    /// What was noted of it: users, packages, secrets.
    pub note: Option<Box<Note>>,
    /// What the kernel would be asked to execute: of files with an executable bit, and libraries.
    pub program: Option<Arc<Program>>,
}

impl Noted for FileFacts {
    fn note(&self) -> Option<&Note> {
        self.note.as_deref()
    }
}

impl Inspection {
    /// The file system that its layers make together.
    ///
    /// # Errors
    /// Where the layers do not fit together, or their tree is larger than
    /// [`limits`](crate::image::limits) allow.
    pub fn tree(&self) -> Result<Tree<'_>, ReadError> {
        Tree::of(&self.image)
    }

    /// What was seen of the file at a place of the tree, hard links included.
    pub fn facts(&self, tree: &Tree<'_>, node: NodeId) -> Option<&FileFacts> {
        self.seen.get(tree.node(node).id?)
    }

    /// The executable at a place of the tree.
    pub fn program(&self, tree: &Tree<'_>, node: NodeId) -> Option<&Program> {
        self.facts(tree, node)?.program.as_deref()
    }
}
