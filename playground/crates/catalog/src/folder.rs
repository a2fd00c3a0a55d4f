//! A lab's folder as it lies on disk: its sources, its variants, what stands beside them, and
//! what does not belong there.

use crate::diagnostic::Diagnostic;
use crate::files::{self, Entry, Files};
use crate::names::is_kebab_case;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// A lab's folder as it lies on disk.
pub(crate) struct Folder {
    pub(crate) id: String,
    /// As reports call it: `book/labs/x509`.
    pub(crate) shown: String,
    pub(crate) dir: PathBuf,
    /// `src/`, empty where there is none.
    pub(crate) src: Files,
    /// By id, as the folders are called.
    pub(crate) variants: BTreeMap<String, Files>,
    /// By id, as the folders below `peers/` are called.
    pub(crate) peers: BTreeMap<String, Files>,
    /// By id, as the folders below `debug/` are called.
    pub(crate) debug: BTreeMap<String, Files>,
}

/// Looks at a lab's folder; reports what does not belong there.
pub(crate) fn read_folder(entry: Entry, shown: String, problems: &mut Vec<Diagnostic>) -> Folder {
    if !is_kebab_case(&entry.name) {
        let text = "a lab's folder is named in kebab-case (a-z, 0-9, single hyphens)";
        problems.push(Diagnostic::of(&shown, text));
    }
    let entries = files::entries(&entry.path, &shown, problems);
    let mut folder = Folder {
        id: entry.name,
        shown,
        dir: entry.path,
        src: Files::new(),
        variants: BTreeMap::new(),
        peers: BTreeMap::new(),
        debug: BTreeMap::new(),
    };
    for entry in entries {
        let at = format!("{}/{}", folder.shown, entry.name);
        match (entry.name.as_str(), entry.is_dir) {
            ("lab.toml", false) => {}
            ("lab.toml", true) => {
                problems.push(Diagnostic::of(at, "is a folder; it must be a file"));
            }
            (_, false) => {
                let text = "does not belong here; files go into src/ or a variant's folder";
                problems.push(Diagnostic::of(at, text));
            }
            ("src", true) => folder.src = files::files(&entry.path, &at, problems),
            ("peers", true) => folder.peers = image_folders(&entry, &at, "peer", problems),
            ("debug", true) => folder.debug = image_folders(&entry, &at, "debug image", problems),
            (_, true) => {
                let files = files::files(&entry.path, &at, problems);
                folder.variants.insert(entry.name, files);
            }
        }
    }
    folder
}

/// The folders of images that stand beside a variant's, by id.
pub(crate) fn image_folders(
    entry: &Entry,
    shown: &str,
    noun: &str,
    problems: &mut Vec<Diagnostic>,
) -> BTreeMap<String, Files> {
    let mut folders = BTreeMap::new();
    for inner in files::entries(&entry.path, shown, problems) {
        let at = format!("{shown}/{}", inner.name);
        if inner.is_dir {
            folders.insert(inner.name, files::files(&inner.path, &at, problems));
        } else {
            let text = format!("does not belong here; a {noun} is a folder");
            problems.push(Diagnostic::of(at, text));
        }
    }
    folders
}
