//! Two trees laid over each other: what became of every path.

use super::report::Sum;
use crate::image::Kind;
use crate::image::tree::{Node, NodeId, Tree};
use crate::inspect::Inspection;
use serde::Serialize;
use std::cmp::{Ordering, Reverse};
use std::collections::HashMap;
use std::ops::Range;

/// What became of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Change {
    /// Only the first has it. The names in JSON are those of format 1.
    #[serde(rename = "left")]
    Removed,
    /// Only the second has it.
    #[serde(rename = "came")]
    Added,
    /// Both have it: other content, kind or mode.
    #[serde(rename = "changed")]
    Modified,
    /// Both have it, with the same content, kind and mode.
    #[serde(rename = "stayed")]
    Unchanged,
}

/// Files of one change below one path.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Group {
    /// A directory whose files all have this change, or a single file.
    pub path: String,
    /// What became of them.
    #[serde(rename = "fate")]
    pub change: Change,
    /// How many.
    pub files: u64,
    /// Their content: of what left in the first, else in the second.
    pub bytes: u64,
}

/// What became of all files at and below a path.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sums {
    /// By change. Bytes of what only the first has are the first's, else the second's.
    by_change: [Sum; 4],
    /// Bytes that the changed ones had in the first.
    pub(super) modified_from_bytes: u64,
}

impl Sums {
    /// The change of all files, if it is the same for all and there are any.
    fn only(&self) -> Option<Change> {
        let all = [
            Change::Removed,
            Change::Added,
            Change::Modified,
            Change::Unchanged,
        ];
        let mut there = all.into_iter().filter(|change| self.of(*change).files > 0);
        there.next().filter(|_| there.next().is_none())
    }

    /// The sum of a change.
    pub(super) fn of(&self, change: Change) -> Sum {
        self.by_change[change as usize]
    }

    fn count(&mut self, change: Change, from: u64, to: u64) {
        let removed = change == Change::Removed;
        self.by_change[change as usize].add(if removed { from } else { to });
        if change == Change::Modified {
            self.modified_from_bytes = self.modified_from_bytes.saturating_add(from);
        }
    }

    fn merge(&mut self, other: &Sums) {
        for (sum, more) in self.by_change.iter_mut().zip(other.by_change) {
            sum.merge(more);
        }
        let more = other.modified_from_bytes;
        self.modified_from_bytes = self.modified_from_bytes.saturating_add(more);
    }
}

/// The files of an image.
#[derive(Clone, Copy)]
pub struct Files<'a> {
    /// What was read.
    pub inspection: &'a Inspection,
    /// Its tree.
    pub tree: &'a Tree<'a>,
}

/// Two trees laid over each other.
pub(super) struct TreeDiff<'a> {
    /// Each behind the directory that it lies in. There may be millions: what most of them do not need
    /// stands elsewhere.
    paths: Vec<PathDiff<'a>>,
    /// Of those with something below them, of themselves and all that.
    sums: HashMap<u32, Sums>,
}

/// A path that either tree has.
#[derive(Default)]
struct PathDiff<'a> {
    name: &'a str,
    parent: u32,
    /// What lies right below it, by name: these paths.
    children: Range<u32>,
    /// Of itself; `None` of a directory.
    own: Option<Change>,
    /// Of itself, in the first and in the second.
    bytes: [u64; 2],
}

