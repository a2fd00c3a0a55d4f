//! Promises about the house itself, kept without an engine or a browser: which way imports go,
//! how long files are, and that the guides name what is there.

mod guides;
mod imports;
mod modules;
mod second_try;

use std::path::{Path, PathBuf};

/// The repository's top folder.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// The `src` folders of all crates, each with the crate's name in `use` lines.
fn crates() -> Vec<(String, PathBuf)> {
    let package = root().join("playground");
    let mut found = vec![("playground".to_owned(), package.join("src"))];
    let folder = std::fs::read_dir(package.join("crates")).expect("crates");
    for entry in folder {
        let path = entry.expect("an entry").path();
        let name = path.file_name().expect("a name").to_string_lossy();
        found.push((name.into_owned(), path.join("src")));
    }
    found.sort();
    found
}
