//! The tree that a container sees, down to what matters.

use super::page::Page;
use crate::cli::words::{bar, part, shown, size, total};
use analysis::image::tree::{NodeId, Tree};
use analysis::inspect::Inspection;
use std::cmp::Reverse;

/// Levels shown where nobody asks for more: enough for `/usr/local/go/pkg/tool`.
const LEVELS: usize = 5;
/// Levels shown at the most; hostile links lead deeper than any terminal is wide.
const MAX_LEVELS: usize = 64;
/// Below one part in so many of the whole, a file is not worth a line.
const WORTH: u64 = 100;
struct Walk<'a> {
    inspection: &'a Inspection,
    tree: &'a Tree<'a>,
    whole: u64,
    worth: u64,
}

/// Down to what matters, or as many levels as somebody asks for.
pub(super) fn tree(
    page: &mut Page,
    inspection: &Inspection,
    tree: &Tree<'_>,
    root: NodeId,
    levels: Option<usize>,
) {
    let whole = tree.node(root).bytes;
    page.heading(&format!(
        "Files  {} below {} that a container sees",
        size(whole),
        shown(&tree.path(root))
    ));
    let (levels, worth) = match levels {
        None if page.most == usize::MAX => (MAX_LEVELS, 0),
        None => (LEVELS, whole / WORTH),
        Some(levels) => (levels.clamp(1, MAX_LEVELS), 0),
    };
    let walk = Walk {
        inspection,
        tree,
        whole,
        worth,
    };
    walk.level(page, root, 0, levels);
}

impl Walk<'_> {
    fn level(&self, page: &mut Page, at: NodeId, indent: usize, levels: usize) {
        let mut children: Vec<_> = self.tree.children(at).collect();
        children.sort_by_key(|child| Reverse(self.tree.node(*child).bytes));
        let worth = |child: &&NodeId| self.tree.node(**child).bytes >= self.worth;
        let shown = children.iter().take(page.most).take_while(worth).count();
        if shown == 0 && self.worth > 0 {
            return;
        }
        for child in &children[..shown] {
            let (name, at) = self.chain(*child);
            self.line(page, at, &name, indent);
            if self.tree.node(at).is_directory() && levels > 1 {
                self.level(page, at, indent + 2, levels - 1);
            }
        }
        let rest = &children[shown..];
        if !rest.is_empty() {
            let bytes = total(rest.iter().map(|id| self.tree.node(*id).bytes));
            let said = format!("{:indent$}… {} more", "", rest.len());
            page.line(&part(bytes, self.whole, "", &said));
        }
    }

    /// Directories with nothing in them but one more directory are one line.
    fn chain(&self, mut at: NodeId) -> (String, NodeId) {
        let mut name = shown(self.tree.node(at).name).into_owned();
        for _ in 0..MAX_LEVELS {
            let mut children = self.tree.children(at);
            match (children.next(), children.next()) {
                (Some(only), None) if self.tree.node(only).is_directory() => {
                    at = only;
                    name = format!("{name}/{}", shown(self.tree.node(at).name));
                }
                _ => break,
            }
        }
        (name, at)
    }

    fn line(&self, page: &mut Page, at: NodeId, name: &str, indent: usize) {
        let node = self.tree.node(at);
        let mut said = format!("{:indent$}{name}", "");
        if node.is_directory() {
            said.push('/');
        } else if let Some(target) = node.target() {
            said.push_str(&format!(" → {}", shown(target)));
        }
        if let Some(what) = self.what(at) {
            said.push_str(&format!("  ({what})"));
        }
        let drawn = bar(node.bytes, self.whole);
        page.line(&part(node.bytes, self.whole, &drawn, &said));
    }

    /// What a file is, where that is worth a word.
    fn what(&self, at: NodeId) -> Option<String> {
        let node = self.tree.node(at);
        if !node.is_file() {
            return None;
        }
        let mut words = Vec::new();
        if node.mode() & 0o6000 != 0 {
            words.push(format!("{:o}", node.mode()));
        }
        if let Some(program) = self.inspection.program(self.tree, at)
            && program.go.is_some()
        {
            let version = program.build().map_or("Go", |build| &build.go_version);
            words.push(shown(version).into_owned());
        }
        if node.bytes >= self.worth
            && let Some(id) = node.id
        {
            words.push(format!("layer {}", id.layer + 1));
        }
        (!words.is_empty()).then(|| words.join(", "))
    }
}

/// One line for what lies at a path that is no directory and no program.
pub(super) fn file(page: &mut Page, tree: &Tree<'_>, at: NodeId) {
    let node = tree.node(at);
    let layer = node
        .id
        .map_or_else(String::new, |id| format!("  layer {}", id.layer + 1));
    page.line(&format!(
        "{}  {}  mode {:o}{layer}",
        shown(&tree.path(at)),
        size(node.entry.map_or(0, |entry| entry.size)),
        node.mode()
    ));
    page.line("  no program: nothing more is known of it; 1 file in all");
}
