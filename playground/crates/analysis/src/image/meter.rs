//! Readers that count what passes through them, and end with an error beyond a limit.
//!
//! Refuses to know what the bytes are.

use super::error::ReadError;
use super::limits::{MAX_EXTENSION, MAX_RATIO, MAX_UNPACKED, RATIO_GRACE};
use std::cell::{Cell, RefCell};
use std::io::{self, Read};
use std::rc::Rc;

/// What went in and what came out, shared by all readers of one archive.
#[derive(Debug, Default)]
pub(super) struct Meter {
    raw: Cell<u64>,
    outer: Cell<u64>,
    layers: Cell<u64>,
}

/// Which bytes a [`Metered`] reader counts.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gauge {
    /// As they come in.
    Raw,
    /// After the compression around the whole archive.
    Outer,
    /// Plain tar of layers.
    Layers,
}

/// A reader that counts, and ends with an error beyond [`MAX_UNPACKED`] or [`MAX_RATIO`].
pub(super) struct Metered<R> {
    reader: R,
    meter: Rc<Meter>,
    gauge: Gauge,
}

impl<R> Metered<R> {
    pub(super) fn new(reader: R, meter: &Rc<Meter>, gauge: Gauge) -> Self {
        let meter = meter.clone();
        Metered {
            reader,
            meter,
            gauge,
        }
    }
}

impl<R: Read> Read for Metered<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let read = self.reader.read(buf);
        let cell = match self.gauge {
            Gauge::Raw => {
                let n = read.map_err(of_the_source)?;
                self.meter.raw.set(self.meter.raw.get() + n as u64);
                return Ok(n);
            }
            Gauge::Outer => &self.meter.outer,
            Gauge::Layers => &self.meter.layers,
        };
        let n = read?;
        let plain = cell.get() + n as u64;
        cell.set(plain);
        if plain > MAX_UNPACKED {
            return Err(ReadError::TooLarge.into());
        }
        let raw = self.meter.raw.get();
        if plain > RATIO_GRACE && plain / MAX_RATIO > raw {
            return Err(ReadError::Bomb { plain, raw }.into());
        }
        Ok(n)
    }
}

/// So that it is told from what decoders say of bytes that did come in.
fn of_the_source(error: io::Error) -> io::Error {
    match error.kind() {
        // Tried again by whoever reads, or known as an early end.
        io::ErrorKind::Interrupted | io::ErrorKind::UnexpectedEof => error,
        _ if error.get_ref().is_some_and(|inner| inner.is::<ReadError>()) => error,
        _ => ReadError::Source(error).into(),
    }
}

/// How far a [`Fence`] lets the tar crate read, and what it read of an entry's description.
#[derive(Debug, Default)]
pub(super) struct Bounds {
    /// Where the last entry's content ends; behind its padding, the next one's description begins.
    end: Cell<u64>,
    described: RefCell<Vec<u8>>,
}

impl Bounds {
    /// Allows what describes the entry behind the one that ends at `end`; what described this
    /// one.
    pub(super) fn pass(&self, end: u64) -> Vec<u8> {
        self.end.set(end);
        self.described.take()
    }

    /// Room for the next description.
    pub(super) fn give_back(&self, mut description: Vec<u8>) {
        description.clear();
        self.described.replace(description);
    }
}

/// A reader under a tar: lets the tar crate read on only as far as was allowed.
///
/// It holds what describes an entry in memory, however long it is; so before each entry
/// we allow the rest of the last one and [`MAX_EXTENSION`].
pub(super) struct Fence<R> {
    reader: R,
    at: u64,
    bounds: Rc<Bounds>,
}

impl<R> Fence<R> {
    pub(super) fn new(reader: R, bounds: Rc<Bounds>) -> Self {
        Fence {
            reader,
            at: 0,
            bounds,
        }
    }
}

impl<R: Read> Read for Fence<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let end = self.bounds.end.get();
        let left = end.saturating_add(MAX_EXTENSION).saturating_sub(self.at);
        if left == 0 && !buf.is_empty() {
            return Err(ReadError::LongDescription.into());
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(buf.len());
        let n = self.reader.read(&mut buf[..most])?;
        let block_end = end.checked_next_multiple_of(512).unwrap_or(u64::MAX);
        let before = block_end.saturating_sub(self.at);
        let before = usize::try_from(before).unwrap_or(usize::MAX);
        if let Some(described) = buf[..n].get(before..) {
            let mut held = self.bounds.described.borrow_mut();
            held.extend_from_slice(described);
        }
        self.at += n as u64;
        Ok(n)
    }
}
