//! The archive's files on disk, just as they are in the archive.

use crate::Content;
use crate::pack::LITTER;
use policy::UserError;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

/// Where the files lie now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Laid {
    /// The book's top folder (holds `book.toml`).
    pub root: PathBuf,
    /// Files that somebody has changed were moved here: they are theirs.
    pub set_aside: Option<PathBuf>,
}

impl Content {
    /// Where files of a program's book lie below the data folder.
    #[must_use]
    pub fn folder(data: &Path) -> PathBuf {
        data.join("content")
    }

    /// Sees to it that the files lie below the data folder, in a folder that is named by what they
    /// are. Each is compared with the archive; where one differs, the folder is set aside and all
    /// are laid down anew. Programs that do this at the same time take turns.
    ///
    /// # Errors
    /// For people: the folder cannot be written to.
    pub fn lay_down(&self, data: &Path) -> Result<Laid, UserError> {
        let folder = Content::folder(data);
        self.lay_down_in(&folder).map_err(|error| UserError {
            what: format!("The book cannot be laid down in {}.", folder.display()),
            cause: error.to_string(),
            next: "Name a folder that can be written to: --data DIR or EMPTY_ROOM_DATA=DIR".into(),
        })
    }

    fn lay_down_in(&self, folder: &Path) -> io::Result<Laid> {
        fs::create_dir_all(folder)?;
        let turn = File::create(folder.join("lock"))?;
        turn.lock()?;
        let root = folder.join(&self.digest[..16]);
        let mut set_aside = None;
        if root.exists() {
            if is_equal(&root, &self.files()?)? {
                return Ok(Laid { root, set_aside });
            }
            let theirs = free_name(&root);
            fs::rename(&root, &theirs)?;
            set_aside = Some(theirs);
        }
        let fresh = tempfile::Builder::new()
            .prefix(".new-")
            .tempdir_in(folder)?;
        self.open()?.unpack(fresh.path())?;
        // Whole or not at all: a program that is killed here leaves nothing to be taken for a book.
        fs::rename(fresh.path(), &root)?;
        Ok(Laid { root, set_aside })
    }

    fn open(&self) -> io::Result<tar::Archive<impl Read>> {
        let mut archive = tar::Archive::new(zstd::Decoder::new(&*self.archive)?);
        archive.set_preserve_mtime(false);
        Ok(archive)
    }

    fn files(&self) -> io::Result<BTreeMap<PathBuf, Vec<u8>>> {
        let mut files = BTreeMap::new();
        for entry in self.open()?.entries()? {
            let mut entry = entry?;
            let mut content = Vec::new();
            entry.read_to_end(&mut content)?;
            files.insert(entry.path()?.into_owned(), content);
        }
        Ok(files)
    }
}

/// Whether exactly these files lie there, with these bytes.
fn is_equal(root: &Path, files: &BTreeMap<PathBuf, Vec<u8>>) -> io::Result<bool> {
    let mut there = 0;
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(root.join(&below))? {
            let entry = entry?;
            let name = below.join(entry.file_name());
            let kind = entry.file_type()?;
            if kind.is_dir() {
                folders.push(name);
            } else if kind.is_file() {
                match files.get(&name) {
                    Some(content) if fs::read(entry.path())? == *content => there += 1,
                    None if entry.file_name() == LITTER => {}
                    _ => return Ok(false),
                }
            } else {
                return Ok(false);
            }
        }
    }
    Ok(there == files.len())
}

