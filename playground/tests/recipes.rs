//! CONTRIBUTING.md's recipe for a rule, followed word by word in a scratch copy of the crates that
//! it touches. (The one for a lab is followed by `it::content`, on an engine.)

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// What git tracks below a path, copied; so nothing that a compiler left.
fn copy(below: &str, to: &Path) {
    let files = Command::new("git")
        .args(["ls-files", "-z", "--", below])
        .current_dir(root())
        .output()
        .expect("git runs");
    let names = String::from_utf8(files.stdout).expect("names");
    let mut names = names.split_terminator('\0').peekable();
    assert!(names.peek().is_some(), "{below} is tracked");
    for name in names.filter(|name| root().join(name).is_file()) {
        let target = to.join(name);
        fs::create_dir_all(target.parent().expect("a folder")).expect("made");
        fs::copy(root().join(name), target).expect("copied");
    }
}

#[test]
fn a_rule_is_added_by_adding_its_file() {
    const RULES: &str = "playground/crates/analysis/src/preflight/rules";
    let recipe = fs::read_to_string(root().join("CONTRIBUTING.md")).expect("the recipe");
    assert!(recipe.contains(&format!("{RULES}/<some_rule>.rs")));
    let scratch = tempfile::tempdir().expect("a folder");
    for part in ["playground/crates/policy", "playground/crates/analysis"] {
        copy(part, scratch.path());
    }
    let workspace = fs::read_to_string(root().join("Cargo.toml")).expect("Cargo.toml");
    let members = workspace.replace("\"playground\", ", "");
    assert_ne!(members, workspace, "the package itself is left out");
    // Profiles are about speed: to optimise what reads images takes longer than all else here.
    let (members, _) = members.split_once("[profile.").expect("profiles come last");
    fs::write(scratch.path().join("Cargo.toml"), members).expect("written");
    fs::copy(root().join("Cargo.lock"), scratch.path().join("Cargo.lock")).expect("copied");

    // "Begin with a copy of a short one." This one is about uid 4242, which nobody else's test is.
    let short = fs::read_to_string(root().join(RULES).join("runs_as_root.rs")).expect("the rule");
    let changes = [
        ("runs-as-root", "some-rule"),
        ("user.uid == 0", "user.uid == 4242"),
        ("run(\"\")", "run(\"4242\")"),
        ("run(\"0:0\")", "run(\"4242:0\")"),
    ];
    let rule = changes.iter().fold(short, |text, (from, to)| {
        assert!(text.contains(from), "{from}");
        text.replace(from, to)
    });
    fs::write(scratch.path().join(RULES).join("some_rule.rs"), rule).expect("written");

    // A target of its own: to cargo, the scratch copy is the same package at another place.
    let target = Path::new(env!("CARGO_BIN_EXE_playground"))
        .ancestors()
        .nth(2)
        .expect("a target directory")
        .join("recipes");
    let tested = Command::new(env!("CARGO"))
        .args([
            "test",
            "--offline",
            "--package",
            "analysis",
            "--lib",
            "some_rule",
        ])
        .current_dir(scratch.path())
        .env("CARGO_TARGET_DIR", target)
        .env("CARGO_PROFILE_DEV_DEBUG", "0")
        .output()
        .expect("cargo runs");
    let said = String::from_utf8_lossy(&tested.stdout);
    let errors = String::from_utf8_lossy(&tested.stderr);
    assert!(tested.status.success(), "{said}\n{errors}");
    assert!(said.contains("1 passed"), "{said}");
}
