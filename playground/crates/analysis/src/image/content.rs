//! A file of a layer as a visitor is given it: read once, forward, as far as the visitor asks.

use super::entry::Entry;
use std::io::{self, Read};

/// Bytes that room is made for before they are there: most programs have fewer.
const MAX_AT_ONCE: usize = 32 << 20;

/// A file with its content, which nothing keeps but the visitor.
pub struct EntryContent<'a> {
    entry: &'a Entry,
    sparse: bool,
    reader: &'a mut dyn Read,
    head: Vec<u8>,
}

impl<'a> EntryContent<'a> {
    pub(super) fn new(entry: &'a Entry, sparse: bool, reader: &'a mut dyn Read) -> Self {
        EntryContent {
            entry,
            sparse,
            reader,
            head: Vec::new(),
        }
    }

    /// What the tar says of it.
    pub fn entry(&self) -> &'a Entry {
        self.entry
    }

    /// Whether the tar leaves out its holes. They are read as zeros, and no bound but the file's
    /// own word says how many.
    pub(super) fn is_sparse(&self) -> bool {
        self.sparse
    }

    /// Its first bytes, at most `max`; asked again, they are the same.
    ///
    /// # Errors
    /// Where the archive cannot be read on; hand it back to the reader.
    pub fn prefix(&mut self, max: usize) -> io::Result<&[u8]> {
        if let Some(missing) = max.checked_sub(self.head.len()) {
            // Not more than an archive that lies about it can make us take at once.
            let room = self.left().min(missing.min(MAX_AT_ONCE) as u64);
            self.head.reserve_exact(room as usize);
            let reader = &mut *self.reader;
            reader.take(missing as u64).read_to_end(&mut self.head)?;
        }
        Ok(&self.head[..max.min(self.head.len())])
    }

    /// All of it; `None`, with nothing read, where it is larger than `max` bytes.
    ///
    /// # Errors
    /// As [`prefix`](Self::prefix).
    pub fn whole(&mut self, max: usize) -> io::Result<Option<&[u8]>> {
        match usize::try_from(self.entry.size) {
            Ok(size) if size <= max => Ok(Some(self.prefix(size)?)),
            _ => Ok(None),
        }
    }

    /// All of it in pieces, from its first byte on, whatever has been asked for before.
    ///
    /// # Errors
    /// As [`prefix`](Self::prefix).
    pub fn pieces(&mut self, mut on: impl FnMut(&[u8])) -> io::Result<()> {
        on(&self.head);
        // Most files are small, and there may be a million of them: filling a large buffer with zeros
        // takes longer than what is done with their bytes.
        match self.left() {
            0..=4096 => rest::<4096>(self.reader, on),
            _ => rest::<{ 64 << 10 }>(self.reader, on),
        }
    }

    /// Bytes that are still to be read, as the tar tells.
    fn left(&self) -> u64 {
        self.entry.size.saturating_sub(self.head.len() as u64)
    }
}

fn rest<const N: usize>(reader: &mut dyn Read, mut on: impl FnMut(&[u8])) -> io::Result<()> {
    let mut piece = [0; N];
    loop {
        match reader.read(&mut piece)? {
            0 => return Ok(()),
            n => on(&piece[..n]),
        }
    }
}
