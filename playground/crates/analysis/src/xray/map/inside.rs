//! The inside of a program as parts: sections, and Go packages by module.

use super::part::{Part, PartKind};
use crate::binary::go::{Origin, Package};
use crate::binary::{Section, SectionKind};
use crate::inspect::{GoCode, Program};
use crate::xray::package_bytes;
use std::collections::BTreeMap;

/// The view of all bytes by package.
const PACKAGES: &str = "packages";

/// A program that is looked into.
pub(super) struct Inside<'a> {
    path: &'a str,
    program: &'a Program,
}

/// Which bytes of a package are counted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum By {
    Code,
    Table,
    All,
}

/// Bytes by name.
type Sums = BTreeMap<String, u64>;

impl<'a> Inside<'a> {
    /// `None` where there is nothing to look into.
    pub(super) fn new(path: &'a str, program: &'a Program) -> Option<Inside<'a>> {
        Inside::opens(program).then_some(Inside { path, program })
    }

    /// Whether there is something to look into.
    pub(super) fn opens(program: &Program) -> bool {
        program.code().is_some() || sections(program).next().is_some()
    }

    /// What a view shows, and the names on the way to it; `None` where there is no such view.
    pub(super) fn parts(&self, view: &str) -> Option<(Vec<Part>, Vec<String>)> {
        let (view, module) = view.split_once('!').unwrap_or((view, ""));
        if view.is_empty() && module.is_empty() {
            return Some((self.sections(), Vec::new()));
        }
        let by = self.by(view)?;
        if module.is_empty() {
            return Some((self.modules(view, by), vec![view.to_owned()]));
        }
        let modules = self.modules(view, by);
        let found = modules
            .into_iter()
            .find(|part| part.kind == PartKind::Module && part.name == module)?;
        Some((found.parts, vec![view.to_owned(), module.to_owned()]))
    }

    /// Which bytes of packages a section holds.
    fn by(&self, view: &str) -> Option<By> {
        self.program.code()?;
        if view == PACKAGES {
            return Some(By::All);
        }
        let section = sections(self.program).find(|section| section.name == view)?;
        match section.kind {
            SectionKind::GoFunctions => Some(By::Table),
            SectionKind::Code if self.is_text(section) => Some(By::Code),
            _ => None,
        }
    }

    /// Go's machine code lies in the largest section of code.
    fn is_text(&self, section: &Section) -> bool {
        let code = sections(self.program).filter(|section| section.kind == SectionKind::Code);
        code.map(|section| section.file_bytes).max() == Some(section.file_bytes)
    }

    fn sections(&self) -> Vec<Part> {
        let mut sums = Sums::new();
        for section in sections(self.program) {
            let sum = sums.entry(section.name.clone()).or_default();
            *sum = sum.saturating_add(section.file_bytes);
        }
        if sums.is_empty() {
            // Without section headers, packages are all there is to see.
            return self.modules(PACKAGES, By::All);
        }
        let named = sums.values().copied().fold(0, u64::saturating_add);
        let mut parts: Vec<Part> = sums
            .into_iter()
            .map(|(name, bytes)| {
                let mut part = part(name, PartKind::Section, bytes);
                part.at = Some(format!("{}!{}", self.path, part.name));
                if let Some(by) = self.by(&part.name) {
                    part.opens = true;
                    part.parts = self.modules(&part.name, by);
                }
                part
            })
            .collect();
        let rest = self.program.bytes.saturating_sub(named);
        parts.extend(unnamed("headers and padding", rest));
        parts
    }

    /// Packages by module, with the bytes that none could be named for.
    fn modules(&self, view: &str, by: By) -> Vec<Part> {
        let mut modules: BTreeMap<String, Sums> = BTreeMap::new();
        for package in packages(self.program) {
            let sums = modules.entry(module(self.program, package)).or_default();
            let sum = sums.entry(package.path.clone()).or_default();
            *sum = sum.saturating_add(by.bytes(package));
        }
        let mut parts: Vec<Part> = modules
            .into_iter()
            .map(|(name, sums)| self.module(view, name, sums))
            .collect();
        parts.extend(self.unattributed(view, by));
        parts
    }

    fn module(&self, view: &str, name: String, sums: Sums) -> Part {
        let bytes = sums.values().copied().fold(0, u64::saturating_add);
        let mut module = part(name, PartKind::Module, bytes);
        module.count = sums.len() as u64;
        module.at = Some(format!("{}!{view}!{}", self.path, module.name));
        module.opens = true;
        module.parts = sums
            .into_iter()
            .map(|(name, bytes)| part(name, PartKind::Package, bytes))
            .collect();
        module
    }

    /// What no package was named for, in words.
    fn unattributed(&self, view: &str, by: By) -> Vec<Part> {
        let Some(code) = self.program.code() else {
            return Vec::new();
        };
        let totals = &code.totals;
        let section = |program: &Program| {
            let found = sections(program).find(|section| section.name == view);
            found.map_or(0, |section| section.file_bytes)
        };
        let all = [
            unnamed("no package could be named", totals.unattributed),
            match by {
                By::Code => {
                    let go = totals.go.saturating_add(totals.unattributed);
                    unnamed(
                        "C and start-up code",
                        section(self.program).saturating_sub(go),
                    )
                }
                By::Table => {
                    let charged = attributed(code, by);
                    unnamed(
                        "shared by all",
                        section(self.program).saturating_sub(charged),
                    )
                }
                By::All => {
                    let charged = attributed(code, by).saturating_add(totals.unattributed);
                    unnamed(
                        "data, types, symbols",
                        self.program.bytes.saturating_sub(charged),
                    )
                }
            },
        ];
        let of_table = by == By::Table;
        let [unknown, other] = all;
        unknown
            .filter(|_| !of_table)
            .into_iter()
            .chain(other)
            .collect()
    }
}

impl By {
    fn bytes(self, package: &Package) -> u64 {
        match self {
            By::Code => package.code,
            By::Table => package.table,
            By::All => package_bytes(package),
        }
    }
}

fn attributed(code: &GoCode, by: By) -> u64 {
    let bytes = code.packages.iter().map(|package| by.bytes(package));
    bytes.fold(0, u64::saturating_add)
}

fn part(name: String, kind: PartKind, bytes: u64) -> Part {
    Part {
        bytes,
        ..Part::named(name, kind)
    }
}

/// Bytes that belong to nothing with a name of its own; `None` where there are none.
fn unnamed(name: &str, bytes: u64) -> Option<Part> {
    (bytes > 0).then(|| part(name.to_owned(), PartKind::Rest, bytes))
}

fn sections(program: &Program) -> impl Iterator<Item = &Section> {
    let sections = program.elf.iter().flat_map(|elf| elf.sections.iter());
    sections.flatten().filter(|section| section.file_bytes > 0)
}

fn packages(program: &Program) -> impl Iterator<Item = &Package> {
    program.code().into_iter().flat_map(|code| &code.packages)
}

/// Whose a package is, in one name.
fn module(program: &Program, package: &Package) -> String {
    let build = program.build();
    match package.origin {
        Origin::Main => build
            .and_then(|build| build.main.as_ref())
            .map_or_else(|| "main".to_owned(), |main| main.path.clone()),
        Origin::Std => "std".to_owned(),
        Origin::Module { index } => build
            .and_then(|build| build.modules.get(index))
            .map_or_else(|| "unknown".to_owned(), |module| module.path.clone()),
        Origin::Generated => "generated".to_owned(),
        Origin::Unknown => "unknown".to_owned(),
    }
}
