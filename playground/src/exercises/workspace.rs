//! Where a learner's work lies: a folder of their own for each exercise.
//!
//! Owns the promise that work is never lost: nothing is overwritten without a copy, and a file is
//! either as it was or as it was to become. What is not handed in lies there too, so that the
//! folder builds by hand; only the files that an exercise names are ever read back.

use catalog::exercise::STARTER;
use catalog::{ContextFile, Exercise, context};
use policy::UserError;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tempfile::NamedTempFile;

/// A file that is handed in may have so many bytes.
const MAX_FILE: u64 = 256 << 10;

/// The folder that holds a folder for each exercise that was begun.
#[derive(Clone, Debug)]
pub struct Workspace {
    dir: PathBuf,
    /// Two windows of one process write one after the other.
    writing: Arc<Mutex<()>>,
}

/// What starting an exercise did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Started {
    /// The exercise's folder.
    pub dir: PathBuf,
    /// Files that were laid down.
    pub created: Vec<String>,
    /// Files that were there already, and stay as they are.
    pub kept: Vec<String>,
}

/// A file that is handed in, as it lies there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Handed {
    /// Its text.
    pub text: String,
    /// Tells whether it has changed since.
    pub revision: String,
}

/// Why a file was not saved.
#[derive(Clone, Debug)]
pub enum NotSaved {
    /// It has changed since it was read: here is what it says now; `None` where it is gone.
    Changed(Option<Handed>),
    /// It cannot be written.
    Failed(UserError),
}

impl Workspace {
    /// The work of one data folder, or wherever the learner wants it.
    pub fn new(dir: PathBuf) -> Workspace {
        Workspace {
            dir,
            writing: Arc::default(),
        }
    }

    /// The folder that holds all exercises' folders.
    pub fn dir(&self) -> &Path {
        &self.dir
    }

    /// Where an exercise's files lie, begun or not.
    pub fn folder(&self, exercise: &Exercise) -> PathBuf {
        self.dir.join(&exercise.id)
    }

    /// Whether it was begun: one of the files that are handed in is there.
    pub fn is_begun(&self, exercise: &Exercise) -> bool {
        let dir = self.folder(exercise);
        exercise.edit.iter().any(|path| dir.join(path).is_file())
    }

