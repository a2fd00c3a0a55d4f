//! The build context: a variant's files laid over each other, as the builder gets them.
//!
//! Sources first, then the lab's `src/`, the variant's folder, files out of peers'
//! images, and the reader's edits. Knows no engine; two equal contexts make equal tars,
//! so that the builder's cache holds.

use super::diagnostic::Diagnostic;
use super::ignore::Ignore;
use super::lab::{Lab, Peer, Variant};
use super::limits::{MAX_CONTEXT_BYTES, MAX_EDIT_BYTES};
use super::tree::{self, Files};
use super::variant::is_plain_path;
use bytes::Bytes;
use fnv::FnvHasher;
use policy::UserError;
use policy::suggest::hint;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::hash::Hasher;
use std::path::Path;

const DOCKERFILE: &str = "Dockerfile";

/// A build context in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Context {
    /// What is sent to the builder, by path with `/`.
    pub files: BTreeMap<String, ContextFile>,
    /// What `.dockerignore` holds back.
    pub ignored: BTreeMap<String, ContextFile>,
    dockerfile: String,
}

/// A file of a build context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextFile {
    /// Its content.
    pub bytes: Bytes,
    /// `0o755` where the file on disk is executable, else `0o644`, whatever the umask
    /// of the checkout was.
    pub mode: u32,
}

/// Lays down a variant's files.
///
/// `provided` are files out of peers' images, as far as they are there yet; `edits` the
/// reader's texts by path.
///
/// # Errors
/// An edit of a file that is not declared editable, too much text, a malformed
/// `.dockerignore`, or files that cannot be read.
pub fn context(
    root: &Path,
    lab: &Lab,
    variant: &Variant,
    provided: &BTreeMap<String, Vec<u8>>,
    edits: &BTreeMap<String, String>,
) -> Result<Context, UserError> {
    check_edits(variant, edits)?;
    let sources = lab
        .sources
        .iter()
        .map(|name| root.join("book/labs").join(name));
    let src = Some(lab.dir.join("src")).filter(|src| src.is_dir());
    let folders: Vec<_> = sources
        .chain(src)
        .chain([lab.dir.join(&variant.id)])
        .collect();
    let mut files = read(&folders)?;
    for ballast in &lab.ballast {
        let laid = files.entry(ballast.path.clone());
        laid.or_insert_with(|| ContextFile {
            bytes: random_looking(&ballast.path, ballast.bytes),
            mode: 0o644,
        });
    }
    for (path, bytes) in provided {
        if !is_plain_path(path) {
            let cause = format!("`{path}` is not a plain path inside the build context");
            return Err(unreadable(cause));
        }
        let file = ContextFile {
            bytes: Bytes::copy_from_slice(bytes),
            mode: 0o644,
        };
        files.insert(path.clone(), file);
    }
    for (path, text) in edits {
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        let mode = files.get(path).map_or(0o644, |file| file.mode);
        files.insert(path.clone(), ContextFile { bytes, mode });
    }
    Context::new(files)
}

/// Lays down the files of a container that stands beside the variant's.
///
/// # Errors
/// A malformed `.dockerignore`, or files that cannot be read.
pub fn peer_context(lab: &Lab, peer: &Peer) -> Result<Context, UserError> {
    Context::new(read(&[lab.dir.join("peers").join(&peer.id)])?)
}

/// Lays down the files of a debug container's image.
///
/// # Errors
/// A malformed `.dockerignore`, or files that cannot be read.
pub fn debug_context(lab: &Lab, image: &str) -> Result<Context, UserError> {
    Context::new(read(&[lab.dir.join("debug").join(image)])?)
}

/// Bytes that do not compress and are the same wherever the book is built (xorshift64, from
/// the path), so that the builder's cache holds.
fn random_looking(path: &str, length: usize) -> Bytes {
    let seed = fnv1a(path.as_bytes());
    let mut state = seed | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes.into()
}

