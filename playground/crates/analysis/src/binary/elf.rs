//! What ELF structures say about an executable, read with the `object` crate.
//!
//! Program headers and the dynamic section decide, since they are what the kernel and the
//! loader read; sections may be missing (UPX, sstrip) and only add names.

mod dynamic;
mod outside;
mod read;
mod versions;

use super::head::Head;
use super::section::{Section, SectionKind};
use serde::Serialize;
use std::collections::BTreeMap;

pub(super) use read::read_elf;

/// An executable's ELF facts.
#[derive(Clone, Debug, Serialize)]
pub struct Elf {
    /// Class, byte order, CPU, type.
    pub head: Head,
    /// Where the program starts, as an address.
    pub entry: u64,
    /// How it finds its libraries.
    pub linkage: Linkage,
    /// The loader that the kernel starts first (PT_INTERP): missing, and the kernel says
    /// "no such file or directory" about the program itself.
    pub interpreter: Option<String>,
    /// Libraries that the loader must find (DT_NEEDED), in order.
    pub needed: Vec<String>,
    /// Where else the loader looks.
    pub search_path: Option<SearchPath>,
    /// Versions of symbols that each library must have (DT_VERNEED): `libc.so.6` →
    /// `["GLIBC_2.34"]`. glibc's loader refuses to start it where one is missing; musl's does
    /// not look.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub needs_versions: BTreeMap<String, Vec<String>>,
    /// Versions of symbols that it has, where it is a library (DT_VERDEF).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub defines_versions: Vec<String>,
    /// Can be loaded at any address.
    pub pie: bool,
    /// Has no symbol table (.symtab). Where section headers are missing, also true.
    pub stripped: bool,
    /// Bytes of symbol tables in the file, which only tools read.
    pub symbol_bytes: u64,
    /// Bytes of DWARF in the file, as stored (compressed or not); 0 where there is none.
    pub dwarf_bytes: u64,
    /// Bytes of machine code in the file: executable sections, or executable segments (without
    /// the headers in them) where section headers are missing.
    pub code_bytes: u64,
    /// Bytes of headers that lie in no section; 0 where section headers are missing.
    pub header_bytes: u64,
    /// Bytes that lie in no section and are zero, up to where the next part begins: parts begin at
    /// multiples of a page. 0 where section headers are missing.
    pub padding_bytes: u64,
    /// All sections but the empty first one; `None` where section headers are missing.
    pub sections: Option<Vec<Section>>,
    /// What is loaded into memory (PT_LOAD).
    pub segments: Vec<Segment>,
    /// The packer that wrote it; the real program is then not visible.
    pub packer: Option<Packer>,
}

/// How an executable finds its libraries. Source: PT_INTERP, PT_DYNAMIC, DT_FLAGS_1.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Linkage {
    /// Needs no loader, at a fixed address.
    Static,
    /// Needs no loader: it relocates itself.
    StaticPie,
    /// Needs a loader, even if no library.
    Dynamic,
    /// Not started by itself.
    Library,
}

/// Where an ELF file tells its loader to look for libraries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct SearchPath {
    /// Which of the two tags says so.
    pub kind: PathKind,
    /// The directories as written, with colons between them: `$ORIGIN/../lib`.
    pub directories: String,
}

/// Whose libraries a [`SearchPath`] is for, to glibc; to musl both are what `Rpath` is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum PathKind {
    /// DT_RUNPATH: those that the file names itself, and not what these need in turn.
    Runpath,
    /// DT_RPATH: those of the file and of all that it brings. Where both are written, loaders
    /// do not read this one.
    Rpath,
}

/// What packed an executable.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Packer {
    /// <https://upx.github.io>
    Upx,
}

/// A part that is loaded into memory (PT_LOAD).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// Address in memory.
    pub address: u64,
    /// Where it begins in the file, in bytes.
    pub offset: u64,
    /// Bytes in the file.
    pub file_bytes: u64,
    /// Bytes in memory; what is more than in the file begins as zero.
    pub memory_bytes: u64,
    /// May be written.
    pub write: bool,
    /// May be executed.
    pub execute: bool,
}

impl Elf {
    /// The first section of this kind, where there are section headers.
    pub fn section(&self, kind: SectionKind) -> Option<&Section> {
        self.sections
            .iter()
            .flatten()
            .find(|section| section.kind == kind)
    }

    /// Bytes in the file of all sections of this kind.
    pub fn section_bytes(&self, kind: SectionKind) -> u64 {
        bytes_of(self.sections.iter().flatten(), kind)
    }
}

fn bytes_of<'a>(sections: impl Iterator<Item = &'a Section>, kind: SectionKind) -> u64 {
    let of_kind = sections.filter(|section| section.kind == kind);
    of_kind.fold(0, |sum, section| sum.saturating_add(section.file_bytes))
}