    /// Lays down the starter and the exercise's own files, as far as they are not there yet.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn start(&self, root: &Path, exercise: &Exercise) -> Result<Started, UserError> {
        let _alone = self.alone();
        self.lay_down(root, exercise)
    }

    fn alone(&self) -> MutexGuard<'_, ()> {
        self.writing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn lay_down(&self, root: &Path, exercise: &Exercise) -> Result<Started, UserError> {
        let starter = exercise.lab.variant(Some(STARTER))?;
        let none = BTreeMap::new();
        let context = context(root, &exercise.lab, starter, &BTreeMap::new(), &none)?;
        let dir = self.folder(exercise);
        let mut started = Started {
            dir: dir.clone(),
            created: Vec::new(),
            kept: Vec::new(),
        };
        for (path, file) in context.files.iter().chain(&context.ignored) {
            let target = dir.join(path);
            match create(&target, &file.bytes) {
                Ok(true) => started.created.push(path.clone()),
                Ok(false) => started.kept.push(path.clone()),
                Err(error) => return Err(unwritable(&target, &error)),
            }
        }
        Ok(started)
    }

    /// The files that are handed in, as they lie there now; missing ones are left out.
    ///
    /// # Errors
    /// It was not begun, or a file is no text of bearable size.
    pub fn submission(&self, exercise: &Exercise) -> Result<BTreeMap<String, String>, UserError> {
        let mut files = BTreeMap::new();
        for path in &exercise.edit {
            if let Some(handed) = self.read(exercise, path)? {
                files.insert(path.clone(), handed.text);
            }
        }
        if files.is_empty() {
            return Err(UserError {
                what: format!("Exercise {} was not begun.", exercise.id),
                cause: format!("there is nothing in {}", self.folder(exercise).display()),
                next: format!("playground exercises start {:02}", exercise.number),
            });
        }
        Ok(files)
    }

    /// One of the files that are handed in; `None` where it is not there.
    ///
    /// # Errors
    /// The exercise hands in no such file, or it is no text of bearable size.
    pub fn read(&self, exercise: &Exercise, path: &str) -> Result<Option<Handed>, UserError> {
        let file = self.handed_in(exercise, path)?;
        let refused = |why: String| UserError {
            what: format!("{} cannot be handed in: {why}", file.display()),
            cause: "only plain text files of bearable size can be".into(),
            next: "put a plain text file there, and check again".into(),
        };
        let facts = match file.symlink_metadata() {
            Ok(facts) => facts,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                return Ok(None);
            }
            Err(error) => return Err(refused(error.to_string())),
        };
        // A link could lead to any file, and a pipe would never end.
        if !facts.is_file() {
            return Err(refused("it is no regular file".into()));
        }
        if facts.len() > MAX_FILE {
            let why = format!("it has {} bytes; {MAX_FILE} are allowed", facts.len());
            return Err(refused(why));
        }
        let text = fs::read_to_string(&file).map_err(|error| refused(error.to_string()))?;
        let revision = revision(&text);
        Ok(Some(Handed { text, revision }))
    }

    /// What was changed there although it is not handed in: the exercise's own files, and those
    /// beside them that a build would look at.
    ///
    /// # Errors
    /// The exercise's files cannot be read.
    pub fn not_looked_at(
        &self,
        root: &Path,
        exercise: &Exercise,
    ) -> Result<Vec<String>, UserError> {
        let starter = exercise.lab.variant(Some(STARTER))?;
        let none = BTreeMap::new();
        let context = context(root, &exercise.lab, starter, &BTreeMap::new(), &none)?;
        let dir = self.folder(exercise);
        let mut own: BTreeMap<_, _> = context.files.iter().chain(&context.ignored).collect();
        own.retain(|path, _| !exercise.edit.contains(path));
        let differs = |(path, file): &(&String, &ContextFile)| {
            let there = dir.join(path);
            match there.metadata() {
                Ok(facts) if facts.len() == file.bytes.len() as u64 => {
                    fs::read(there).is_ok_and(|bytes| bytes != file.bytes)
                }
                Ok(_) => true,
                Err(_) => false,
            }
        };
        let changed = own.iter().map(|(path, file)| (*path, *file));
        let mut changed: Vec<_> = changed
            .filter(differs)
            .map(|(path, _)| path.clone())
            .collect();
        let listing = fs::read_dir(&dir).into_iter().flatten().flatten();
        for entry in listing {
            let name = entry.file_name().to_string_lossy().into_owned();
            let counts = name == ".dockerignore"
                || name.to_ascii_lowercase().starts_with("dockerfile")
                || ["go.mod", "go.sum", "go.work"].contains(&name.as_str())
                || name.ends_with(".go");
            if counts && !exercise.edit.contains(&name) && !own.contains_key(&name) {
                changed.push(name);
            }
        }
        Ok(changed)
    }

    /// Saves a file that is handed in. `revision` is of what it replaces, `None` where it is to be
    /// new: what somebody else has written since is not overwritten.
    ///
    /// # Errors
    /// It has changed since, the exercise hands in no such file, or it cannot be written.
    pub fn save(
        &self,
        exercise: &Exercise,
        path: &str,
        text: &str,
        since: Option<&str>,
    ) -> Result<String, NotSaved> {
        let file = self.handed_in(exercise, path).map_err(NotSaved::Failed)?;
        if text.len() as u64 > MAX_FILE {
            return Err(NotSaved::Failed(UserError {
                what: format!("`{path}` was not saved: it has {} bytes", text.len()),
                cause: format!("{MAX_FILE} are allowed"),
                next: "shorten it".into(),
            }));
        }
        let _alone = self.alone();
        let now = self.read(exercise, path).map_err(NotSaved::Failed)?;
        if now.as_ref().map(|handed| handed.revision.as_str()) != since {
            return Err(NotSaved::Changed(now));
        }
        replace(&file, text.as_bytes())
            .map_err(|error| NotSaved::Failed(unwritable(&file, &error)))?;
        Ok(revision(text))
    }

    /// Begins anew: what was there is moved beside it. Returns where it lies now, if there was any.
    ///
    /// # Errors
    /// The folder cannot be moved, or the starter cannot be laid down.
    pub fn reset(
        &self,
        root: &Path,
        exercise: &Exercise,
    ) -> Result<(Option<PathBuf>, Started), UserError> {
        let _alone = self.alone();
        let dir = self.folder(exercise);
        let mut kept = None;
        if dir.exists() {
            let aside = |n: u32| self.dir.join(format!("{}.kept-{n}", exercise.id));
            let free = (1..).map(aside).find(|path| !path.exists());
            let free = free.unwrap_or_else(|| aside(0));
            fs::rename(&dir, &free).map_err(|error| unwritable(&dir, &error))?;
            kept = Some(free);
        }
        let started = self.lay_down(root, exercise).map_err(|error| match &kept {
            Some(kept) => UserError {
                next: format!("{}; your files lie in {}", error.next, kept.display()),
                ..error
            },
            None => error,
        });
        Ok((kept, started?))
    }

    /// Where a file lies that the exercise hands in; never another one.
    fn handed_in(&self, exercise: &Exercise, path: &str) -> Result<PathBuf, UserError> {
        match exercise.edit.iter().any(|known| known == path) {
            true => Ok(self.folder(exercise).join(path)),
            false => Err(UserError {
                what: format!(
                    "`{}` is not handed in here",
                    path.chars()
                        .filter(|c| !c.is_control())
                        .take(100)
                        .collect::<String>()
                ),
                cause: format!(
                    "exercise {} hands in {}",
                    exercise.id,
                    exercise.edit.join(", ")
                ),
                next: "edit one of those".into(),
            }),
        }
    }
}

