//! A strange working tree as a build context: read once, bounded, never changed.
//!
//! What git ignores stays behind (build output, `.env`, keys), but for what it tracks all the same, what
//! a Dockerfile copies by name, and what `//go:embed` asks for: a generated front end is ignored by git
//! and needed by the compiler. `.git` never comes along: its
//! configuration is a list of programs to run. Links that lead out of the tree are left out, as is
//! everything that is neither file, directory nor link.

mod context;
mod ignored;
mod tracked;

use bytes::Bytes;
use ignore::WalkBuilder;
use ignored::Ignored;
use policy::UserError;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Component, Path};
use std::{fs, io};
pub(super) use tracked::is_dockerfile;

/// Files of a tree that are looked at.
pub(super) const MAX_FILES: usize = 40_000;
/// All files together, in bytes: what is held in memory and sent to the builder.
pub(super) const MAX_BYTES: u64 = 256 << 20;
/// One file, in bytes; a larger one stays behind and is told.
pub(super) const MAX_FILE_BYTES: u64 = 48 << 20;
/// Directories below each other.
const MAX_DEPTH: usize = 64;
/// A name, in bytes: what fits into every tar.
const MAX_PATH: usize = 1024;
/// Patterns of `//go:embed` lines: more are no list that anybody wrote.
const MAX_PATTERNS: usize = 8192;

/// One entry of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A regular file.
    File {
        /// Its content.
        bytes: Bytes,
        /// Whether anybody may execute it.
        executable: bool,
    },
    /// A link to something else in the tree, as it is written.
    Link(String),
}

/// A working tree in memory.
#[derive(Clone, Debug, Default)]
pub(super) struct WorkingTree {
    /// By path with `/`.
    pub entries: BTreeMap<String, Entry>,
    /// What was left out that one might look for, in words.
    pub left_out: Vec<String>,
    /// Files that git ignores and that nothing asks for; their names alone.
    pub ignored: BTreeSet<String>,
}

impl WorkingTree {
    /// Reads the tree at `root`.
    ///
    /// # Errors
    /// It is no directory, cannot be read, or is larger than the limits.
    pub(super) fn read(root: &Path) -> Result<WorkingTree, UserError> {
        if !root.is_dir() {
            return Err(UserError {
                what: format!("{} is no directory", root.display()),
                cause: "adopt reads the working tree of a Go repository".into(),
                next: "name the folder that holds go.mod".into(),
            });
        }
        let all = walk(root)?;
        let ignored = Ignored::of(root, &all);
        let kept = ignored.leave(&all);
        let mut tree = WorkingTree::default();
        ignored.unread.into_iter().for_each(|one| tree.leave(one));
        let mut bytes = 0;
        for path in &kept {
            tree.take(root, path, &mut bytes)?;
        }
        let asked = tree.embedded();
        let tracked = tracked::tracked(root);
        let copied = tracked::Copied::of(&tree);
        for path in all.difference(&kept) {
            let belongs = asked.iter().any(|prefix| path.starts_with(&**prefix))
                || tracked.contains(path)
                || copied.has(path);
            match belongs {
                true => tree.take(root, path, &mut bytes)?,
                false => drop(tree.ignored.insert(path.clone())),
            }
        }
        Ok(tree)
    }

