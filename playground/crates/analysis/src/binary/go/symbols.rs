//! Symbol tables: whose their entries and names are, and whose the variables and constants that they
//! name. One is for tools alone, and one for the loader, which may name all functions, too. A stripped program has none, and nothing is said of it.
//!
//! Format: `ElfN_Sym` in elf(5). What the linker itself puts together of many packages' parts
//! (`type:*`, `runtime.pclntab` …) is nobody's.

use super::extents::Extents;
use super::names::{Owner, element, owner};
use crate::binary::elf::Elf;
use crate::binary::memory::Memory;
use crate::binary::section::{Section, SectionKind};
use std::collections::HashMap;

/// Symbols of the linker's own, by the beginning of their names: they stand for what all packages
/// share.
const SHARED: [&str; 12] = [
    "runtime.pclntab",
    "runtime.findfunctab",
    "runtime.functab",
    "runtime.funcnametab",
    "runtime.cutab",
    "runtime.filetab",
    "runtime.pctab",
    "runtime.typelink",
    "runtime.itablink",
    "runtime.gcbits.",
    "runtime.types",
    "runtime.rodata",
];

/// Bytes of one package, by what they are.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Share {
    /// Entries and names in the symbol table.
    pub(super) symbols: u64,
    /// Variables with a first value.
    pub(super) variables: u64,
    /// Constants that have a name.
    pub(super) constants: u64,
    /// The same as `symbols`, in the table that the loader reads.
    pub(super) loader: u64,
}

/// What packages have of it.
#[derive(Default)]
pub(super) struct Shares<'a> {
    /// By their paths as they are written in names.
    pub(super) packages: Vec<(&'a str, Share)>,
    /// Which variables and constants: (address, bytes, place among the packages), in order and no byte
    /// twice.
    pub(super) data: Vec<(u64, u64, u32)>,
}

/// Nothing where there is no symbol table.
pub(super) fn shares<'a>(elf: &Elf, memory: &Memory<'a>) -> Shares<'a> {
    let mut all = Reading::default();
    let _ = all.read(elf, memory, Table::Tools);
    let _ = all.read(elf, memory, Table::Loader);
    all.settle(elf)
}

/// Who reads a table of symbols.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Table {
    Tools,
    Loader,
}

/// What is read, table by table.
#[derive(Default)]
struct Reading<'a> {
    packages: Vec<(&'a str, Share)>,
    places: HashMap<&'a str, u32>,
    data: Extents,
}

impl<'a> Reading<'a> {
    fn read(&mut self, elf: &Elf, memory: &Memory<'a>, of: Table) -> Option<()> {
        let sections = elf.sections.as_ref()?;
        let named = |name: &str| sections.iter().find(|section| section.name == name);
        let bytes = |section: &Section| {
            let rest = memory.file.get(usize::try_from(section.offset).ok()?..)?;
            Some(&rest[..rest.len().min(section.file_bytes as usize)])
        };
        let (table, texts) = match of {
            Table::Tools => (".symtab", ".strtab"),
            Table::Loader => (".dynsym", ".dynstr"),
        };
        let (table, texts) = (bytes(named(table)?)?, bytes(named(texts)?)?);
        let each = if memory.word == 8 { 24 } else { 16 };
        // For each symbol the loader has a version, and a hash of those that are here.
        let has = |name: &str| of == Table::Loader && named(name).is_some();
        let version = if has(".gnu.version") { 2 } else { 0 };
        let hash = if has(".gnu.hash") { 4 } else { 0 };
        let of_share = |share: &mut Share, bytes: u64| match of {
            Table::Tools => share.symbols += bytes,
            Table::Loader => share.loader += bytes,
        };
        let mut names = Extents::default();
        let Self {
            packages,
            places,
            data,
        } = self;
        // Names may be made to overlap; then reading them all would take long.
        let mut budget = texts.len().saturating_mul(4);
        for entry in table.chunks_exact(each) {
            let symbol = Symbol::of(entry, memory)?;
            let at = symbol.name as usize;
            let rest = texts.get(at..)?;
            let rest = &rest[..rest.len().min(budget)];
            let Some(end) = memchr::memchr(0, rest) else {
                break;
            };
            budget -= end;
            let Some(path) = std::str::from_utf8(&rest[..end]).ok().and_then(package) else {
                continue;
            };
            let place = *places.entry(path).or_insert_with(|| {
                packages.push((path, Share::default()));
                packages.len() as u32 - 1
            });
            let hash = if symbol.section == 0 { 0 } else { hash };
            let share = &mut packages[place as usize].1;
            of_share(share, each as u64 + version + hash);
            names.add(at as u64, end as u64 + 1, place);
            let section = (symbol.section as usize).checked_sub(1);
            let section = section.and_then(|at| sections.get(at));
            if section.is_some_and(|section| holds_data(section.kind)) && of == Table::Tools {
                data.add(symbol.address, symbol.bytes, place);
            }
        }
        names.settle(texts.len() as u64, |place, bytes| {
            of_share(&mut packages[place as usize].1, bytes);
        });
        Some(())
    }