impl<'a> TreeDiff<'a> {
    /// What became of every path on the way from one image to the other.
    pub(super) fn of(from: Files<'a>, to: Files<'a>) -> TreeDiff<'a> {
        let files = [from, to];
        let mut paths = vec![PathDiff::default()];
        let mut open = vec![(0, [Some(NodeId::ROOT); 2])];
        while let Some((at, ids)) = open.pop() {
            paths[at].judge(files, ids);
            let first = paths.len() as u32;
            for (name, ids) in side_by_side(files, ids) {
                open.push((paths.len(), ids));
                paths.push(PathDiff {
                    name,
                    parent: at as u32,
                    ..PathDiff::default()
                });
            }
            paths[at].children = first..paths.len() as u32;
        }
        let mut diff = TreeDiff {
            paths,
            sums: HashMap::new(),
        };
        for at in (0..diff.paths.len() as u32).rev() {
            let path = &diff.paths[at as usize];
            let (parent, own) = (path.parent, path.own_sums());
            if !path.children.is_empty() || at == 0 {
                diff.sums.entry(at).or_default().merge(&own);
            }
            if at > 0 {
                let sums = diff.sums_of(at);
                diff.sums.entry(parent).or_default().merge(&sums);
            }
        }
        diff
    }

    /// Of a path and all below.
    fn sums_of(&self, at: u32) -> Sums {
        let known = self.sums.get(&at).copied();
        known.unwrap_or_else(|| self.paths[at as usize].own_sums())
    }

    /// What became of all files.
    pub(super) fn sums(&self) -> Sums {
        self.sums_of(0)
    }

    /// The fewest paths that tell the whole story, each for all files below it, the largest first.
    pub(super) fn groups(&self) -> Vec<Group> {
        let mut groups = Vec::new();
        let mut add = |at, change, Sum { files, bytes }| {
            groups.push(Group {
                path: self.path(at),
                change,
                files,
                bytes,
            });
        };
        let mut open = vec![0];
        while let Some(at) = open.pop() {
            let (path, sums) = (&self.paths[at as usize], self.sums_of(at));
            if let Some(change) = sums.only() {
                add(at, change, sums.of(change));
                continue;
            }
            if let Some(change) = path.own {
                // A file here and a directory there.
                let bytes = path.own_sums().of(change).bytes;
                add(at, change, Sum { files: 1, bytes });
            }
            open.extend(path.children.clone());
        }
        groups.sort_by(|a, b| {
            let rank = |group: &Group| (Reverse(group.bytes), Reverse(group.files));
            rank(a).cmp(&rank(b)).then_with(|| a.path.cmp(&b.path))
        });
        groups
    }

    fn path(&self, mut at: u32) -> String {
        let mut parts = Vec::new();
        while at != 0 {
            let path = &self.paths[at as usize];
            parts.push(path.name);
            at = path.parent;
        }
        parts.reverse();
        format!("/{}", parts.join("/"))
    }
}

/// A place in both trees, where they have it.
type Ids = [Option<NodeId>; 2];

impl PathDiff<'_> {
    fn judge(&mut self, files: [Files<'_>; 2], ids: Ids) {
        let file = |side: usize| {
            let node = files[side].tree.node(ids[side]?);
            (!node.is_directory()).then_some(node)
        };
        let (left, right) = (file(0), file(1));
        self.own = match (left, right) {
            (Some(_), None) => Some(Change::Removed),
            (None, Some(_)) => Some(Change::Added),
            (Some(left), Some(right)) if same(files, left, right) => Some(Change::Unchanged),
            (Some(_), Some(_)) => Some(Change::Modified),
            (None, None) => None,
        };
        self.bytes = [left, right].map(|node| node.map_or(0, |node| node.bytes));
    }

    fn own_sums(&self) -> Sums {
        let mut sums = Sums::default();
        if let Some(change) = self.own {
            sums.count(change, self.bytes[0], self.bytes[1]);
        }
        sums
    }
}

/// The children of both by name.
fn side_by_side<'a>(files: [Files<'a>; 2], ids: Ids) -> Vec<(&'a str, Ids)> {
    let named = |side: usize| {
        let tree = files[side].tree;
        let children = ids[side].into_iter().flat_map(move |id| tree.children(id));
        children.map(move |id| (tree.node(id).name, id)).peekable()
    };
    let (mut lefts, mut rights) = (named(0), named(1));
    let mut both = Vec::new();
    loop {
        let order = match (lefts.peek(), rights.peek()) {
            (Some((a, _)), Some((b, _))) => a.cmp(b),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
            (None, None) => return both,
        };
        let left = if order.is_le() { lefts.next() } else { None };
        let right = if order.is_ge() { rights.next() } else { None };
        if let Some((name, _)) = left.or(right) {
            both.push((name, [left, right].map(|of| of.map(|(_, id)| id))));
        }
    }
}

/// Same kind, mode, owner, capabilities, size and content.
fn same([from, to]: [Files<'_>; 2], left: &Node<'_>, right: &Node<'_>) -> bool {
    let (Some(one), Some(other)) = (left.entry, right.entry) else {
        return false;
    };
    let attributes = |node: &Node<'_>| (node.mode(), node.owner(), node.capabilities().copied());
    if (&one.kind, one.size) != (&other.kind, other.size) || attributes(left) != attributes(right) {
        return false;
    }
    if one.kind != Kind::File {
        return true;
    }
    let print = |files: Files<'_>, node: &Node<'_>| {
        let facts = files.inspection.seen.get(node.id?)?;
        Some(facts.fingerprint)
    };
    match (print(from, left), print(to, right)) {
        (Some(one), Some(other)) => one == other,
        // Sparse files are not read: only the same place in the same layer is certain.
        _ => {
            let origin = |files: Files<'_>, node: &Node<'_>| {
                let id = node.id?;
                let layer = files.inspection.image.layers.get(id.layer as usize)?;
                Some((layer.diff_id.clone(), id.entry))
            };
            let (one, other) = (origin(from, left), origin(to, right));
            one.is_some() && one == other
        }
    }
}
