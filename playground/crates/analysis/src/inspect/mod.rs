//! An image or a single binary, read once and held as facts: what X-ray shows and preflight
//! judges.
//!
//! Owns the one pass over an image's bytes: every file is fingerprinted, every executable seen
//! through, nothing else is kept. Sync and pure. Refuses to know engines, and what any of it
//! means.

mod heap_size;
mod program;
mod script;
mod source;

pub use program::{GoCode, GoProgram, MAX_PROGRAM, Program, ProgramError};
pub use script::{Finds, HandsOver, When};
pub use source::{InspectOptions, OpenError, Opened, open};

use crate::image::notes::{Note, NoteTaker, Noted};
use crate::image::tree::{NodeId, Tree};
use crate::image::{
    Compressed, EntryContent, EntryId, Image, ImageSelector, ReadError, Visited, read_archive,
};
use std::hash::Hasher;
use std::io::{self, Read};
use std::sync::Arc;
use twox_hash::XxHash3_64;

/// An image, read whole.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Its config, layers and entries.
    pub image: Image,
    /// What was seen of its files while they passed by.
    pub seen: Visited<Passed>,
}

/// What is kept of one regular file.
#[derive(Clone, Debug)]
pub struct Passed {
    /// Tells whether two files have the same content: XXH3, not made to withstand forgery.
    pub fingerprint: u64,
    /// What was noted of it: users, packages, secrets.
    pub note: Option<Box<Note>>,
    /// What the kernel would be asked to execute: of files with an executable bit, and libraries.
    pub program: Option<Arc<Program>>,
}

impl Noted for Passed {
    fn note(&self) -> Option<&Note> {
        self.note.as_deref()
    }
}

impl Inspection {
    /// The file system that its layers make together.
    pub fn tree(&self) -> Result<Tree<'_>, ReadError> {
        Tree::of(&self.image)
    }

    /// What was seen of the file at a place of the tree, hard links included.
    pub fn passed(&self, tree: &Tree<'_>, node: NodeId) -> Option<&Passed> {
        self.seen.get(tree.node(node).id?)
    }

    /// The executable at a place of the tree.
    pub fn program(&self, tree: &Tree<'_>, node: NodeId) -> Option<&Program> {
        self.passed(tree, node)?.program.as_deref()
    }

    /// The executable that an entry of a layer is.
    pub fn program_of(&self, id: EntryId) -> Option<&Program> {
        self.seen.get(id)?.program.as_deref()
    }
}

/// Reads the image that `wanted` means from a stream, as [`read`] does.
pub fn inspect(
    stream: impl Read,
    wanted: &ImageSelector,
    compressed: Compressed,
) -> Result<Inspection, ReadError> {
    let mut passing = Passing::default();
    let (image, seen) = read_archive(stream, wanted, compressed, |file| passing.see(file))?;
    Ok(Inspection { image, seen })
}

/// Sees files pass by.
#[derive(Default)]
struct Passing {
    noting: NoteTaker,
    programs: program::Programs,
}

impl Passing {
    fn see(&mut self, content: &mut EntryContent<'_>) -> io::Result<Option<Passed>> {
        let note = self.noting.note(content)?;
        let program = self.programs.see(content)?;
        let mut hash = XxHash3_64::new();
        content.pieces(|piece| hash.write(piece))?;
        Ok(Some(Passed {
            fingerprint: hash.finish(),
            note: note.map(Box::new),
            program: program.map(Arc::new),
        }))
    }
}
