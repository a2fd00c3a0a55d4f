//! The files of a build context, read from disk.

use crate::diagnostic::Diagnostic;
use crate::files::{self, Files};
use bytes::Bytes;
use policy::UserError;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

/// A file of a build context.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ContextFile {
    /// Its content.
    pub bytes: Bytes,
    /// `0o755` where the file on disk is executable, else `0o644`, whatever the umask
    /// of the checkout was.
    pub mode: u32,
}

impl ContextFile {
    /// A file that nobody executes.
    pub(crate) fn plain(bytes: impl Into<Bytes>) -> ContextFile {
        ContextFile {
            bytes: bytes.into(),
            mode: 0o644,
        }
    }
}

/// Reads folders, later ones laid over earlier ones.
pub(crate) fn read_folders(
    folders: &[impl AsRef<Path>],
) -> Result<BTreeMap<String, ContextFile>, UserError> {
    let mut problems = Vec::new();
    let layers: Vec<Files> = folders
        .iter()
        .map(|folder| {
            let folder = folder.as_ref();
            files::files(folder, &folder.display().to_string(), &mut problems)
        })
        .collect();
    if let Some(problem) = problems.first() {
        return Err(unreadable(Diagnostic::to_string(problem)));
    }
    let mut files = BTreeMap::new();
    for (path, file) in files::lay(&layers).map_err(unreadable)? {
        let bytes = fs::read(&file.path)
            .map_err(|error| unreadable(format!("{}: {error}", file.path.display())))?
            .into();
        let mode = if file.executable { 0o755 } else { 0o644 };
        files.insert(path, ContextFile { bytes, mode });
    }
    Ok(files)
}

/// Files that cannot become a build context.
pub(crate) fn unreadable(cause: String) -> UserError {
    UserError {
        what: "the lab's files cannot be laid out for the builder".into(),
        cause,
        next: "see what changed below book/labs: git status book/labs".into(),
    }
}
