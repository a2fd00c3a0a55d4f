//! What a map is made of: cells, each a part of what is drawn until it has its place.

use serde::Serialize;

/// A rectangle of the map. Positions and extents are percents of the whole drawing.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Cell {
    /// What it is called; empty for a rest.
    pub name: String,
    /// What to ask for to see it by itself, or where a file lies; `None` for a rest.
    pub at: Option<String>,
    /// What it stands for.
    pub kind: PartKind,
    /// Its bytes. Where two images are laid over each other, the larger of both.
    pub bytes: u64,
    /// Of a rest, how many it stands for; of a directory, what lies right in it; else 1.
    pub count: u64,
    /// The layer that most of its bytes come from, from 1 for the base.
    pub layer: Option<u32>,
    /// From the left.
    pub x: f64,
    /// From the top.
    pub y: f64,
    /// Width.
    pub w: f64,
    /// Height.
    pub h: f64,
    /// 0, or 1 for what lies in a cell of depth 0.
    pub depth: u8,
    /// The cell that it lies in, by its place in the list.
    pub of: Option<usize>,
    /// What stands out about it.
    pub marks: Vec<Mark>,
    /// Whether asking for `at` shows more.
    pub opens: bool,
    /// What lies in it, one level deep, until that has cells of its own.
    #[serde(skip)]
    pub(super) parts: Vec<Cell>,
}

/// What a cell stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// A directory.
    Directory,
    /// A file.
    File,
    /// Things too small to show; with a name, bytes that no part could be named for.
    #[default]
    Rest,
    /// A section of an executable.
    Section,
    /// A module, the standard library, or the main module: Go packages together.
    Module,
    /// A Go package.
    Package,
}

/// What stands out about a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// A program written in Go.
    Go,
    /// Another ELF program or library.
    Elf,
    /// Begins with `#!`.
    Script,
    /// Runs with its owner's or group's rights.
    Setuid,
    /// Looks like a secret.
    Secret,
    /// A shell that can be executed.
    Shell,
}

impl Cell {
    /// A part that has no place yet.
    pub(super) fn part(name: impl Into<String>, kind: PartKind, bytes: u64) -> Cell {
        Cell {
            name: name.into(),
            kind,
            bytes,
            count: 1,
            ..Cell::default()
        }
    }

    /// Many as one.
    pub(super) fn rest(parts: Vec<Cell>) -> Cell {
        let mut rest = Cell::default();
        for part in &parts {
            rest.bytes = rest.bytes.saturating_add(part.bytes);
            rest.count += match part.is_rest() {
                // A rest that was folded before stands for many.
                true => part.count,
                false => 1,
            };
        }
        rest
    }

    /// Whether it stands for others, and for no bytes with a name.
    pub(super) fn is_rest(&self) -> bool {
        self.kind == PartKind::Rest && self.name.is_empty()
    }
}
