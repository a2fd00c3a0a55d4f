//! Writing the files down: the one step that touches the repository, and only where it was asked for.
//!
//! Nothing that is there is written over, and no link is followed. Where the repository has a
//! Dockerfile of its own, ours goes beside it, with an ignore file of its own name, as BuildKit has it.

use super::report::Report;
use policy::UserError;
use serde::Serialize;
use std::fs::{self, OpenOptions};
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};

/// The first words of every file of ours.
pub(super) const OURS: &str = "# Written by `playground adopt`";

/// A file that is ready to be taken into the repository.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct File {
    /// What it is to be called, at the top of the tree.
    pub name: String,
    /// Its text.
    pub text: String,
}

/// What our Dockerfile is called, where the repository has one or not.
pub fn dockerfile_name(has_one: bool) -> &'static str {
    match has_one {
        true => "Dockerfile.scratch",
        false => "Dockerfile",
    }
}

/// The files to take, by the names that they would get in this tree.
pub fn files(report: &Report, root: &Path) -> Vec<File> {
    let texts = [&report.dockerfile, &report.dockerignore];
    let texts = texts.into_iter().flatten();
    let files = names(root).into_iter().zip(texts);
    files
        .map(|(name, text)| File {
            name,
            text: text.clone(),
        })
        .collect()
}

/// What our files are called in this tree: beside what is somebody else's.
fn names(root: &Path) -> [String; 2] {
    let free = |name: &str| is_free(&root.join(name));
    match free("Dockerfile") && free(".dockerignore") {
        true => ["Dockerfile".to_owned(), ".dockerignore".to_owned()],
        false => {
            let name = dockerfile_name(true);
            [name.to_owned(), format!("{name}.dockerignore")]
        }
    }
}

/// Writes the report's files into the tree; returns their names.
///
/// # Errors
/// There is nothing to write, something of somebody else's is in the way, or the disk refuses.
pub fn write(report: &Report, root: &Path) -> Result<Vec<String>, UserError> {
    let (Some(dockerfile), Some(dockerignore)) = (&report.dockerfile, &report.dockerignore) else {
        return Err(UserError {
            what: "There is nothing to write: no image could be planned.".into(),
            cause: "the report says why".into(),
            next: "mend that, and run adopt again".into(),
        });
    };
    let names = names(root);
    for name in &names {
        if !is_free(&root.join(name)) {
            return Err(UserError {
                what: format!("{name} is there, and was not written by adopt."),
                cause: "adopt writes over nothing of the repository's".into(),
                next: format!("move {name} away, and run it again"),
            });
        }
    }
    for (name, text) in names.iter().zip([dockerfile, dockerignore]) {
        put(&root.join(name), text).map_err(|error| UserError {
            what: format!("{name} cannot be written: {error}"),
            cause: "the folder belongs to somebody else, or its disk is full".into(),
            next: "see ls -ld and df -h".into(),
        })?;
    }
    Ok(names.into())
}

/// Writes the report as a page to where somebody asked for. A strange tree may hold a link of that
/// name: what lies in the tree stays in the tree.
///
/// # Errors
/// The place leads out of the tree by a link, or cannot be written.
pub fn page(text: &str, file: &Path, root: &Path) -> Result<(), UserError> {
    let refused = |why: String, next: &str| UserError {
        what: format!("{} cannot be written: {why}", file.display()),
        cause: "the report was to be put there".into(),
        next: next.into(),
    };
    if leads_out(file, root) {
        let why = "the repository has a link there, which leads out of it".to_owned();
        return Err(refused(why, "name a file outside of the repository"));
    }
    fs::write(file, text).map_err(|error| refused(error.to_string(), "name another file"))
}

/// Whether a file that is named below `root` lies elsewhere.
fn leads_out(file: &Path, root: &Path) -> bool {
    let (Ok(named), Ok(tree)) = (std::path::absolute(file), std::path::absolute(root)) else {
        return true;
    };
    let Ok(real_tree) = root.canonicalize() else {
        return false;
    };
    let tree = folded(&tree);
    let inside = |path: &Path| path.starts_with(&tree) || path.starts_with(&real_tree);
    let meant = folded(&named);
    if !inside(&meant) {
        // Through the tree and out again: no link of the tree's may lie on the way.
        let through = named.ancestors().any(|above| inside(&folded(above)));
        let folder = |path: &Path| path.parent().and_then(|folder| folder.canonicalize().ok());
        return through && folder(&named) != folder(&meant);
    }
    let real = file.canonicalize().or_else(|error| {
        let is_link = fs::symlink_metadata(file).is_ok_and(|meta| meta.is_symlink());
        let folder = named.parent().filter(|_| !is_link).ok_or(error)?;
        folder.canonicalize()
    });
    // A folder that is not there is told by whoever writes.
    real.map_or_else(
        |_| fs::symlink_metadata(file).is_ok(),
        |real| !real.starts_with(&real_tree),
    )
}

