//! What git leaves out of a tree, by its `.gitignore` files.
//!
//! They are read as everything of a strange tree is: plain files, and not much of them. Whoever opens
//! what bears the name may wait for a pipe, or read a device to no end; git follows no links here
//! either.

use super::WorkingTree;
use crate::adopt::gomod::join;
use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};
use std::collections::{BTreeSet, HashMap};
use std::fs;
use std::path::Path;

const NAME: &str = ".gitignore";
/// All of them together, in bytes.
const MAX_BYTES: u64 = 1 << 20;

/// What a tree's `.gitignore` files say.
pub(super) struct Ignored<'a> {
    /// By folder, `""` for the top.
    files: HashMap<&'a str, Gitignore>,
    /// Those that were not read, in words.
    pub(super) unread: Vec<String>,
}

impl<'a> Ignored<'a> {
    /// Reads those among the paths of a tree.
    pub(super) fn of(root: &Path, paths: &'a BTreeSet<String>) -> Ignored<'a> {
        let (mut files, mut unread) = (HashMap::new(), Vec::new());
        let mut bytes = 0;
        for path in paths {
            let folder = match path.strip_suffix(NAME) {
                Some("") => "",
                Some(above) if above.ends_with('/') => above.trim_end_matches('/'),
                _ => continue,
            };
            let at = root.join(path);
            let fits = |meta: &fs::Metadata| meta.is_file() && meta.len() <= MAX_BYTES - bytes;
            let Some(meta) = fs::symlink_metadata(&at).ok().filter(fits) else {
                unread.push(format!("{path}: no plain file, or too large to be obeyed"));
                continue;
            };
            // One that is not read leaves the room to those behind it.
            bytes += meta.len();
            let text = fs::read(&at).unwrap_or_default();
            match lines(&String::from_utf8_lossy(&text)) {
                Some(lines) => drop(files.insert(folder, lines)),
                None => unread.push(format!("{path}: its patterns are too many to be obeyed")),
            }
        }
        Ignored { files, unread }
    }

    /// Of these paths, those that git does not ignore.
    pub(super) fn leave(&self, paths: &BTreeSet<String>) -> BTreeSet<String> {
        let mut folders: HashMap<&str, bool> = HashMap::new();
        let kept = paths.iter().filter(|path| {
            // git does not go into a folder that is ignored: nothing in it is named back.
            let gone = path.match_indices('/').any(|(at, _)| {
                let folder = &path[..at];
                *folders
                    .entry(folder)
                    .or_insert_with(|| self.ignores(folder, true))
            });
            !gone && !self.ignores(path, false)
        });
        kept.cloned().collect()
    }

    /// The nearest file that has a word on it counts, and of that one the last line.
    fn ignores(&self, path: &str, is_folder: bool) -> bool {
        let above = path.rmatch_indices('/').map(|(at, _)| &path[..at]);
        let mut said = above.chain([""]).filter_map(|folder| {
            let below = path[folder.len()..].trim_start_matches('/');
            match self.files.get(folder)?.matched(below, is_folder) {
                Match::None => None,
                found => Some(found.is_ignore()),
            }
        });
        said.next().unwrap_or(false)
    }
}

/// The `.gitignore` of a tree that was read whose word it is that git leaves this path out, as a folder
/// or as a file; `None` where git keeps it.
pub(super) fn says(tree: &WorkingTree, path: &str) -> Option<String> {
    let steps = path.match_indices('/').map(|(at, _)| &path[..at]);
    steps.chain([path]).find_map(|step| {
        let above = step.rmatch_indices('/').map(|(at, _)| &step[..at]);
        let mut said = above.chain([""]).filter_map(|folder| {
            let file = join(folder, NAME);
            let text = tree
                .text(&file)
                .filter(|text| text.len() as u64 <= MAX_BYTES)?;
            let below = step[folder.len()..].trim_start_matches('/');
            let patterns = lines(text)?;
            let kinds = [true, false].map(|is_folder| patterns.matched(below, is_folder));
            let found = kinds.iter().find(|found| !found.is_none())?;
            Some(found.is_ignore().then_some(file))
        });
        said.next().flatten()
    })
}

fn lines(text: &str) -> Option<Gitignore> {
    let mut builder = GitignoreBuilder::new("");
    for line in text.trim_start_matches('\u{feff}').lines() {
        // A line that is no pattern says nothing to git either.
        let _ = builder.add_line(None, line);
    }
    builder.build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;
    use std::sync::mpsc;
    use std::time::Duration;

    fn kept(files: &[(&str, &str)], paths: &[&str]) -> Vec<String> {
        let dir = tempfile::tempdir().expect("a folder");
        let mut all: BTreeSet<String> = paths.iter().map(|path| (*path).to_owned()).collect();
        for (path, text) in files {
            let at = dir.path().join(path);
            fs::create_dir_all(at.parent().expect("a folder")).expect("made");
            fs::write(at, text).expect("written");
            all.insert((*path).to_owned());
        }
        let mut left = Ignored::of(dir.path(), &all).leave(&all);
        left.retain(|path| !path.ends_with(NAME));
        left.into_iter().collect()
    }

    #[test]
    fn what_is_not_there_is_told_with_the_file_that_leaves_it_out() {
        let tree = super::super::testing::tree(&[
            (".gitignore", "*.pb.go\n/web/dist\n!keep.pb.go\n"),
            ("gen/.gitignore", "auto/\n"),
        ]);
        let told = |path: &str| says(&tree, path);
        assert_eq!(told("web/dist/index.html").as_deref(), Some(".gitignore"));
        assert_eq!(told("gen/auto").as_deref(), Some("gen/.gitignore"));
        assert_eq!(told("api/x.pb.go").as_deref(), Some(".gitignore"));
        assert_eq!(told("api/keep.pb.go"), None);
        assert_eq!(told("web/other"), None);
    }

    #[test]
    fn the_nearest_file_and_its_last_line_count_and_folders_stay_closed() {
        let files = [
            (".gitignore", "*.log\n/dist\nbuild/\n# no\n!keep.log\n"),
            ("a/.gitignore", "!x.log\n/only\nvar/*\n!var/keep\n"),
            ("build/.gitignore", "!*\n"),
        ];
        let paths = [
            "x.log",
            "keep.log",
            "a/x.log",
            "a/b/y.log",
            "dist/app",
            "a/dist/app",
            "build/app",
            "a/only/x",
            "a/b/only",
            "a/var/x",
            "a/var/keep",
        ];
        assert_eq!(
            kept(&files, &paths),
            [
                "a/b/only",
                "a/dist/app",
                "a/var/keep",
                "a/x.log",
                "keep.log"
            ]
        );
    }

    /// A pipe would be waited for without end, and a device read until the memory is full.
    #[test]
    fn what_is_no_plain_file_is_not_opened_for_its_name() {
        let (tell, told) = mpsc::channel();
        std::thread::spawn(move || {
            let dir = tempfile::tempdir().expect("a folder");
            let root = dir.path();
            fs::write(root.join("main.go"), "package main").expect("written");
            fs::create_dir(root.join("a")).expect("made");
            fs::create_dir(root.join("b")).expect("made");
            symlink("/dev/zero", root.join(NAME)).expect("linked");
            let pipe = std::process::Command::new("mkfifo")
                .arg(root.join("a").join(NAME))
                .status();
            assert!(pipe.expect("mkfifo").success());
            fs::File::create(root.join("b").join(NAME))
                .and_then(|file| file.set_len(MAX_BYTES + 1))
                .expect("made");
            let tree = super::super::WorkingTree::read(root).expect("read");
            let _ = tell.send((tree.has("main.go"), tree.left_out));
        });
        let read = told.recv_timeout(Duration::from_secs(60));
        let (there, left_out) = read.expect("it comes to an end");
        assert!(there);
        for name in [".gitignore: ", "a/.gitignore: ", "b/.gitignore: "] {
            let told = left_out.iter().any(|left| left.starts_with(name));
            assert!(told, "{name} in {left_out:?}");
        }
    }

    #[test]
    fn one_that_is_not_obeyed_is_told_and_does_not_switch_off_the_others() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path();
        let make = |path: &str, text: &str| {
            let at = root.join(path);
            fs::create_dir_all(at.parent().expect("a folder")).expect("made");
            fs::write(at, text).expect("written");
        };
        for folder in ["b", "huge"] {
            make(&format!("{folder}/.gitignore"), "");
            let file = fs::File::options()
                .write(true)
                .open(root.join(folder).join(NAME));
            let bytes = if folder == "b" { 2 << 20 } else { 1 << 40 };
            file.and_then(|file| file.set_len(bytes)).expect("sparse");
        }
        make("c/.gitignore", "*.log\n");
        make("odd/.gitignore", &"?".repeat(500_000));
        make("z/.gitignore", "*.log\n");
        for path in ["c/x.log", "odd/x", "z/x.log"] {
            make(path, "x");
        }
        let tree = super::super::WorkingTree::read(root).expect("read");
        assert!(!tree.has("c/x.log") && !tree.has("z/x.log") && tree.has("odd/x"));
        let left = |begin: &str| tree.left_out.iter().any(|left| left.starts_with(begin));
        assert!(left("b/.gitignore: ") && left("huge/.gitignore: "));
        assert!(left("odd/.gitignore: its patterns"), "{:?}", tree.left_out);
        assert!(!left("c/.gitignore") && !left("z/.gitignore"));
    }
}