/// `….changed`, or the first of `….changed-2` and so on that is free.
fn free_name(root: &Path) -> PathBuf {
    let numbered = |number: u32| match number {
        1 => root.with_added_extension("changed"),
        _ => root.with_added_extension(format!("changed-{number}")),
    };
    let mut names = (1..).map(numbered);
    let free = names.find(|name| !name.exists());
    free.unwrap_or_else(|| root.with_added_extension("changed"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CONTENT, pack};
    use std::os::unix::fs::PermissionsExt;

    /// A small checkout with all that is packed, a hidden file and a script.
    fn checkout(note: &str) -> tempfile::TempDir {
        let root = tempfile::tempdir().expect("a folder");
        let write = |name: &str, text: &str| {
            let path = root.path().join(name);
            fs::create_dir_all(path.parent().expect("a folder")).expect("made");
            fs::write(path, text).expect("written");
        };
        for part in CONTENT {
            match part.rsplit_once('.') {
                Some(_) => write(part, "plain"),
                None => write(&format!("{part}/deep/file"), part),
            }
        }
        write("book/labs/one/.dockerignore", "*");
        write("book/labs/one/run.sh", note);
        let script = root.path().join("book/labs/one/run.sh");
        fs::set_permissions(script, fs::Permissions::from_mode(0o775)).expect("set");
        root
    }

    fn content(note: &str) -> Content {
        Content::of(pack(checkout(note).path()).expect("packed"))
    }

    #[test]
    fn equal_checkouts_make_equal_archives_and_others_do_not() {
        assert_eq!(content("a").digest(), content("a").digest());
        assert_ne!(content("a").digest(), content("b").digest());
    }

    #[test]
    fn what_no_book_needs_stays_outside() {
        let root = checkout("a");
        let before = pack(root.path()).expect("packed");
        for name in ["book/lint", "book/src/.DS_Store", "Cargo.toml"] {
            fs::write(root.path().join(name), "x").expect("written");
        }
        assert_eq!(pack(root.path()).expect("packed"), before);
    }

    #[test]
    fn a_checkout_with_a_part_missing_or_a_link_in_it_is_not_packed() {
        let root = checkout("a");
        std::os::unix::fs::symlink("/etc/passwd", root.path().join("book/src/link")).expect("made");
        let told = pack(root.path()).expect_err("a link").to_string();
        assert!(told.contains("book/src/link"), "{told}");
        fs::remove_file(root.path().join("book/src/link")).expect("removed");
        fs::remove_file(root.path().join("book/claims.toml")).expect("removed");
        let told = pack(root.path()).expect_err("a part").to_string();
        assert!(told.contains("book/claims.toml"), "{told}");
    }

    #[test]
    fn files_are_laid_down_once_hidden_ones_and_modes_too() {
        let (data, content) = (tempfile::tempdir().expect("a folder"), content("a"));
        let laid = content.lay_down(data.path()).expect("laid");
        let script = laid.root.join("book/labs/one/run.sh");
        assert_eq!(
            fs::metadata(&script).expect("there").permissions().mode() & 0o777,
            0o755
        );
        assert!(laid.root.join("book/labs/one/.dockerignore").is_file());
        let made = fs::metadata(&laid.root).expect("there").created().ok();
        assert_eq!(content.lay_down(data.path()).expect("laid"), laid);
        assert_eq!(
            fs::metadata(&laid.root).expect("there").created().ok(),
            made
        );
        let left: Vec<_> = fs::read_dir(Content::folder(data.path()))
            .expect("a folder")
            .collect();
        assert_eq!(
            left.len(),
            2,
            "the files, the lock and nothing else: {left:?}"
        );
    }

    #[test]
    fn changed_missing_and_foreign_files_are_found_and_what_was_changed_is_kept() {
        let (data, content) = (tempfile::tempdir().expect("a folder"), content("a"));
        let root = content.lay_down(data.path()).expect("laid").root;
        let changes: [(&str, &dyn Fn()); 3] = [
            ("changed", &|| {
                fs::write(root.join("book.toml"), "mine!").expect("written")
            }),
            ("changed-2", &|| {
                fs::remove_file(root.join("book/claims.toml")).expect("removed")
            }),
            ("changed-3", &|| {
                fs::write(root.join("book/labs/new"), "mine").expect("written")
            }),
        ];
        for (name, change) in changes {
            change();
            let laid = content.lay_down(data.path()).expect("laid");
            assert_eq!(laid.root, root);
            assert_eq!(laid.set_aside, Some(root.with_added_extension(name)));
            assert!(is_equal(&root, &content.files().expect("read")).expect("read"));
        }
        let theirs = root.with_added_extension("changed").join("book.toml");
        assert_eq!(fs::read_to_string(theirs).expect("kept"), "mine!");
    }

    #[test]
    fn another_program_s_content_lies_beside() {
        let data = tempfile::tempdir().expect("a folder");
        let roots = ["a", "b"].map(|note| content(note).lay_down(data.path()).expect("laid").root);
        assert_ne!(roots[0], roots[1]);
        assert!(roots.iter().all(|root| root.join("book.toml").is_file()));
    }

    #[test]
    fn a_data_folder_that_is_a_file_is_told_with_what_to_do() {
        let file = tempfile::NamedTempFile::new().expect("a file");
        let error = content("a").lay_down(file.path()).expect_err("no folder");
        assert!(error.next.contains("EMPTY_ROOM_DATA"), "{error}");
    }
}
