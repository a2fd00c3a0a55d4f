//! What was measured, on disk: a file per lab, and beside them the runs of the ledger.
//!
//! Every file is written beside its old version and put in its place whole: who reads meanwhile,
//! as the page does, finds one or the other.

use super::session::{Asked, Session};
use super::taken::{Part, Taken};
use catalog::claims::Measurements;
use catalog::{Diagnostic, Diagnostics};
use policy::UserError;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, Permissions, TryLockError};
use std::io::{Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

/// Where the book keeps what was recorded, from its top folder.
pub const RECORDED: &str = "book/recorded/ledger";

/// Below the folder of measurements: a file for every run of the ledger that was asked for.
const SESSIONS: &str = "sessions";

/// A folder of measurements.
#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
    /// As problems name it.
    shown: String,
}

impl Store {
    /// What this machine has measured.
    pub fn in_data(data: &Path) -> Store {
        Store {
            dir: data.join("ledger"),
            shown: "ledger".into(),
        }
    }

    /// What the book was recorded with.
    pub fn recorded(root: &Path) -> Store {
        Store {
            dir: root.join(RECORDED),
            shown: RECORDED.into(),
        }
    }

    /// Everything that was measured, by lab.
    ///
    /// # Errors
    /// Every file that is none, by name.
    pub fn load(&self) -> Result<BTreeMap<String, Taken>, Diagnostics> {
        let (mut labs, mut problems) = (BTreeMap::new(), Vec::new());
        for entry in std::fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            // Before sessions had a folder, the only one lay here.
            let Some(lab) = name.strip_suffix(".json").filter(|lab| *lab != "session") else {
                continue;
            };
            match read(&entry.path()) {
                Ok(taken) => drop(labs.insert(lab.to_owned(), taken)),
                Err(why) => problems.push(Diagnostic::of(
                    format!("{}/{name}", self.shown),
                    format!("holds no measurements: {why}; delete it, then playground ledger run"),
                )),
            }
        }
        Diagnostics::found(problems).map_or(Ok(labs), Err)
    }

    /// The last run of the ledger that was asked for this.
    pub fn session(&self, asked: &Asked) -> Option<Session> {
        let session: Session = read(&self.dir.join(format!("{}.json", file_of(asked)))).ok()?;
        (session.asked == *asked).then_some(session)
    }

    /// The runs of the ledger that began no earlier than this one, with the same Go; it is one of
    /// them.
    pub fn since(&self, session: &Session) -> BTreeSet<String> {
        let files = std::fs::read_dir(self.dir.join(SESSIONS));
        let files = files.into_iter().flatten().flatten();
        let sessions = files.filter_map(|file| read::<Session>(&file.path()).ok());
        let later = sessions
            .filter(|one| one.began_ms >= session.began_ms && one.asked.go == session.asked.go);
        let later = later.map(|one| one.id);
        later.chain([session.id.clone()]).collect()
    }

    /// Notes a run of the ledger and how it stands.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn note(&self, session: &Session) -> Result<(), UserError> {
        self.write(&file_of(&session.asked), session)
    }

    /// Keeps others from measuring into this folder until the lock is dropped; `command` is what
    /// they are told that we do.
    ///
    /// # Errors
    /// Somebody does already, or the folder cannot be written to.
    pub fn lock(&self, command: &str) -> Result<Lock, UserError> {
        let path = self.dir.join("run.lock");
        let open = || -> std::io::Result<File> {
            std::fs::create_dir_all(&self.dir)?;
            let mut options = File::options();
            options.create(true).truncate(false).read(true).write(true);
            options.open(&path)
        };
        let mut file = open().map_err(|error| self.unwritable(&error))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::Error(error)) => return Err(self.unwritable(&error)),
            Err(TryLockError::WouldBlock) => {
                let mut holder = String::new();
                // It may have the lock and not yet have said who it is.
                let said = file.read_to_string(&mut holder).is_ok() && !holder.trim().is_empty();
                let holder = match said {
                    true => holder.trim().to_owned(),
                    false => "another process".into(),
                };
                return Err(UserError {
                    what: format!(
                        "A ledger is being measured into {} already: {holder}.",
                        self.dir.display()
                    ),
                    cause: "two at once would overwrite each other and spoil each other's timings"
                        .into(),
                    next: "wait until it has ended, or stop it where it runs (Ctrl-C; what it has \
                           measured stays), then run this again"
                        .into(),
                });
            }
        }
        let since = jiff::Zoned::now().strftime("%F %H:%M").to_string();
        let holder = format!(
            "`{command}`, process {}, since {since}\n",
            std::process::id()
        );
        let written = file
            .set_len(0)
            .and_then(|()| file.write_all(holder.as_bytes()));
        written.map_err(|error| self.unwritable(&error))?;
        Ok(Lock(file))
    }

    /// Keeps what was measured of a lab.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn keep(&self, lab: &str, taken: &Taken) -> Result<(), UserError> {
        self.write(lab, taken)
    }

    fn write(&self, name: &str, value: &impl Serialize) -> Result<(), UserError> {
        let path = self.dir.join(format!("{name}.json"));
        let dir = path.parent().unwrap_or(&self.dir);
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(dir)?;
            let mut builder = tempfile::Builder::new();
            // Recordings are for all who may read the book, not only for who made them.
            builder.permissions(Permissions::from_mode(0o666));
            let mut file = builder.tempfile_in(dir)?;
            serde_json::to_writer_pretty(&mut file, value)?;
            file.write_all(b"\n")?;
            file.persist(&path)?;
            Ok(())
        };
        write().map_err(|error| self.unwritable(&error))
    }

    fn unwritable(&self, error: &std::io::Error) -> UserError {
        UserError {
            what: format!("{} cannot be written to: {error}", self.dir.display()),
            cause: "its disk is full, or it belongs to another user".into(),
            next: "make room, or name another folder with --data, then run it again".into(),
        }
    }
}

