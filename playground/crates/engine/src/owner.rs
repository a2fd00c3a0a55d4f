//! Tells a living playground's objects from those a dead one left behind.
//!
//! Each process holds a lock on a file of its own; containers and networks carry the
//! file's name as a label. A lock that can be taken belongs to nobody any more. Unlike a
//! pid it cannot be reused, and unlike an age it is never wrong.

use crate::random::random_hex;
use std::collections::HashMap;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Every object of ours carries this label; nothing without it is ever touched.
pub const LABEL: &str = "org.emptyroom";

/// The file that holds this data directory's own id.
const MACHINE: &str = "machine";

/// This process, as far as what it creates on an engine is concerned. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Owner {
    id: String,
    machine: String,
    dir: PathBuf,
    _lock: Arc<Locked>,
}

#[derive(Debug)]
struct Locked {
    path: PathBuf,
    _file: File,
}

impl Owner {
    /// Registers this process below `dir`.
    ///
    /// # Errors
    ///
    /// The directory cannot be written.
    pub fn register(dir: &Path) -> io::Result<Owner> {
        let dir = dir.join("owners");
        fs::create_dir_all(&dir)?;
        let machine = machine(&dir)?;
        let id = format!("{machine}-{}", random_hex(8)?);
        // Locked before it can be seen under its name: there is no moment in which another
        // process could take it for a dead one's. (A dot is in no id, so a newcomer's file
        // is never looked at.)
        let (newcomer, path) = (dir.join(format!("{id}.new")), dir.join(&id));
        let file = File::create_new(&newcomer)?;
        file.lock()?;
        fs::rename(&newcomer, &path)?;
        Ok(Owner {
            id,
            machine,
            dir,
            _lock: Arc::new(Locked { path, _file: file }),
        })
    }

    /// Labels of an object of this owner; `what` it is.
    pub(crate) fn labels(&self, what: &str) -> HashMap<String, String> {
        HashMap::from([
            (LABEL.to_owned(), what.to_owned()),
            (format!("{LABEL}.owner"), self.id.clone()),
        ])
    }

    /// The label value that says so.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the playground that wrote `id` on an object still runs on this machine.
    ///
    /// An id that this machine never gave out belongs to another machine that shares the
    /// engine; it counts as living, because nothing here can know better. So does one whose
    /// file cannot be read: dead is only who has no file, or no lock on it.
    pub(crate) fn is_alive(&self, id: &str) -> bool {
        if id == self.id {
            return true;
        }
        match id.split_once('-') {
            Some((machine, own))
                if machine == self.machine && own.bytes().all(|b| b.is_ascii_hexdigit()) => {}
            _ => return true,
        }
        match File::open(self.dir.join(id)) {
            Ok(file) => file.try_lock().is_err(),
            Err(error) => error.kind() != io::ErrorKind::NotFound,
        }
    }

    /// Forgets the owners that are dead; call after their objects are gone.
    pub(crate) fn forget_dead(&self) {
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let id = entry.file_name().to_string_lossy().into_owned();
            if id != MACHINE && !self.is_alive(&id) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Names this data directory, so that its owners are told from another machine's.
///
/// It appears whole or not at all, and never twice: whoever starts first names it.
fn machine(dir: &Path) -> io::Result<String> {
    let path = dir.join(MACHINE);
    loop {
        match fs::read_to_string(&path) {
            Ok(id) if id.len() == 8 && id.bytes().all(|b| b.is_ascii_hexdigit()) => return Ok(id),
            Ok(_) => fs::remove_file(&path)?,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(error),
        }
        let mut file = tempfile::Builder::new().suffix(".new").tempfile_in(dir)?;
        let id = random_hex(4)?;
        file.write_all(id.as_bytes())?;
        match file.persist_noclobber(&path) {
            Ok(_) => return Ok(id),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error.error),
        }
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_living_owner_is_told_from_a_dead_one() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        let me = Owner::register(dir.path())?;
        let other = Owner::register(dir.path())?;
        let id = other.id().to_owned();
        assert!(me.is_alive(&id));
        // A killed process leaves its file but not its lock.
        let Ok(locked) = Arc::try_unwrap(other._lock) else {
            panic!("one handle only");
        };
        let path = locked.path.clone();
        drop(locked);
        File::create(path)?;
        assert!(!me.is_alive(&id));
        me.forget_dead();
        assert!(me.is_alive(me.id()));
        assert!(!me.is_alive(&id), "it has no file any more");
        Ok(())
    }

    #[test]
    fn an_owner_whose_file_cannot_be_read_counts_as_living() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        let me = Owner::register(dir.path())?;
        let unreadable = format!("{}-00000000deadbeef", me.machine);
        // A link to itself: there, and yet not to be opened, by root neither.
        let path = me.dir.join(&unreadable);
        std::os::unix::fs::symlink(&path, &path)?;
        assert!(me.is_alive(&unreadable));
        assert!(
            me.is_alive("0badf00d-00000000deadbeef"),
            "another machine's"
        );
        Ok(())
    }

    #[test]
    fn playgrounds_that_start_at_once_agree_and_take_none_for_dead() -> io::Result<()> {
        let dir = tempfile::tempdir()?;
        let over = std::sync::atomic::AtomicBool::new(false);
        let owners = std::thread::scope(|scope| {
            // Takes every file that it can lock for a dead one's, as a sweep does.
            let sweeper = scope.spawn(|| -> io::Result<Owner> {
                let sweeper = Owner::register(dir.path())?;
                while !over.load(std::sync::atomic::Ordering::Relaxed) {
                    sweeper.forget_dead();
                }
                Ok(sweeper)
            });
            let starting: Vec<_> = (0..64)
                .map(|_| scope.spawn(|| Owner::register(dir.path())))
                .collect();
            let joined = |owner: std::thread::ScopedJoinHandle<'_, io::Result<Owner>>| {
                owner
                    .join()
                    .unwrap_or_else(|panic| std::panic::resume_unwind(panic))
            };
            let mut owners: Vec<_> = starting.into_iter().map(joined).collect();
            over.store(true, std::sync::atomic::Ordering::Relaxed);
            owners.push(joined(sweeper));
            owners.into_iter().collect::<io::Result<Vec<Owner>>>()
        })?;
        for owner in &owners {
            assert_eq!(owner.machine, owners[0].machine);
            assert!(owners[0].is_alive(owner.id()));
            assert!(owner.dir.join(owner.id()).exists());
        }
        Ok(())
    }
}
