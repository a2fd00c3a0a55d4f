//! What a map is made of, before it has a place: a name, bytes, and what lies in it.

use serde::Serialize;

/// Something that gets a rectangle.
#[derive(Clone, Debug)]
pub(super) struct Part {
    pub(super) name: String,
    pub(super) at: Option<String>,
    pub(super) kind: PartKind,
    pub(super) bytes: u64,
    pub(super) count: u64,
    pub(super) layer: Option<u32>,
    pub(super) marks: Vec<Mark>,
    pub(super) opens: bool,
    /// What lies in it, one level deep.
    pub(super) parts: Vec<Part>,
}

/// What a cell stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartKind {
    /// A directory.
    Directory,
    /// A file.
    File,
    /// Things too small to show; with a name, bytes that no part could be named for.
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

impl Part {
    /// A part without bytes yet.
    pub(super) fn named(name: String, kind: PartKind) -> Part {
        Part {
            name,
            at: None,
            kind,
            bytes: 0,
            count: 1,
            layer: None,
            marks: Vec::new(),
            opens: false,
            parts: Vec::new(),
        }
    }

    /// Many as one.
    pub(super) fn rest(parts: Vec<Part>) -> Part {
        let mut rest = Part::named(String::new(), PartKind::Rest);
        rest.count = 0;
        for part in &parts {
            rest.bytes = rest.bytes.saturating_add(part.bytes);
            rest.count += match (part.kind, part.name.is_empty()) {
                // A rest that was folded before stands for many.
                (PartKind::Rest, true) => part.count,
                _ => 1,
            };
        }
        rest
    }
}
