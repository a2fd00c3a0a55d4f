//! Copying a kit so that it can be stopped: what is whole stays, the rest comes again.

use super::KitError;
use super::footer::BEGIN;
use super::reader::{Kit, is_whole};
use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// What a copy came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Copied {
    /// Bytes that an earlier copy had brought, and that were whole.
    pub kept: u64,
    /// Bytes in all.
    pub bytes: u64,
}

/// Copies a kit and verifies the copy. It is written to `TO.part`; where that is there from a copy
/// that was stopped, it goes on behind the last blob that is whole. `on` is told how many bytes are
/// there.
///
/// # Errors
/// One of them is damaged, a disk is full, or somebody else is copying to the same place.
pub fn copy(from: &Path, to: &Path, mut on: impl FnMut(u64)) -> Result<Copied, KitError> {
    let kit = Kit::open(from)?;
    let part = part_of(to);
    let mut options = OpenOptions::new();
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(&part)?;
    match file.try_lock() {
        Ok(()) => {}
        Err(TryLockError::WouldBlock) => {
            let told = format!("somebody else is copying to {}", part.display());
            return Err(io::Error::new(io::ErrorKind::ResourceBusy, told).into());
        }
        Err(TryLockError::Error(error)) => return Err(error.into()),
    }
    let kept = whole_until(&file, &kit)?;
    file.set_len(kept)?;
    file.seek(SeekFrom::Start(kept))?;
    let mut source = File::open(from)?;
    source.seek(SeekFrom::Start(kept))?;
    let mut buffer = vec![0; 1 << 20];
    let mut bytes = kept;
    loop {
        on(bytes);
        match source.read(&mut buffer)? {
            0 => break,
            read => {
                file.write_all(&buffer[..read])?;
                bytes += read as u64;
            }
        }
    }
    file.sync_all()?;
    let copied = Kit::open(&part)?;
    copied.verify(|_| {})?;
    std::fs::rename(&part, to)?;
    Ok(Copied { kept, bytes })
}

fn part_of(to: &Path) -> PathBuf {
    to.with_added_extension("part")
}

/// How many of the first bytes are the kit's: its beginning, and whole blobs behind it.
fn whole_until(part: &File, kit: &Kit) -> io::Result<u64> {
    let there = part.metadata()?.len();
    let mut begin = [0; BEGIN.len()];
    if there < BEGIN.len() as u64 || part.read_exact_at(&mut begin, 0).is_err() || begin != *BEGIN {
        return Ok(0);
    }
    let part = Arc::new(part.try_clone()?);
    let mut whole = 0;
    for blob in &kit.index().blobs {
        if blob.at + blob.packed > there || !is_whole(&part, blob)? {
            break;
        }
        whole = blob.at + blob.packed;
    }
    Ok(whole)
}
