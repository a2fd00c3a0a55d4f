//! A build context as the archive that the builder is sent. Equal contexts make equal archives.

use crate::context::file::ContextFile;
use crate::context::hash::fnv1a;
use bytes::Bytes;
use std::collections::{BTreeMap, BTreeSet};

/// Files in order, owned by root, dated by content.
pub(crate) fn to_tar(files: &BTreeMap<String, ContextFile>) -> Bytes {
    let mut tar = tar::Builder::new(Vec::new());
    let mut folders: BTreeSet<&str> = BTreeSet::new();
    for (path, file) in files {
        // Named folders get the same mode everywhere; implied ones the engine's whim.
        for (at, _) in path.match_indices('/') {
            if folders.insert(&path[..at]) {
                append(&mut tar, &path[..=at], 0o755, &[]);
            }
        }
        append(&mut tar, path, file.mode, &file.bytes);
    }
    Bytes::from(tar.into_inner().unwrap_or_default())
}

/// A time between 2001 and 2010 that is made of the content, in Unix seconds.
///
/// Equal files get equal times on every machine, and different ones different times. Go needs
/// the latter: its cache remembers what a folder imports by the names, sizes and times of its
/// files (cmd/go/internal/modindex), and all labs build in `/src` with one cache.
pub fn dated(bytes: &[u8]) -> u64 {
    const SEPTEMBER_2001: u64 = 1_000_000_000;
    SEPTEMBER_2001 + (fnv1a(bytes) >> 36)
}

fn append(tar: &mut tar::Builder<Vec<u8>>, path: &str, mode: u32, bytes: &[u8]) {
    let mut header = tar::Header::new_gnu();
    let folder = path.ends_with('/');
    header.set_entry_type(if folder {
        tar::EntryType::Directory
    } else {
        tar::EntryType::Regular
    });
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_mtime(if folder { 0 } else { dated(bytes) });
    header.set_size(bytes.len() as u64);
    // Only a path that leads out of the archive, or a full disk, can fail: every path
    // here is plain, and there is no disk.
    let written = tar.append_data(&mut header, path, bytes);
    debug_assert!(written.is_ok(), "{path}: {written:?}");
}