/// A ledger that is being measured; the system takes the lock back however its process ends.
#[derive(Debug)]
pub struct Lock(#[expect(dead_code, reason = "locked until it is dropped")] File);

/// Where a run of the ledger is noted; what was asked may be too long for a name.
fn file_of(asked: &Asked) -> String {
    let asked = serde_json::to_vec(asked).unwrap_or_default();
    let hash = Sha256::digest(asked);
    format!("{SESSIONS}/{}", engine::hex(&hash[..8]))
}

/// All samples, for judging.
pub(super) fn measurements(labs: &BTreeMap<String, Taken>) -> Measurements {
    let of_lab = |taken: &Taken| {
        let mut variants = taken.variants.clone();
        for (variant, samples) in &mut variants {
            let rounds = taken.provenance(variant, Part::Rounds);
            samples.run.clone_from(&rounds.session);
        }
        variants
    };
    Measurements {
        labs: labs
            .iter()
            .map(|(lab, taken)| (lab.clone(), of_lab(taken)))
            .collect(),
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(claims: &[&str], quick: bool, go: &str) -> Asked {
        Asked::new(claims.iter().map(ToString::to_string), quick, go)
    }

    fn session(id: &str, asked: Asked, began_ms: i64) -> Session {
        Session {
            id: id.into(),
            asked,
            began_ms,
            done: false,
        }
    }

    #[test]
    fn runs_are_kept_apart_by_what_was_asked() {
        let data = tempfile::tempdir().expect("a folder");
        let store = Store::in_data(data.path());
        let all = [
            asked(&[], false, ""),
            asked(&[], true, ""),
            asked(&[], false, "1.27"),
            asked(&["03"], false, ""),
            asked(&["03"], true, ""),
            asked(&["03", "04"], false, ""),
        ];
        for (id, one) in all.iter().enumerate() {
            let session = session(&id.to_string(), one.clone(), 0);
            store.note(&session).expect("noted");
        }
        for (id, one) in all.iter().enumerate() {
            let found = store.session(one).expect("it is there");
            assert_eq!(found.id, id.to_string(), "{one:?}");
        }
        assert_eq!(
            asked(&["04", "03", "04"], false, ""),
            all[5],
            "in any order"
        );
        assert!(store.load().expect("no labs").is_empty());
    }

    #[test]
    fn a_run_knows_those_that_began_after_it() {
        let data = tempfile::tempdir().expect("a folder");
        let store = Store::in_data(data.path());
        let first = session("first", asked(&[], false, ""), 5);
        let before = session("before", asked(&["03"], false, ""), 4);
        let after = session("after", asked(&[], true, ""), 6);
        let other_go = session("other-go", asked(&[], true, "1.27"), 6);
        for one in [&first, &before, &after, &other_go] {
            store.note(one).expect("noted");
        }
        let since: Vec<_> = store.since(&first).into_iter().collect();
        assert_eq!(since, ["after", "first"]);
    }

    #[test]
    fn a_folder_is_measured_into_by_one_at_a_time() {
        let data = tempfile::tempdir().expect("a folder");
        let store = Store::in_data(data.path());
        let lock = store.lock("playground ledger run").expect("free");
        let refused = store.lock("playground ledger run --quick");
        let refused = refused.expect_err("somebody has it");
        let holder = format!("`playground ledger run`, process {}", std::process::id());
        assert!(refused.what.contains(&holder), "{refused}");
        assert!(refused.next.contains("Ctrl-C"), "{refused}");
        drop(lock);
        store.lock("playground ledger run").expect("free again");
    }

    #[test]
    fn recordings_are_readable_for_whom_the_folders_other_files_are() {
        let root = tempfile::tempdir().expect("a folder");
        let store = Store::recorded(root.path());
        store.keep("lab", &Taken::default()).expect("kept");
        let plain = root.path().join("plain");
        std::fs::write(&plain, "").expect("written");
        let mode = |path: &Path| path.metadata().expect("there").permissions().mode();
        let recorded = root.path().join(RECORDED).join("lab.json");
        assert_eq!(mode(&recorded), mode(&plain));
    }

    #[test]
    fn who_reads_while_a_file_is_replaced_has_one_or_the_other() {
        let data = tempfile::tempdir().expect("a folder");
        let store = Store::in_data(data.path());
        let taken = |variant: &str| Taken {
            variants: BTreeMap::from([(variant.to_owned(), Default::default())]),
            ..Taken::default()
        };
        store.keep("lab", &taken("a")).expect("kept");
        let path = data.path().join("ledger/lab.json");
        let mut open = File::open(&path).expect("there");
        store
            .keep("lab", &taken("a-much-longer-name"))
            .expect("kept");
        let mut old = String::new();
        open.read_to_string(&mut old).expect("text");
        assert_eq!(
            serde_json::from_str::<Taken>(&old).expect("whole"),
            taken("a")
        );
        let labs = store.load().expect("sound");
        assert_eq!(labs["lab"], taken("a-much-longer-name"));
    }
}
