//! The symbol table that only tools read: whose its entries and names are, and whose the variables and
//! constants that it names. A stripped program has none, and nothing is said of it.
//!
//! Format: `ElfN_Sym` in elf(5). What the linker itself puts together of many packages' parts
//! (`type:*`, `runtime.pclntab` …) is nobody's.

use super::extents::Extents;
use super::names::{Owner, owner};
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
}

/// What packages have of it, by their paths as they are written in names.
pub(super) fn shares<'a>(elf: &Elf, memory: &Memory<'a>) -> Vec<(&'a str, Share)> {
    read(elf, memory).unwrap_or_default()
}

fn read<'a>(elf: &Elf, memory: &Memory<'a>) -> Option<Vec<(&'a str, Share)>> {
    let sections = elf.sections.as_ref()?;
    let named = |name: &str| sections.iter().find(|section| section.name == name);
    let bytes = |section: &Section| {
        let rest = memory.file.get(usize::try_from(section.offset).ok()?..)?;
        Some(&rest[..rest.len().min(section.file_bytes as usize)])
    };
    let (table, texts) = (bytes(named(".symtab")?)?, bytes(named(".strtab")?)?);
    let each = if memory.word == 8 { 24 } else { 16 };
    let mut packages: Vec<(&str, Share)> = Vec::new();
    let mut places: HashMap<&str, u32> = HashMap::new();
    let (mut names, mut data) = (Extents::default(), Extents::default());
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
        packages[place as usize].1.symbols += each as u64;
        names.add(at as u64, end as u64 + 1, place);
        let section = (symbol.section as usize).checked_sub(1);
        let section = section.and_then(|at| sections.get(at));
        if section.is_some_and(|section| holds_data(section.kind)) {
            data.add(symbol.address, symbol.bytes, place);
        }
    }
    names.settle(texts.len() as u64, |place, bytes| {
        packages[place as usize].1.symbols += bytes;
    });
    let kind = |address: u64| {
        let within = |section: &&Section| {
            holds_data(section.kind) && address.wrapping_sub(section.address) < section.file_bytes
        };
        sections.iter().find(within).map(|section| section.kind)
    };
    data.settle_at(|place, from, bytes| {
        let share = &mut packages[place as usize].1;
        match kind(from) {
            Some(SectionKind::Data) => share.variables += bytes,
            Some(_) => share.constants += bytes,
            None => {}
        }
    });
    Some(packages)
}

fn holds_data(kind: SectionKind) -> bool {
    matches!(kind, SectionKind::Data | SectionKind::ReadOnlyData)
}

fn package(name: &str) -> Option<&str> {
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
