//! ARCHITECTURE.md and CONTRIBUTING.md name what is there.

use super::modules::product;
use super::{crates, root};

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// Everything between single backquotes that looks like a path below the repository's top folder.
fn paths(text: &str) -> Vec<String> {
    let spans = text.split('`').skip(1).step_by(2);
    let is_path = |span: &&str| {
        span.contains('/')
            && !span.starts_with(['/', '-', '.'])
            && !span.contains([' ', '<', '*', '…', '{', ':', '$', '=', '(', '|'])
            && !span
                .chars()
                .any(|c| c.is_ascii_uppercase() && span.contains("NAME"))
    };
    spans.filter(is_path).map(str::to_owned).collect()
}

#[test]
fn every_path_that_the_guides_name_exists() {
    // Made on the reader's machine, not by us.
    let made = ["target/", "book/recorded/", "fuzz/artifacts/"];
    for guide in ["ARCHITECTURE.md", "CONTRIBUTING.md", "README.md"] {
        let named = paths(&read(guide));
        let lost: Vec<_> = named
            .iter()
            .filter(|path| !made.iter().any(|one| path.starts_with(one)))
            .filter(|path| {
                path.starts_with("playground/")
                    || path.starts_with("book/")
                    || path.starts_with("script/")
            })
            .filter(|path| !root().join(path).exists())
            .collect();
        assert!(lost.is_empty(), "{guide} names what is not there: {lost:?}");
    }
}

/// A test target that nobody runs would be a test that cannot fail.
#[test]
fn script_test_runs_every_test_target_of_the_playground() {
    let script = read("script/test");
    for entry in std::fs::read_dir(root().join("playground/tests")).expect("tests") {
        let path = entry.expect("an entry").path();
        let is_target =
            path.extension().is_some_and(|end| end == "rs") || path.join("main.rs").exists();
        let name = path.file_stem().expect("a name").to_string_lossy();
        let option = format!("--test {name}");
        assert!(
            !is_target || script.contains(&option),
            "script/test has no `{option}`"
        );
    }
}

#[test]
fn the_architecture_is_short_enough_to_be_read() {
    let lines = read("ARCHITECTURE.md").lines().count();
    assert!(lines <= 150, "{lines} lines");
}

#[test]
fn no_file_is_longer_than_four_hundred_lines_without_its_tests() {
    let mut long = Vec::new();
    for (_, src) in crates() {
        let mut folders = vec![src];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).expect("a folder") {
                let path = entry.expect("an entry").path();
                if path.is_dir() {
                    folders.push(path);
                } else if !path.ends_with("tests.rs") && product(&path).lines().count() > 400 {
                    long.push(path);
                }
            }
        }
    }
    assert!(long.is_empty(), "{long:?}");
}
