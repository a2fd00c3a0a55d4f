//! A layer's bytes on their way: hashed for the diff id, and kept where they will be
//! compressed; and those of a blob before they are unpacked, hashed for its digest.

use super::hasher::Hasher;
use sha2::{Digest, Sha256};
use std::cell::RefCell;
use std::io::{self, Read, Write};
use std::rc::Rc;
use tempfile::SpooledTempFile;

/// Bytes of one layer held in memory before it goes to a temporary file.
const IN_MEMORY: usize = 32 << 20;

pub(super) struct Tee<R> {
    reader: R,
    hash: Hasher,
    spool: Option<SpooledTempFile>,
}

impl<R: Read> Tee<R> {
    pub(super) fn new(reader: R, spool: bool) -> Self {
        Tee {
            reader,
            hash: Hasher::default(),
            spool: spool.then(|| tempfile::spooled_tempfile(IN_MEMORY)),
        }
    }

    /// Reads to the end: the diff id covers the padding after the last entry, too.
    pub(super) fn finish(mut self) -> io::Result<(String, Option<SpooledTempFile>)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((diff_id(&self.hash.finish()?), self.spool))
    }
}

impl<R: Read> Read for Tee<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buf)?;
        self.hash.update(&buf[..n]);
        if let Some(spool) = &mut self.spool {
            spool.write_all(&buf[..n])?;
        }
        Ok(n)
    }
}

/// The hash of what has passed by so far.
#[derive(Clone, Default)]
pub(super) struct Passed(Rc<RefCell<Sha256>>);

impl Passed {
    /// A reader that hands on what `reader` reads.
    pub(super) fn through<R: Read>(&self, reader: R) -> impl Read + use<R> {
        Through {
            reader,
            hash: self.0.clone(),
        }
    }

    /// As digests are written.
    pub(super) fn digest(&self) -> String {
        diff_id(&self.0.borrow().clone().finalize())
    }
}

struct Through<R> {
    reader: R,
    hash: Rc<RefCell<Sha256>>,
}

impl<R: Read> Read for Through<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buf)?;
        self.hash.borrow_mut().update(&buf[..n]);
        Ok(n)
    }
}

/// A digest as diff ids are written: lower-case hex with the algorithm before it.
pub(super) fn diff_id(digest: &[u8]) -> String {
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256:{hex}")
}
