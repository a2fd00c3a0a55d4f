//! Images and tools without a version: next month they are others, and the lab a liar.

use super::lint::lab_toml;
use analysis::dockerfile::left_open;
use catalog::{Diagnostic, Lab};
use std::path::{Path, PathBuf};

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
