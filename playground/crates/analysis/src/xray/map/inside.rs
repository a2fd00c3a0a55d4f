//! The inside of a program as parts: sections, and Go packages by module.

use super::part::{Cell, PartKind};
use crate::binary::go::{Origin, Package};
use crate::binary::{Section, SectionKind};
use crate::inspect::Program;
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
        program.code().is_some() || program.sections().next().is_some()
    }

    /// What a view shows, and the names on the way to it; `None` where there is no such view.
    pub(super) fn parts(&self, view: &str) -> Option<(Vec<Cell>, Vec<String>)> {
        let (view, module) = view.split_once('!').unwrap_or((view, ""));
        if view.is_empty() && module.is_empty() {
            return Some((self.sections(), Vec::new()));
        }
        let modules = self.modules(view, self.by(view)?);
        if module.is_empty() {
            return Some((modules, vec![view.to_owned()]));
        }
        let is = |part: &Cell| part.kind == PartKind::Module && part.name == module;
        let found = modules.into_iter().find(is)?;
        Some((found.parts, vec![view.to_owned(), module.to_owned()]))
    }

    /// Which bytes of packages a section holds.
    fn by(&self, view: &str) -> Option<By> {
        self.program.code()?;
        if view == PACKAGES {
            return Some(By::All);
        }
        let section = self
            .program
            .sections()
            .find(|section| section.name == view)?;
        match section.kind {
            SectionKind::GoFunctions => Some(By::Table),
            SectionKind::Code if self.is_text(section) => Some(By::Code),
            _ => None,
        }
    }

    /// Go's machine code lies in the largest section of code.
    fn is_text(&self, section: &Section) -> bool {
        let code = self
            .program
            .sections()
            .filter(|section| section.kind == SectionKind::Code);
        code.map(|section| section.file_bytes).max() == Some(section.file_bytes)
    }

    fn sections(&self) -> Vec<Cell> {
        let mut sums = Sums::new();
        for section in self.program.sections() {
            add(&mut sums, &section.name, section.file_bytes);
        }
        if sums.is_empty() {
            // Without section headers, packages are all there is to see.
            return self.modules(PACKAGES, By::All);
        }
        let outside = self.outside(total(&sums));
        let parts = sums.into_iter().map(|(name, bytes)| {
            let by = self.by(&name);
            Cell {
                at: Some(format!("{}!{name}", self.path)),
                opens: by.is_some(),
                parts: by.map_or_else(Vec::new, |by| self.modules(&name, by)),
                ..Cell::part(name, PartKind::Section, bytes)
            }
        });
        parts.chain(outside).collect()
    }

    /// What lies in no section, of which `within` bytes do.
    fn outside(&self, within: u64) -> impl Iterator<Item = Cell> + use<> {
        let rest = self.program.bytes.saturating_sub(within);
        let elf = self.program.elf.as_ref();
        let (headers, padding) = elf.map_or((0, 0), |elf| (elf.header_bytes, elf.padding_bytes));
        let known = headers.saturating_add(padding);
        let parts = [
            ("headers", headers),
            ("padding: zeros", padding),
            ("outside of sections", rest.saturating_sub(known)),
        ];
        parts
            .into_iter()
            .filter_map(|(name, bytes)| unnamed(name, bytes))
    }

    /// Packages by module, with the bytes that none could be named for.
    fn modules(&self, view: &str, by: By) -> Vec<Cell> {
        let mut modules: BTreeMap<String, Sums> = BTreeMap::new();
        for package in self.program.packages() {
            let sums = modules.entry(module(self.program, package)).or_default();
            add(sums, &package.path, by.bytes(package));
        }
        let package = |(name, bytes)| Cell::part(name, PartKind::Package, bytes);
        let parts = modules.into_iter().map(|(name, sums)| {
            let bytes = total(&sums);
            Cell {
                count: sums.len() as u64,
                at: Some(format!("{}!{view}!{name}", self.path)),
                opens: true,
                parts: sums.into_iter().map(package).collect(),
                ..Cell::part(name, PartKind::Module, bytes)
            }
        });
        parts.chain(self.unattributed(view, by)).collect()
    }

    /// What no package was charged for of the whole file, by what it is for.
    fn purposes(&self) -> Vec<Cell> {
        let charged =
            |of: fn(&Package) -> u64| self.program.packages().map(of).fold(0, u64::saturating_add);
        let totals = self.program.code().map(|code| code.totals);
        let totals = totals.unwrap_or_default();
        let unknown = totals.unattributed;
        let mut sums = Sums::new();
        let mut seen: u64 = 0;
        for section in self.program.sections() {
            add(&mut sums, purpose(section.kind), section.file_bytes);
            seen = seen.saturating_add(section.file_bytes);
        }
        let parts = [
            (
                SectionKind::Code,
                charged(|package| package.code).saturating_add(unknown),
            ),
            (self.program.table_in(), charged(|package| package.table)),
            (
                SectionKind::ReadOnlyData,
                charged(|package| package.types.saturating_add(package.constants)),
            ),
            (
                self.program.stack_maps_in(),
                charged(|package| package.stack_maps),
            ),
            (SectionKind::Data, charged(|package| package.variables)),
            (SectionKind::Symbols, charged(|package| package.symbols)),
            (SectionKind::Debug, charged(|package| package.debug)),
            (SectionKind::Loader, charged(|package| package.loader)),
            (SectionKind::ReadOnlyData, totals.others_constants),
            (SectionKind::Data, totals.others_variables),
        ];
        for (kind, charged) in parts {
            if let Some(sum) = sums.get_mut(purpose(kind)) {
                *sum = sum.saturating_sub(charged);
            }
        }
        let nobody = unnamed("no package could be named", unknown);
        if sums.is_empty() {
            // Without section headers nobody says what is where.
            let charged = charged(package_bytes).saturating_add(unknown);
            let rest = self.program.bytes.saturating_sub(charged);
            return nobody
                .into_iter()
                .chain(unnamed("data, types, symbols", rest))
                .collect();
        }
        let sums = sums
            .into_iter()
            .filter_map(|(name, bytes)| unnamed(&name, bytes));
        let others = [
            ("C's constants", totals.others_constants),
            ("C's variables", totals.others_variables),
        ];
        let others = others
            .into_iter()
            .filter_map(|(name, bytes)| unnamed(name, bytes));
        nobody
            .into_iter()
            .chain(sums)
            .chain(others)
            .chain(self.outside(seen))
            .collect()
    }

    /// What no package was named for, in words.
    fn unattributed(&self, view: &str, by: By) -> Vec<Cell> {
        let Some(code) = self.program.code() else {
            return Vec::new();
        };
        let unknown = code.totals.unattributed;
        let section = self.program.sections().find(|section| section.name == view);
        let section = section.map_or(0, |section| section.file_bytes);
        let charged = code.packages.iter().map(|package| by.bytes(package));
        let charged = charged.fold(0, u64::saturating_add);
        let (of, known, rest) = match by {
            By::Code => (section, code.totals.go, "C and start-up code"),
            By::Table => (section, charged, "shared by all"),
            By::All => return self.purposes(),
        };
        // The table has no bytes of functions without a package.
        let unknown = if by == By::Table { 0 } else { unknown };
        let other = of.saturating_sub(known.saturating_add(unknown));
        let parts = [("no package could be named", unknown), (rest, other)];
        parts
            .into_iter()
            .filter_map(|(name, bytes)| unnamed(name, bytes))
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

/// What the bytes of a section are for that no package was charged for.
fn purpose(kind: SectionKind) -> &'static str {
    match kind {
        SectionKind::Code => "C and start-up code",
        SectionKind::GoFunctions => "function table: shared by all",
        SectionKind::ReadOnlyData | SectionKind::GoTypes => "types, strings, embedded files",
        SectionKind::Data | SectionKind::Bss => "variables",
        SectionKind::Debug => "DWARF, for debuggers",
        SectionKind::Symbols => "symbols, for tools",
        SectionKind::GoBuildInfo | SectionKind::Note => "version, modules, build ids",
        SectionKind::Loader => "for the loader",
        SectionKind::Unwind => "to unwind C stacks",
        SectionKind::Other => "other sections",
    }
}

fn add(sums: &mut Sums, name: &str, bytes: u64) {
    let sum = sums.entry(name.to_owned()).or_default();
    *sum = sum.saturating_add(bytes);
}

fn total(sums: &Sums) -> u64 {
    sums.values().copied().fold(0, u64::saturating_add)
}

/// Bytes that belong to nothing with a name of its own; `None` where there are none.
fn unnamed(name: &str, bytes: u64) -> Option<Cell> {
    (bytes > 0).then(|| Cell::part(name, PartKind::Rest, bytes))
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
