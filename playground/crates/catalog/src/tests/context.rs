//! Build contexts: what lies on top of what, what is held back, and what cannot be sent.

use super::project::{FAILURE, Project};
use crate::limits::MAX_EDIT_BYTES;
use crate::{Context, context, peer_context};
use policy::UserError;
use std::collections::BTreeMap;
use std::fs;
use std::io::Read;

fn lay(project: &Project, name: &str, edits: &[(&str, &str)]) -> Result<Context, UserError> {
    let catalog = project.load();
    let (lab, variant) = catalog.resolve(name).expect("a variant");
    let edits = edits
        .iter()
        .map(|(path, text)| (path.to_string(), text.to_string()))
        .collect();
    context(project.root(), lab, variant, &BTreeMap::new(), &edits)
}

#[test]
fn later_layers_lie_on_top() {
    let project = Project::new();
    project.write("_service/Dockerfile", "FROM sources\n");
    project.write("_service/only", "sources");
    project.write("stage-5a/src/main.go", "package src\n");
    project.write("stage-5a/image/go.mod", "module variant\n");
    let catalog = project.load();
    let (lab, variant) = catalog.resolve("stage-5a").expect("a variant");
    let provided = BTreeMap::from([("ca/root.pem".to_owned(), b"PEM".to_vec())]);
    let edits = BTreeMap::from([("Dockerfile".to_owned(), "FROM edits\n".to_owned())]);
    let context = context(project.root(), lab, variant, &provided, &edits).expect("a context");
    let texts: Vec<_> = context
        .files
        .keys()
        .map(|p| (p.as_str(), context.text(p)))
        .collect();
    assert_eq!(
        texts,
        [
            ("Dockerfile", Some("FROM edits\n")),
            ("ca/root.pem", Some("PEM")),
            ("go.mod", Some("module variant\n")),
            ("main.go", Some("package src\n")),
            ("only", Some("sources")),
        ]
    );
    assert_eq!(context.dockerfile(), "FROM edits\n");
    let changed = context.with_dockerfile("FROM other\n");
    assert_eq!(changed.text("Dockerfile"), Some("FROM other\n"));
    assert_eq!(changed.dockerfile(), "FROM other\n");
}

#[test]
fn a_peer_has_its_folder_to_itself() {
    let project = Project::new();
    let catalog = project.load();
    let lab = catalog.lab("x509").expect("a lab");
    let context = peer_context(lab, &lab.peers[0]).expect("a context");
    assert_eq!(context.files.keys().collect::<Vec<_>>(), ["Dockerfile"]);
    assert_eq!(context.dockerfile(), "FROM golang:1.23\n");
}

#[test]
fn only_declared_files_can_be_edited() {
    let project = Project::new();
    for path in [
        "main.go",
        "../lab.toml",
        "/etc/passwd",
        "Dockerfile/",
        "new.go",
        "",
    ] {
        let error = lay(&project, "stage-5a", &[(path, "x")]).expect_err(path);
        assert_eq!(error.what, format!("`{path}` cannot be edited in this lab"));
    }
    let error = lay(&project, "stage-5a", &[("dockerfile", "x")]).expect_err("case matters");
    assert_eq!(error.cause, "did you mean `Dockerfile`?");
    let error = lay(&project, "x509/broken", &[("Dockerfile", "x")]).expect_err("none is");
    assert_eq!(error.cause, "nothing can, here");
}

#[test]
fn edits_are_text_of_bearable_size() {
    let project = Project::new();
    let full = "#".repeat(MAX_EDIT_BYTES);
    assert!(lay(&project, "stage-5a", &[("Dockerfile", &full)]).is_ok());
    let error = lay(&project, "stage-5a", &[("Dockerfile", &format!("{full}#"))]);
    assert_eq!(
        error.expect_err("too long").what,
        "the edits are too long: 262145 bytes"
    );
    let error = lay(&project, "stage-5a", &[("Dockerfile", "FROM \0")]);
    assert_eq!(
        error.expect_err("binary").what,
        "`Dockerfile` holds a NUL character"
    );
}

