//! The fixture of the tests that act on containers, with one change in its lab.toml.

use crate::{Catalog, Diagnostic};
use std::fs;
use std::path::Path;
use tempfile::TempDir;

/// A copy of the tests' own fixture, with `from` in its lab.toml replaced.
pub(crate) fn fixture_with(from: &str, to: &str) -> TempDir {
    let fixture = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/acts");
    let dir = tempfile::tempdir().expect("a folder");
    copy(&fixture, dir.path());
    let file = dir.path().join("book/labs/acts/lab.toml");
    let text = fs::read_to_string(&file).expect("the lab");
    assert!(text.contains(from), "the lab has no {from:?}");
    fs::write(&file, text.replacen(from, to, 1)).expect("written");
    dir
}

/// What is wrong with it.
pub(crate) fn problems(from: &str, to: &str) -> Vec<String> {
    match Catalog::load(fixture_with(from, to).path()) {
        Ok(_) => Vec::new(),
        Err(problems) => problems.iter().map(Diagnostic::to_string).collect(),
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder");
    for entry in fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let target = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).expect("copied");
        }
    }
}
