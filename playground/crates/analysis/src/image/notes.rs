//! What is noted of files while they pass by: facts, never their contents.
//!
//! [`NoteTaker::note`] is a visitor for [`read_archive`](super::read_archive); another visitor may call it and
//! go on with the same [`EntryContent`].

use super::content::EntryContent;
use super::error::ReadError;
use super::limits::MAX_NOTED;
use super::secrets::{self, Secret};
use serde::Serialize;
use std::io;

/// A package database larger than this is not read; Debian's is about 1 MB for 1,000 packages.
const MAX_DATABASE: usize = 64 << 20;
/// A passwd or group file larger than this is not read: a directory service of 100,000 people has
/// 8 MB.
const MAX_PASSWD: usize = 32 << 20;
/// A bundle of certificates larger than this is taken for one; Mozilla's has 200 KB.
const MAX_CERTIFICATES: usize = 4 << 20;
/// What begins a certificate in a bundle.
const CERTIFICATE: &[u8] = b"-----BEGIN CERTIFICATE-----";
/// Bytes of a `#!` line that Linux looks at.
const SHEBANG: usize = 256;

/// What is noted of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// `/etc/passwd`.
    Users(Vec<User>),
    /// `/etc/group`.
    Groups(Vec<Group>),
    /// A package database, or a part of one.
    Packages(Vec<Package>),
    /// It begins as an ELF file does.
    Elf,
    /// It begins with `#!` and this interpreter.
    Script(String),
    /// It looks like a secret.
    Secret(Secret),
    /// It is named or lies like a bundle of certificates, and has none as text (PEM), which is the
    /// form that programs look for in one.
    NoCertificates,
}

/// What a visitor kept of a file, with the note in it.
pub trait Noted {
    /// What was noted of the file.
    fn note(&self) -> Option<&Note>;
}

/// A line of `/etc/passwd`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct User {
    /// Its name.
    pub name: String,
    /// Its number.
    pub uid: u64,
    /// The number of its group.
    pub gid: u64,
    /// Where it is at home.
    pub home: String,
    /// What it logs in to.
    pub shell: String,
}

