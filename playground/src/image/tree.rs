//! The file system that an image's layers make together.
//!
//! Layers are applied as engines do it with overlayfs: in each, first what it hides, then what
//! it has, whatever the order of its tar; hard links last. A directory that only a file's path
//! implies keeps what a lower layer says of it.

use super::entry::{Entry, Kind};
use super::error::{ReadError, shown};
use super::limits::{MOST_LINKS, MOST_NODES};
use super::read::{EntryId, Image};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A place in a [`Tree`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct NodeId(pub(super) u32);

impl NodeId {
    /// The root.
    pub const ROOT: NodeId = NodeId(0);

    fn index(self) -> usize {
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
    /// Where that entry stands. Names with the same id are hard links to one file.
    pub id: Option<EntryId>,
    /// Content of everything below and itself, in bytes; a file with several names counts
    /// once, at the first.
    pub bytes: u64,
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
        self.entry.map_or(0o755, |entry| entry.mode)
    }
}

/// What became of an entry that is not in the tree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lost {
    /// The layer that overwrote or deleted its last name.
    pub by: u32,
}

/// What one layer did to the tree below it.
#[derive(Clone, Debug, Default)]
pub(super) struct Did {
    pub(super) added: Vec<u32>,
    pub(super) changed: Vec<u32>,
    /// Path, and bytes of the files there.
    pub(super) removed: BTreeMap<String, u64>,
}

/// The merged tree of an image.
#[derive(Clone, Debug)]
pub struct Tree<'a> {
    nodes: Vec<Node<'a>>,
    pub(super) did: Vec<Did>,
    pub(super) lost: HashMap<EntryId, Lost>,
}

