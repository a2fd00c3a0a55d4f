//! Layers merged as engines do it with overlayfs: in each, first what it hides, whatever the order
//! of its tar, then what it has, in that order. A directory that only a path implies, also a
//! whiteout's, keeps what a lower layer says of it, as containerd has it; Docker's classic store gives
//! it to root, with mode 0755.
//!
//! Hard links that engines refuse, to what comes later or to what only lower layers have, are
//! placed last.

use super::changes::Removed;
use super::entry::{Entry, Kind, bad};
use super::error::ReadError;
use super::limits::{MAX_LINKS, MAX_NAME, MAX_NAME_BYTES, MAX_NODES, MAX_PATH_BYTES, MAX_STEPS};
use super::model::EntryId;
use super::text::shown;
use super::tree::{Node, NodeId, Refusal, Tree};
use std::collections::{BTreeMap, HashMap, HashSet};

/// A hard link that is to be placed.
struct Link<'a> {
    own: EntryId,
    entry: &'a Entry,
    target: &'a str,
}

impl<'a> Tree<'a> {
    pub(super) fn apply(&mut self, layer: u32, entries: &'a [Entry]) -> Result<(), ReadError> {
        self.hide_below(layer, entries)?;
        self.refuse_marks(layer, entries)?;
        let mut left = Vec::new();
        let ids = (0u32..).map(|entry| EntryId { layer, entry });
        for (own, entry) in ids.zip(entries) {
            match &entry.kind {
                Kind::Opaque => self.hide_through(&entry.path, None, layer)?,
                Kind::Whiteout => {
                    let path: &'a str = &entry.path;
                    let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
                    self.hide_through(directory, Some(name), layer)?;
                }
                Kind::HardLink(target) => match self.engines_find(target, layer)? {
                    Some((id, file)) if id.layer == layer => {
                        self.place(&entry.path, id, file, own)?;
                        self.relinked.insert(id, entry);
                    }
                    _ => left.push(Link { own, entry, target }),
                },
                _ => self.place(&entry.path, own, entry, own)?,
            }
        }
        self.link_late(layer, left)
    }

    /// What whiteouts hide of lower layers. One that a directory of the same name follows hides
    /// nothing: the directory takes its place, and overlayfs merges it with those below.
    fn hide_below(&mut self, layer: u32, entries: &'a [Entry]) -> Result<(), ReadError> {
        let mut hidden: HashMap<&str, bool> = HashMap::new();
        for entry in entries {
            match entry.kind {
                Kind::Whiteout => drop(hidden.insert(&entry.path, true)),
                Kind::Directory => {
                    if let Some(hides) = hidden.get_mut(&*entry.path) {
                        *hides = false;
                    }
                }
                _ => {}
            }
        }
        for entry in entries {
            let gone: Vec<NodeId> = match entry.kind {
                // Overlayfs does not look for the mark at a layer's own root.
                Kind::Opaque if entry.path.is_empty() => continue,
                Kind::Opaque => match self.plain(&entry.path) {
                    Some(directory) => self.children(directory).collect(),
                    None => continue,
                },
                Kind::Whiteout if hidden.get(&*entry.path) == Some(&true) => {
                    self.plain(&entry.path).into_iter().collect()
                }
                _ => continue,
            };
            for id in gone {
                self.hide(id, layer)?;
            }
        }
        Ok(())
    }

    /// Makes a whiteout's directory, as engines do before they look at its name, and hides what
    /// lower layers have where links of the same layer lead to.
    fn hide_through(
        &mut self,
        directory: &'a str,
        name: Option<&str>,
        layer: u32,
    ) -> Result<(), ReadError> {
        let written = self.plain(directory);
        let at = self.directory(directory, layer)?;
        if written == Some(at) {
            return Ok(());
        }
        let mut open: Vec<NodeId> = match name {
            Some(name) => self
                .node(at)
                .children
                .get(name)
                .copied()
                .into_iter()
                .collect(),
            None => self.children(at).collect(),
        };
        while let Some(id) = open.pop() {
            match self.has_own(id, layer)? {
                true => open.extend(self.children(id)),
                false => self.hide(id, layer)?,
            }
        }
        Ok(())
    }

