//! What each layer did to those below it, and the bytes that nobody can reach any more.

use super::model::{EntryId, Image};
use super::tree::Tree;
use std::collections::BTreeMap;

/// What the layers of an image did.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Changes {
    /// From the base up.
    pub layers: Vec<LayerChanges>,
    /// Files that a later layer overwrites or deletes, the largest first. Empty ones are left out.
    pub wasted: Vec<Wasted>,
    /// Content of all files of all layers, in bytes.
    pub total_bytes: u64,
    /// The part of it that the merged tree does not have.
    pub wasted_bytes: u64,
}

/// What one layer did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LayerChanges {
    /// Paths that were not there before.
    pub added: Vec<EntryId>,
    /// Paths that were, with other content or other rights. A directory that comes with the
    /// same owner and mode is no change.
    pub changed: Vec<EntryId>,
    /// What it hides, by path with a leading slash; of a directory that goes, only its own path.
    pub removed: BTreeMap<String, Removed>,
    /// Content of files of this layer that the merged tree does not have, in bytes.
    pub wasted_bytes: u64,
}

/// What a layer hides at a path.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Removed {
    /// Files and links there, without directories.
    pub files: u64,
    /// Content of all files there, in bytes.
    pub bytes: u64,
}

/// A file that is stored and moved with the image, and that nobody can reach.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wasted {
    /// The file.
    pub id: EntryId,
    /// Its content in bytes.
    pub bytes: u64,
    /// The layer that overwrote or deleted it, from 0 for the base.
    pub by: u32,
}

impl Changes {
    /// The share of all stored bytes that the merged tree has, from 0 to 1.
    pub fn efficiency(&self) -> f64 {
        match self.total_bytes {
            0 => 1.0,
            total => 1.0 - self.wasted_bytes as f64 / total as f64,
        }
    }
}

/// What each layer of `image` did to the tree, of which `tree` is the end.
pub fn changes(image: &Image, tree: &Tree<'_>) -> Changes {
    let mut changes = Changes {
        layers: tree.did.clone(),
        ..Changes::default()
    };
    // Only files have a size.
    let sizes = image.entries().map(|(_, entry)| entry.size);
    changes.total_bytes = sizes.fold(0, u64::saturating_add);
    for (&id, &by) in &tree.lost {
        let bytes = image.entry(id).map_or(0, |entry| entry.size);
        if bytes > 0 {
            changes.wasted.push(Wasted { id, bytes, by });
            changes.wasted_bytes = changes.wasted_bytes.saturating_add(bytes);
            let layer = &mut changes.layers[id.layer as usize];
            layer.wasted_bytes = layer.wasted_bytes.saturating_add(bytes);
        }
    }
    changes
        .wasted
        .sort_by_key(|w| (std::cmp::Reverse(w.bytes), w.id));
    changes
}