    /// The content of a file, where it is text.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        match self.entries.get(path)? {
            Entry::File { bytes, .. } => std::str::from_utf8(bytes).ok(),
            Entry::Link(_) => None,
        }
    }

    /// Whether there is a file at this path.
    pub(super) fn has(&self, path: &str) -> bool {
        self.entries.contains_key(path)
    }

    /// Whether there is a directory at this path.
    pub(super) fn has_dir(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let mut next = self.entries.range(below.clone()..);
        next.next()
            .is_some_and(|(path, _)| path.starts_with(&below))
    }

    /// Whether Go lies below this path: sources, and no data.
    pub(super) fn has_go_below(&self, path: &str) -> bool {
        let below = format!("{path}/");
        let paths = self.entries.range(below.clone()..).map(|(path, _)| path);
        let mut paths = paths.take_while(|path| path.starts_with(&below));
        paths.any(|path| path.ends_with(".go"))
    }

    /// What lies below a folder, from there; all of it below `""`.
    pub(super) fn below(&self, folder: &str) -> WorkingTree {
        let mut tree = self.clone();
        if !folder.is_empty() {
            let begin = format!("{folder}/");
            let entries = self.entries.range(begin.clone()..);
            let entries = entries.map_while(|(path, entry)| {
                Some((path.strip_prefix(&begin)?.to_owned(), entry.clone()))
            });
            tree.entries = entries.collect();
        }
        tree
    }

    /// Paths of all files.
    pub(super) fn paths(&self) -> impl Iterator<Item = &str> {
        self.entries.keys().map(String::as_str)
    }

    /// Go files of the tree that are no tests: path and text.
    pub(super) fn go_sources(&self) -> impl Iterator<Item = (&str, &str)> {
        let paths = self.paths();
        let sources = paths.filter(|path| path.ends_with(".go") && !path.ends_with("_test.go"));
        sources.filter_map(|path| Some((path, self.text(path)?)))
    }

    /// The `.gitignore` that leaves out what would lie at this path, where one does.
    pub(super) fn ignored_by(&self, path: &str) -> Option<String> {
        ignored::says(self, path)
    }

    /// The submodule that would hold this path, where git says that one lies there.
    pub(super) fn submodule(&self, path: &str) -> Option<&str> {
        let lines = self.text(".gitmodules")?.lines();
        let mut places = lines.filter_map(|line| {
            let (name, place) = line.split_once('=')?;
            (name.trim() == "path").then(|| place.trim().trim_end_matches('/'))
        });
        let holds = |place: &&str| {
            let rest = path.strip_prefix(*place);
            !place.is_empty() && rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        places.find(holds)
    }

    /// Whether its Go files name this number.
    pub(super) fn names(&self, number: u16) -> bool {
        let told = number.to_string();
        let mut sources = self.go_sources();
        sources.any(|(_, text)| {
            let mut places = text.match_indices(&*told);
            places.any(|(at, _)| {
                let digit = |c: Option<char>| c.is_some_and(|c| c.is_ascii_digit());
                let (before, after) = (&text[..at], &text[at + told.len()..]);
                !digit(before.chars().next_back()) && !digit(after.chars().next())
            })
        })
    }

    /// What `//go:embed` lines ask for, as beginnings of paths, each once.
    pub(super) fn embedded(&self) -> BTreeSet<String> {
        let mut asked = BTreeSet::new();
        for (path, text) in self.go_sources() {
            let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
            for line in text
                .lines()
                .filter_map(|line| line.trim_start().strip_prefix("//go:embed "))
            {
                for pattern in line.split_whitespace().take(32) {
                    let pattern = pattern.trim_matches(['"', '`']);
                    let pattern = pattern.strip_prefix("all:").unwrap_or(pattern);
                    let plain = pattern.split(['*', '?', '[']).next().unwrap_or_default();
                    if plain.is_empty() || plain.split('/').any(|part| part == "..") {
                        continue;
                    }
                    if asked.len() == MAX_PATTERNS {
                        return asked;
                    }
                    asked.insert(match folder {
                        "" => plain.to_owned(),
                        folder => format!("{folder}/{plain}"),
                    });
                }
            }
        }
        asked
    }

    fn take(&mut self, root: &Path, path: &str, bytes: &mut u64) -> Result<(), UserError> {
        let at = root.join(path);
        let unreadable = |error: &io::Error| UserError {
            what: format!("{} cannot be read: {error}", at.display()),
            cause: "it belongs to another user, or the disk fails".into(),
            next: "see its permissions with ls -l".into(),
        };
        let meta = fs::symlink_metadata(&at).map_err(|error| unreadable(&error))?;
        if meta.is_symlink() {
            let target = fs::read_link(&at).map_err(|error| unreadable(&error))?;
            match inside(path, &target) {
                Some(target) => drop(self.entries.insert(path.to_owned(), Entry::Link(target))),
                None => self.leave(format!("{path}: a link that leads out of the tree")),
            }
            return Ok(());
        }
        if !meta.is_file() {
            self.leave(format!("{path}: neither a file, a directory nor a link"));
            return Ok(());
        }
        if meta.len() > MAX_FILE_BYTES {
            let (mib, most) = (meta.len() >> 20, MAX_FILE_BYTES >> 20);
            self.leave(format!("{path}: {mib} MiB, more than {most}"));
            return Ok(());
        }
        let content = fs::read(&at).map_err(|error| unreadable(&error))?;
        *bytes += content.len() as u64;
        if *bytes > MAX_BYTES {
            return Err(too_large(&format!("more than {} MiB", MAX_BYTES >> 20)));
        }
        let executable = is_executable(&meta);
        let file = Entry::File {
            bytes: content.into(),
            executable,
        };
        self.entries.insert(path.to_owned(), file);
        Ok(())
    }

    fn leave(&mut self, what: String) {
        if self.left_out.len() < 32 {
            self.left_out.push(what);
        }
    }
}