/// `/a/b/../c` as whoever types it means it: `/a/c`.
fn folded(path: &Path) -> PathBuf {
    let mut folded = PathBuf::new();
    for part in path.components() {
        match part {
            Component::ParentDir => drop(folded.pop()),
            part => folded.push(part),
        }
    }
    folded
}

/// Whether there is nothing, or a file that adopt wrote.
fn is_free(path: &Path) -> bool {
    match fs::symlink_metadata(path) {
        Err(error) => error.kind() == io::ErrorKind::NotFound,
        Ok(meta) => {
            meta.is_file() && fs::read_to_string(path).is_ok_and(|text| text.starts_with(OURS))
        }
    }
}

/// Puts a new file in the place of an older one of ours. `create_new` follows no link.
fn put(path: &Path, text: &str) -> io::Result<()> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut file = OpenOptions::new().write(true).create_new(true).open(path)?;
    file.write_all(text.as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn report() -> Report {
        let mut report = Report::new("x");
        report.dockerfile = Some(format!("{OURS}\nFROM scratch\n"));
        report.dockerignore = Some(format!("{OURS}\n.git\n"));
        report
    }

    #[test]
    fn a_repositorys_own_dockerfile_stays_as_it_is() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path();
        assert_eq!(
            write(&report(), root).expect("written"),
            ["Dockerfile", ".dockerignore"]
        );
        // Again, over its own.
        assert_eq!(
            write(&report(), root).expect("written"),
            ["Dockerfile", ".dockerignore"]
        );
        fs::write(root.join("Dockerfile"), "FROM golang\n").expect("theirs");
        let names = write(&report(), root).expect("written");
        assert_eq!(
            names,
            ["Dockerfile.scratch", "Dockerfile.scratch.dockerignore"]
        );
        let theirs = fs::read_to_string(root.join("Dockerfile")).expect("there");
        assert_eq!(theirs, "FROM golang\n");
        fs::write(root.join("Dockerfile.scratch"), "FROM x\n").expect("theirs");
        assert!(write(&report(), root).is_err());
    }

    #[test]
    fn no_link_is_followed_when_files_are_written() {
        let dir = tempfile::tempdir().expect("a folder");
        let (root, victim) = (dir.path().join("tree"), dir.path().join("victim"));
        fs::create_dir(&root).expect("made");
        fs::write(&victim, format!("{OURS}\nprecious\n")).expect("written");
        symlink(&victim, root.join("Dockerfile")).expect("linked");
        symlink(dir.path().join("absent"), root.join("Dockerfile.scratch")).expect("linked");
        assert!(write(&report(), &root).is_err());
        assert!(
            fs::read_to_string(&victim)
                .expect("there")
                .contains("precious")
        );
        assert!(!dir.path().join("absent").exists());
    }

    #[test]
    fn the_page_does_not_leave_the_tree_by_a_link_of_the_trees() {
        let dir = tempfile::tempdir().expect("a folder");
        let (root, victim) = (dir.path().join("tree"), dir.path().join("victim"));
        fs::create_dir_all(root.join("docs")).expect("made");
        fs::write(&victim, "precious").expect("written");
        symlink(&victim, root.join("report.html")).expect("linked");
        symlink(dir.path().join("absent"), root.join("new.html")).expect("linked");
        symlink(dir.path(), root.join("out")).expect("linked");
        fs::create_dir(dir.path().join("deep")).expect("made");
        symlink(dir.path().join("deep"), root.join("far")).expect("linked");
        let names = ["report.html", "new.html", "out/victim", "out/other"];
        let back = ["out/../x", "docs/../report.html", "far/../../x"];
        for name in names.into_iter().chain(back) {
            let refused = page("x", &root.join(name), &root);
            assert!(refused.is_err(), "{name}");
        }
        assert_eq!(fs::read_to_string(&victim).expect("there"), "precious");
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 3);
        page("x", &root.join("docs/report.html"), &root).expect("in the tree");
        page("x", &root.join("../beside.html"), &root).expect("beside the tree");
        page("x", &root.join("docs/../../beside.html"), &root).expect("beside the tree");
        // What its owner links elsewhere is its owner's.
        symlink(&victim, dir.path().join("link")).expect("linked");
        page("x", &dir.path().join("link"), &root).expect("beside the tree");
        assert_eq!(fs::read_to_string(&victim).expect("there"), "x");
        assert!(page("x", &root.join("none/x.html"), &root).is_err());
    }

    #[test]
    fn without_a_plan_nothing_is_written() {
        let dir = tempfile::tempdir().expect("a folder");
        assert!(write(&Report::new("x"), dir.path()).is_err());
        assert_eq!(fs::read_dir(dir.path()).expect("a folder").count(), 0);
    }
}