    /// Whether this layer has the place or anything below it.
    fn has_own(&mut self, id: NodeId, layer: u32) -> Result<bool, ReadError> {
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            self.step(1)?;
            if self.node(id).id.is_some_and(|id| id.layer == layer) {
                return Ok(true);
            }
            open.extend(self.children(id));
        }
        Ok(false)
    }

    /// Places links whose file was not there when they came.
    fn link_late(&mut self, layer: u32, links: Vec<Link<'a>>) -> Result<(), ReadError> {
        // A link may name another link: each waits until what it names is there.
        let mut waiting: HashMap<&str, Vec<Link<'a>>> = HashMap::new();
        for link in links {
            let mut ready = vec![link];
            while let Some(link) = ready.pop() {
                match self.engines_find(link.target, layer)? {
                    Some((id, file)) => {
                        self.place(&link.entry.path, id, file, link.own)?;
                        self.refuse(layer, &link.entry.path, Refusal::LateLink(link.target));
                        ready.extend(waiting.remove(&*link.entry.path).unwrap_or_default());
                    }
                    None => waiting.entry(link.target).or_default().push(link),
                }
            }
        }
        let left = waiting.into_values().flatten();
        match left.min_by_key(|link| link.own) {
            None => Ok(()),
            Some(link) => Err(ReadError::LinkToNothing {
                path: shown(&link.entry.path),
                target: shown(link.target),
            }),
        }
    }

    /// Takes a place away and notes it. Paths through links may be long, so they are counted.
    fn hide(&mut self, id: NodeId, layer: u32) -> Result<(), ReadError> {
        let path = self.path(id);
        self.removed_names += path.len() as u64;
        if self.removed_names > MAX_NAME_BYTES {
            return Err(ReadError::ManyEntries);
        }
        let gone = self.remove(id, layer);
        self.did[layer as usize].removed.insert(path, gone);
        Ok(())
    }

    /// Puts an entry at a path; `own` is where the path itself stands, in the newest layer.
    fn place(
        &mut self,
        path: &'a str,
        id: EntryId,
        entry: &'a Entry,
        own: EntryId,
    ) -> Result<(), ReadError> {
        let layer = own.layer;
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        let parent = self.directory(directory, layer)?;
        let at = match name {
            "" => Some(NodeId::ROOT),
            _ => self.node(parent).children.get(name).copied(),
        };
        let both_directories =
            entry.kind == Kind::Directory && at.is_some_and(|at| self.node(at).is_directory());
        let same = match at.and_then(|at| self.node(at).entry) {
            _ if !both_directories => false,
            Some(b) => (b.mode, b.uid, b.gid) == (entry.mode, entry.uid, entry.gid),
            None => at == Some(NodeId::ROOT),
        };
        let again = at.is_some_and(|at| self.node(at).id.is_some_and(|id| id.layer == layer));
        if again {
            self.refuse(layer, path, Refusal::Twice);
        }
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
        if !same && !again {
            let did = &mut self.did[layer as usize];
            // Hidden and made anew in one layer is changed.
            let anew = !did.removed.is_empty() && did.removed.remove(&format!("/{path}")).is_some();
            match anew || at.is_some() {
                true => did.changed.push(own),
                false => did.added.push(own),
            }
        }
        Ok(())
    }

    /// The directory at a path, made where it is missing. A link or file of a lower layer is
    /// replaced by a directory; a link of the same layer is followed, as engines do while they
    /// unpack, and below a file of the same layer they write nothing.
    fn directory(&mut self, path: &'a str, layer: u32) -> Result<NodeId, ReadError> {
        let mut open: Vec<&'a str> = path.split('/').rev().collect();
        let mut at = NodeId::ROOT;
        let mut links = 0;
        while let Some(part) = open.pop() {
            self.step(1)?;
            match part {
                "" | "." => continue,
                ".." => {
                    at = self.node(at).parent;
                    continue;
                }
                _ => {}
            }
            let Some(&child) = self.node(at).children.get(part) else {
                at = self.add(part, at)?;
                continue;
            };
            let node = self.node(child);
            match node.target() {
                _ if node.is_directory() => at = child,
                Some(target) if node.id.is_some_and(|id| id.layer == layer) => {
                    links += 1;
                    if links > MAX_LINKS {
                        return Err(bad(path, "leads through links without end"));
                    }
                    if target.starts_with('/') {
                        at = NodeId::ROOT;
                    }
                    open.extend(target.split('/').rev());
                }
                _ if node.id.is_some_and(|id| id.layer == layer) => {
                    return Err(bad(path, "lies below what its layer says is no directory"));
                }
                _ => {
                    self.hide(child, layer)?;
                    at = self.add(part, at)?;
                }
            }
        }
        // Unpacked alone, the layer has nothing where its link leads.
        if links > 0 && !self.has_own(at, layer)? {
            self.refuse(layer, path, Refusal::LeadsOut);
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
    fn engines_find(
        &mut self,
        target: &str,
        layer: u32,
    ) -> Result<Option<(EntryId, &'a Entry)>, ReadError> {
        let file = |tree: &Self, id: NodeId| {
            let node = tree.node(id);
            let entry = node.entry.filter(|entry| entry.kind != Kind::Directory)?;
            Some((node.id?, entry))
        };
        if let Some(found) = self.plain(target) {
            return Ok(file(self, found));
        }
        let Some((directory, name)) = target.rsplit_once('/') else {
            return Ok(None);
        };
        let mut steps = 0;
        let directory = self.resolve(directory, true, &mut steps);
        self.step(steps)?;
        let found = directory
            .ok()
            .and_then(|id| self.node(id).children.get(name).copied());
        let found = found.and_then(|id| file(self, id));
        Ok(found.filter(|(id, _)| id.layer == layer))
    }

    pub(super) fn step(&mut self, steps: u64) -> Result<(), ReadError> {
        self.steps += steps;
        match self.steps > MAX_STEPS {
            true => Err(ReadError::ManyEntries),
            false => Ok(()),
        }
    }

    fn add(&mut self, name: &'a str, parent: NodeId) -> Result<NodeId, ReadError> {
        // Links of the same layer may lead deeper than any name in its tar.
        let path_bytes = self.node(parent).path_bytes + 1 + name.len();
        if path_bytes > MAX_NAME {
            return Err(bad(name, "lies deeper than any path (4096 bytes)"));
        }
        // Reports write paths out, so that all of them together count, too.
        self.path_bytes += path_bytes as u64;
        if self.path_bytes > MAX_PATH_BYTES {
            return Err(ReadError::ManyEntries);
        }
        let id = self.push(name, parent)?;
        self.nodes[id.index()].path_bytes = path_bytes;
        self.nodes[parent.index()].children.insert(name, id);
        Ok(id)
    }

    pub(super) fn push(&mut self, name: &'a str, parent: NodeId) -> Result<NodeId, ReadError> {
        if self.nodes.len() >= MAX_NODES {
            return Err(ReadError::ManyEntries);
        }
        let id = NodeId(self.nodes.len() as u32);
        self.nodes.push(Node {
            name,
            entry: None,
            relinked: None,
            id: None,
            bytes: 0,
            path_bytes: 0,
            parent,
            children: BTreeMap::new(),
        });
        Ok(id)
    }

    /// Takes a place and all below it out of the tree; what was there.
    fn remove(&mut self, id: NodeId, by: u32) -> Removed {
        let Node { parent, name, .. } = *self.node(id);
        self.nodes[parent.index()].children.remove(name);
        let mut gone = Removed::default();
        let mut open = vec![id];
        while let Some(id) = open.pop() {
            let node = &mut self.nodes[id.index()];
            open.extend(std::mem::take(&mut node.children).into_values());
            if let (Some(id), Some(entry)) = (node.id, node.entry) {
                gone.files += u64::from(entry.kind != Kind::Directory);
                gone.bytes = gone.bytes.saturating_add(entry.size);
                // The last to take a name away is the one that counts.
                self.lost.insert(id, by);
            }
        }
        gone
    }

    /// Sums up directories, and forgets losses of files that other names keep.
    pub(super) fn weigh(&mut self) {
        let order: Vec<_> = self.walk().collect();
        let mut counted = HashSet::new();
        for id in &order {
            let node = &mut self.nodes[id.index()];
            if let (Some(id), Some(entry)) = (node.id, node.entry) {
                node.relinked = self.relinked.get(&id).copied();
                if counted.insert(id) {
                    node.bytes = entry.size;
                }
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