impl Context {
    fn new(files: BTreeMap<String, ContextFile>) -> Result<Context, UserError> {
        if let Some(path) = tree::file_and_folder(files.keys().map(String::as_str)) {
            return Err(unreadable(format!("`{path}` is both a file and a folder")));
        }
        let bytes: usize = files.values().map(|file| file.bytes.len()).sum();
        if bytes as u64 > MAX_CONTEXT_BYTES {
            let cause = format!("they hold {bytes} bytes; {MAX_CONTEXT_BYTES} are allowed");
            return Err(unreadable(cause));
        }
        let text = |path: &str| {
            files
                .get(path)
                .and_then(|file| std::str::from_utf8(&file.bytes).ok())
        };
        let Some(dockerfile) = text(DOCKERFILE).map(str::to_owned) else {
            return Err(unreadable(
                "there is no Dockerfile that is UTF-8 text".into(),
            ));
        };
        let ignore = Ignore::parse(text(".dockerignore").unwrap_or_default());
        let ignore = ignore.map_err(|(line, pattern)| UserError {
            what: format!(".dockerignore:{line}: the pattern `{pattern}` cannot be understood"),
            cause: "a bracket that is not closed, a lone `!`, or a `\\` at the end".into(),
            next: "correct the line".into(),
        })?;
        let (ignored, files) = files
            .into_iter()
            .partition(|(path, _)| ignore.holds_back(path));
        Ok(Context {
            files,
            ignored,
            dockerfile,
        })
    }

    /// The Dockerfile's text.
    pub fn dockerfile(&self) -> &str {
        &self.dockerfile
    }

    /// The text at `path`, also where `.dockerignore` holds it back.
    pub fn text(&self, path: &str) -> Option<&str> {
        let file = self.files.get(path).or_else(|| self.ignored.get(path))?;
        std::str::from_utf8(&file.bytes).ok()
    }

    /// The same context with another Dockerfile.
    #[must_use]
    pub fn with_dockerfile(&self, text: &str) -> Context {
        let mut context = self.clone();
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        context
            .files
            .insert(DOCKERFILE.into(), ContextFile { bytes, mode: 0o644 });
        context.dockerfile = text.to_owned();
        context
    }

