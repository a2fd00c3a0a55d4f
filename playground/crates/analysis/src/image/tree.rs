//! The file system that an image's layers make together, and what may be asked of it.
//!
//! How layers are merged is `merge`'s business, how paths are followed `lookup`'s.

use super::capabilities::Capabilities;
use super::changes::LayerChanges;
use super::entry::{Entry, Kind};
use super::error::ReadError;
use super::model::{EntryId, Image};
use std::collections::{BTreeMap, HashMap};

/// A place in a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// The root.
    pub const ROOT: NodeId = NodeId(0);

    pub(super) fn index(self) -> usize {
        self.0 as usize
    }
}

/// A file, directory, link, device or pipe of the merged tree.
#[derive(Clone, Debug)]
pub struct Node<'a> {
    /// Its name; empty for the root.
    pub name: &'a str,
    /// What its layer says of it: for a hard link, of the file it names. `None` for a directory
    /// that only a path implies.
    pub entry: Option<&'a Entry>,
    /// The hard link whose header came last: engines give its mode, owner and capabilities to the
    /// file, and so to all its names.
    pub(super) relinked: Option<&'a Entry>,
    /// Where that entry stands. Names with the same id are hard links to one file.
    pub id: Option<EntryId>,
    /// Content of everything below and itself, in bytes; a file with several names counts
    /// once, at the first.
    pub bytes: u64,
    /// Bytes of its path, at most [`MAX_NAME`](super::limits::MAX_NAME).
    pub(super) path_bytes: usize,
    pub(super) parent: NodeId,
    pub(super) children: BTreeMap<&'a str, NodeId>,
}

impl<'a> Node<'a> {
    /// Whether it is a directory.
    pub fn is_directory(&self) -> bool {
        self.entry.is_none_or(|entry| entry.kind == Kind::Directory)
    }

    /// Whether it is a regular file.
    pub fn is_file(&self) -> bool {
        self.entry.is_some_and(|entry| entry.kind == Kind::File)
    }

    /// Where a symbolic link points, as written.
    pub fn target(&self) -> Option<&'a str> {
        match self.entry.map(|entry| &entry.kind) {
            Some(Kind::Symlink(target)) => Some(target),
            _ => None,
        }
    }

    /// Permission bits; 0755 for an implied directory.
    pub fn mode(&self) -> u32 {
        self.attributes().map_or(0o755, |entry| entry.mode)
    }

    /// Numbers of owner and group; root's for an implied directory.
    pub fn owner(&self) -> (u64, u64) {
        self.attributes()
            .map_or((0, 0), |entry| (entry.uid, entry.gid))
    }

    /// Rights that it carries.
    pub fn capabilities(&self) -> Option<&'a Capabilities> {
        self.attributes()?.capabilities.as_deref()
    }

    fn attributes(&self) -> Option<&'a Entry> {
        self.relinked.or(self.entry)
    }
}

/// An entry that engines refuse, and their layer with it. Each layer is unpacked alone, in the order
/// of its tar.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refused<'a> {
    /// The layer, from 0 for the base.
    pub layer: u32,
    /// The entry's path from the root.
    pub path: &'a str,
    /// What is wrong with it.
    pub why: Refusal<'a>,
}

/// Why engines refuse an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal<'a> {
    /// A hard link to this path, which comes later in its layer, or only a lower layer has.
    LateLink(&'a str),
    /// A whiteout of what its own layer has before it: the mark cannot be made where a file is.
    OwnWhiteout,
    /// It lies below a path that its layer hides before: a mark is no directory.
    UnderWhiteout,
    /// It lies behind a link of its layer that leads to no directory which that layer has. Docker's
    /// classic store alone refuses that: containerd makes the directory.
    LeadsOut,
    /// A path that its layer has before. Docker's classic store alone refuses that.
    Twice,
}

/// The merged tree of an image.
#[derive(Clone, Debug)]
pub struct Tree<'a> {
    pub(super) nodes: Vec<Node<'a>>,
    /// Without the bytes that later layers wasted.
    pub(super) did: Vec<LayerChanges>,
    /// Of each entry that is not in the tree, the layer that overwrote or deleted its last name.
    pub(super) lost: HashMap<EntryId, u32>,
    /// Of files with several names, the link whose header came last.
    pub(super) relinked: HashMap<EntryId, &'a Entry>,
    /// Entries that are read as if engines took them, and that they refuse: the first of them.
    pub(super) refused: Vec<Refused<'a>>,
    pub(super) removed_names: u64,
    pub(super) steps: u64,
    /// Of every place there ever was.
    pub(super) path_bytes: u64,
}

impl<'a> Tree<'a> {
    /// Merges the layers of an image.
    ///
    /// # Errors
    /// Where a hard link leads nowhere, or the tree is larger than [`limits`](super::limits) allow.
    pub fn of(image: &'a Image) -> Result<Tree<'a>, ReadError> {
        let mut tree = Tree {
            nodes: Vec::new(),
            did: Vec::new(),
            lost: HashMap::new(),
            relinked: HashMap::new(),
            refused: Vec::new(),
            removed_names: 0,
            steps: 0,
            path_bytes: 0,
        };
        tree.push("", NodeId::ROOT)?;
        for (layer, entries) in image.layers.iter().enumerate() {
            tree.did.push(LayerChanges::default());
            tree.apply(layer as u32, &entries.entries)?;
        }
        tree.weigh();
        Ok(tree)
    }

    /// Entries that are read as if engines took them, and that they refuse.
    pub fn refused(&self) -> &[Refused<'a>] {
        &self.refused
    }

    /// What lies at a place.
    pub fn node(&self, id: NodeId) -> &Node<'a> {
        &self.nodes[id.index()]
    }

    /// What lies in a directory, by name.
    pub fn children(&self, id: NodeId) -> impl Iterator<Item = NodeId> + use<'_, 'a> {
        self.node(id).children.values().copied()
    }

    /// The path of a place, with a leading slash.
    pub fn path(&self, mut id: NodeId) -> String {
        let mut parts = Vec::new();
        while id != NodeId::ROOT {
            parts.push(self.node(id).name);
            id = self.node(id).parent;
        }
        parts.reverse();
        format!("/{}", parts.join("/"))
    }

    /// Whether an entry is still to be seen: no later one overwrote or deleted it.
    pub fn shows(&self, id: EntryId) -> bool {
        !self.lost.contains_key(&id)
    }

    /// Every place but the root, each directory before what lies in it, by name.
    pub fn walk(&self) -> impl Iterator<Item = NodeId> + use<'_, 'a> {
        let mut open: Vec<_> = self.children(NodeId::ROOT).collect();
        open.reverse();
        std::iter::from_fn(move || {
            let next = open.pop()?;
            let from = open.len();
            open.extend(self.children(next));
            open[from..].reverse();
            Some(next)
        })
    }
}