#[test]
fn ignored_files_are_not_sent_but_can_be_shown() {
    let project = Project::new();
    project.write("x509/bundle/.dockerignore", "*\n!*.pem\n");
    let context = lay(&project, "x509/bundle", &[]).expect("a context");
    assert_eq!(
        context.files.keys().collect::<Vec<_>>(),
        [".dockerignore", "Dockerfile"]
    );
    assert_eq!(context.text("main.go"), Some("package main\n"));
    project.write("x509/bundle/.dockerignore", "ok\n[a\n");
    let error = lay(&project, "x509/bundle", &[]).expect_err("malformed");
    assert_eq!(
        error.what,
        ".dockerignore:2: the pattern `[a` cannot be understood"
    );
}

#[test]
fn an_edited_dockerignore_counts() {
    let project = Project::new();
    project.write("x509/bundle/.dockerignore", "*\n");
    let both = "\"Dockerfile\", \"main.go\", \".dockerignore\"]\neditable = [\".dockerignore\"]";
    let toml = FAILURE.replace(
        "\"Dockerfile\", \"main.go\"]\neditable = [\"main.go\"]",
        both,
    );
    project.write("x509/lab.toml", toml);
    let context = lay(&project, "x509/bundle", &[(".dockerignore", "")]).expect("a context");
    assert!(context.files.contains_key("main.go"));
}

#[test]
fn files_that_vanish_after_loading_are_errors() {
    let project = Project::new();
    let catalog = project.load();
    let (lab, variant) = catalog.resolve("stage-5a").expect("a variant");
    fs::remove_file(project.path("stage-5a/image/Dockerfile")).expect("gone");
    let none = (BTreeMap::new(), BTreeMap::new());
    let error = context(project.root(), lab, variant, &none.0, &none.1).expect_err("gone");
    assert_eq!(error.cause, "there is no Dockerfile that is UTF-8 text");
    let outside = BTreeMap::from([("../x".to_owned(), Vec::new())]);
    let error = context(project.root(), lab, variant, &outside, &none.1).expect_err("outside");
    assert_eq!(
        error.cause,
        "`../x` is not a plain path inside the build context"
    );
}

#[cfg(unix)]
#[test]
fn equal_contexts_make_equal_tars() {
    use std::os::unix::fs::PermissionsExt;
    let deep = format!("x509/src/{}/deep/run.sh", "long".repeat(30));
    let tar = || {
        let project = Project::new();
        project.write(&deep, "#!/bin/sh\n");
        let mode = fs::Permissions::from_mode(0o700);
        fs::set_permissions(project.path(&deep), mode).expect("a mode");
        let mode = fs::Permissions::from_mode(0o600);
        fs::set_permissions(project.path("x509/src/main.go"), mode).expect("a mode");
        lay(&project, "x509/bundle", &[])
            .expect("a context")
            .to_tar()
    };
    let (one, other) = (tar(), tar());
    assert_eq!(one, other);
    let mut archive = tar::Archive::new(&one[..]);
    let mut seen = Vec::new();
    for entry in archive.entries().expect("a tar") {
        let mut entry = entry.expect("an entry");
        let mut text = String::new();
        entry.read_to_string(&mut text).expect("text");
        let header = entry.header();
        assert_eq!((header.uid().ok(), header.gid().ok()), (Some(0), Some(0)));
        let year = header.mtime().expect("a time") / (365 * 24 * 3600) + 1970;
        let file = header.entry_type().is_file();
        assert_eq!((2001..=2010).contains(&year), file, "{year}");
        let path = entry.path().expect("a path").display().to_string();
        seen.push((
            path.replace("long", ""),
            header.mode().expect("a mode"),
            text,
        ));
    }
    let seen: Vec<_> = seen
        .iter()
        .map(|(p, m, t)| (p.as_str(), *m, t.as_str()))
        .collect();
    assert_eq!(
        seen,
        [
            (
                "Dockerfile",
                0o644,
                "FROM scratch\nCOPY upstream-ca.pem /\n"
            ),
            ("/", 0o755, ""),
            ("/deep/", 0o755, ""),
            ("/deep/run.sh", 0o755, "#!/bin/sh\n"),
            ("main.go", 0o644, "package main\n"),
        ]
    );
}
