//! One entry of a layer: what a tar says of a path, with the path made safe.
//!
//! Paths are cleaned as engines clean them: relative to the root whether or not they say so, and
//! above it there is nothing but it. That holds for the targets of hard links, too.

use super::capabilities::Capabilities;
use super::error::ReadError;
use super::header::Header;
use super::limits::{MAX_DEPTH, MAX_NAME};
use super::text::{lossless, shown};

/// An entry of a layer, in the words of its tar.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// Path from the root, without a leading slash; empty for the root itself. Of a whiteout,
    /// what it hides; of an opaque whiteout, the directory. Bytes that are no UTF-8 are
    /// written as `\xff`.
    pub path: Box<str>,
    /// What it is.
    pub kind: Kind,
    /// Content of a file in bytes; 0 for all others.
    pub size: u64,
    /// Permission bits with set-user-id, set-group-id and sticky (`0o7777`).
    pub mode: u32,
    /// Owner's number.
    pub uid: u64,
    /// Group's number.
    pub gid: u64,
    /// Rights that a file carries with it; in a box, since hardly any does.
    pub capabilities: Option<Box<Capabilities>>,
}

/// What an entry is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Kind {
    /// A regular file.
    #[default]
    File,
    /// A directory.
    Directory,
    /// A symbolic link, with its target as it is written.
    Symlink(Box<str>),
    /// Another name of a file, with the file's path from the root.
    HardLink(Box<str>),
    /// A character device.
    CharDevice,
    /// A block device.
    BlockDevice,
    /// A named pipe.
    Fifo,
    /// `.wh.NAME`: hides what lower layers have at this path.
    Whiteout,
    /// `.wh..wh..opq`: hides what lower layers have in this directory.
    Opaque,
}

impl Entry {
    /// `None` for what describes no path: volume labels, marks of aufs, what is not the root
    /// and named as if it were.
    pub(super) fn of(header: &Header) -> Result<Option<Entry>, ReadError> {
        let path = cleaned(&header.name)?;
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let kind = match (name.strip_prefix(".wh."), header.kind) {
            (Some(".wh..opq"), _) => return Ok(Some(Entry::whiteout(directory, Kind::Opaque))),
            (Some(other), _) if other.starts_with(".wh.") => return Ok(None),
            (Some("" | "." | ".."), _) => {
                return Err(bad(&path, "hides no name that can be"));
            }
            (Some(hidden), _) => {
                let hidden = match directory {
                    "" => hidden.to_owned(),
                    _ => format!("{directory}/{hidden}"),
                };
                return Ok(Some(Entry::whiteout(&hidden, Kind::Whiteout)));
            }
            (None, b'0' | b'7' | b'S') => Kind::File,
            (None, b'5') => Kind::Directory,
            (None, b'2') => Kind::Symlink(lossless(link(header, &path)?).into()),
            (None, b'1') => Kind::HardLink(cleaned(link(header, &path)?)?.into()),
            (None, b'3') => Kind::CharDevice,
            (None, b'4') => Kind::BlockDevice,
            (None, b'6') => Kind::Fifo,
            (None, _) => return Ok(None),
        };
        if path.is_empty() && kind != Kind::Directory {
            return match header.name.starts_with(b"/") {
                true => Err(bad("/", "is the root, and no directory")),
                false => Ok(None),
            };
        }
        let capabilities = match kind {
            Kind::File | Kind::HardLink(_) => header.capability.as_deref(),
            _ => None,
        };
        Ok(Some(Entry {
            size: match kind {
                Kind::File => header.size,
                _ => 0,
            },
            path: path.into(),
            kind,
            mode: header.mode as u32 & 0o7777,
            uid: header.uid.into(),
            gid: header.gid.into(),
            capabilities: capabilities.and_then(Capabilities::parse).map(Box::new),
        }))
    }

    fn whiteout(path: &str, kind: Kind) -> Entry {
        Entry {
            path: path.into(),
            kind,
            ..Entry::default()
        }
    }

    /// Bytes of names that it holds in memory.
    pub(super) fn name_bytes(&self) -> u64 {
        let target = match &self.kind {
            Kind::Symlink(target) | Kind::HardLink(target) => target.len(),
            _ => 0,
        };
        (self.path.len() + target) as u64
    }
}

fn link<'a>(header: &'a Header, path: &str) -> Result<&'a [u8], ReadError> {
    match header.link.as_slice() {
        [] => Err(bad(path, "is a link to nothing")),
        target if target.len() > MAX_NAME => {
            Err(bad(path, "is a link to a longer path than can be"))
        }
        target if target.contains(&0) => Err(bad(path, "is a link to a name with a zero byte")),
        target => Ok(target),
    }
}

/// The path from the root, without `.`, `..`, doubled or leading slashes.
pub(super) fn cleaned(path: &[u8]) -> Result<String, ReadError> {
    if path.len() > MAX_NAME {
        return Err(bad(&lossless(path), "is longer than any path (4096 bytes)"));
    }
    let path = lossless(path);
    if path.contains('\0') {
        return Err(bad(&path, "has a zero byte in it"));
    }
    let mut parts = Vec::new();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => drop(parts.pop()),
            _ => parts.push(part),
        }
    }
    if parts.len() > MAX_DEPTH {
        return Err(bad(&path, "lies deeper than any directory should (1000)"));
    }
    Ok(parts.join("/"))
}

pub(super) fn bad(name: &str, why: &'static str) -> ReadError {
    ReadError::BadName {
        name: shown(name),
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_cleaned_as_engines_clean_them() {
        for (path, clean) in [
            ("./etc/passwd", "etc/passwd"),
            ("/etc//passwd", "etc/passwd"),
            ("usr/../etc/./x", "etc/x"),
            ("./", ""),
            ("a\\b", "a\\b"),
            ("../evil", "evil"),
            ("a/../../../b", "b"),
            ("..", ""),
        ] {
            assert_eq!(cleaned(path.as_bytes()).expect("clean"), clean);
        }
        assert_eq!(cleaned(b"caf\xe9").expect("clean"), "caf\\xe9");
    }

    #[test]
    fn names_that_no_file_can_have_are_told() {
        let deep = "d/".repeat(1001);
        let long = "x".repeat(5000);
        for path in ["a\0b", &deep, &long] {
            let error = cleaned(path.as_bytes()).expect_err("refused");
            let cause = error.cause().expect("there is one");
            assert!(error.to_string().len() + cause.len() < 400, "{error}");
        }
    }
}
