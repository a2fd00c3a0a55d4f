//! The dynamic section: what a loader would do with the executable.

use super::versions::{Places, Versions};
use super::{PathKind, SearchPath};
use crate::binary::memory::Memory;
use object::Endianness;
use object::elf::{
    DF_1_PIE, DT_FLAGS_1, DT_NEEDED, DT_NULL, DT_RELA, DT_RELASZ, DT_RPATH, DT_RUNPATH, DT_SONAME,
    DT_STRTAB, DT_VERDEF, DT_VERNEED, PT_DYNAMIC,
};
use object::read::elf::{Dyn, FileHeader, ProgramHeader};
use std::collections::BTreeMap;

/// Real executables need a few dozen.
const MAX_LIBRARIES: usize = 1024;

/// What the dynamic section says; all empty where there is none.
#[derive(Default)]
pub(super) struct Dynamic {
    pub(super) needed: Vec<String>,
    pub(super) search_path: Option<SearchPath>,
    /// DF_1_PIE
    pub(super) position_independent: bool,
    /// Has a DT_SONAME, as only libraries do.
    pub(super) named: bool,
    /// Library → versions.
    pub(super) needs_versions: BTreeMap<String, Vec<String>>,
    pub(super) defines_versions: Vec<String>,
    /// (where, value), sorted.
    pub(super) relocations: Vec<(u64, u64)>,
}

pub(super) fn dynamic<H: FileHeader<Endian = Endianness>>(
    endian: Endianness,
    file: &[u8],
    programs: &[H::ProgramHeader],
    memory: &Memory<'_>,
) -> Dynamic {
    let mut found = Dynamic::default();
    let entries = programs
        .iter()
        .find(|program| program.p_type(endian) == PT_DYNAMIC)
        .and_then(|program| program.dynamic(endian, file).ok()?);
    let (mut places, mut needed) = (Places::default(), Vec::new());
    let (mut runpath, mut rpath) = (None, None);
    let (mut table, mut table_bytes) = (None, 0);
    for entry in entries.unwrap_or_default() {
        let value: u64 = entry.d_val(endian).into();
        match entry.tag(endian) {
            DT_NULL => break,
            DT_NEEDED if needed.len() < MAX_LIBRARIES => needed.push(value),
            DT_STRTAB => places.names = Some(value),
            DT_VERNEED => places.needs = Some(value),
            DT_VERDEF => places.defines = Some(value),
            DT_RUNPATH => runpath = Some(value),
            DT_RPATH => rpath = Some(value),
            DT_SONAME => found.named = true,
            DT_FLAGS_1 => found.position_independent = value & u64::from(DF_1_PIE) != 0,
            DT_RELA => table = Some(value),
            DT_RELASZ => table_bytes = value,
            _ => {}
        }
    }
    let name = |offset: u64| memory.text(places.names?.checked_add(offset)?);
    found.needed = needed.into_iter().filter_map(name).collect();
    let path = |at: Option<u64>, kind| {
        let directories = name(at?)?;
        Some(SearchPath { kind, directories })
    };
    found.search_path = match runpath {
        Some(_) => path(runpath, PathKind::Runpath),
        None => path(rpath, PathKind::Rpath),
    };
    let versions = Versions {
        memory,
        endian,
        places,
    };
    found.needs_versions = versions.needed();
    found.defines_versions = versions.defined();
    if let Some(table) = table.and_then(|at| memory.slice(at, table_bytes)) {
        found.relocations = relative(table, memory);
    }
    found
}

/// The relocations that name no symbol: "this pointer is the load address plus so much".
///
/// Only the form with addends (RELA) is needed: the others keep the value in the pointer.
fn relative(table: &[u8], memory: &Memory<'_>) -> Vec<(u64, u64)> {
    let word = memory.word;
    let field = |entry: &[u8], n: usize| memory.order.word(entry, n * word, word).unwrap_or(0);
    // r_info: the symbol in its upper bits. (64-bit MIPS differs, but uses no addends.)
    let symbol = |info: u64| if word == 4 { info >> 8 } else { info >> 32 };
    let mut relocations: Vec<_> = table
        .chunks_exact(3 * word)
        .filter(|entry| symbol(field(entry, 1)) == 0)
        .map(|entry| (field(entry, 0), field(entry, 2)))
        .collect();
    relocations.sort_unstable();
    relocations
}
