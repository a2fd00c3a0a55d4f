//! A tree as a build context: a tar, equal for equal trees.

use super::{Entry, WorkingTree};
use crate::adopt::gomod::join;
use bytes::Bytes;
use catalog::dated;
use std::collections::BTreeSet;
use std::path::PathBuf;

impl WorkingTree {
    /// As a context for the builder, with these files put over those of the tree; what `held_back`
    /// names stays behind. Equal trees make equal contexts.
    pub(in crate::adopt) fn to_tar(
        &self,
        over: &[(&str, &str)],
        held_back: &dyn Fn(&str) -> bool,
    ) -> Bytes {
        let replaced = |path: &str| over.iter().any(|(name, _)| *name == path);
        let held_back = |path: &str| replaced(path) || held_back(path);
        self.to_tar_in("", over, &held_back)
    }

    /// The same with the tree in a folder, and those files beside it.
    pub(in crate::adopt) fn to_tar_in(
        &self,
        folder: &str,
        over: &[(&str, &str)],
        held_back: &dyn Fn(&str) -> bool,
    ) -> Bytes {
        let mut tar = tar::Builder::new(Vec::new());
        let mut folders = BTreeSet::new();
        for (path, entry) in &self.entries {
            if held_back(path) {
                continue;
            }
            let path = join(folder, path);
            for (at, _) in path.match_indices('/') {
                if !folders.contains(&path[..at]) {
                    folders.insert(path[..at].to_owned());
                    append(&mut tar, &path[..=at], 0o755, &[]);
                }
            }
            match entry {
                Entry::File { bytes, executable } => {
                    let mode = if *executable { 0o755 } else { 0o644 };
                    append(&mut tar, &path, mode, bytes);
                }
                Entry::Link(target) => append_link(&mut tar, &path, target),
            }
        }
        for (path, text) in over {
            append(&mut tar, path, 0o644, text.as_bytes());
        }
        Bytes::from(tar.into_inner().unwrap_or_default())
    }
}

fn header(kind: tar::EntryType, mode: u32) -> tar::Header {
    let mut header = tar::Header::new_gnu();
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header
}

/// Nothing can fail but a path that no tar can say: those were left out.
fn append(tar: &mut tar::Builder<Vec<u8>>, path: &str, mode: u32, bytes: &[u8]) {
    let kind = match path.ends_with('/') {
        true => tar::EntryType::Directory,
        false => tar::EntryType::Regular,
    };
    let mut header = header(kind, mode);
    header.set_mtime(if path.ends_with('/') { 0 } else { dated(bytes) });
    header.set_size(bytes.len() as u64);
    let _ = tar.append_data(&mut header, path, bytes);
}

fn append_link(tar: &mut tar::Builder<Vec<u8>>, path: &str, target: &str) {
    let mut header = header(tar::EntryType::Symlink, 0o777);
    header.set_size(0);
    let _ = tar.append_link(&mut header, path, PathBuf::from(target));
}