fn is_executable(meta: &fs::Metadata) -> bool {
    use std::os::unix::fs::PermissionsExt;
    meta.permissions().mode() & 0o111 != 0
}

/// Paths of everything but directories, with `/`. What is no UTF-8 cannot be named to a builder.
fn walk(root: &Path) -> Result<BTreeSet<String>, UserError> {
    let mut walk = WalkBuilder::new(root);
    walk.standard_filters(false)
        .follow_links(false)
        .max_depth(Some(MAX_DEPTH))
        .filter_entry(|entry| {
            let name = entry.file_name();
            name != ".git" && name != ".hg" && name != ".svn" && name != "node_modules"
        });
    let mut paths = BTreeSet::new();
    for entry in walk.build().flatten() {
        if entry.depth() == 0 || entry.file_type().is_none_or(|kind| kind.is_dir()) {
            continue;
        }
        let path = entry.path().strip_prefix(root).ok().and_then(Path::to_str);
        let Some(path) = path.filter(|path| path.len() <= MAX_PATH) else {
            continue;
        };
        paths.insert(path.to_owned());
        if paths.len() > MAX_FILES {
            return Err(too_large(&format!("more than {MAX_FILES} files")));
        }
    }
    Ok(paths)
}

/// The target of a link as it is written, where that stays in the tree.
fn inside(path: &str, target: &Path) -> Option<String> {
    let mut at: Vec<&str> = path.split('/').collect();
    at.pop();
    for part in target.components() {
        match part {
            Component::Normal(name) => at.push(name.to_str()?),
            Component::CurDir => {}
            Component::ParentDir => drop(at.pop()?),
            Component::RootDir | Component::Prefix(_) => return None,
        }
    }
    target.to_str().map(str::to_owned)
}

