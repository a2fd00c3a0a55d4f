//! Measurements that outlive the process, in SQLite.
//!
//! One file in the data directory, its schema numbered in `user_version`. Nothing in it is
//! needed for a run: a damaged journal is set aside, never deleted, and a new one begun; one
//! that cannot be used is left alone, and this process remembers in memory. Refuses to know
//! engines and pages.

use crate::event::{Ending, Sizes};
use policy::UserError;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// Each entry lifts the schema by one version; never change one that was released.
const MIGRATIONS: [&str; 1] = ["
    CREATE TABLE layers (
        diff_id TEXT PRIMARY KEY,
        unpacked_bytes INTEGER NOT NULL,
        compressed_bytes INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE images (
        image_id TEXT PRIMARY KEY,
        sizes TEXT NOT NULL
    ) STRICT;
    CREATE TABLE measurements (
        id INTEGER PRIMARY KEY,
        at TEXT NOT NULL,
        lab TEXT NOT NULL,
        variant TEXT NOT NULL,
        engine TEXT NOT NULL,
        arch TEXT NOT NULL,
        base TEXT,
        image_id TEXT NOT NULL,
        unpacked_bytes INTEGER NOT NULL,
        compressed_bytes INTEGER NOT NULL,
        engine_bytes INTEGER NOT NULL,
        edited INTEGER NOT NULL,
        ending TEXT NOT NULL,
        ms INTEGER NOT NULL
    ) STRICT;
    CREATE INDEX measurements_of_lab ON measurements (lab, edited, id);
"];

/// What a run measured.
#[derive(Clone, Debug)]
pub struct Measurement {
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
    /// Name and version.
    pub engine: String,
    /// `amd64`, `arm64`.
    pub arch: String,
    /// `published`, `rebuilt`, or nothing where no base of ours was used.
    pub base_state: Option<String>,
    /// The image's id.
    pub image_id: String,
    /// Content of all files in all layers, in bytes.
    pub unpacked_bytes: u64,
    /// Layers as gzip blobs, in bytes.
    pub compressed_bytes: u64,
    /// What `docker images` prints, in bytes.
    pub engine_bytes: u64,
    /// The reader had changed files.
    pub edited: bool,
    /// How the run ended.
    pub ending: Ending,
    /// Duration of the run in milliseconds.
    pub ms: u64,
}

/// What was last measured of a lab.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Measured {
    /// Content of all files in all layers, in bytes.
    pub unpacked_bytes: u64,
    /// Layers as gzip blobs, in bytes.
    pub compressed_bytes: u64,
    /// What `docker images` prints, in bytes.
    pub engine_bytes: u64,
    /// `published` or `rebuilt`.
    pub base: String,
    /// When, RFC 3339.
    pub at: String,
    /// Name and version.
    pub engine: String,
    /// `amd64`, `arm64`.
    pub arch: String,
}

/// The journal of one data directory.
#[derive(Debug)]
pub struct Journal {
    db: Mutex<Connection>,
}

impl Journal {
    /// Opens `journal.db` in `dir`, or begins it.
    ///
    /// Where that cannot be, a warning says why and the journal lasts as long as the process.
    ///
    /// # Errors
    /// Not even a journal in memory can be had.
    pub fn open_in(dir: &Path) -> Result<Journal, UserError> {
        let path = dir.join("journal.db");
        let opened = open(&path).or_else(|error| {
            if !damaged(&error) {
                return Err(unusable(&path, &error.to_string()));
            }
            let aside = set_aside(&path).map_err(|e| unusable(&path, &e.to_string()))?;
            log::warn!(
                "the journal was damaged ({error}); it now lies at {} and a new one is begun",
                aside.display()
            );
            open(&path).map_err(|e| unusable(&path, &e.to_string()))
        });
        let db = match opened {
            Ok(db) => db,
            Err(error) => {
                log::warn!("{error}\n  until then nothing is remembered between launches");
                let memory = Connection::open_in_memory().and_then(migrated);
                memory.map_err(|error| unusable(&path, &error.to_string()))?
            }
        };
        Ok(Journal { db: Mutex::new(db) })
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Unpacked and compressed bytes of a layer, if it was measured before.
    pub fn layer(&self, diff_id: &str) -> Option<(u64, u64)> {
        let found = self.db().query_row(
            "SELECT unpacked_bytes, compressed_bytes FROM layers WHERE diff_id = ?1",
            [diff_id],
            |row| Ok((row.get(0)?, row.get(1)?)),
        );
        found.optional().unwrap_or_default()
    }

    /// Remembers layers as (diff id, unpacked bytes, compressed bytes).
    ///
    /// # Errors
    /// SQLite refuses: the disk is full, or another program holds the file for too long.
    pub fn remember_layers(&self, layers: &[(String, u64, u64)]) -> rusqlite::Result<()> {
        let mut db = self.db();
        let transaction = db.transaction()?;
        for (diff_id, unpacked, compressed) in layers {
            transaction.execute(
                "INSERT OR REPLACE INTO layers VALUES (?1, ?2, ?3)",
                params![diff_id, unpacked, compressed],
            )?;
        }
        transaction.commit()
    }

    /// The sizes of an image (by its id), if it was measured before.
    pub fn image(&self, image_id: &str) -> Option<Sizes> {
        let found: rusqlite::Result<String> = self.db().query_row(
            "SELECT sizes FROM images WHERE image_id = ?1",
            [image_id],
            |row| row.get(0),
        );
        serde_json::from_str(&found.ok()?).ok()
    }

    /// Remembers the sizes of an image; its id names its content.
    ///
    /// # Errors
    /// As [`Journal::remember_layers`].
    pub fn remember_image(&self, image_id: &str, sizes: &Sizes) -> rusqlite::Result<()> {
        let sizes = serde_json::to_string(sizes).unwrap_or_default();
        self.db().execute(
            "INSERT OR REPLACE INTO images VALUES (?1, ?2)",
            params![image_id, sizes],
        )?;
        Ok(())
    }

    /// Records a measurement, dated now.
    ///
    /// # Errors
    /// As [`Journal::remember_layers`].
    pub fn record(&self, m: &Measurement) -> rusqlite::Result<()> {
        let ending = serde_json::to_value(m.ending).unwrap_or_default();
        self.db().execute(
            "INSERT INTO measurements (at, lab, variant, engine, arch, base, image_id,
                 unpacked_bytes, compressed_bytes, engine_bytes, edited, ending, ms)
             VALUES (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),
                 ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)",
            params![
                m.lab,
                m.variant,
                m.engine,
                m.arch,
                m.base_state,
                m.image_id,
                m.unpacked_bytes,
                m.compressed_bytes,
                m.engine_bytes,
                m.edited,
                ending.as_str().unwrap_or_default(),
                m.ms
            ],
        )?;
        Ok(())
    }

    /// The last unedited measurement of each lab.
    ///
    /// # Errors
    /// For people: the file is damaged, or another program holds it.
    pub fn latest_per_lab(&self) -> Result<BTreeMap<String, Measured>, UserError> {
        let query = || -> rusqlite::Result<BTreeMap<String, Measured>> {
            let db = self.db();
            let mut statement = db.prepare(
                "SELECT lab, unpacked_bytes, compressed_bytes, engine_bytes, base, at, engine, arch
                 FROM measurements
                 WHERE id IN (SELECT max(id) FROM measurements WHERE NOT edited GROUP BY lab)",
            )?;
            let rows = statement.query_map([], |row| {
                let measured = Measured {
                    unpacked_bytes: row.get(1)?,
                    compressed_bytes: row.get(2)?,
                    engine_bytes: row.get(3)?,
                    base: row
                        .get::<_, Option<String>>(4)?
                        .unwrap_or_else(|| "none".into()),
                    at: row.get(5)?,
                    engine: row.get(6)?,
                    arch: row.get(7)?,
                };
                Ok((row.get(0)?, measured))
            })?;
            rows.collect()
        };
        query().map_err(|error| UserError {
            what: format!("The journal cannot be read: {error}"),
            cause: "its file is damaged, or another program holds it".into(),
            next: "start the playground again; a damaged journal is set aside then".into(),
        })
    }
}