/// Tells two texts apart.
fn revision(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    engine::hex(&hash[..8])
}

/// Writes a file that is not there; `false` where it is, also where another process was quicker.
fn create(file: &Path, bytes: &[u8]) -> std::io::Result<bool> {
    if file.symlink_metadata().is_ok() {
        return Ok(false);
    }
    match written_beside(file, bytes)?.persist_noclobber(file) {
        Ok(_) => Ok(true),
        Err(error) if error.error.kind() == ErrorKind::AlreadyExists => Ok(false),
        Err(error) => Err(error.error),
    }
}

/// Writes beside the file, then puts it in its place: a full disk or a crash leaves the old one.
fn replace(file: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let new = written_beside(file, bytes)?;
    new.persist(file).map_err(|error| error.error)?;
    Ok(())
}

fn written_beside(file: &Path, bytes: &[u8]) -> std::io::Result<NamedTempFile> {
    let dir = file.parent().unwrap_or(Path::new("."));
    fs::create_dir_all(dir)?;
    let mut new = tempfile::Builder::new()
        .prefix(".saving-")
        .tempfile_in(dir)?;
    new.write_all(bytes)?;
    new.as_file().sync_all()?;
    readable(new.path())?;
    Ok(new)
}

/// Temporary files are for their owner alone; the learner's editor may be somebody else's.
#[cfg(unix)]
fn readable(file: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::PermissionsExt;
    fs::set_permissions(file, fs::Permissions::from_mode(0o644))
}

#[cfg(not(unix))]
fn readable(_: &Path) -> std::io::Result<()> {
    Ok(())
}

fn unwritable(file: &Path, error: &std::io::Error) -> UserError {
    UserError {
        what: format!("{} cannot be written: {error}", file.display()),
        cause: match error.kind() {
            ErrorKind::StorageFull => "the disk is full; what was there is still there",
            ErrorKind::PermissionDenied => "the folder belongs to somebody else",
            _ => "its path leads through something that is no folder, or the disk fails",
        }
        .into(),
        next: "make room, or name another folder with --work or EMPTY_ROOM_WORK".into(),
    }
}

#[cfg(test)]
mod tests;
