//! The files that a container of an image has, as the engine exports them.
//!
//! Knows tar and nothing of the library under test.

use std::collections::BTreeMap;
use std::io::{self, Read};

/// The first bytes of a file: enough for an ELF header, or for a `#!` line.
const HEAD: u64 = 256;

/// Files by path, without the leading slash.
#[derive(Clone, Debug, Default)]
pub(crate) struct Listing {
    items: BTreeMap<String, Item>,
}

/// A file of a container.
#[derive(Clone, Debug)]
pub(crate) struct Item {
    mode: u32,
    target: Option<String>,
    directory: bool,
    /// Its first bytes.
    pub(crate) head: Vec<u8>,
}

impl Listing {
    /// Reads a container's export.
    pub(crate) fn read(export: impl Read) -> io::Result<Listing> {
        let mut items = BTreeMap::new();
        let mut same = Vec::new();
        for entry in tar::Archive::new(export).entries()? {
            let entry = entry?;
            let path = entry.path()?.to_string_lossy().trim_matches('/').to_owned();
            let target = entry
                .link_name()?
                .map(|to| to.to_string_lossy().into_owned());
            let kind = entry.header().entry_type();
            if let (true, Some(target)) = (kind.is_hard_link(), &target) {
                same.push((path, target.trim_matches('/').to_owned()));
                continue;
            }
            let mode = entry.header().mode()?;
            let mut head = Vec::new();
            entry.take(HEAD).read_to_end(&mut head)?;
            let directory = kind.is_dir();
            items.insert(
                path,
                Item {
                    mode,
                    target,
                    directory,
                    head,
                },
            );
        }
        for (path, target) in same {
            if let Some(item) = items.get(&target).cloned() {
                items.insert(path, item);
            }
        }
        Ok(Listing { items })
    }

    /// What a path leads to, links followed.
    pub(crate) fn behind(&self, path: &str) -> Option<&Item> {
        let mut rest: Vec<String> = parts(path);
        let mut walked: Vec<String> = Vec::new();
        for _ in 0..200 {
            if rest.is_empty() {
                return self.items.get(&walked.join("/"));
            }
            let part = rest.remove(0);
            if part == ".." {
                walked.pop();
                continue;
            }
            walked.push(part);
            let Some(target) = self.items.get(&walked.join("/"))?.target.as_deref() else {
                continue;
            };
            walked.pop();
            if target.starts_with('/') {
                walked.clear();
            }
            let mut led = parts(target);
            led.append(&mut rest);
            rest = led;
        }
        None
    }

    /// Whether one of these names is a program in one of the usual places.
    pub(crate) fn has_program(&self, names: &[String]) -> bool {
        const PLACES: [&str; 8] = [
            "bin",
            "sbin",
            "usr/bin",
            "usr/sbin",
            "usr/local/bin",
            "usr/local/sbin",
            "usr/local/go/bin",
            "busybox",
        ];
        let paths = PLACES
            .iter()
            .flat_map(|place| names.iter().map(move |name| format!("/{place}/{name}")));
        let mut found = paths.filter_map(|path| self.behind(&path));
        found.any(|item| !item.directory && item.mode & 0o111 != 0)
    }

    /// Whether a file runs with its owner's rights.
    pub(crate) fn has_setuid(&self) -> bool {
        let mut items = self.items.values();
        items.any(|item| !item.directory && item.target.is_none() && item.mode & 0o4000 != 0)
    }
}

fn parts(path: &str) -> Vec<String> {
    let parts = path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".");
    parts.map(str::to_owned).collect()
}
