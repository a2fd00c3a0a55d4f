//! Directories and files of an image as parts.

use super::inside::Inside;
use super::part::{Cell, Mark, PartKind};
use crate::binary::Form;
use crate::image::notable;
use crate::image::notes::{Note, Noted};
use crate::image::tree::NodeId;
use crate::inspect::Program;
use crate::xray::Files;
use std::collections::BTreeMap;

/// Parts of one directory that may get cells; the smaller ones become its rest.
const MAX_FILES: usize = 100;
/// Exclamation marks in a place that are tried as the end of a program's path.
const MAX_TRIES: usize = 64;

/// The place behind what was asked for, links followed, and what follows it: the view of a
/// program.
pub(super) fn place<'p>(files: Files<'_>, at: &'p str) -> Option<(NodeId, &'p str)> {
    if let Ok(id) = files.tree.lookup(at) {
        return Some((id, ""));
    }
    let marks = at.match_indices('!').take(MAX_TRIES);
    let mut tries = marks.map(|(n, _)| (&at[..n], &at[n + 1..]));
    tries.find_map(|(path, view)| {
        let id = files.tree.lookup(path).ok()?;
        (!files.tree.node(id).is_directory()).then_some((id, view))
    })
}

/// What lies in a directory, with what lies in that.
pub(super) fn parts(files: Files<'_>, directory: NodeId) -> Vec<Cell> {
    let shells = notable::shells(files.tree);
    let shells: Vec<_> = shells.into_iter().map(|shell| shell.id).collect();
    let inside = |id| level(files, id, |id| part(files, id, &shells));
    level(files, directory, |id| {
        let mut part = part(files, id, &shells);
        if part.kind == PartKind::Directory {
            part.parts = inside(id);
        }
        part
    })
}

/// The largest parts of a directory, and the others as its rest.
fn level(files: Files<'_>, directory: NodeId, part: impl Fn(NodeId) -> Cell) -> Vec<Cell> {
    let mut ids: Vec<_> = files.tree.children(directory).collect();
    ids.sort_by_key(|id| std::cmp::Reverse(files.tree.node(*id).bytes));
    let rest = ids.split_off(ids.len().min(MAX_FILES)).into_iter();
    let rest: Vec<_> = rest.map(|id| named(files, id, PartKind::File)).collect();
    let mut parts: Vec<_> = ids.into_iter().map(part).collect();
    parts.extend((!rest.is_empty()).then(|| Cell::rest(rest)));
    parts
}

fn named(files: Files<'_>, id: NodeId, kind: PartKind) -> Cell {
    let node = files.tree.node(id);
    Cell::part(node.name, kind, node.bytes)
}

fn part(files: Files<'_>, id: NodeId, shells: &[NodeId]) -> Cell {
    let directory = files.tree.node(id).is_directory();
    let kind = match directory {
        true => PartKind::Directory,
        false => PartKind::File,
    };
    let mut part = named(files, id, kind);
    part.at = Some(files.tree.path(id));
    part.layer = layer(files, id);
    if directory {
        part.count = files.tree.children(id).count() as u64;
        part.opens = true;
        return part;
    }
    part.marks = marks(files, id, shells);
    part.opens = program(files, id).is_some_and(Inside::opens);
    part
}

pub(super) fn program<'a>(files: Files<'a>, id: NodeId) -> Option<&'a Program> {
    files.inspection.program(files.tree, id)
}

fn marks(files: Files<'_>, id: NodeId, shells: &[NodeId]) -> Vec<Mark> {
    let node = files.tree.node(id);
    let facts = files.inspection.facts(files.tree, id);
    let program = program(files, id);
    let note = facts.and_then(Noted::note);
    let form = program.map(|program| &program.form);
    let go = program.is_some_and(|program| program.go.is_some());
    let all = [
        (Mark::Go, go),
        (Mark::Elf, !go && matches!(form, Some(Form::Elf(_)))),
        (
            Mark::Script,
            matches!(form, Some(Form::Script { .. })) || matches!(note, Some(Note::Script(_))),
        ),
        (Mark::Setuid, node.is_file() && node.mode() & 0o6000 != 0),
        (Mark::Secret, matches!(note, Some(Note::Secret(_)))),
        (Mark::Shell, shells.contains(&id)),
    ];
    all.into_iter()
        .filter_map(|(mark, is)| is.then_some(mark))
        .collect()
}

/// The layer that most bytes of a place come from, from 1; of an empty one, its own.
fn layer(files: Files<'_>, id: NodeId) -> Option<u32> {
    let mut bytes: BTreeMap<u32, u64> = BTreeMap::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        let node = files.tree.node(id);
        match node.id {
            Some(entry) if !node.is_directory() => {
                let sum = bytes.entry(entry.layer).or_default();
                *sum = sum.saturating_add(node.bytes);
            }
            _ => open.extend(files.tree.children(id)),
        }
    }
    let most = bytes.into_iter().max_by_key(|(_, bytes)| *bytes);
    let layer = match most {
        Some((layer, bytes)) if bytes > 0 => Some(layer),
        _ => files.tree.node(id).id.map(|entry| entry.layer),
    };
    layer.map(|layer| layer + 1)
}