fn open(path: &Path) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.busy_timeout(Duration::from_secs(5))?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "normal")?;
    // Damage behind the first page would otherwise show only in the middle of a run.
    let found: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(failure(rusqlite::ffi::SQLITE_CORRUPT, found));
    }
    migrated(db)
}

fn migrated(mut db: Connection) -> rusqlite::Result<Connection> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: usize = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > MIGRATIONS.len() {
        let what = "a newer playground wrote it".to_owned();
        return Err(failure(rusqlite::ffi::SQLITE_SCHEMA, what));
    }
    for (i, migration) in MIGRATIONS.iter().enumerate().skip(version) {
        transaction.execute_batch(migration)?;
        transaction.pragma_update(None, "user_version", i + 1)?;
    }
    transaction.commit()?;
    Ok(db)
}

fn failure(code: std::ffi::c_int, what: String) -> rusqlite::Error {
    rusqlite::Error::SqliteFailure(rusqlite::ffi::Error::new(code), Some(what))
}

fn damaged(error: &rusqlite::Error) -> bool {
    use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
    matches!(
        error.sqlite_error_code(),
        Some(DatabaseCorrupt | NotADatabase)
    )
}

/// Moves a damaged journal and its write-ahead log out of the way; returns its new place.
fn set_aside(path: &Path) -> std::io::Result<PathBuf> {
    let named = |n: u32, tail: &str| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        path.with_file_name(format!("{name}.damaged-{n}{tail}"))
    };
    let free = (1..).find(|n| !named(*n, "").exists()).unwrap_or(u32::MAX);
    for tail in ["-wal", "-shm"] {
        let beside = path.with_file_name(format!(
            "{}{tail}",
            path.file_name().unwrap_or_default().to_string_lossy()
        ));
        if beside.exists() {
            std::fs::rename(beside, named(free, tail))?;
        }
    }
    std::fs::rename(path, named(free, ""))?;
    Ok(named(free, ""))
}

