//! Tells a living playground's objects from those a dead one left behind.
//!
//! Each process holds a lock on a file of its own; containers and networks carry the
//! file's name as a label. A lock that can be taken belongs to nobody any more. Unlike a
//! pid it cannot be reused, and unlike an age it is never wrong.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

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
    pub fn register(dir: &Path) -> io::Result<Owner> {
        let dir = dir.join("owners");
        fs::create_dir_all(&dir)?;
        let machine = machine(&dir)?;
        let id = format!("{machine}-{}", super::random_hex(8)?);
        let path = dir.join(&id);
        let file = File::create(&path)?;
        file.lock()?;
        Ok(Owner {
            id,
            machine,
            dir,
            _lock: Arc::new(Locked { path, _file: file }),
        })
    }

    /// The label value that says so.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether the playground that wrote `id` on an object still runs on this machine.
    ///
    /// An id that this machine never gave out belongs to another machine that shares the
    /// engine; it counts as living, because nothing here can know better.
    pub(super) fn lives(&self, id: &str) -> bool {
        if id == self.id {
            return true;
        }
        match id.split_once('-') {
            Some((machine, own))
                if machine == self.machine && own.bytes().all(|b| b.is_ascii_hexdigit()) => {}
            _ => return true,
        }
        match File::open(self.dir.join(id)) {
            Ok(file) => matches!(file.try_lock(), Err(TryLockError::WouldBlock)),
            Err(_) => false,
        }
    }

    /// Forgets the owners that are dead; call after their objects are gone.
    pub(super) fn forget_the_dead(&self) {
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let id = entry.file_name().to_string_lossy().into_owned();
            if id != MACHINE && !self.lives(&id) {
                let _ = fs::remove_file(entry.path());
            }
        }
    }
}

/// Names this data directory, so that its owners are told from another machine's.
fn machine(dir: &Path) -> io::Result<String> {
    let path = dir.join(MACHINE);
    match fs::read_to_string(&path) {
        Ok(id) if id.len() == 8 && id.bytes().all(|b| b.is_ascii_hexdigit()) => Ok(id),
        _ => {
            let id = super::random_hex(4)?;
            fs::write(&path, &id)?;
            Ok(id)
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
        assert!(me.lives(&id));
        // A killed process leaves its file but not its lock.
        let Ok(locked) = Arc::try_unwrap(other._lock) else {
            panic!("one handle only");
        };
        let path = locked.path.clone();
        drop(locked);
        File::create(path)?;
        assert!(!me.lives(&id));
        me.forget_the_dead();
        assert!(me.lives(me.id()));
        Ok(())
    }
}
