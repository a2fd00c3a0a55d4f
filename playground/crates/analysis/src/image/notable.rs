//! What stands out in an image: questions to the merged tree and to what was noted of files.
//!
//! Pure functions; each says where its answer comes from. What a finding means, and whether
//! it is bad, is for others to say.

use super::entry::Kind;
use super::model::{EntryId, Image, Visited};
use super::notes::{Note, Noted, Package, User};
use super::secrets;
use super::tree::{Node, NodeId, Tree};
use serde::Serialize;
use std::collections::BTreeMap;

pub use secrets::Secret;
pub(crate) use secrets::names_a_secret;

/// Where programs are looked for: the usual `PATH`, and busybox in distroless' debug images.
const PROGRAM_DIRECTORIES: [&str; 7] = [
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/busybox",
];
const SHELLS: [&str; 10] = [
    "sh", "bash", "dash", "ash", "zsh", "ksh", "mksh", "fish", "csh", "tcsh",
];
const PACKAGE_MANAGERS: [&str; 16] = [
    "apt", "apt-get", "aptitude", "dpkg", "apk", "yum", "dnf", "microdnf", "tdnf", "rpm", "zypper",
    "pacman", "opkg", "pip", "npm", "gem",
];
/// In Go's order (`crypto/x509/root_linux.go`): it takes the first that is there.
pub const CA_FILES: [&str; 6] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/pki/tls/cacert.pem",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/cert.pem",
];
/// From the same file: every certificate in these is taken as well.
pub const CA_DIRECTORIES: [&str; 2] = ["/etc/ssl/certs", "/etc/pki/tls/certs"];
/// Files of such a directory that are looked at: Debian's has 300.
const MAX_CERTIFICATES: usize = 2000;
/// In Go's order (`time/zoneinfo_unix.go`).
pub const ZONE_DIRECTORIES: [&str; 4] = [
    "/usr/share/zoneinfo",
    "/usr/share/lib/zoneinfo",
    "/usr/lib/locale/TZ",
    "/etc/zoneinfo",
];

/// A program as it is called.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Program {
    /// Path that it is called by.
    pub path: String,
    /// Path of the file behind all links.
    pub file: String,
    /// Where that is in the tree.
    #[serde(skip)]
    pub id: NodeId,
}

/// Shells, by name, that can be executed.
pub fn shells(tree: &Tree<'_>) -> Vec<Program> {
    programs(tree, &SHELLS)
}

/// Package managers, by name, that can be executed.
pub fn package_managers(tree: &Tree<'_>) -> Vec<Program> {
    programs(tree, &PACKAGE_MANAGERS)
}

/// Each once where directories are links to each other (`/bin` → `usr/bin`).
fn programs(tree: &Tree<'_>, names: &[&str]) -> Vec<Program> {
    let mut found = BTreeMap::new();
    for directory in PROGRAM_DIRECTORIES {
        for name in names {
            let path = format!("{directory}/{name}");
            let (Ok(link), Ok(id)) = (tree.lookup_link(&path), tree.lookup(&path)) else {
                continue;
            };
            let node = tree.node(id);
            if node.is_file() && node.mode() & 0o111 != 0 {
                let file = tree.path(id);
                found.entry(link).or_insert(Program { path, file, id });
            }
        }
    }
    let mut found: Vec<_> = found.into_values().collect();
    found.sort_by(|a, b| a.path.cmp(&b.path));
    found
}

/// Files that run with their owner's or group's rights: set-user-id, set-group-id.
pub fn setuid_files(tree: &Tree<'_>) -> Vec<NodeId> {
    files_with(tree, |node| node.mode() & 0o6000 != 0)
}

/// Files that carry capabilities.
pub fn capable_files(tree: &Tree<'_>) -> Vec<NodeId> {
    files_with(tree, |node| node.capabilities().is_some())
}

/// Files that anybody may execute, by their mode.
pub fn executables(tree: &Tree<'_>) -> Vec<NodeId> {
    files_with(tree, |node| node.mode() & 0o111 != 0)
}

fn files_with(tree: &Tree<'_>, is: impl Fn(&Node<'_>) -> bool) -> Vec<NodeId> {
    let found = |id: &NodeId| tree.node(*id).is_file() && is(tree.node(*id));
    tree.walk().filter(found).collect()
}

/// What was noted of the file that a path leads to.
pub fn noted<'a, N: Noted>(tree: &Tree<'_>, seen: &'a Visited<N>, path: &str) -> Option<&'a Note> {
    let id = tree.lookup(path).ok()?;
    seen.get(tree.node(id).id?)?.note()
}

/// `/etc/passwd`; `None` where it is not there or too large.
pub fn users<'a, N: Noted>(tree: &Tree<'_>, seen: &'a Visited<N>) -> Option<&'a [User]> {
    match noted(tree, seen, "/etc/passwd")? {
        Note::Users(users) => Some(users),
        _ => None,
    }
}

/// How packages are known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Database {
    /// `/var/lib/dpkg/status`, and `status.d` of distroless.
    Dpkg,
    /// `/lib/apk/db/installed`.
    Apk,
}

/// Installed packages, as the databases in the merged tree tell, by name.
pub fn packages<N: Noted>(tree: &Tree<'_>, seen: &Visited<N>) -> Vec<(Database, Package)> {
    let mut files = vec![
        (Database::Dpkg, "/var/lib/dpkg/status".to_owned()),
        (Database::Apk, "/lib/apk/db/installed".to_owned()),
    ];
    if let Ok(directory) = tree.lookup("/var/lib/dpkg/status.d") {
        let parts = tree
            .children(directory)
            .filter(|id| tree.node(*id).is_file());
        let paths = parts.map(|id| tree.path(id));
        files.extend(paths.map(|path| (Database::Dpkg, path)));
    }
    let mut all = Vec::new();
    for (database, path) in files {
        if let Some(Note::Packages(packages)) = noted(tree, seen, &path) {
            all.extend(packages.iter().map(|package| (database, package.clone())));
        }
    }
    all.sort();
    all.dedup();
    all
}