fn unusable(path: &Path, why: &str) -> UserError {
    UserError {
        what: format!("The journal {} cannot be used: {why}", path.display()),
        cause: "the folder is not writable, its disk is full, or a newer playground used it".into(),
        next: "make room, update, or name another folder with --data".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn measurement(lab: &str, unpacked_bytes: u64, edited: bool) -> Measurement {
        Measurement {
            lab: lab.into(),
            variant: "image".into(),
            engine: "Docker 20.10".into(),
            arch: "amd64".into(),
            base_state: Some("rebuilt".into()),
            image_id: "sha256:0".into(),
            unpacked_bytes,
            compressed_bytes: 2,
            engine_bytes: 3,
            edited,
            ending: Ending::AsDeclared,
            ms: 4,
        }
    }

    #[test]
    fn measurements_and_layers_outlive_the_process() {
        let dir = tempfile::tempdir().expect("a folder");
        {
            let journal = Journal::open_in(dir.path()).expect("opened");
            journal
                .record(&measurement("stage-1", 10, false))
                .expect("recorded");
            journal
                .record(&measurement("stage-1", 11, false))
                .expect("recorded");
            journal
                .record(&measurement("stage-1", 99, true))
                .expect("recorded");
            journal
                .remember_layers(&[("sha256:a".into(), 7, 5)])
                .expect("remembered");
        }
        let journal = Journal::open_in(dir.path()).expect("opened again");
        let latest = journal.latest_per_lab().expect("read");
        assert_eq!(
            latest["stage-1"].unpacked_bytes, 11,
            "edited runs do not count"
        );
        assert_eq!(latest["stage-1"].base, "rebuilt");
        assert_eq!(journal.layer("sha256:a"), Some((7, 5)));
        assert_eq!(journal.layer("sha256:b"), None);
    }

    #[test]
    fn a_damaged_journal_is_set_aside_and_a_new_one_begun() {
        let dir = tempfile::tempdir().expect("a folder");
        for n in 1..=2 {
            std::fs::write(dir.path().join("journal.db"), "not a database, but data")
                .expect("written");
            let journal = Journal::open_in(dir.path()).expect("opened all the same");
            journal
                .record(&measurement("stage-1", 1, false))
                .expect("usable");
            drop(journal);
            let kept = dir.path().join(format!("journal.db.damaged-{n}"));
            let kept = std::fs::read_to_string(kept).expect("kept");
            assert!(kept.starts_with("not a database"));
            for tail in ["", "-wal", "-shm"] {
                let _ = std::fs::remove_file(dir.path().join(format!("journal.db{tail}")));
            }
        }
    }

    #[test]
    fn damage_in_the_middle_is_noticed_at_once() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("journal.db");
        {
            let journal = Journal::open_in(dir.path()).expect("opened");
            for n in 0..200 {
                let lab = format!("stage-{n}");
                journal
                    .record(&measurement(&lab, 1, false))
                    .expect("recorded");
            }
        }
        let mut bytes = std::fs::read(&path).expect("read");
        let middle = bytes.len() / 2;
        bytes[middle..].fill(0xa5);
        std::fs::write(&path, &bytes).expect("written");
        let journal = Journal::open_in(dir.path()).expect("opened all the same");
        assert!(journal.latest_per_lab().expect("read").is_empty());
        journal
            .record(&measurement("stage-1", 1, false))
            .expect("usable");
        assert_eq!(
            std::fs::read(dir.path().join("journal.db.damaged-1")).expect("kept"),
            bytes
        );
    }

    #[test]
    fn a_folder_that_cannot_be_written_is_named_and_the_book_goes_on() {
        let error = unusable(Path::new("/proc/nowhere/journal.db"), "no");
        assert!(error.what.contains("/proc/nowhere"), "{error:?}");
        let journal = Journal::open_in(Path::new("/proc/nowhere")).expect("in memory");
        journal
            .record(&measurement("stage-1", 1, false))
            .expect("recorded");
        assert_eq!(journal.latest_per_lab().expect("read").len(), 1);
    }

    #[test]
    fn the_journal_of_a_newer_playground_is_left_alone() {
        let dir = tempfile::tempdir().expect("a folder");
        let path = dir.path().join("journal.db");
        let db = Connection::open(&path).expect("opened");
        db.execute_batch("CREATE TABLE future (x); PRAGMA user_version = 99")
            .expect("written");
        drop(db);
        let journal = Journal::open_in(dir.path()).expect("in memory");
        journal
            .record(&measurement("stage-1", 1, false))
            .expect("recorded");
        drop(journal);
        let db = Connection::open(&path).expect("opened");
        let tables: u32 = db
            .query_row("SELECT count(*) FROM sqlite_schema", [], |row| row.get(0))
            .expect("counted");
        assert_eq!(tables, 1);
        assert!(!dir.path().join("journal.db.damaged-1").exists());
    }

    #[test]
    fn two_playgrounds_may_share_a_journal() {
        let dir = tempfile::tempdir().expect("a folder");
        let one = Journal::open_in(dir.path()).expect("opened");
        let two = Journal::open_in(dir.path()).expect("opened");
        one.record(&measurement("stage-1", 1, false))
            .expect("recorded");
        two.record(&measurement("stage-2", 2, false))
            .expect("recorded");
        assert_eq!(one.latest_per_lab().expect("read").len(), 2);
    }
}
