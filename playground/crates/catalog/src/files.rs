//! The files of a folder as they lie on disk: what is there, and what may not be.

use crate::diagnostic::Diagnostic;
use crate::limits::{MAX_BOOK_TOML_BYTES, MAX_CONTEXT_BYTES, MAX_LAB_TOML_BYTES, MAX_SHOWN_BYTES};
use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A folder's files, by path below it, with `/`.
pub(crate) type Files = BTreeMap<String, File>;

/// A regular file.
#[derive(Clone, Debug)]
pub(crate) struct File {
    pub(crate) path: PathBuf,
    pub(crate) bytes: u64,
    pub(crate) executable: bool,
}

/// What a directory holds, one level deep.
pub(crate) struct Entry {
    pub(crate) name: String,
    pub(crate) path: PathBuf,
    pub(crate) is_dir: bool,
}

/// The entries of `dir` in order, without links, sockets and the like, which are
/// reported. `shown` is how reports call the directory.
pub(crate) fn entries(dir: &Path, shown: &str, problems: &mut Vec<Diagnostic>) -> Vec<Entry> {
    let mut report = |file: String, text: String| problems.push(Diagnostic::of(file, text));
    let listing = match fs::read_dir(dir) {
        Ok(listing) => listing,
        Err(error) => {
            report(shown.to_owned(), format!("cannot be read: {error}"));
            return Vec::new();
        }
    };
    let mut entries = Vec::new();
    for entry in listing {
        let (entry, kind) =
            match entry.and_then(|entry| entry.file_type().map(|kind| (entry, kind))) {
                Ok(found) => found,
                Err(error) => {
                    report(shown.to_owned(), format!("cannot be read: {error}"));
                    continue;
                }
            };
        let name = entry.file_name().to_string_lossy().into_owned();
        let at = format!("{shown}/{name}");
        if name == ".DS_Store" {
            // The Finder leaves these wherever somebody looked.
        } else if entry.file_name().to_str().is_none() || name.contains(char::is_control) {
            report(at, "the name is not plain text".into());
        } else if kind.is_symlink() {
            report(at, link_problem(&entry.path(), dir));
        } else if kind.is_dir() || kind.is_file() {
            entries.push(Entry {
                name,
                path: entry.path(),
                is_dir: kind.is_dir(),
            });
        } else {
            report(at, "is neither a file nor a folder".into());
        }
    }
    entries.sort_by(|a, b| a.name.cmp(&b.name));
    entries
}

/// All files below `dir`.
pub(crate) fn files(dir: &Path, shown: &str, problems: &mut Vec<Diagnostic>) -> Files {
    let mut files = Files::new();
    collect(dir, shown, "", &mut files, problems);
    files
}

fn collect(
    dir: &Path,
    shown: &str,
    below: &str,
    files: &mut Files,
    problems: &mut Vec<Diagnostic>,
) {
    for entry in entries(dir, shown, problems) {
        let path = format!("{below}{}", entry.name);
        let shown = format!("{shown}/{}", entry.name);
        if entry.is_dir {
            collect(&entry.path, &shown, &format!("{path}/"), files, problems);
            continue;
        }
        match entry.path.symlink_metadata() {
            Ok(facts) => {
                let file = File {
                    path: entry.path,
                    bytes: facts.len(),
                    executable: is_executable(&facts),
                };
                files.insert(path, file);
            }
            Err(error) => problems.push(Diagnostic::of(shown, format!("cannot be read: {error}"))),
        }
    }
}

/// Lays folders over each other, later ones on top.
///
/// # Errors
/// The first path that is a file in one folder and a folder in another, or that the
/// whole is larger than a context may be.
pub(crate) fn lay<'f>(layers: impl IntoIterator<Item = &'f Files>) -> Result<Files, String> {
    let mut all = Files::new();
    for layer in layers {
        all.extend(layer.clone());
    }
    if let Some(path) = file_and_folder(all.keys().map(String::as_str)) {
        return Err(format!(
            "`{path}` is a file in one of its folders and a folder in another"
        ));
    }
    let bytes: u64 = all.values().map(|file| file.bytes).sum();
    if bytes > MAX_CONTEXT_BYTES {
        return Err(format!(
            "its build context holds {bytes} bytes; {MAX_CONTEXT_BYTES} are allowed"
        ));
    }
    Ok(all)
}

