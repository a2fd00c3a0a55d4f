//! Sections and what they are for.

use object::elf::{SHF_ALLOC, SHF_EXECINSTR, SHF_WRITE, SHT_NOBITS, SHT_NOTE};
use serde::Serialize;

/// One section of an executable.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Section {
    /// Its name; up to 128 bytes of it.
    pub name: String,
    /// What it holds.
    pub kind: SectionKind,
    /// Address in memory; 0 where it is not loaded.
    pub address: u64,
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// Bytes in the file; 0 for zero-initialised data.
    pub file_bytes: u64,
    /// Bytes in memory; 0 where it is not loaded.
    pub memory_bytes: u64,
    /// Its bytes are compressed (SHF_COMPRESSED).
    #[serde(skip)]
    pub compressed: bool,
}

/// What a section holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum SectionKind {
    /// Machine code.
    Code,
    /// Constants: strings, type descriptors, embedded files.
    ReadOnlyData,
    /// Variables with a first value.
    Data,
    /// Variables that begin as zero: nothing in the file.
    Bss,
    /// Go's function table: names, lines, stack maps (pclntab).
    GoFunctions,
    /// Go's lists of types and of interface tables.
    GoTypes,
    /// Go's version and modules.
    GoBuildInfo,
    /// DWARF, for debuggers.
    Debug,
    /// Symbol and string tables that only tools read.
    Symbols,
    /// What the dynamic loader reads: its symbols, relocations, names of libraries.
    Loader,
    /// How to unwind C stacks.
    Unwind,
    /// Notes, such as build ids.
    Note,
    /// Anything else.
    Other,
}

impl SectionKind {
    /// Names first, since Go's sections have ordinary types and flags.
    pub(super) fn of(name: &str, kind: u32, flags: u64) -> Self {
        let bare = name.strip_prefix(".data.rel.ro").unwrap_or(name);
        match bare {
            ".gopclntab" => return Self::GoFunctions,
            ".typelink" | ".itablink" => return Self::GoTypes,
            ".go.buildinfo" => return Self::GoBuildInfo,
            ".symtab" | ".strtab" | ".shstrtab" | ".gosymtab" | ".symtab_shndx" => {
                return Self::Symbols;
            }
            ".interp" | ".dynsym" | ".dynstr" | ".dynamic" | ".hash" | ".gnu.hash" | ".got"
            | ".got.plt" | ".rela" | ".rel" => return Self::Loader,
            ".gcc_except_table" | ".ARM.exidx" | ".ARM.extab" => return Self::Unwind,
            _ => {}
        }
        let has = |flag: u32| flags & u64::from(flag) != 0;
        let begins = |prefixes: &[&str]| prefixes.iter().any(|prefix| name.starts_with(prefix));
        if begins(&[".debug_", ".zdebug_", ".gdb_index"]) {
            Self::Debug
        } else if begins(&[".rel.", ".rela.", ".relr.", ".gnu.version"]) {
            Self::Loader
        } else if begins(&[".eh_frame"]) {
            Self::Unwind
        } else if has(SHF_EXECINSTR) {
            Self::Code
        } else if kind == SHT_NOTE {
            Self::Note
        } else if !has(SHF_ALLOC) {
            Self::Other
        } else if kind == SHT_NOBITS {
            Self::Bss
        } else if !has(SHF_WRITE) || bare != name {
            Self::ReadOnlyData
        } else {
            Self::Data
        }
    }
}
