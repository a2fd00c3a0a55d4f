//! Versions of symbols: which ones a loader will ask libraries for, and which ones a library
//! has.
//!
//! Source: "Symbol Versioning" in the Linux Standard Base (`Verneed`, `Verdef`); what glibc's
//! loader makes of them is `elf/dl-version.c`: a version that the library lacks ends the
//! program before its first instruction. musl's loader does not look at them.

use crate::binary::memory::Memory;
use object::Endianness;
use object::elf::{VER_FLG_BASE, VER_FLG_WEAK, Verdaux, Verdef, Vernaux, Verneed};
use object::pod::Pod;
use object::read::ReadRef;
use std::collections::BTreeMap;

/// Versions of one file that are read: libc has 60, and libraries with one for every release
/// a few hundred.
const MAX_VERSIONS: usize = 1024;
/// Bytes of a version's or library's name; the longest in use have 40.
const MAX_NAME: usize = 256;

/// Where the dynamic section says that versions lie, and where names do.
#[derive(Clone, Copy, Default)]
pub(super) struct Places {
    pub(super) needs: Option<u64>,
    pub(super) defines: Option<u64>,
    pub(super) names: Option<u64>,
}

/// Reads until what is there ends or makes no sense: a damaged table says less, never more.
pub(super) struct Versions<'a, 'b> {
    pub(super) memory: &'b Memory<'a>,
    pub(super) endian: Endianness,
    pub(super) places: Places,
}

impl Versions<'_, '_> {
    /// Library, as DT_NEEDED names it, and what is asked of it. Weak ones, which no loader
    /// insists on, are left out.
    pub(super) fn needed(&self) -> BTreeMap<String, Vec<String>> {
        let mut found = BTreeMap::<String, Vec<String>>::new();
        let mut left = MAX_VERSIONS;
        let mut next = self.places.needs;
        while let Some((at, need)) = self.struct_at::<Verneed<_>>(next) {
            let library = self.name(need.vn_file.get(self.endian));
            let mut aux = after(at, need.vn_aux.get(self.endian));
            for _ in 0..need.vn_cnt.get(self.endian) {
                let Some((at, version)) = self.struct_at::<Vernaux<_>>(aux) else {
                    break;
                };
                left = match left.checked_sub(1) {
                    Some(left) => left,
                    None => return found,
                };
                let name = self.name(version.vna_name.get(self.endian));
                let weak = version.vna_flags.get(self.endian) & VER_FLG_WEAK != 0;
                if let (Some(library), Some(name), false) = (&library, name, weak) {
                    found.entry(library.clone()).or_default().push(name);
                }
                aux = after(at, version.vna_next.get(self.endian));
            }
            left = left.saturating_sub(1);
            next = after(at, need.vn_next.get(self.endian)).filter(|_| left > 0);
        }
        found
    }

    /// What a library has, without the version that only names the file.
    pub(super) fn defined(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut next = self.places.defines;
        for _ in 0..MAX_VERSIONS {
            let Some((at, version)) = self.struct_at::<Verdef<_>>(next) else {
                break;
            };
            // The first name is its own; the others are of versions that it builds on.
            let aux = after(at, version.vd_aux.get(self.endian));
            let aux = self.struct_at::<Verdaux<_>>(aux);
            let name = aux.and_then(|(_, aux)| self.name(aux.vda_name.get(self.endian)));
            if version.vd_flags.get(self.endian) & VER_FLG_BASE == 0 {
                found.extend(name);
            }
            next = after(at, version.vd_next.get(self.endian));
        }
        found
    }

    fn struct_at<T: Pod>(&self, at: Option<u64>) -> Option<(u64, &T)> {
        let at = at?;
        Some((at, self.memory.from(at)?.read_at(0).ok()?))
    }

    fn name(&self, offset: u32) -> Option<String> {
        let name = self
            .memory
            .text(self.places.names?.checked_add(offset.into())?)?;
        (1..=MAX_NAME).contains(&name.len()).then_some(name)
    }
}

/// Where the next one lies; it says how far from here, or 0 if it is the last.
fn after(at: u64, distance: u32) -> Option<u64> {
    (distance > 0).then(|| at.checked_add(distance.into()))?
}