/// A path that is a file and the folder of another. Paths come sorted.
pub(crate) fn file_and_folder<'p>(paths: impl Iterator<Item = &'p str> + Clone) -> Option<&'p str> {
    let known: std::collections::BTreeSet<&str> = paths.clone().collect();
    paths
        .flat_map(|path| path.match_indices('/').map(move |(at, _)| &path[..at]))
        .find(|folder| known.contains(folder))
}

/// Why a file cannot be shown in a tab.
pub(crate) fn unshowable(file: &File) -> Option<String> {
    if file.bytes > MAX_SHOWN_BYTES {
        return Some(format!(
            "is larger than the {MAX_SHOWN_BYTES} bytes a tab may show"
        ));
    }
    match fs::read(&file.path) {
        Ok(bytes) if std::str::from_utf8(&bytes).is_err() => Some("is not UTF-8 text".into()),
        Ok(_) => None,
        Err(error) => Some(format!("cannot be read: {error}")),
    }
}

/// A text of the whole book that may be missing: the file `<root>/<name>`, of bearable size.
pub(crate) fn read_optional_text(
    root: &Path,
    name: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<String> {
    let path = root.join(name);
    match path.symlink_metadata() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Ok(facts) if !facts.is_file() => {
            problems.push(Diagnostic::of(name, "is no plain file"));
            None
        }
        facts => read_bounded(&path, facts, name, MAX_BOOK_TOML_BYTES, problems),
    }
}

/// A text that a folder must have, of bearable size.
pub(crate) fn read_text(
    path: &Path,
    shown: &str,
    problems: &mut Vec<Diagnostic>,
) -> Option<String> {
    match path.symlink_metadata() {
        // Links and folders of this name are reported where the folder is listed.
        Ok(facts) if !facts.is_file() => None,
        facts => read_bounded(path, facts, shown, MAX_LAB_TOML_BYTES, problems),
    }
}

fn read_bounded(
    path: &Path,
    facts: io::Result<fs::Metadata>,
    shown: &str,
    max_bytes: u64,
    problems: &mut Vec<Diagnostic>,
) -> Option<String> {
    let problem = match facts {
        Ok(facts) if facts.len() > max_bytes => {
            Diagnostic::of(shown, format!("is larger than {max_bytes} bytes"))
        }
        _ => match fs::read(path).map(String::from_utf8) {
            Ok(Ok(text)) => return Some(text),
            Ok(Err(error)) => {
                let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
                let line = before.iter().filter(|b| **b == b'\n').count() + 1;
                let line = u32::try_from(line).unwrap_or(u32::MAX);
                Diagnostic::at(shown, line, "is not UTF-8 text")
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let text = "is missing: every folder here holds a lab (or starts with _)";
                Diagnostic::of(shown, text)
            }
            Err(error) => Diagnostic::of(shown, format!("cannot be read: {error}")),
        },
    };
    problems.push(problem);
    None
}

fn link_problem(link: &Path, dir: &Path) -> String {
    let inside = match (fs::canonicalize(link), fs::canonicalize(dir)) {
        (Ok(target), Ok(dir)) => target.starts_with(dir),
        _ => return "is a symbolic link to nothing; put the file itself here".into(),
    };
    if inside {
        "is a symbolic link, which not every checkout keeps; put the file itself here".into()
    } else {
        "is a symbolic link that leads outside its folder; put the file itself here".into()
    }
}

#[cfg(unix)]
fn is_executable(facts: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    facts.permissions().mode() & 0o111 != 0
}

#[cfg(not(unix))]
fn is_executable(_: &fs::Metadata) -> bool {
    false
}
