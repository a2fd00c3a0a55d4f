//! Directories and files as parts: of one image, or of two laid over each other.

use super::inside::Inside;
use super::part::{Mark, Part, PartKind};
use crate::binary::Form;
use crate::image::notes::{Note, Noted};
use crate::image::stands_out;
use crate::image::tree::NodeId;
use crate::inspect::Program;
use crate::xray::{Fate, Fates, Files, Sums};
use std::collections::BTreeMap;

/// Parts of one directory that may get cells; the smaller ones become its rest.
const MOST: usize = 100;
/// Exclamation marks in a place that are tried as the end of a program's path.
const MOST_TRIES: usize = 64;

/// What a map is drawn of.
pub(super) struct Ground<'a> {
    pub(super) files: Files<'a>,
    /// The image it is laid over, and what becomes of every path.
    pub(super) against: Option<(Files<'a>, Fates<'a>)>,
}

/// A path in one image or both.
#[derive(Clone, Copy)]
struct Spot<'a> {
    name: &'a str,
    here: Option<NodeId>,
    there: Option<NodeId>,
}

impl<'a> Ground<'a> {
    /// The path behind what was asked for, links followed, and what follows it: the view of a
    /// program.
    pub(super) fn place<'p>(&self, at: &'p str) -> Option<(String, &'p str)> {
        if let Some(path) = self.lookup(at) {
            return Some((path, ""));
        }
        let marks = at.match_indices('!').take(MOST_TRIES);
        let mut tries = marks.map(|(n, _)| (&at[..n], &at[n + 1..]));
        tries.find_map(|(path, view)| {
            let path = self.lookup(path)?;
            (!self.is_directory(&path)).then_some((path, view))
        })
    }

    fn lookup(&self, path: &str) -> Option<String> {
        let mut all = [Some(self.files), self.there()].into_iter().flatten();
        all.find_map(|files| Some(files.tree.path(files.tree.lookup(path).ok()?)))
    }

    fn there(&self) -> Option<Files<'a>> {
        self.against.as_ref().map(|(files, _)| *files)
    }

    fn spot(&self, path: &str) -> Spot<'a> {
        Spot {
            name: "",
            here: self.files.tree.lookup_link(path).ok(),
            there: self
                .there()
                .and_then(|files| files.tree.lookup_link(path).ok()),
        }
    }

    pub(super) fn is_directory(&self, path: &str) -> bool {
        self.directory(self.spot(path))
    }

    fn directory(&self, spot: Spot<'_>) -> bool {
        let here = spot.here.map(|id| self.files.tree.node(id).is_directory());
        let there = spot.there.zip(self.there());
        let there = there.map(|(id, files)| files.tree.node(id).is_directory());
        here.unwrap_or_default() || there.unwrap_or_default()
    }

    /// The program at a path of the image; else of the other one.
    pub(super) fn program(&self, path: &str) -> Option<&'a Program> {
        let spot = self.spot(path);
        let here = spot.here.and_then(|id| program(self.files, id));
        here.or_else(|| program(self.there()?, spot.there?))
    }

    /// The program that it is compared with; `None` where only one image has it.
    pub(super) fn other_program(&self, path: &str) -> Option<&'a Program> {
        let spot = self.spot(path);
        program(self.files, spot.here?)?;
        program(self.there()?, spot.there?)
    }

    /// What lies in a directory, with what lies in that.
    pub(super) fn parts(&self, path: &str) -> Vec<Part> {
        let shells = Shells::of(self);
        let base = path.trim_end_matches('/');
        let (spots, rest) = self.largest(self.spot(path));
        let mut parts: Vec<Part> = spots
            .into_iter()
            .map(|spot| {
                let path = format!("{base}/{}", spot.name);
                let mut part = self.part(spot, &path, &shells);
                if part.kind == PartKind::Directory {
                    let (spots, rest) = self.largest(spot);
                    let inner = spots.into_iter().map(|spot| {
                        let path = format!("{path}/{}", spot.name);
                        self.part(spot, &path, &shells)
                    });
                    part.parts = inner.collect();
                    part.parts.extend(self.folded(rest, &path));
                }
                part
            })
            .collect();
        parts.extend(self.folded(rest, base));
        parts
    }

    /// The largest parts of a directory, and the others.
    fn largest(&self, directory: Spot<'a>) -> (Vec<Spot<'a>>, Vec<Spot<'a>>) {
        let mut spots: BTreeMap<&'a str, Spot<'a>> = BTreeMap::new();
        for id in directory
            .here
            .iter()
            .flat_map(|id| self.files.tree.children(*id))
        {
            let name = self.files.tree.node(id).name;
            spots.insert(
                name,
                Spot {
                    name,
                    here: Some(id),
                    there: None,
                },
            );
        }
        if let Some((there, files)) = directory.there.zip(self.there()) {
            for id in files.tree.children(there) {
                let name = files.tree.node(id).name;
                let spot = Spot {
                    name,
                    here: None,
                    there: None,
                };
                spots.entry(name).or_insert(spot).there = Some(id);
            }
        }
        let mut spots: Vec<_> = spots.into_values().collect();
        spots.sort_by_cached_key(|spot| std::cmp::Reverse(self.upper(*spot)));
        let rest = spots.split_off(spots.len().min(MOST));
        (spots, rest)
    }

    /// The larger of both sides: near enough to the bytes drawn to tell the largest.
    fn upper(&self, spot: Spot<'_>) -> u64 {
        let here = spot.here.map(|id| self.files.tree.node(id).bytes);
        let there = spot.there.zip(self.there());
        let there = there.map(|(id, files)| files.tree.node(id).bytes);
        here.unwrap_or_default().max(there.unwrap_or_default())
    }

    fn folded(&self, rest: Vec<Spot<'a>>, base: &str) -> Option<Part> {
        let parts: Vec<Part> = rest
            .into_iter()
            .map(|spot| {
                let mut part = Part::named(spot.name.to_owned(), PartKind::File);
                self.weigh(&mut part, spot, &format!("{base}/{}", spot.name));
                part
            })
            .collect();
        (!parts.is_empty()).then(|| Part::rest(parts))
    }

    fn part(&self, spot: Spot<'a>, path: &str, shells: &Shells) -> Part {
        let mut part = Part::named(spot.name.to_owned(), PartKind::File);
        part.at = Some(path.to_owned());
        self.weigh(&mut part, spot, path);
        let (files, id, shells) = match (spot.here, spot.there.zip(self.there())) {
            (Some(id), _) => (self.files, id, &shells.here),
            (None, Some((id, files))) => (files, id, &shells.there),
            (None, None) => return part,
        };
        if spot.here.is_some() {
            part.layer = layer(files, id);
        }
        if self.directory(spot) {
            part.kind = PartKind::Directory;
            part.count = files.tree.children(id).count() as u64;
            part.opens = true;
            return part;
        }
        part.marks = marks(files, id, shells);
        part.opens = program(files, id).is_some_and(Inside::opens);
        part
    }

    /// Bytes, and with another image, what became of them.
    fn weigh(&self, part: &mut Part, spot: Spot<'_>, path: &str) {
        let Some((_, fates)) = &self.against else {
            part.bytes = spot.here.map_or(0, |id| self.files.tree.node(id).bytes);
            return;
        };
        let Some(sums) = fates.at(path) else {
            return;
        };
        part.bytes = drawn(sums);
        part.fate = sums.only().or(Some(Fate::Changed));
        part.share = Some(match part.bytes {
            0 => f64::from(u8::from(part.fate == Some(Fate::Stayed))),
            all => sums.stayed.bytes as f64 / all as f64,
        });
    }
}

/// Bytes that are drawn of two sides: each file's larger one, near enough.
fn drawn(sums: &Sums) -> u64 {
    let changed = sums.changed.bytes.max(sums.changed_from_bytes);
    [sums.left.bytes, sums.came.bytes, sums.stayed.bytes]
        .into_iter()
        .fold(changed, u64::saturating_add)
}

/// Shells on both sides, which are told by name and by links.
struct Shells {
    here: Vec<NodeId>,
    there: Vec<NodeId>,
}

impl Shells {
    fn of(ground: &Ground<'_>) -> Shells {
        let of = |files: Files<'_>| {
            let shells = stands_out::shells(files.tree);
            shells.into_iter().map(|shell| shell.id).collect()
        };
        Shells {
            here: of(ground.files),
            there: ground.there().map_or_else(Vec::new, of),
        }
    }
}

fn program<'a>(files: Files<'a>, id: NodeId) -> Option<&'a Program> {
    files.inspection.program(files.tree, id)
}

fn marks(files: Files<'_>, id: NodeId, shells: &[NodeId]) -> Vec<Mark> {
    let node = files.tree.node(id);
    let passed = files.inspection.passed(files.tree, id);
    let program = program(files, id);
    let note = passed.and_then(Noted::note);
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
