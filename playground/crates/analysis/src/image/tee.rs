//! A layer's bytes on their way: hashed for the diff id, and kept where they will be
//! compressed.

use sha2::{Digest, Sha256};
use std::io::{self, Read, Write};
use tempfile::SpooledTempFile;

/// Bytes of one layer held in memory before it goes to a temporary file.
const IN_MEMORY: usize = 32 << 20;

pub(super) struct Tee<R> {
    reader: R,
    hash: Sha256,
    spool: Option<SpooledTempFile>,
}

impl<R: Read> Tee<R> {
    pub(super) fn new(reader: R, spool: bool) -> Self {
        Tee {
            reader,
            hash: Sha256::new(),
            spool: spool.then(|| tempfile::spooled_tempfile(IN_MEMORY)),
        }
    }

    /// Reads to the end: the diff id covers the padding after the last entry, too.
    pub(super) fn finish(mut self) -> io::Result<(String, Option<SpooledTempFile>)> {
        io::copy(&mut self, &mut io::sink())?;
        Ok((diff_id(&self.hash.finalize()), self.spool))
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

/// A digest as diff ids are written: lower-case hex with the algorithm before it.
pub(super) fn diff_id(digest: &[u8]) -> String {
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256:{hex}")
}
