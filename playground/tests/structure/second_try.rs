//! CI gives a test that failed one more chance, and says so: with Rust's own test programs.

use super::root;
use std::path::Path;
use std::process::{Command, Output};
use tempfile::TempDir;

/// One test holds, one fails the first time only, and prints what looks like a list of others; one
/// fails where it is told to.
const TESTS: &str = r#"
#[test]
fn holds() {}

mod inside {
    #[test]
    fn by_chance() {
        let met = std::path::Path::new("met");
        if !met.exists() {
            std::fs::write(met, "").unwrap();
            println!("failures:\n    holds");
            panic!("by chance");
        }
    }

    #[test]
    fn broken() {
        assert!(std::env::var_os("BROKEN").is_none());
    }
}
"#;

/// A folder with the tests, compiled.
fn tests() -> TempDir {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("tests.rs"), TESTS).expect("written");
    let compiled = Command::new("rustc")
        .args(["--test", "--edition", "2024", "-o", "tests", "tests.rs"])
        .current_dir(folder.path())
        .status();
    assert!(compiled.expect("rustc runs").success());
    folder
}

fn second_try(folder: &Path, broken: bool) -> (Output, String) {
    let mut command = Command::new(root().join("script/second-try").canonicalize().expect("it"));
    command.args(["list", "./tests"]).current_dir(folder);
    if broken {
        command.env("BROKEN", "");
    }
    let output = command.output().expect("it runs");
    let list = std::fs::read_to_string(folder.join("list")).expect("a list");
    (output, list)
}

#[test]
fn what_failed_by_chance_is_run_once_more_and_named() {
    let folder = tests();
    let (output, list) = second_try(folder.path(), false);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(list, "inside::by_chance\n");
    let written = String::from_utf8_lossy(&output.stdout);
    assert!(
        written.contains("by chance"),
        "what it said is seen: {written}"
    );
    assert!(written.contains("running 1 test\n"), "alone: {written}");
    let (output, list) = second_try(folder.path(), false);
    assert!(output.status.success(), "{output:?}");
    assert_eq!(list, "", "nothing failed");
}

#[test]
fn what_is_broken_stays_red() {
    let folder = tests();
    let (output, list) = second_try(folder.path(), true);
    assert_eq!(output.status.code(), Some(101), "{output:?}");
    assert_eq!(list, "", "no second try made it good");
}