impl<'a> Tree<'a> {
    /// Merges the layers of an image.
    pub fn of(image: &'a Image) -> Result<Tree<'a>, ReadError> {
        let mut tree = Tree {
            nodes: Vec::new(),
            did: Vec::with_capacity(image.layers.len()),
            lost: HashMap::new(),
        };
        tree.push("", NodeId::ROOT)?;
        for (layer, entries) in image.layers.iter().enumerate() {
            tree.did.push(Did::default());
            tree.apply(layer as u32, &entries.entries)?;
        }
        tree.weigh();
        Ok(tree)
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

    fn apply(&mut self, layer: u32, entries: &'a [Entry]) -> Result<(), ReadError> {
        for entry in entries {
            let gone: Vec<NodeId> = match entry.kind {
                Kind::Opaque => match self.plain(&entry.path) {
                    Some(directory) => self.children(directory).collect(),
                    None => continue,
                },
                Kind::Whiteout => self.plain(&entry.path).into_iter().collect(),
                _ => continue,
            };
            for id in gone {
                let path = self.path(id);
                let bytes = self.remove(id, layer);
                self.did[layer as usize].removed.insert(path, bytes);
            }
        }
        let numbered = || (0u32..).zip(entries);
        for (i, entry) in numbered() {
            match entry.kind {
                Kind::Whiteout | Kind::Opaque | Kind::HardLink(_) => {}
                _ => self.place(&entry.path, EntryId { layer, entry: i }, entry, i)?,
            }
        }
        let mut links: Vec<_> = numbered()
            .filter_map(|(i, entry)| match &entry.kind {
                Kind::HardLink(target) => Some((i, entry, &**target)),
                _ => None,
            })
            .collect();
        // A link may name another link: as long as some find their file, others may after.
        while !links.is_empty() {
            let before = links.len();
            let mut waiting = Vec::new();
            for (i, entry, target) in links {
                let found = self.engines_find(target, layer);
                let file = found.map(|id| (self.node(id).id, self.node(id).entry));
                match file {
                    Some((Some(id), Some(file))) if file.kind != Kind::Directory => {
                        self.place(&entry.path, id, file, i)?;
                    }
                    _ => waiting.push((i, entry, target)),
                }
            }
            if waiting.len() == before {
                let (_, entry, target) = waiting[0];
                return Err(ReadError::LinkToNothing {
                    path: shown(&entry.path),
                    target: shown(target),
                });
            }
            links = waiting;
        }
        Ok(())
    }

    /// Puts an entry at a path, where `number` is its own place in the newest layer.
    fn place(
        &mut self,
        path: &'a str,
        id: EntryId,
        entry: &'a Entry,
        number: u32,
    ) -> Result<(), ReadError> {
        let layer = (self.did.len() - 1) as u32;
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = self.directory(directory, layer)?;
        let at = match name {
            "" => Some(NodeId::ROOT),
            _ => self.node(parent).children.get(name).copied(),
        };
        let both_directories =
            entry.kind == Kind::Directory && at.is_some_and(|at| self.node(at).is_directory());
        let same = match at {
            Some(at) if both_directories => {
                let before = self.node(at).entry;
                before.is_some_and(|b| (b.mode, b.uid, b.gid) == (entry.mode, entry.uid, entry.gid))
                    || (at == NodeId::ROOT && before.is_none())
            }
            _ => false,
        };
        let own = at.is_some_and(|at| self.node(at).id.is_some_and(|id| id.layer == layer));
        let node = match at {
            Some(at) if both_directories => at,
            Some(at) if self.node(at).id == Some(id) => return Ok(()),
            Some(at) => {
                self.remove(at, layer);
                self.add(name, parent)?
            }
            None => self.add(name, parent)?,
        };
        self.nodes[node.index()].entry = Some(entry);
        self.nodes[node.index()].id = Some(id);
        if !same && !own {
            let did = &mut self.did[layer as usize];
            // Hidden and made anew in one layer is changed.
            let anew = !did.removed.is_empty() && did.removed.remove(&format!("/{path}")).is_some();
            match anew || at.is_some() {
                true => did.changed.push(number),
                false => did.added.push(number),
            }
        }
        Ok(())
    }

    /// The directory at a path, made where it is missing. A link of a lower layer is replaced
    /// by a directory; one of the same layer is followed, as engines do while they unpack.
    fn directory(&mut self, path: &'a str, layer: u32) -> Result<NodeId, ReadError> {
        let mut open: Vec<&'a str> = path.split('/').rev().collect();
        let mut at = NodeId::ROOT;
        let mut links = 0;
        while let Some(part) = open.pop() {
            match part {
                "" | "." => continue,
                ".." => {
                    at = self.node(at).parent;
                    continue;
                }
                _ => {}
            }
            at = match self.node(at).children.get(part).copied() {
                Some(child) if self.node(child).is_directory() => child,
                Some(child) => {
                    let node = self.node(child);
                    let own = node.id.is_some_and(|id| id.layer == layer);
                    match node.target() {
                        Some(target) if own => {
                            links += 1;
                            if links > MOST_LINKS {
                                return Err(ReadError::BadName {
                                    name: shown(path),
                                    why: "leads through links without end",
                                });
                            }
                            if target.starts_with('/') {
                                at = NodeId::ROOT;
                            }
                            open.extend(target.split('/').rev());
                            continue;
                        }
                        _ => {
                            let gone = self.path(child);
                            let bytes = self.remove(child, layer);
                            self.did[layer as usize].removed.insert(gone, bytes);
                            self.add(part, at)?
                        }
                    }
                }
                None => self.add(part, at)?,
            };
        }
        Ok(at)
    }

    /// The place with exactly these names; no link is followed.
    fn plain(&self, path: &str) -> Option<NodeId> {
        let mut parts = path.split('/').filter(|part| !part.is_empty());
        parts.try_fold(NodeId::ROOT, |at, part| {
            self.node(at).children.get(part).copied()
        })
    }

    /// A hard link's file: at exactly that path, else through links of the same layer.
    fn engines_find(&self, target: &str, layer: u32) -> Option<NodeId> {
        self.plain(target).or_else(|| {
            let (directory, name) = target.rsplit_once('/')?;
            let directory = self.lookup(directory).ok()?;
            let found = *self.node(directory).children.get(name)?;
            self.node(found).id.filter(|id| id.layer == layer)?;
            Some(found)
        })
    }

    fn add(&mut self, name: &'a str, parent: NodeId) -> Result<NodeId, ReadError> {
        let id = self.push(name, parent)?;
        self.nodes[parent.index()].children.insert(name, id);
        Ok(id)
    }

    fn push(&mut self, name: &'a str, parent: NodeId) -> Result<NodeId, ReadError> {
        if self.nodes.len() >= MOST_NODES {
            return Err(ReadError::ManyEntries);
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node {
            name,
            entry: None,
            id: None,
            bytes: 0,
            parent,
            children: BTreeMap::new(),
        });
        Ok(id)
    }

    /// Takes a place and all below it out of the tree; bytes of the files there.
    fn remove(&mut self, id: NodeId, by: u32) -> u64 {
        let Node { parent, name, .. } = *self.node(id);
        self.nodes[parent.index()].children.remove(name);
        let mut bytes: u64 = 0;
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let node = &mut self.nodes[id.index()];
            open.extend(std::mem::take(&mut node.children).into_values());
            if let (Some(id), Some(entry)) = (node.id, node.entry) {
                bytes = bytes.saturating_add(entry.size);
                // The last to take a name away is the one that counts.
                self.lost.insert(id, Lost { by });
            }
        }
        bytes
    }

    /// Sums up directories, and forgets losses of files that other names keep.
    fn weigh(&mut self) {
        let order: Vec<_> = self.walk().collect();
        let mut counted = HashSet::new();
        for id in &order {
            let node = &mut self.nodes[id.index()];
            if let (Some(id), Some(entry)) = (node.id, node.entry)
                && counted.insert(id)
            {
                node.bytes = entry.size;
            }
        }
        for id in order.iter().rev() {
            let Node { bytes, parent, .. } = *self.node(*id);
            let parent = &mut self.nodes[parent.index()];
            parent.bytes = parent.bytes.saturating_add(bytes);
        }
        self.lost.retain(|id, _| !counted.contains(id));
    }
}
