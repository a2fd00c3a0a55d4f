//! The executable as it would lie in memory: bytes by address, with the loader's work done.
//!
//! In position independent executables, pointers are often zero in the file and stand in the
//! relocations instead. [`Memory::pointer`] knows both.

use super::elf::Segment;
use super::head::Order;

/// A file's bytes by address.
pub(super) struct Memory<'a> {
    pub(super) file: &'a [u8],
    pub(super) order: Order,
    /// Bytes of an address: 4 or 8.
    pub(super) word: usize,
    /// What the file backs, and has whole, in the order of its program headers.
    pub(super) loads: Vec<Segment>,
    /// (where, value), sorted.
    pub(super) relocations: Vec<(u64, u64)>,
}

impl<'a> Memory<'a> {
    /// A loaded part's bytes.
    pub(super) fn bytes_of(&self, load: &Segment) -> &'a [u8] {
        &self.file[load.offset as usize..][..load.file_bytes as usize]
    }

    /// All bytes from `address` to the end of the part it lies in.
    pub(super) fn from(&self, address: u64) -> Option<&'a [u8]> {
        self.loads.iter().find_map(|load| {
            let into = usize::try_from(address.checked_sub(load.address)?).ok()?;
            let rest = self.bytes_of(load).get(into..)?;
            (!rest.is_empty()).then_some(rest)
        })
    }

    /// Exactly `length` bytes at `address`.
    pub(super) fn slice(&self, address: u64, length: u64) -> Option<&'a [u8]> {
        self.from(address)?.get(..usize::try_from(length).ok()?)
    }

    /// An integer as wide as an address, as it stands in the file.
    pub(super) fn integer(&self, address: u64) -> Option<u64> {
        self.order.word(self.from(address)?, 0, self.word)
    }

    /// A pointer, as it will be once the file is loaded (at its own addresses).
    pub(super) fn pointer(&self, address: u64) -> Option<u64> {
        match self
            .relocations
            .binary_search_by_key(&address, |(at, _)| *at)
        {
            Ok(found) => Some(self.relocations[found].1),
            Err(_) => self.integer(address),
        }
    }

    /// Up to 4 KiB of a zero-ended text at `address`; what is no UTF-8 is replaced.
    pub(super) fn text(&self, address: u64) -> Option<String> {
        let bytes = self.from(address)?;
        let bytes = &bytes[..bytes.len().min(4096)];
        let end = memchr::memchr(0, bytes)?;
        Some(String::from_utf8_lossy(&bytes[..end]).into_owned())
    }
}