/// A line of `/etc/group`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// Its number.
    pub gid: u64,
    /// Names of users who are in it besides those whose own group it is.
    pub members: Vec<String>,
}

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Package {
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// Notes what is worth it, up to `MAX_NOTED` bytes in all.
#[derive(Debug, Default)]
pub struct NoteTaker {
    kept: u64,
}

impl NoteTaker {
    /// What is worth noting of a file; for most, nothing.
    ///
    /// # Errors
    /// Where the archive cannot be read on, or more than `MAX_NOTED` would be kept.
    pub fn note(&mut self, content: &mut EntryContent<'_>) -> io::Result<Option<Note>> {
        let note = note(content)?;
        self.kept += note.as_ref().map_or(0, Note::bytes);
        match self.kept > MAX_NOTED {
            true => Err(ReadError::MuchNoted.into()),
            false => Ok(note),
        }
    }
}

impl Note {
    /// About what it holds in memory.
    fn bytes(&self) -> u64 {
        let bytes = match self {
            Note::Users(users) => held(users, |u| u.name.len() + u.home.len() + u.shell.len()),
            Note::Groups(groups) => held(groups, |g| {
                g.name.len() + g.members.iter().map(|m| 24 + m.len()).sum::<usize>()
            }),
            Note::Packages(packages) => held(packages, |p| p.name.len() + p.version.len()),
            Note::Script(interpreter) => interpreter.len(),
            Note::Elf | Note::Secret(_) | Note::NoCertificates => 0,
        };
        bytes as u64
    }
}

fn held<T>(items: &[T], texts: impl Fn(&T) -> usize) -> usize {
    items.iter().map(texts).sum::<usize>() + size_of_val(items)
}

/// Makes a note of a file's text.
type Reading = fn(&str) -> Note;

fn note(content: &mut EntryContent<'_>) -> io::Result<Option<Note>> {
    let entry = content.entry();
    let path = &*entry.path;
    let part = path.strip_prefix("var/lib/dpkg/status.d/");
    let dpkg = part.is_some_and(|name| !name.contains('/') && !name.ends_with(".md5sums"));
    let known: Option<(usize, Reading)> = match path {
        "etc/passwd" => Some((MAX_PASSWD, users)),
        "etc/group" => Some((MAX_PASSWD, groups)),
        // In Alpine's next releases, /lib is /usr/lib.
        "lib/apk/db/installed" | "usr/lib/apk/db/installed" => Some((MAX_DATABASE, apk_packages)),
        "var/lib/dpkg/status" => Some((MAX_DATABASE, dpkg_packages)),
        _ => dpkg.then_some((MAX_DATABASE, dpkg_packages)),
    };
    if let Some((max, read)) = known {
        let text = content.whole(max)?.map(String::from_utf8_lossy);
        return Ok(text.map(|text| read(&text)));
    }
    if let Some(secret) = secrets::secret(content)? {
        return Ok(Some(Note::Secret(secret)));
    }
    let certificates = |name: &str| {
        [".crt", ".pem", ".cer", ".der"]
            .iter()
            .any(|end| name.ends_with(end))
    };
    if certificates(path) {
        let text = content.whole(MAX_CERTIFICATES)?;
        let none = text.is_some_and(|text| memchr::memmem::find(text, CERTIFICATE).is_none());
        return Ok(none.then_some(Note::NoCertificates));
    }
    if entry.mode & 0o111 == 0 && !path.ends_with(".so") && !path.contains(".so.") {
        return Ok(None);
    }
    let head = content.prefix(SHEBANG)?;
    if head.starts_with(b"\x7fELF") {
        return Ok(Some(Note::Elf));
    }
    let line = head
        .strip_prefix(b"#!")
        .and_then(|rest| rest.split(|&b| b == b'\n').next());
    Ok(line.and_then(|line| {
        let line = String::from_utf8_lossy(line);
        let interpreter = line.split_whitespace().next()?;
        Some(Note::Script(interpreter.to_owned()))
    }))
}

/// Fields that are missing are empty, as the engine reads it (`moby/sys/user`).
fn users(text: &str) -> Note {
    let user = |line: &str| {
        let fields: Vec<_> = line.split(':').collect();
        let field = |at: usize| fields.get(at).copied().unwrap_or("");
        Some(User {
            name: field(0).to_owned(),
            uid: number(field(2))?,
            gid: number(field(3))?,
            home: field(5).to_owned(),
            shell: field(6).to_owned(),
        })
    };
    Note::Users(filled(text).filter_map(user).collect())
}

/// Lines with something on them.
fn filled(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(str::trim).filter(|line| !line.is_empty())
}

/// What is no number is 0 to the engine; a negative one is out of its range.
fn number(text: &str) -> Option<u64> {
    match text.parse::<i64>() {
        Ok(number) => u64::try_from(number).ok(),
        Err(_) => Some(0),
    }
}

fn groups(text: &str) -> Note {
    let group = |line: &str| {
        let fields: Vec<_> = line.split(':').collect();
        let members = fields.get(3).copied().unwrap_or("").split(',');
        Some(Group {
            name: fields.first()?.to_string(),
            gid: number(fields.get(2).copied().unwrap_or(""))?,
            members: members
                .filter(|m| !m.is_empty())
                .map(str::to_owned)
                .collect(),
        })
    };
    Note::Groups(filled(text).filter_map(group).collect())
}

/// Paragraphs of `Package:`, `Version:` and `Status:`; distroless' have no status.
fn dpkg_packages(text: &str) -> Note {
    let package = |paragraph: &str| {
        let field = |name: &str| {
            let line = |line: &str| line.strip_prefix(name).map(|value| value.trim().to_owned());
            paragraph.lines().find_map(line)
        };
        let installed =
            field("Status:").is_none_or(|s| s.split(' ').next_back() == Some("installed"));
        installed.then_some(())?;
        Some(Package {
            name: field("Package:")?,
            version: field("Version:").unwrap_or_default(),
        })
    };
    Note::Packages(text.split("\n\n").filter_map(package).collect())
}

/// Paragraphs of `P:` and `V:`.
fn apk_packages(text: &str) -> Note {
    let package = |paragraph: &str| {
        let field = |name: &str| paragraph.lines().find_map(|line| line.strip_prefix(name));
        Some(Package {
            name: field("P:")?.to_owned(),
            version: field("V:").unwrap_or_default().to_owned(),
        })
    };
    Note::Packages(text.split("\n\n").filter_map(package).collect())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::entry::{Entry, Kind};

    fn noted(path: &str, mode: u32, bytes: &[u8]) -> Option<Note> {
        let entry = Entry {
            path: path.into(),
            kind: Kind::File,
            size: bytes.len() as u64,
            mode,
            uid: 0,
            gid: 0,
            capabilities: None,
        };
        let mut reader = bytes;
        note(&mut EntryContent::new(&entry, false, &mut reader)).expect("noted")
    }

    #[test]
    fn package_databases_are_read_in_all_three_forms() {
        let package = |name: &str, version: &str| Package {
            name: name.into(),
            version: version.into(),
        };
        let status = b"Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\n\n\
            Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n\nPackage: last\nVersion: 3\n";
        assert_eq!(
            noted("var/lib/dpkg/status", 0o644, status),
            Some(Note::Packages(vec![
                package("libc6", "2.36-9"),
                package("last", "3")
            ]))
        );
        assert_eq!(
            noted(
                "var/lib/dpkg/status.d/tzdata",
                0o644,
                b"Package: tzdata\nVersion: 2025b\n"
            ),
            Some(Note::Packages(vec![package("tzdata", "2025b")]))
        );
        assert_eq!(
            noted("var/lib/dpkg/status.d/tzdata.md5sums", 0o644, b"x"),
            None
        );
        let apk = b"C:Q1\nP:musl\nV:1.2.5-r0\nF:lib\n\nP:busybox\nV:1.36\n\n";
        assert_eq!(
            noted("lib/apk/db/installed", 0o644, apk),
            Some(Note::Packages(vec![
                package("musl", "1.2.5-r0"),
                package("busybox", "1.36")
            ]))
        );
    }

    #[test]
    fn users_scripts_and_programs_are_noted() {
        let users = noted(
            "etc/passwd",
            0o644,
            b"root:x:0:0:root:/root:/bin/sh\n\nx:x:-1:0::\n app:x:7:8\nshort:x\nodd:x:y:8\n",
        );
        let Some(Note::Users(users)) = users else {
            panic!("{users:?}");
        };
        let lines: Vec<_> = users.iter().map(|u| (&*u.name, u.uid, u.gid)).collect();
        let found = [
            ("root", 0, 0),
            ("app", 7, 8),
            ("short", 0, 0),
            ("odd", 0, 8),
        ];
        assert_eq!(lines, found);
        assert_eq!((&*users[0].shell, &*users[1].shell), ("/bin/sh", ""));
        let groups = noted(
            "etc/group",
            0o644,
            b"root:x:0:\nwww:x:33:app,web\n\nshort\n",
        );
        let Some(Note::Groups(groups)) = groups else {
            panic!("{groups:?}");
        };
        assert_eq!((&*groups[1].name, groups[1].gid), ("www", 33));
        assert_eq!(groups[1].members, ["app", "web"]);
        assert_eq!((groups.len(), groups[2].gid), (3, 0));
        assert_eq!(
            noted("run", 0o755, b"#! /usr/bin/env python\n"),
            Some(Note::Script("/usr/bin/env".into()))
        );
        assert_eq!(noted("app", 0o755, b"\x7fELF\x02"), Some(Note::Elf));
        assert_eq!(noted("app", 0o644, b"\x7fELF\x02"), None);
        assert_eq!(
            noted("lib/libc.so.6", 0o644, b"\x7fELF\x02"),
            Some(Note::Elf)
        );
        assert_eq!(noted("empty", 0o755, b""), None);
        assert_eq!(noted("odd", 0o755, b"#!"), None);
    }
}