    /// What the builder is sent: sorted, owned by root, dated by content.
    pub fn to_tar(&self) -> Bytes {
        let mut tar = tar::Builder::new(Vec::new());
        let mut folders: BTreeSet<&str> = BTreeSet::new();
        for (path, file) in &self.files {
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
}

/// A time between 2001 and 2010 that is made of the content, in Unix seconds.
///
/// Equal files get equal times on every machine, and different ones different times. Go needs
/// the latter: its cache remembers what a folder imports by the names, sizes and times of its
/// files (cmd/go/internal/modindex), and all labs build in `/src` with one cache.
fn dated(bytes: &[u8]) -> u64 {
    const SEPTEMBER_2001: u64 = 1_000_000_000;
    SEPTEMBER_2001 + (fnv1a(bytes) >> 36)
}

/// The 64-bit FNV-1a hash: the same in every version of the book.
fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(bytes);
    hasher.finish()
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

/// Reads folders, later ones laid over earlier ones.
fn read(folders: &[impl AsRef<Path>]) -> Result<BTreeMap<String, ContextFile>, UserError> {
    let mut problems = Vec::new();
    let layers: Vec<Files> = folders
        .iter()
        .map(|folder| {
            let folder = folder.as_ref();
            tree::files(folder, &folder.display().to_string(), &mut problems)
        })
        .collect();
    if let Some(problem) = problems.first() {
        return Err(unreadable(Diagnostic::to_string(problem)));
    }
    let mut files = BTreeMap::new();
    for (path, file) in tree::lay(&layers).map_err(unreadable)? {
        let bytes = fs::read(&file.path)
            .map_err(|error| unreadable(format!("{}: {error}", file.path.display())))?;
        let mode = if file.executable { 0o755 } else { 0o644 };
        files.insert(
            path,
            ContextFile {
                bytes: bytes.into(),
                mode,
            },
        );
    }
    Ok(files)
}

fn check_edits(variant: &Variant, edits: &BTreeMap<String, String>) -> Result<(), UserError> {
    let editable = || variant.editable.iter().map(String::as_str);
    if let Some(path) = edits
        .keys()
        .find(|path| !editable().any(|name| name == *path))
    {
        let shown: String = path.chars().filter(|c| !c.is_control()).take(100).collect();
        let hint = hint(path, editable(), "editable are");
        let hint = hint.trim_start_matches("; ");
        return Err(UserError {
            what: format!("`{shown}` cannot be edited in this lab"),
            cause: if hint.is_empty() {
                "nothing can, here".into()
            } else {
                hint.into()
            },
            next: "edit one of those instead".into(),
        });
    }
    let bytes: usize = edits.values().map(String::len).sum();
    if bytes > MAX_EDIT_BYTES {
        return Err(UserError {
            what: format!("the edits are too long: {bytes} bytes"),
            cause: format!("{MAX_EDIT_BYTES} bytes in all are allowed"),
            next: "shorten them".into(),
        });
    }
    if let Some((path, _)) = edits.iter().find(|(_, text)| text.contains('\0')) {
        return Err(UserError {
            what: format!("`{path}` holds a NUL character"),
            cause: "it is not a text".into(),
            next: "remove the character".into(),
        });
    }
    Ok(())
}

fn unreadable(cause: String) -> UserError {
    UserError {
        what: "the lab's files cannot be laid out for the builder".into(),
        cause,
        next: "see what changed below book/labs: git status book/labs".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::super::tests::{FAILURE, Project};
    use super::*;
    use std::io::Read;

    fn lay(project: &Project, name: &str, edits: &[(&str, &str)]) -> Result<Context, UserError> {
        let catalog = project.load();
        let (lab, variant) = catalog.resolve(name).expect("a variant");
        let edits = edits
            .iter()
            .map(|(path, text)| (path.to_string(), text.to_string()))
            .collect();
        context(project.root(), lab, variant, &BTreeMap::new(), &edits)
    }

    #[test]
    fn later_layers_lie_on_top() {
        let project = Project::new();
        project.write("_service/Dockerfile", "FROM sources\n");
        project.write("_service/only", "sources");
        project.write("stage-5a/src/main.go", "package src\n");
        project.write("stage-5a/image/go.mod", "module variant\n");
        let catalog = project.load();
        let (lab, variant) = catalog.resolve("stage-5a").expect("a variant");
        let provided = BTreeMap::from([("ca/root.pem".to_owned(), b"PEM".to_vec())]);
        let edits = BTreeMap::from([("Dockerfile".to_owned(), "FROM edits\n".to_owned())]);
        let context = context(project.root(), lab, variant, &provided, &edits).expect("a context");
        let texts: Vec<_> = context
            .files
            .keys()
            .map(|p| (p.as_str(), context.text(p)))
            .collect();
        assert_eq!(
            texts,
            [
                ("Dockerfile", Some("FROM edits\n")),
                ("ca/root.pem", Some("PEM")),
                ("go.mod", Some("module variant\n")),
                ("main.go", Some("package src\n")),
                ("only", Some("sources")),
            ]
        );
        assert_eq!(context.dockerfile(), "FROM edits\n");
        let changed = context.with_dockerfile("FROM other\n");
        assert_eq!(changed.text("Dockerfile"), Some("FROM other\n"));
        assert_eq!(changed.dockerfile(), "FROM other\n");
    }

    #[test]
    fn a_peer_has_its_folder_to_itself() {
        let project = Project::new();
        let catalog = project.load();
        let lab = catalog.lab("x509").expect("a lab");
        let context = peer_context(lab, &lab.peers[0]).expect("a context");
        assert_eq!(context.files.keys().collect::<Vec<_>>(), ["Dockerfile"]);
        assert_eq!(context.dockerfile(), "FROM golang:1.23\n");
    }

    #[test]
    fn only_declared_files_can_be_edited() {
        let project = Project::new();
        for path in [
            "main.go",
            "../lab.toml",
            "/etc/passwd",
            "Dockerfile/",
            "new.go",
            "",
        ] {
            let error = lay(&project, "stage-5a", &[(path, "x")]).expect_err(path);
            assert_eq!(error.what, format!("`{path}` cannot be edited in this lab"));
        }
        let error = lay(&project, "stage-5a", &[("dockerfile", "x")]).expect_err("case matters");
        assert_eq!(error.cause, "did you mean `Dockerfile`?");
        let error = lay(&project, "x509/broken", &[("Dockerfile", "x")]).expect_err("none is");
        assert_eq!(error.cause, "nothing can, here");
    }

    #[test]
    fn edits_are_text_of_bearable_size() {
        let project = Project::new();
        let full = "#".repeat(MAX_EDIT_BYTES);
        assert!(lay(&project, "stage-5a", &[("Dockerfile", &full)]).is_ok());
        let error = lay(&project, "stage-5a", &[("Dockerfile", &format!("{full}#"))]);
        assert_eq!(
            error.expect_err("too long").what,
            "the edits are too long: 262145 bytes"
        );
        let error = lay(&project, "stage-5a", &[("Dockerfile", "FROM \0")]);
        assert_eq!(
            error.expect_err("binary").what,
            "`Dockerfile` holds a NUL character"
        );
    }

    #[test]
    fn ignored_files_are_not_sent_but_can_be_shown() {
        let project = Project::new();
        project.write("x509/bundle/.dockerignore", "*\n!*.pem\n");
        let context = lay(&project, "x509/bundle", &[]).expect("a context");
        assert_eq!(
            context.files.keys().collect::<Vec<_>>(),
            [".dockerignore", "Dockerfile"]
        );
        assert_eq!(context.text("main.go"), Some("package main\n"));
        project.write("x509/bundle/.dockerignore", "ok\n[a\n");
        let error = lay(&project, "x509/bundle", &[]).expect_err("malformed");
        assert_eq!(
            error.what,
            ".dockerignore:2: the pattern `[a` cannot be understood"
        );
    }

    #[test]
    fn an_edited_dockerignore_counts() {
        let project = Project::new();
        project.write("x509/bundle/.dockerignore", "*\n");
        let both =
            "\"Dockerfile\", \"main.go\", \".dockerignore\"]\neditable = [\".dockerignore\"]";
        let toml = FAILURE.replace(
            "\"Dockerfile\", \"main.go\"]\neditable = [\"main.go\"]",
            both,
        );
        project.write("x509/lab.toml", toml);
        let context = lay(&project, "x509/bundle", &[(".dockerignore", "")]).expect("a context");
        assert!(context.files.contains_key("main.go"));
    }

    #[test]
    fn files_that_vanish_after_loading_are_troubles() {
        let project = Project::new();
        let catalog = project.load();
        let (lab, variant) = catalog.resolve("stage-5a").expect("a variant");
        fs::remove_file(project.path("stage-5a/image/Dockerfile")).expect("gone");
        let none = (BTreeMap::new(), BTreeMap::new());
        let error = context(project.root(), lab, variant, &none.0, &none.1).expect_err("gone");
        assert_eq!(error.cause, "there is no Dockerfile that is UTF-8 text");
        let outside = BTreeMap::from([("../x".to_owned(), Vec::new())]);
        let error = context(project.root(), lab, variant, &outside, &none.1).expect_err("outside");
        assert_eq!(
            error.cause,
            "`../x` is not a plain path inside the build context"
        );
    }

    #[cfg(unix)]
    #[test]
    fn equal_contexts_make_equal_tars() {
        use std::os::unix::fs::PermissionsExt;
        let deep = format!("x509/src/{}/deep/run.sh", "long".repeat(30));
        let tar = || {
            let project = Project::new();
            project.write(&deep, "#!/bin/sh\n");
            let mode = fs::Permissions::from_mode(0o700);
            fs::set_permissions(project.path(&deep), mode).expect("a mode");
            let mode = fs::Permissions::from_mode(0o600);
            fs::set_permissions(project.path("x509/src/main.go"), mode).expect("a mode");
            lay(&project, "x509/bundle", &[])
                .expect("a context")
                .to_tar()
        };
        let (one, other) = (tar(), tar());
        assert_eq!(one, other);
        let mut archive = tar::Archive::new(&one[..]);
        let mut seen = Vec::new();
        for entry in archive.entries().expect("a tar") {
            let mut entry = entry.expect("an entry");
            let mut text = String::new();
            entry.read_to_string(&mut text).expect("text");
            let header = entry.header();
            assert_eq!((header.uid().ok(), header.gid().ok()), (Some(0), Some(0)));
            let year = header.mtime().expect("a time") / (365 * 24 * 3600) + 1970;
            let file = header.entry_type().is_file();
            assert_eq!((2001..=2010).contains(&year), file, "{year}");
            let path = entry.path().expect("a path").display().to_string();
            seen.push((
                path.replace("long", ""),
                header.mode().expect("a mode"),
                text,
            ));
        }
        let seen: Vec<_> = seen
            .iter()
            .map(|(p, m, t)| (p.as_str(), *m, t.as_str()))
            .collect();
        assert_eq!(
            seen,
            [
                (
                    "Dockerfile",
                    0o644,
                    "FROM scratch\nCOPY upstream-ca.pem /\n"
                ),
                ("/", 0o755, ""),
                ("/deep/", 0o755, ""),
                ("/deep/run.sh", 0o755, "#!/bin/sh\n"),
                ("main.go", 0o644, "package main\n"),
            ]
        );
    }
}
