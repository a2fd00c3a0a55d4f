//! Versions of symbols: what a program asks of its libraries, and what a library has.
//!
//! The two binaries are C, from `tests/corpus/binaries/versions`; `readelf -V` says the same.

use flate2::read::GzDecoder;
use playground::binary::{Elf, xray};
use std::io::Read;
use std::path::PathBuf;

/// A binary of the corpus.
pub(crate) fn bytes(name: &str) -> Vec<u8> {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/binaries");
    let packed = std::fs::read(folder.join(format!("{name}.gz"))).expect("in the corpus");
    let mut bytes = Vec::new();
    GzDecoder::new(&*packed)
        .read_to_end(&mut bytes)
        .expect("gzip");
    bytes
}

fn elf(bytes: &[u8]) -> Elf {
    xray(bytes).expect("an ELF file").elf
}

#[test]
fn a_program_says_which_versions_it_needs_of_which_library() {
    let program = elf(&bytes("versions-program"));
    let needs: Vec<_> = program.needs_versions.iter().collect();
    assert_eq!(needs.len(), program.needed.len());
    assert_eq!(
        program.needs_versions["libtiny.so.1"],
        ["TINY_1.0", "TINY_1.1"]
    );
    let mut libc = program.needs_versions["libc.so.6"].clone();
    libc.sort();
    assert_eq!(libc, ["GLIBC_2.2.5", "GLIBC_2.34"]);
    assert!(program.defines_versions.is_empty());
}

#[test]
fn a_library_says_which_versions_it_has() {
    let library = elf(&bytes("versions-library"));
    assert_eq!(library.defines_versions, ["TINY_1.0", "TINY_1.1"]);
    assert!(library.needs_versions.is_empty());
}

#[test]
fn versions_are_seen_without_section_headers() {
    for name in ["versions-program", "versions-library"] {
        let whole = bytes(name);
        let mut bare = whole.clone();
        bare[40..48].fill(0);
        bare[60..64].fill(0);
        let (whole, bare) = (elf(&whole), elf(&bare));
        assert!(bare.sections.is_none());
        assert_eq!(whole.needs_versions, bare.needs_versions);
        assert_eq!(whole.defines_versions, bare.defines_versions);
    }
}

#[test]
fn versions_that_point_in_circles_or_outside_end() {
    for name in ["versions-program", "versions-library"] {
        let whole = bytes(name);
        let sections = elf(&whole).sections.expect("sections");
        let tables = sections
            .iter()
            .filter(|section| section.name.starts_with(".gnu.version_"));
        for table in tables {
            let range = table.offset as usize..(table.offset + table.file_bytes) as usize;
            for at in range.clone() {
                for value in [0, 1, 0x80, 0xff] {
                    let mut damaged = whole.clone();
                    damaged[at] = value;
                    let found = elf(&damaged);
                    assert!(found.defines_versions.len() <= 1024);
                }
            }
            let mut noise = whole.clone();
            noise[range].fill(0xff);
            let found = elf(&noise);
            assert!(found.needs_versions.is_empty() && found.defines_versions.is_empty());
        }
    }
}
