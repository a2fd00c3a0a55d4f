//! The build context: a variant's files laid over each other, as the builder gets them.
//!
//! Sources first, then the lab's `src/`, the variant's folder, files out of peers'
//! images, and the reader's edits. Knows no engine; two equal contexts make equal tars,
//! so that the builder's cache holds.

mod archive;
mod ballast;
mod edits;
mod file;
mod hash;
mod ignore;

pub use archive::dated;
pub use file::ContextFile;
pub use ignore::Ignore;

use crate::files::file_and_folder;
use crate::lab::{Lab, Peer, Variant};
use crate::limits::MAX_CONTEXT_BYTES;
use crate::names::is_plain_path;
use bytes::Bytes;
use edits::check_edits;
use file::{read_folders, unreadable};
use policy::UserError;
use std::collections::BTreeMap;
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
        .chain(variant.layers.iter().map(|layer| lab.dir.join(layer)))
        .collect();
    let mut files = read_folders(&folders)?;
    for ballast in &lab.ballast {
        let laid = files.entry(ballast.path.clone());
        laid.or_insert_with(|| {
            ContextFile::plain(ballast::random_looking(&ballast.path, ballast.bytes))
        });
    }
    for (path, bytes) in provided {
        if !is_plain_path(path) {
            let cause = format!("`{path}` is not a plain path inside the build context");
            return Err(unreadable(cause));
        }
        files.insert(path.clone(), ContextFile::plain(bytes.clone()));
    }
    for (path, text) in edits {
        let bytes = Bytes::copy_from_slice(text.as_bytes());
        let mode = files.get(path).map_or(0o644, |file| file.mode);
        files.insert(path.clone(), ContextFile { bytes, mode });
    }
    Context::new(files)
}

/// The first line of a `.dockerignore` that cannot be understood, with its pattern.
pub fn malformed_ignore(text: &str) -> Option<(u32, String)> {
    Ignore::parse(text).err()
}

/// Lays down the files of a container that stands beside the variant's.
///
/// # Errors
/// A malformed `.dockerignore`, or files that cannot be read.
pub fn peer_context(lab: &Lab, peer: &Peer) -> Result<Context, UserError> {
    Context::new(read_folders(&[lab.dir.join("peers").join(&peer.id)])?)
}

/// Lays down the files of a debug container's image.
///
/// # Errors
/// A malformed `.dockerignore`, or files that cannot be read.
pub fn debug_context(lab: &Lab, image: &str) -> Result<Context, UserError> {
    Context::new(read_folders(&[lab.dir.join("debug").join(image)])?)
}

impl Context {
    fn new(files: BTreeMap<String, ContextFile>) -> Result<Context, UserError> {
        if let Some(path) = file_and_folder(files.keys().map(String::as_str)) {
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
        let file = ContextFile::plain(text.to_owned());
        context.files.insert(DOCKERFILE.into(), file);
        context.dockerfile = text.to_owned();
        context
    }

    /// The same context with a comment of its own at the end of one file, as an edit would leave it.
    ///
    /// # Errors
    /// There is no such file, or it is no text.
    pub fn with_comment(&self, path: &str, comment: &str) -> Result<Context, UserError> {
        let text = self.text(path).ok_or_else(|| UserError {
            what: format!("`{path}` cannot be changed: the build context has no such text"),
            cause: "`.dockerignore` holds it back, or it was not handed in".into(),
            next: "put the file back, and check again".into(),
        })?;
        let mark = match path.ends_with(".go") {
            true => "//",
            false => "#",
        };
        let text = format!("{text}\n{mark} {comment}\n");
        let mut context = match path {
            DOCKERFILE => self.with_dockerfile(&text),
            _ => self.clone(),
        };
        for files in [&mut context.files, &mut context.ignored] {
            if let Some(file) = files.get_mut(path) {
                file.bytes = text.clone().into();
            }
        }
        Ok(context)
    }

    /// What the builder is sent: sorted, owned by root, dated by content.
    pub fn to_tar(&self) -> Bytes {
        archive::to_tar(&self.files)
    }
}
