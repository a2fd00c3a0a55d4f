//! A project folder with one stage and one failure lab, to be broken in one place at a time.

use crate::{Catalog, Diagnostic};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

pub(crate) const STAGE: &str = r#"kind = "stage"
title = "The empty room"
summary = "Two files."
sources = ["_service"]

[stage]
number = "5a"
order = 5
claimed_mb = 2.5
claimed_mb_max = 5
claimed_by = "C"
base = "scratch"

[[variant]]
id = "image"
title = "Scratch"
role = "stage"
show = ["Dockerfile", "main.go"]
editable = ["Dockerfile"]

[variant.run]
command = ["/app", "-v"]
env = { TZ = "Europe/Berlin", EMPTY = "" }
port = 8080
memory_mib = 64
seconds = 20

[[variant.probe]]
id = "health"
title = "Answers"
get = "/healthz"
status = 200
body = '"status":"ok"'

[variant.expect]
outcome = "serves"
"#;

pub(crate) const FAILURE: &str = r#"kind = "failure"
title = "Unknown authority"
summary = "Whom does an empty room trust?"

[[peer]]
id = "upstream"
alias = "upstream.test"
ready = "listening"

[[variant]]
id = "broken"
title = "No authorities"
role = "broken"
show = ["Dockerfile"]

[variant.expect]
outcome = "exits"
exit_code = 1
reporter = "program"
message = 'x509: .* unknown authority'

[[variant]]
id = "bundle"
title = "With a bundle"
role = "fixed"
show = ["Dockerfile", "main.go"]
editable = ["main.go"]

[[variant.provide]]
file = "upstream-ca.pem"
peer = "upstream"
path = "/ca.pem"

[variant.expect]
outcome = "exits"
exit_code = 0

[[symptom]]
pattern = 'x509: .* unknown authority'
example = 'x509: certificate signed by unknown authority'
says = "The image trusts nobody."
"#;

/// A project folder with one stage and one failure lab.
pub(crate) struct Project(TempDir);

impl Project {
    pub(crate) fn new() -> Self {
        let project = Project(tempfile::tempdir().expect("a temporary folder"));
        project.write("_service/main.go", "package main\n");
        project.write("_service/go.mod", "module room\n");
        project.write("stage-5a/lab.toml", STAGE);
        project.write("stage-5a/image/Dockerfile", "FROM scratch\n");
        project.write("x509/lab.toml", FAILURE);
        project.write("x509/src/main.go", "package main\n");
        project.write("x509/broken/Dockerfile", "FROM scratch\n");
        project.write(
            "x509/bundle/Dockerfile",
            "FROM scratch\nCOPY upstream-ca.pem /\n",
        );
        project.write("x509/peers/upstream/Dockerfile", "FROM golang:1.23\n");
        project
    }

    pub(crate) fn root(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn path(&self, below_labs: &str) -> PathBuf {
        self.root().join("book/labs").join(below_labs)
    }

    pub(crate) fn write(&self, below_labs: &str, text: impl AsRef<[u8]>) {
        let path = self.path(below_labs);
        fs::create_dir_all(path.parent().expect("a folder above")).expect("a folder");
        fs::write(path, text).expect("a file");
    }

    pub(crate) fn load(&self) -> Catalog {
        Catalog::load(self.root()).unwrap_or_else(|problems| panic!("{problems}"))
    }

    pub(crate) fn problems(&self) -> Vec<String> {
        match Catalog::load(self.root()) {
            Ok(_) => Vec::new(),
            Err(problems) => problems.iter().map(Diagnostic::to_string).collect(),
        }
    }
}

/// What to change in a `lab.toml`, and the whole report that must come of it.
pub(crate) fn check(file: &str, original: &str, cases: &[(&str, &str, &[&str])]) {
    let mut wrong = Vec::new();
    for (from, to, expected) in cases {
        assert!(original.contains(from), "the fixture has no {from:?}");
        let project = Project::new();
        project.write(file, original.replacen(from, to, 1));
        let full = |e: &&str| match e.starts_with("book/") {
            true => e.to_string(),
            false => format!("book/labs/{file}:{e}"),
        };
        let expected: Vec<_> = expected.iter().map(full).collect();
        let seen = project.problems();
        if seen != expected {
            wrong.push(format!("{from:?} became {to:?}:\n{}", seen.join("\n")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}
