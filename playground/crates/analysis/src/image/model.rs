//! An image as it was read: its config, its layers and their entries.

use super::config::Config;
use super::entry::Entry;
use super::provenance::Provenance;
use super::selector::ImageIdentity;
use std::sync::Arc;

/// An image, read.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its names, id and platform, as the archive tells.
    pub identity: ImageIdentity,
    /// What its config says.
    pub config: Config,
    /// What it was built from, where it tells.
    pub provenance: Provenance,
    /// Its layers, from the base up.
    pub layers: Vec<Layer>,
}

/// A layer of an image.
#[derive(Clone, Debug)]
pub struct Layer {
    /// SHA-256 of its plain tar, computed from its bytes.
    pub diff_id: String,
    /// The instruction that made it; empty where the history does not tell.
    pub created_by: String,
    /// Content of its regular files in bytes; a hard link counts nothing.
    pub unpacked_bytes: u64,
    /// Bytes as a gzip or zstd blob: as the archive has it, or measured where
    /// [`Compressed::Measured`](super::Compressed::Measured) was asked for; otherwise `None`.
    pub compressed_bytes: Option<u64>,
    /// In the order of its tar; shared between equal layers.
    pub entries: Arc<[Entry]>,
    /// What its manifest says of its blob, and is not so.
    pub mislabelled: Mislabelled,
}

/// What a manifest says of a layer's blob, and is not so. Its diff id is right: whoever goes by that
/// alone takes the layer.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Mislabelled {
    /// The blob has another digest.
    pub digest: bool,
    /// The blob is compressed, and not the plain tar of its media type.
    pub plain: bool,
}

/// Where an entry stands: in which layer, from 0 for the base, and at which place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId {
    /// The layer.
    pub layer: u32,
    /// Its place in the layer's tar.
    pub entry: u32,
}

/// What a visitor made of files.
#[derive(Clone, Debug)]
pub struct Visited<T> {
    /// Of each layer that was read, by the entry's place.
    pub(super) by_blob: Vec<Vec<(u32, T)>>,
    /// Of each layer of the image, which of those it is.
    pub(super) blobs: Vec<usize>,
}

impl<T> Visited<T> {
    /// What the visitor made of a file.
    pub fn get(&self, id: EntryId) -> Option<&T> {
        let files = self.of_layer(id.layer)?;
        let at = files.binary_search_by_key(&id.entry, |(entry, _)| *entry);
        Some(&files.get(at.ok()?)?.1)
    }

    /// What the visitor made of the files of a layer, each with its place in the layer's tar,
    /// in that order.
    pub fn of_layer(&self, layer: u32) -> Option<&[(u32, T)]> {
        let blob = self.blobs.get(layer as usize)?;
        self.by_blob.get(*blob).map(Vec::as_slice)
    }
}

impl Image {
    /// An entry of a layer.
    pub fn entry(&self, id: EntryId) -> Option<&Entry> {
        let layer = self.layers.get(id.layer as usize)?;
        layer.entries.get(id.entry as usize)
    }

    /// Every entry of every layer, from the base up, with where it stands.
    pub fn entries(&self) -> impl Iterator<Item = (EntryId, &Entry)> {
        let layers = (0u32..).zip(&self.layers);
        layers.flat_map(|(layer, of)| {
            let entries = (0u32..).zip(of.entries.iter());
            entries.map(move |(at, entry)| (EntryId { layer, entry: at }, entry))
        })
    }
}
