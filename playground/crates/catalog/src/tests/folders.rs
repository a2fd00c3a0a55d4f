//! Folders and files around a `lab.toml`: what may lie there and what may not.

use super::project::{Project, STAGE};
use crate::*;
use std::fs;

#[test]
fn folders_hold_what_the_lab_declares_and_nothing_else() {
    let project = Project::new();
    project.write("README.md", "stray");
    project.write(
        "Not Kebab/lab.toml",
        STAGE
            .replace("\"5a\"", "\"6\"")
            .replace("order = 5", "order = 6"),
    );
    project.write("Not Kebab/image/Dockerfile", "FROM scratch\n");
    project.write("empty/src/main.go", "");
    project.write("x509/notes.txt", "stray");
    project.write("x509/fixed/Dockerfile", "FROM scratch\n");
    project.write("x509/peers/notes.txt", "stray");
    project.write("x509/peers/other/Dockerfile", "FROM scratch\n");
    project.write("x509/.DS_Store", "left by the Finder");
    fs::remove_file(project.path("stage-5a/image/Dockerfile")).expect("gone");
    fs::write(project.path("stage-5a/image/x"), "").expect("a file");
    fs::remove_file(project.path("x509/peers/upstream/Dockerfile")).expect("gone");
    assert_eq!(
        project.problems(),
        [
            "book/labs/Not Kebab: a lab's folder is named in kebab-case (a-z, 0-9, single hyphens)",
            "book/labs/README.md: is no lab; labs are folders, and nothing else belongs here",
            "book/labs/empty/lab.toml: is missing: every folder here holds a lab (or starts with _)",
            "book/labs/stage-5a/lab.toml:15: book/labs/stage-5a/image has no Dockerfile",
            "book/labs/stage-5a/lab.toml:18: the build context has no file `Dockerfile`; it holds `go.mod`, `main.go`, `x`",
            "book/labs/x509/fixed: lab.toml has no [[variant]] with the id `fixed`; declared are `broken`, `bundle`",
            "book/labs/x509/lab.toml:6: book/labs/x509/peers/upstream has no Dockerfile",
            "book/labs/x509/notes.txt: does not belong here; files go into src/ or a variant's folder",
            "book/labs/x509/peers/notes.txt: does not belong here; a peer is a folder",
            "book/labs/x509/peers/other: lab.toml has no [[peer]] with the id `other`; declared are `upstream`",
        ]
        .map(str::to_owned)
        .to_vec()
    );
}

#[test]
fn files_are_shown_only_as_text_of_bearable_size() {
    let project = Project::new();
    project.write("_service/main.go", [0xff, 0xfe]);
    assert_eq!(
        project.problems(),
        ["book/labs/stage-5a/lab.toml:18: `main.go` is not UTF-8 text"]
    );
    project.write("_service/main.go", vec![b' '; (256 << 10) + 1]);
    assert_eq!(
        project.problems(),
        [
            "book/labs/stage-5a/lab.toml:18: `main.go` is larger than the 262144 bytes a tab may show"
        ]
    );
}

#[test]
fn contexts_are_limited_and_their_layers_agree() {
    let project = Project::new();
    project.write("x509/src/big", vec![0; 8 << 20]);
    assert_eq!(
        project.problems(),
        [
            "book/labs/x509/lab.toml:11: variant `broken`: its build context holds 8388634 bytes; 8388608 are allowed",
            "book/labs/x509/lab.toml:23: variant `bundle`: its build context holds 8388657 bytes; 8388608 are allowed",
        ]
    );
    fs::remove_file(project.path("x509/src/big")).expect("gone");
    project.write("x509/src/data", "a file");
    project.write("x509/bundle/data/x", "in a folder");
    assert_eq!(
        project.problems(),
        [
            "book/labs/x509/lab.toml:23: variant `bundle`: `data` is a file in one of its folders and a folder in another"
        ]
    );
}

#[cfg(unix)]
#[test]
fn links_are_reported_wherever_they_lead() {
    use std::os::unix::fs::symlink;
    let project = Project::new();
    symlink("/etc/passwd", project.path("x509/src/passwd")).expect("a link");
    symlink("main.go", project.path("x509/src/again.go")).expect("a link");
    symlink("nowhere", project.path("x509/src/dangling")).expect("a link");
    symlink(project.root(), project.path("outside")).expect("a link");
    assert_eq!(
        project.problems(),
        [
            "book/labs/outside: is a symbolic link that leads outside its folder; put the file itself here",
            "book/labs/x509/src/again.go: is a symbolic link, which not every checkout keeps; put the file itself here",
            "book/labs/x509/src/dangling: is a symbolic link to nothing; put the file itself here",
            "book/labs/x509/src/passwd: is a symbolic link that leads outside its folder; put the file itself here",
        ]
    );
}

#[test]
fn files_that_cannot_be_lab_toml_are_reported() {
    let project = Project::new();
    project.write("x509/lab.toml", b"kind = \"failure\"\ntitle = \"\xff\"\n");
    assert_eq!(
        project.problems(),
        ["book/labs/x509/lab.toml:2: is not UTF-8 text"]
    );
    project.write("x509/lab.toml", "#".repeat((64 << 10) + 1));
    assert_eq!(
        project.problems(),
        ["book/labs/x509/lab.toml: is larger than 65536 bytes"]
    );
    fs::remove_file(project.path("x509/lab.toml")).expect("gone");
    project.write("x509/lab.toml/x", "");
    assert_eq!(
        project.problems(),
        ["book/labs/x509/lab.toml: is a folder; it must be a file"]
    );
    let empty = tempfile::tempdir().expect("a temporary folder");
    let problems = Catalog::load(empty.path())
        .expect_err("no labs")
        .to_string();
    assert!(
        problems.starts_with("1 problem in labs and claims\nbook/labs: cannot be read: "),
        "{problems}"
    );
    fs::create_dir_all(empty.path().join("book/labs")).expect("a folder");
    let problems = Catalog::load(empty.path())
        .expect_err("no labs")
        .to_string();
    assert_eq!(
        problems,
        "1 problem in labs and claims\nbook/labs: holds no lab"
    );
}
