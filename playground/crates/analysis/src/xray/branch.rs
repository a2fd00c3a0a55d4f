//! The merged tree as nested JSON, written from the tree itself.

use super::report::Report;
use crate::image::Kind;
use crate::image::tree::{NodeId, Tree};
use serde::ser::SerializeMap;
use serde::{Serialize, Serializer};

/// Directories within each other that are written. Names lie no deeper, but links of hostile
/// layers can lead deeper, and whoever reads nested JSON has a stack.
const MAX_LEVELS: usize = 300;

/// A report with its tree: what `playground xray --json` writes.
#[derive(Serialize)]
pub struct ReportWithTree<'a> {
    /// The report.
    #[serde(flatten)]
    pub report: &'a Report,
    /// The tree from its root; `None` of a binary.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tree: Option<Branch<'a>>,
}

/// A place of the tree with all below it: `name`, `kind`, `bytes`, `layer`, `mode`, `target` of
/// links, `children` of directories.
#[derive(Clone, Copy)]
pub struct Branch<'a> {
    tree: &'a Tree<'a>,
    id: NodeId,
    levels: usize,
}

impl<'a> Branch<'a> {
    /// The tree from `id` on.
    pub fn of(tree: &'a Tree<'a>, id: NodeId) -> Branch<'a> {
        Branch {
            tree,
            id,
            levels: MAX_LEVELS,
        }
    }
}

impl Serialize for Branch<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let node = self.tree.node(self.id);
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("name", node.name)?;
        let kind = node.entry.map_or(&Kind::Directory, |entry| &entry.kind);
        map.serialize_entry("kind", word(kind))?;
        map.serialize_entry("bytes", &node.bytes)?;
        map.serialize_entry("layer", &node.id.map(|id| id.layer + 1))?;
        map.serialize_entry("mode", &format_args!("{:o}", node.mode()))?;
        if let Some(target) = node.target() {
            map.serialize_entry("target", target)?;
        }
        if node.is_directory() && self.levels > 0 {
            let levels = self.levels - 1;
            let below = self.tree.children(self.id);
            let children = below.map(|id| Branch {
                id,
                levels,
                ..*self
            });
            map.serialize_entry("children", &children.collect::<Vec<_>>())?;
        }
        map.end()
    }
}

/// What an entry is, in a word.
fn word(kind: &Kind) -> &'static str {
    match kind {
        Kind::File | Kind::HardLink(_) => "file",
        Kind::Directory => "directory",
        Kind::Symlink(_) => "symlink",
        Kind::CharDevice => "char-device",
        Kind::BlockDevice => "block-device",
        Kind::Fifo => "fifo",
        Kind::Whiteout | Kind::Opaque => "whiteout",
    }
}
