//! Shares out what functions have in common in their table: lists of files and names of files, names of
//! functions that were inlined everywhere, and the index from code to functions.

use super::Reader;
use crate::binary::elf::Elf;
use crate::binary::go::module_data::ModuleData;
use crate::binary::go::names::{Owner, owner};
use crate::binary::go::pclntab::Description;
use crate::binary::go::pointed::InTable;
use crate::binary::go::tally::file_at;
use crate::binary::section::SectionKind;
use std::collections::HashMap;

/// Code that one entry of the index is for (`FuncTabBucketSize` in `internal/abi`), in as many parts as
/// it has bytes behind its first number.
const BUCKET: u64 = 4096;
const PARTS: u64 = 16;
const PART: u64 = BUCKET / PARTS;
/// The number of the bucket's first function.
const NUMBER: u64 = 4;

impl<'a> Reader<'a, '_> {
    /// Notes whose a list of files and a file are.
    pub(super) fn note_source(&mut self, n: usize, description: &Description) {
        self.units.add(description.unit.saturating_mul(4), n);
        let file = file_at(&self.table, description.streams[1], description.unit);
        if let Some((at, _)) = file.filter(|(at, _)| Some(*at) != self.last_file) {
            self.last_file = Some(at);
            self.files.add(at, n);
        }
    }

    /// Notes what else a function uses of the table.
    pub(super) fn note_uses(&mut self, n: usize, description: &Description) {
        self.names.add(description.name, n);
        for stream in description.streams {
            self.streams.add(stream, n);
        }
        let streams = || self.table.numbers(description.more_at, description.maps_at);
        // All ones: none.
        let maps = || {
            let maps = self.table.numbers(description.maps_at, description.ends);
            maps.map(|map| Some(map).filter(|map| *map != u32::MAX))
        };
        let inlined = streams()
            .nth(InTable::STREAM)
            .zip(maps().nth(InTable::CALLS).flatten());
        for stream in streams() {
            self.streams.add(stream, n);
        }
        for map in maps().flatten() {
            self.stack_maps.add(map, n);
        }
        self.inlined
            .push(inlined.map(|(stream, calls)| InTable { stream, calls }));
    }

    /// Lists of files by their units' functions, files by functions in them, or in others of their
    /// folder, and names that stand for no code by the package in them.
    pub(super) fn charge_shared(&mut self, file_bytes: u64) {
        let mut sums = vec![0_u64; self.packages.len()];
        let place = |n: u32| self.functions.get(n as usize)?.package;
        let mut charge = |place: Option<u32>, bytes: u64| {
            if let Some(sum) = place.and_then(|place| sums.get_mut(place as usize)) {
                *sum += bytes;
            }
        };
        let units = self.table.units.len();
        self.units.settle(Some(units), file_bytes, |n, bytes| {
            charge(place(n as u32), bytes)
        });
        let files = self.table.files;
        self.files.settle(Some(files.len()), file_bytes, |_, _| {});
        let mut folders = HashMap::new();
        for (at, n) in self.files.settled() {
            let folder = files.get(*at as usize..).and_then(folder);
            if let Some(folder) = folder {
                folders.entry(folder).or_insert(*n);
            }
        }
        unused(files, &[], |name| {
            let n = folder(name).and_then(|folder| folders.get(folder));
            charge(n.and_then(|n| place(*n)), name.len() as u64);
        });
        unused(self.table.names, self.names.settled(), |name| {
            let text = std::str::from_utf8(&name[..name.len() - 1]);
            if let Ok(Owner::Package(path)) = text.map(owner) {
                charge(self.by_path.get(path).copied(), name.len() as u64);
            }
        });
        for (package, bytes) in self.packages.iter_mut().zip(sums) {
            package.table += bytes;
        }
    }

    /// The index from code to functions: each byte of it by the function that it leads to.
    pub(super) fn charge_buckets(&mut self, elf: &Elf, data: &ModuleData) {
        let (Some(first), Some(last)) = (self.functions.first(), self.functions.last()) else {
            return;
        };
        let begin = first.start;
        let code = last.start.wrapping_add(last.bytes).wrapping_sub(begin);
        let bytes = code.div_ceil(BUCKET).saturating_mul(NUMBER + PARTS);
        let lies_beside = kind_at(elf, data.buckets) == kind_at(elf, data.regions.stack_maps);
        if !lies_beside || self.memory.slice(data.buckets, bytes).is_none() {
            return;
        }
        let mut n = 0;
        for at in (0..code).step_by(PART as usize) {
            let ends = |n: usize| {
                let function = &self.functions[n];
                function.start.wrapping_sub(begin) + function.bytes
            };
            while n + 1 < self.functions.len() && ends(n) <= at {
                n += 1;
            }
            let package = self.functions[n].package;
            if let Some(package) = package.and_then(|at| self.packages.get_mut(at as usize)) {
                let number = if at % BUCKET == 0 { NUMBER } else { 0 };
                package.stack_maps += 1 + number;
            }
        }
        self.buckets = Some((data.buckets, bytes));
    }
}

fn kind_at(elf: &Elf, address: u64) -> Option<SectionKind> {
    let sections = elf.sections.iter().flatten();
    let mut loaded = sections.filter(|section| section.memory_bytes > 0);
    let holds = loaded.find(|it| address.wrapping_sub(it.address) < it.memory_bytes);
    holds.map(|section| section.kind)
}

/// Where a file's name says that it lies.
fn folder(name: &[u8]) -> Option<&[u8]> {
    let name = &name[..memchr::memchr(0, name)?];
    let slash = memchr::memrchr(b'/', name)?;
    Some(&name[..slash])
}

/// Calls `see` with each text, and the zero behind it, that none of `used` begins in.
fn unused<'a>(texts: &'a [u8], used: &[(u32, u32)], mut see: impl FnMut(&'a [u8])) {
    let mut used = used.iter().map(|(at, _)| *at as usize).peekable();
    let mut from = 0;
    for end in memchr::memchr_iter(0, texts) {
        let mut is_used = false;
        while used.next_if(|at| *at <= end).is_some() {
            is_used = true;
        }
        // Nothing but a zero is padding.
        if !is_used && end > from {
            see(&texts[from..=end]);
        }
        from = end + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_functions_have_are_theirs() {
        let texts = b"\0one\0two\0\0three\0four";
        let mut seen = Vec::new();
        unused(texts, &[(5, 0), (7, 1)], |text| seen.push(text));
        assert_eq!(seen, [&b"one\0"[..], b"three\0"]);
        assert_eq!(folder(b"net/http/client.go\0x/y"), Some(&b"net/http"[..]));
        assert_eq!(folder(b"client.go\0x/y"), None);
    }
}
