//! Readers that count what passes through them, and end with an error beyond a limit.
//!
//! Refuses to know what the bytes are.

use super::error::ReadError;
use super::limits::{MAX_RATIO, MAX_UNPACKED, RATIO_GRACE};
use std::cell::Cell;
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