    fn settle(mut self, elf: &Elf) -> Shares<'a> {
        let sections = elf.sections.as_deref().unwrap_or_default();
        let packages = &mut self.packages;
        let kind = |address: u64| {
            let within = |section: &&Section| {
                holds_data(section.kind)
                    && address.wrapping_sub(section.address) < section.file_bytes
            };
            sections.iter().find(within).map(|section| section.kind)
        };
        let mut spans = Vec::new();
        self.data.settle_at(|place, from, bytes| {
            spans.push((from, bytes, place));
            let share = &mut packages[place as usize].1;
            match kind(from) {
                Some(SectionKind::Data) => share.variables += bytes,
                Some(_) => share.constants += bytes,
                None => {}
            }
        });
        Shares {
            packages: self.packages,
            data: spans,
        }
    }
}

fn holds_data(kind: SectionKind) -> bool {
    matches!(kind, SectionKind::Data | SectionKind::ReadOnlyData)
}

fn package(name: &str) -> Option<&str> {
    // Where all symbols are there for the loader, types have some of their own: `type.*net/http.Client`
    // before Go 1.20.
    let of_type = ["type.", "type:"]
        .iter()
        .find_map(|it| name.strip_prefix(it));
    let of_type = of_type.filter(|name| !name.starts_with('.'));
    let name = of_type.map_or(name, element);
    match owner(name) {
        Owner::Package(path) if !SHARED.iter().any(|shared| name.starts_with(shared)) => Some(path),
        _ => None,
    }
}

struct Symbol {
    name: u32,
    section: u16,
    address: u64,
    bytes: u64,
}

impl Symbol {
    fn of(entry: &[u8], memory: &Memory<'_>) -> Option<Symbol> {
        let order = memory.order;
        let half = |at| order.word(entry, at, 2);
        Some(match memory.word {
            8 => Symbol {
                name: order.u32(entry, 0)?,
                section: half(6)? as u16,
                address: order.word(entry, 8, 8)?,
                bytes: order.word(entry, 16, 8)?,
            },
            _ => Symbol {
                name: order.u32(entry, 0)?,
                address: order.u32(entry, 4)?.into(),
                bytes: order.u32(entry, 8)?.into(),
                section: half(14)? as u16,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_of_types_belong_to_the_type_s_package() {
        for (name, path) in [
            ("type.github.com/a/b.T", Some("github.com/a/b")),
            ("type:*net/http.Client", Some("net/http")),
            ("type.[4]*main.T", Some("main")),
            ("type..eq.net/http.Client", Some("net/http")),
            ("type.map[string]net/http.Header", None),
            ("type.func(net/http.Client) error", None),
            ("type:*", None),
            ("runtime.pclntab", None),
            ("net/http.(*Client).Do", Some("net/http")),
        ] {
            assert_eq!(package(name), path, "{name}");
        }
    }
}
