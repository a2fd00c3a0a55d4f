//! WebAssembly modules, as far as they hold the memory that a program begins with.
//!
//! Format: the specification's binary format, section 11. Go's linker leaves runs of zeros out, so that
//! what lies together in memory lies apart in the file.

use super::leb128::number_within;
use std::collections::BTreeMap;

const HEADER: usize = 8;
/// The section of data segments.
const DATA: u8 = 11;
/// Segments that are looked at; Go's linker writes at most 100,000.
const MAX_SEGMENTS: u64 = 1 << 18;

/// The memory that a module begins with, by address.
pub(super) struct Memory<'a> {
    segments: BTreeMap<u64, &'a [u8]>,
}

impl<'a> Memory<'a> {
    /// `None` of what is no module with data at places that are told.
    pub(super) fn of(file: &'a [u8]) -> Option<Memory<'a>> {
        let data = sections(file).find(|(kind, _)| *kind == DATA)?.1;
        Memory::of_data(data)
    }

    fn of_data(section: &'a [u8]) -> Option<Memory<'a>> {
        let mut segments = BTreeMap::new();
        let (count, mut rest) = number(section)?;
        for _ in 0..count.min(MAX_SEGMENTS) {
            let (at, bytes, behind) = segment(rest)?;
            if let Some(at) = at {
                segments.insert(at, bytes);
            }
            rest = behind;
        }
        (!segments.is_empty()).then_some(Memory { segments })
    }

    /// Addresses at which these bytes stand within a segment.
    pub(super) fn find(&self, bytes: &[u8]) -> impl Iterator<Item = u64> {
        let finder = memchr::memmem::Finder::new(bytes).into_owned();
        self.segments.iter().flat_map(move |(at, segment)| {
            let found: Vec<_> = finder.find_iter(segment).map(|n| at + n as u64).collect();
            found
        })
    }

    /// `length` bytes from `address` on; what no segment says is zero.
    pub(super) fn copy(&self, address: u64, length: usize) -> Vec<u8> {
        let mut bytes = vec![0; length];
        let end = address.saturating_add(length as u64);
        let before = self.segments.range(..address).next_back();
        for (at, segment) in before.into_iter().chain(self.segments.range(address..end)) {
            // Both lie within the copy, or are cut to it.
            let skip = address.saturating_sub(*at);
            let from = at.saturating_sub(address) as usize;
            let part = segment.get(skip as usize..).unwrap_or_default();
            let part = &part[..part.len().min(length - from)];
            bytes[from..][..part.len()].copy_from_slice(part);
        }
        bytes
    }
}

/// Kind and bytes of each section.
fn sections(file: &[u8]) -> impl Iterator<Item = (u8, &[u8])> {
    let mut rest = file.get(HEADER..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (kind, behind) = rest.split_first()?;
        let (bytes, behind) = number(behind)?;
        let section;
        (section, rest) = behind.split_at_checked(usize::try_from(bytes).ok()?)?;
        Some((*kind, section))
    })
}

/// The version of Go that compiled a module, as it says among its producers.
/// Source: the tool conventions' `ProducersSection.md`.
pub(super) fn go_version(file: &[u8]) -> Option<&[u8]> {
    const OWN: u8 = 0;
    const LANGUAGE: &[u8] = b"\x08language\x01\x02Go";
    let mut own = sections(file).filter(|(kind, _)| *kind == OWN);
    let producers = own.find_map(|(_, section)| section.strip_prefix(b"\x09producers"))?;
    let at = memchr::memmem::find(producers, LANGUAGE)?;
    let (bytes, rest) = number(&producers[at + LANGUAGE.len()..])?;
    rest.get(..usize::try_from(bytes).ok()?)
}

/// Where a segment goes, where that is a constant, its bytes, and what follows it.
fn segment(bytes: &[u8]) -> Option<(Option<u64>, &[u8], &[u8])> {
    const I32_CONST: u8 = 0x41;
    const END: u8 = 0x0b;
    let (mode, rest) = number(bytes)?;
    let (at, rest) = match mode {
        // Passive: a program places it itself.
        1 => (None, rest),
        0 => {
            let rest = rest.strip_prefix(&[I32_CONST])?;
            let (at, rest) = number(rest)?;
            (Some(at), rest.strip_prefix(&[END])?)
        }
        _ => return None,
    };
    let (length, rest) = number(rest)?;
    let (bytes, rest) = rest.split_at_checked(usize::try_from(length).ok()?)?;
    Some((at, bytes, rest))
}

/// A number in LEB128 of up to five bytes, and what follows it. A signed one that is not negative reads
/// the same.
fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    number_within(bytes, 5)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn module(segments: &[(u8, &[u8])]) -> Vec<u8> {
        let mut data = vec![segments.len() as u8];
        for (at, bytes) in segments {
            data.extend([0, 0x41, *at, 0x0b, bytes.len() as u8]);
            data.extend(*bytes);
        }
        let mut file = b"\0asm\x01\0\0\0".to_vec();
        // A section of types goes before.
        file.extend([1, 2, 0, 0, DATA, data.len() as u8]);
        file.extend(data);
        file
    }

    #[test]
    fn memory_is_put_together_from_segments() {
        let file = module(&[(4, b"abcd"), (12, b"xy")]);
        let memory = Memory::of(&file).expect("data");
        assert_eq!(memory.copy(4, 10), b"abcd\0\0\0\0xy");
        assert_eq!(memory.copy(6, 3), b"cd\0");
        assert_eq!(memory.copy(13, 3), b"y\0\0");
        assert_eq!(memory.copy(60, 2), b"\0\0");
        assert_eq!(memory.find(b"cd").collect::<Vec<_>>(), [6]);
    }

    #[test]
    fn a_module_says_which_go_made_it() {
        let mut file = module(&[(4, b"abcd")]);
        assert_eq!(go_version(&file), None);
        let producers = b"\x09producers\x01\x08language\x01\x02Go\x06go1.26";
        file.extend([0, producers.len() as u8]);
        file.extend(producers);
        assert_eq!(go_version(&file), Some(&b"go1.26"[..]));
        assert_eq!(go_version(&file[..file.len() - 1]), None);
    }

    #[test]
    fn what_is_cut_off_or_no_module_has_no_memory() {
        let file = module(&[(4, b"abcd")]);
        for end in 0..file.len() {
            assert!(Memory::of(&file[..end]).is_none(), "{end}");
        }
        let passive = module(&[]);
        assert!(Memory::of(&passive).is_none());
        assert!(Memory::of(b"\0asm\x01\0\0\0\x0b\x05\xff\xff\xff\xff\x0f").is_none());
    }
}
