//! Images and tools without a version: next month they are others, and the lab a liar.

use super::lint::lab_toml;
use analysis::dockerfile::{base_lines, instruction_lines};
use catalog::{Diagnostic, Lab};
use regex::Regex;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

static LATEST_TOOL: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#"\bgo\s+(?:install|run|get)\s[^&;|]*@latest\b"#)
        .unwrap_or_else(|error| unreachable!("{error}"))
});

/// What a lab's Dockerfiles (its variants', peers' and debug containers') leave open.
pub(super) fn unpinned(root: &Path, lab: &Lab) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    if lab.unpinned {
        return problems;
    }
    let mut files = Vec::new();
    dockerfiles(&lab.dir, &mut files);
    for path in files {
        let file = path.strip_prefix(root).unwrap_or(&path);
        let file = file.to_string_lossy().replace('\\', "/");
        // What is no text, the catalog reports where it matters.
        let text = std::fs::read_to_string(&path).unwrap_or_default();
        for (line, what) in left_open(&text) {
            let toml = lab_toml(&lab.id);
            let text = format!("{what}; name a version, or say `unpinned = true` in {toml}");
            problems.push(Diagnostic::at(file.clone(), line, text));
        }
    }
    problems
}

/// The lines of a Dockerfile that leave a version open, and how.
fn left_open(text: &str) -> Vec<(u32, String)> {
    let mut found = Vec::new();
    for (line, image) in base_lines(text) {
        match tag(&image) {
            None => found.push((line, format!("`{image}` has no tag"))),
            Some("latest") => found.push((line, format!("`{image}` is another image every week"))),
            Some(_) => {}
        }
    }
    for (line, instruction) in instruction_lines(text) {
        if LATEST_TOOL.is_match(&instruction) {
            found.push((line, "`@latest` is another tool every week".to_owned()));
        }
    }
    found
}

/// An image's tag, or its digest.
fn tag(image: &str) -> Option<&str> {
    if let Some((_, digest)) = image.split_once('@') {
        return Some(digest);
    }
    // The colon of a registry's port stands before the last slash.
    let name = image.rsplit_once('/').map_or(image, |(_, name)| name);
    name.split_once(':').map(|(_, tag)| tag)
}

fn dockerfiles(dir: &Path, files: &mut Vec<PathBuf>) {
    let listing = std::fs::read_dir(dir).into_iter().flatten().flatten();
    for entry in listing {
        let name = entry.file_name().to_string_lossy().into_owned();
        match entry.file_type() {
            Ok(kind) if kind.is_dir() => dockerfiles(&entry.path(), files),
            Ok(_) if name == "Dockerfile" || name.starts_with("Dockerfile.") => {
                files.push(entry.path());
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_that_are_left_open_are_found_with_their_line() {
        let lines = |text: &str| -> Vec<u32> { left_open(text).iter().map(|(l, _)| *l).collect() };
        for (text, expected) in [
            (
                "FROM golang:1.23 AS build\nFROM scratch\nCOPY --from=build /a /a",
                &[][..],
            ),
            ("FROM golang AS build\nFROM alpine:latest", &[1, 2]),
            (
                "FROM --platform=$BUILDPLATFORM golang:1.23 AS b\nFROM B\nCOPY --from=0 /a /",
                &[],
            ),
            ("ARG V=latest\nFROM alpine:$V", &[2]),
            ("ARG V=3.20\nFROM alpine:${V}", &[]),
            ("FROM registry:5000/tools", &[1]),
            ("FROM registry:5000/tools:2\nFROM a@sha256:00", &[]),
            ("FROM gcr.io/distroless/static-debian12:nonroot", &[]),
            ("FROM scratch\n\nCOPY --from=busybox \\\n  /bin/sh /", &[3]),
            ("FROM a:1\nRUN --mount=from=tools,target=/t true", &[2]),
            (
                "FROM a:1\nRUN true && \\\n  go install x.org/y@latest",
                &[2],
            ),
            ("FROM a:1\nRUN go install x.org/y@v1 && echo @latest", &[]),
            ("# FROM a\nFROM a:1\nRUN go run x@latest; true", &[3]),
        ] {
            assert_eq!(lines(text), expected, "{text}");
        }
    }
}