/// Where certificates of authorities are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CaPlace<'a> {
    /// A file with many of them.
    Bundle(&'a str),
    /// A directory of such files.
    Directory(&'a str),
}

impl<'a> CaPlace<'a> {
    /// Its path.
    pub fn path(self) -> &'a str {
        match self {
            CaPlace::Bundle(path) | CaPlace::Directory(path) => path,
        }
    }

    /// Files there that may hold certificates, each by the path that leads to it and behind all
    /// links. An empty file counts as none, and so does one without a certificate as text.
    pub fn certificates<N: Noted>(
        self,
        tree: &Tree<'_>,
        seen: &Visited<N>,
    ) -> Vec<(String, NodeId)> {
        let paths = match self {
            CaPlace::Bundle(path) => vec![path.to_owned()],
            CaPlace::Directory(path) => {
                let directory = tree.lookup(path).ok().into_iter();
                let files = directory.flat_map(|id| tree.children(id).take(MAX_CERTIFICATES));
                files.map(|id| tree.path(id)).collect()
            }
        };
        let filled = |id: &NodeId| {
            let node = tree.node(*id);
            let note = node.id.and_then(|id| seen.get(id)).and_then(Noted::note);
            let none = note == Some(&Note::NoCertificates);
            node.is_file() && !none && node.entry.is_some_and(|entry| entry.size > 0)
        };
        let found = paths.into_iter().filter_map(|path| {
            let id = tree.lookup(&path).ok().filter(filled)?;
            Some((path, id))
        });
        found.collect()
    }
}

/// Certificates of authorities where Go looks for them: bundles, then directories with
/// files in them.
pub fn ca_bundles<N: Noted>(tree: &Tree<'_>, seen: &Visited<N>) -> Vec<String> {
    let bundles = CA_FILES.into_iter().map(CaPlace::Bundle);
    let places = bundles.chain(CA_DIRECTORIES.into_iter().map(CaPlace::Directory));
    places
        .filter(|place| !place.certificates(tree, seen).is_empty())
        .map(|place| place.path().to_owned())
        .collect()
}

/// Time zone data where Go looks for it: directories with files in them, and GOROOT's archive.
pub fn zoneinfo(tree: &Tree<'_>) -> Vec<String> {
    let filled = |id: NodeId| tree.node(id).is_directory() && tree.node(id).bytes > 0;
    let directories = ZONE_DIRECTORIES
        .iter()
        .filter(|path| tree.lookup(path).is_ok_and(filled));
    let mut found: Vec<_> = directories.map(|path| (*path).to_owned()).collect();
    let archive = "/usr/local/go/lib/time/zoneinfo.zip";
    if tree.lookup(archive).is_ok() {
        found.push(archive.to_owned());
    }
    found
}

/// Mode of `/tmp`, 0o1777 where all is well; `None` where there is no such directory.
pub fn tmp(tree: &Tree<'_>) -> Option<u32> {
    let node = tree.node(tree.lookup("/tmp").ok()?);
    node.is_directory().then(|| node.mode())
}

/// Something in a layer, whether or not a later one hides it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct InLayer<T> {
    /// With a leading slash.
    pub path: String,
    /// The layer that has it, from 1 for the base.
    pub layer: u32,
    /// Whether a container of the image would still see it.
    pub visible: bool,
    /// What it is.
    #[serde(flatten)]
    pub what: T,
}

/// A directory of Git.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Git {
    /// What lies in it.
    pub bytes: u64,
}

impl<T> InLayer<T> {
    fn of(id: EntryId, path: &str, tree: &Tree<'_>, what: T) -> Self {
        let (path, visible) = (format!("/{path}"), tree.shows(id));
        InLayer {
            path,
            layer: id.layer + 1,
            visible,
            what,
        }
    }
}

/// Git's directories in any layer, by their `HEAD`, with the bytes of that layer beneath each.
pub fn git_directories(image: &Image, tree: &Tree<'_>) -> Vec<InLayer<Git>> {
    let mut sums: BTreeMap<(u32, &str), (u64, Option<EntryId>)> = BTreeMap::new();
    for (id, entry) in image.entries() {
        let inside = match entry.path.find("/.git/") {
            Some(at) => at + 5,
            None if entry.path.starts_with(".git/") => 4,
            None => continue,
        };
        let (directory, below) = entry.path.split_at(inside);
        let (bytes, head) = sums.entry((id.layer, directory)).or_default();
        *bytes = bytes.saturating_add(entry.size);
        if below == "/HEAD" && entry.kind == Kind::File {
            *head = Some(id);
        }
    }
    let found = sums.into_iter().filter_map(|((_, path), (bytes, head))| {
        head.map(|id| InLayer::of(id, path, tree, Git { bytes }))
    });
    found.collect()
}

/// Files of any layer that look like secrets.
pub fn secrets<N: Noted>(
    image: &Image,
    tree: &Tree<'_>,
    seen: &Visited<N>,
) -> Vec<InLayer<Secret>> {
    let found = image
        .entries()
        .filter_map(|(id, entry)| match seen.get(id)?.note()? {
            Note::Secret(what) => Some(InLayer::of(id, &entry.path, tree, *what)),
            _ => None,
        });
    found.collect()
}
