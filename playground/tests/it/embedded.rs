//! A program that carries the book, where there is no checkout: what script/release hands out.
//! Built with the feature `embed`, as script/test does.

use std::fs;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// A folder of nobody's, with a data folder in it.
struct Elsewhere(TempDir);

impl Elsewhere {
    fn new() -> Elsewhere {
        Elsewhere(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn run(&self, arguments: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_playground"))
            .args(arguments)
            .current_dir(self.path())
            .env_remove("EMPTY_ROOM_ROOT")
            .env("EMPTY_ROOM_DATA", self.path().join("data"))
            .env("DOCKER_HOST", "unix:///nonexistent")
            .output()
            .expect("it runs")
    }

    fn succeeds(&self, arguments: &[&str]) -> (String, String) {
        let output = self.run(arguments);
        let [said, errors] =
            [output.stdout, output.stderr].map(|text| String::from_utf8_lossy(&text).into_owned());
        assert!(output.status.success(), "{arguments:?}: {said}{errors}");
        (said, errors)
    }

    /// Where the book was laid down.
    #[cfg(feature = "embed")]
    fn content(&self) -> std::path::PathBuf {
        let entries = fs::read_dir(self.path().join("data/content")).expect("laid down");
        let paths = entries.map(|entry| entry.expect("an entry").path());
        let mut books = paths.filter(|path| path.is_dir() && path.extension().is_none());
        books.next().expect("one book")
    }
}

#[cfg(feature = "embed")]
mod carried {
    use super::*;
    use crate::support::root;

    #[test]
    fn labs_and_messages_are_known_anywhere() {
        let elsewhere = Elsewhere::new();
        let (listed, _) = elsewhere.succeeds(&["list", "--json"]);
        let labs = fs::read_dir(root().join("book/labs"))
            .expect("labs")
            .count();
        assert!(listed.lines().count() > labs / 2, "{listed}");
        let message = "x509: certificate signed by unknown authority";
        let (explained, _) = elsewhere.succeeds(&["explain", message]);
        assert!(explained.contains("x509"), "{explained}");
    }

    #[test]
    fn the_book_it_writes_is_the_checkouts() {
        let elsewhere = Elsewhere::new();
        elsewhere.succeeds(&["build"]);
        let out = tempfile::tempdir().expect("a folder");
        let root = root().display().to_string();
        let of_checkout = out.path().join("book").display().to_string();
        elsewhere.succeeds(&["--root", &root, "build", "--out", &of_checkout]);
        let same = Command::new("diff")
            .args(["-r", "empty-room-book", &of_checkout])
            .current_dir(elsewhere.path())
            .output()
            .expect("diff runs");
        assert!(
            same.status.success(),
            "{}",
            String::from_utf8_lossy(&same.stdout)
        );
    }

    #[test]
    fn a_book_that_was_changed_is_kept_and_comes_anew() {
        let elsewhere = Elsewhere::new();
        elsewhere.succeeds(&["list"]);
        let page = elsewhere.content().join("book/src/SUMMARY.md");
        fs::write(&page, "mine").expect("written");
        let (_, told) = elsewhere.succeeds(&["list"]);
        assert!(
            told.contains(".changed") && told.contains("next:"),
            "{told}"
        );
        assert_ne!(fs::read_to_string(&page).expect("anew"), "mine");
        let theirs = elsewhere.content().with_added_extension("changed");
        let theirs = fs::read_to_string(theirs.join("book/src/SUMMARY.md"));
        assert_eq!(theirs.expect("kept"), "mine");
    }

    #[test]
    fn commands_that_write_into_the_book_want_a_checkout() {
        let elsewhere = Elsewhere::new();
        let (data, work) = (["new", "lab", "mine"], ["check-content", "--fix"]);
        for arguments in [&data[..], &work, &["ledger", "run", "--record"]] {
            let refused = elsewhere.run(arguments);
            let told = String::from_utf8_lossy(&refused.stderr);
            assert_eq!(refused.status.code(), Some(3), "{arguments:?}: {told}");
            assert!(told.contains("clone the book"), "{told}");
        }
    }
}

#[test]
fn completions_and_manual_need_neither_book_nor_engine() {
    let elsewhere = Elsewhere::new();
    for shell in ["bash", "zsh", "fish"] {
        let (script, _) = elsewhere.succeeds(&["completions", shell]);
        assert!(script.contains("check-content"), "{shell}");
    }
    elsewhere.succeeds(&["man", "manual"]);
    let page = fs::read_to_string(elsewhere.path().join("manual/playground.1")).expect("a page");
    assert!(page.contains(".TH") && page.contains("preflight"), "{page}");
    assert!(!elsewhere.path().join("data").exists());
}
