//! Whether a library that is there is as new as what was linked to it.
//!
//! Owns the comparison of two files, as glibc's loader makes it (`elf/dl-version.c`,
//! `_dl_check_map_versions`) once all libraries are found: a version that is not there ends
//! the program before its first instruction, with exit code 1. A library without any versions
//! is let through with a warning, weak versions too; musl's loader does not look. Refuses to
//! know which files a loader would find.

use crate::binary::Elf;

/// A library that lacks what is asked of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::preflight) struct TooOld<'a> {
    /// The file that asks.
    pub(in crate::preflight) by: String,
    /// The library's path, as it was found.
    pub(in crate::preflight) library: String,
    /// Versions that it does not have, oldest first.
    pub(in crate::preflight) lacks: Vec<&'a str>,
    /// The newest version that it has of the first kind that it lacks: `GLIBC_2.31`.
    pub(in crate::preflight) newest: Option<&'a str>,
}

/// Holds the library found at `at` for the name `name` (as DT_NEEDED has it) against what
/// the file `by` asks of it.
pub(super) fn too_old<'a>(
    by: &str,
    asks: &'a Elf,
    name: &str,
    at: &str,
    library: &'a Elf,
) -> Option<TooOld<'a>> {
    let has = &library.defines_versions;
    let asked = asks.needs_versions.get(name)?;
    if has.is_empty() {
        return None;
    }
    let missing = asked.iter().filter(|version| !has.contains(version));
    let mut lacks: Vec<_> = missing.map(String::as_str).collect();
    lacks.sort_by_key(|version| numbers(version));
    let (kind, _) = split(lacks.first()?);
    let same_kind = has.iter().map(String::as_str);
    let same_kind =
        same_kind.filter(|version| split(version).0 == kind && !numbers(version).is_empty());
    Some(TooOld {
        by: by.to_owned(),
        library: at.to_owned(),
        newest: same_kind.max_by_key(|version| numbers(version)),
        lacks,
    })
}

/// `GLIBC_2.34` → `GLIBC`, `2.34`.
fn split(version: &str) -> (&str, &str) {
    version.rsplit_once('_').unwrap_or((version, ""))
}

/// 2 and 34 of `GLIBC_2.34`; none of what has no number, as `GLIBC_PRIVATE`.
fn numbers(version: &str) -> Vec<u32> {
    let parts = split(version).1.split('.').map(str::parse);
    parts.collect::<Result<_, _>>().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::xray;

    /// A library without anything but these versions.
    fn elf(needs: &[&str], has: &[&str]) -> Elf {
        let bytes = header();
        let mut elf = xray(&bytes).expect("an ELF file").elf;
        let owned = |all: &[&str]| all.iter().map(|it| (*it).to_owned()).collect::<Vec<_>>();
        elf.needs_versions = [("libc.so.6".to_owned(), owned(needs))].into();
        elf.defines_versions = owned(has);
        elf
    }

    /// The smallest ELF file for amd64: a header.
    fn header() -> Vec<u8> {
        let mut bytes = vec![0; 64];
        bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
        bytes[16] = 3;
        bytes[18] = 62;
        bytes[20] = 1;
        bytes[52] = 64;
        bytes[54] = 56;
        bytes[58] = 64;
        bytes
    }

    fn judged(needs: &[&str], has: &[&str]) -> Option<(Vec<String>, Option<String>)> {
        let (program, library) = (elf(needs, &[]), elf(&[], has));
        let found = too_old("/app", &program, "libc.so.6", "/lib/libc.so.6", &library)?;
        let lacks = found.lacks.iter().map(|it| (*it).to_owned()).collect();
        Some((lacks, found.newest.map(str::to_owned)))
    }

    #[test]
    fn versions_are_compared_as_numbers() {
        let old = ["GLIBC_2.2.5", "GLIBC_2.9", "GLIBC_2.31", "GLIBC_PRIVATE"];
        let (lacks, newest) =
            judged(&["GLIBC_2.34", "GLIBC_2.2.5", "GLIBC_2.4.1"], &old).expect("old");
        assert_eq!(lacks, ["GLIBC_2.4.1", "GLIBC_2.34"]);
        assert_eq!(newest.as_deref(), Some("GLIBC_2.31"));
        let (lacks, newest) = judged(&["GLIBC_ABI_DT_RELR"], &old).expect("old");
        assert_eq!((lacks.len(), newest), (1, None));
    }

    #[test]
    fn what_loaders_let_through_is_no_finding() {
        assert_eq!(
            judged(&["GLIBC_2.2.5"], &["GLIBC_2.2.5", "GLIBC_2.36"]),
            None
        );
        assert_eq!(judged(&["GLIBC_2.34"], &[]), None);
        assert_eq!(judged(&[], &["GLIBC_2.2.5"]), None);
        let (program, library) = (elf(&["GLIBC_2.34"], &[]), elf(&[], &["GLIBC_2.2.5"]));
        assert_eq!(
            too_old("/app", &program, "libm.so.6", "/lib/libm.so.6", &library),
            None
        );
    }
}