fn too_large(what: &str) -> UserError {
    UserError {
        what: format!("The tree is too large to adopt: it has {what}"),
        cause: "data, builds or packages lie beside the sources and git does not ignore them"
            .into(),
        next: "name them in .gitignore, or point adopt at the folder that holds go.mod".into(),
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::*;

    /// A tree of these texts.
    pub(in crate::adopt) fn tree(files: &[(&str, &str)]) -> WorkingTree {
        let entries = files.iter().map(|(path, text)| {
            let bytes = Bytes::copy_from_slice(text.as_bytes());
            let executable = false;
            ((*path).to_owned(), Entry::File { bytes, executable })
        });
        WorkingTree {
            entries: entries.collect(),
            ..WorkingTree::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::symlink;

    fn write(root: &Path, path: &str, text: &str) {
        let at = root.join(path);
        fs::create_dir_all(at.parent().expect("a folder")).expect("made");
        fs::write(at, text).expect("written");
    }

    #[test]
    fn a_link_out_of_the_tree_stays_behind() {
        let dir = tempfile::tempdir().expect("a folder");
        let (outside, root) = (dir.path().join("outside"), dir.path().join("tree"));
        write(&outside, "secret", "s3cret");
        write(&root, "a/real.go", "package a");
        symlink("../../outside/secret", root.join("a/up")).expect("linked");
        symlink("/etc/passwd", root.join("absolute")).expect("linked");
        symlink(&outside, root.join("folder")).expect("linked");
        symlink("a/real.go", root.join("near")).expect("linked");
        let tree = WorkingTree::read(&root).expect("read");
        let paths: Vec<_> = tree.paths().collect();
        assert_eq!(paths, ["a/real.go", "near"]);
        assert_eq!(tree.left_out.len(), 3, "{:?}", tree.left_out);
        let tar = tree.to_tar(&[], &|_| false);
        let text = String::from_utf8_lossy(&tar);
        assert!(!text.contains("s3cret") && !text.contains("root:"));
    }

    #[test]
    fn what_git_ignores_stays_behind_but_what_go_embeds_comes_along() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path();
        write(root, ".gitignore", "dist/\n.env\n*.out\n");
        write(root, ".git/config", "[core]\n\tfsmonitor = touch /owned\n");
        write(root, ".env", "TOKEN=x");
        write(
            root,
            "web/web.go",
            "package web\n//go:embed all:dist\nvar f embed.FS\n",
        );
        write(root, "web/dist/index.html", "<p>");
        write(root, "dist/app.out", "x");
        let tree = WorkingTree::read(root).expect("read");
        let paths: Vec<_> = tree.paths().collect();
        assert_eq!(paths, [".gitignore", "web/dist/index.html", "web/web.go"]);
        assert!(tree.ignored.contains(".env") && tree.ignored.contains("dist/app.out"));
    }

    #[test]
    fn patterns_to_embed_are_bounded_and_each_counts_once() {
        let many: String = (0..2 * MAX_PATTERNS)
            .map(|n| format!("//go:embed a{n} twice\n"))
            .collect();
        let tree = testing::tree(&[("a/a.go", &many), ("b.go", "//go:embed x\n//go:embed x\n")]);
        assert_eq!(tree.embedded().len(), MAX_PATTERNS);
        let tree = testing::tree(&[("b.go", "//go:embed x\n//go:embed x\n")]);
        assert_eq!(tree.embedded().into_iter().collect::<Vec<_>>(), ["x"]);
    }

    #[test]
    fn a_tree_with_too_many_files_is_refused_and_a_huge_file_stays_behind() {
        let dir = tempfile::tempdir().expect("a folder");
        let root = dir.path();
        write(root, "go.mod", "module m\n");
        let huge = fs::File::create(root.join("huge.bin")).expect("made");
        huge.set_len(MAX_FILE_BYTES + 1).expect("sparse");
        let tree = WorkingTree::read(root).expect("read");
        assert_eq!(tree.paths().collect::<Vec<_>>(), ["go.mod"]);
        assert!(tree.left_out[0].starts_with("huge.bin: 48 MiB"));
        for n in 0..=MAX_FILES {
            fs::File::create(root.join(format!("f{n}"))).expect("made");
        }
        let error = WorkingTree::read(root).expect_err("refused");
        assert!(error.what.contains("more than 40000 files"), "{error}");
    }

    #[test]
    fn equal_trees_make_equal_contexts_and_files_can_be_put_over_them() {
        let tree = testing::tree(&[("a/x", "1"), ("Dockerfile", "FROM old")]);
        let over = [("Dockerfile", "FROM scratch")];
        let tar = tree.to_tar(&over, &|_| false);
        assert_eq!(tar, tree.to_tar(&over, &|_| false));
        let mut archive = tar::Archive::new(&tar[..]);
        let paths = archive.entries().expect("entries").map(|entry| {
            let entry = entry.expect("an entry");
            entry.path().expect("a path").to_string_lossy().into_owned()
        });
        assert_eq!(paths.collect::<Vec<_>>(), ["a/", "a/x", "Dockerfile"]);
        assert!(!String::from_utf8_lossy(&tar).contains("FROM old"));
        let less = tree.to_tar(&over, &|path| path.starts_with("a/"));
        assert!(less.len() < tar.len());
    }
}
