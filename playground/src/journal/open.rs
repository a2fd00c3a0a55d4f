//! Opening the journal's file: its schema, damage set aside, and what to do where it cannot be.
//!
//! Refuses to know what is in it.

use policy::UserError;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Each entry lifts the schema by one version; never change one that was released.
const MIGRATIONS: [&str; 2] = [
    "
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
",
    "ALTER TABLE measurements ADD COLUMN go TEXT NOT NULL DEFAULT '';",
];

/// Opens `journal.db` in `dir`, or begins it; a journal in memory where neither can be.
///
/// # Errors
/// Not even a journal in memory can be had.
pub(super) fn open_in(dir: &Path) -> Result<Connection, UserError> {
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
    match opened {
        Ok(db) => Ok(db),
        Err(error) => {
            log::warn!("{error}\n  until then nothing is remembered between launches");
            let memory = Connection::open_in_memory().and_then(migrated);
            memory.map_err(|error| unusable(&path, &error.to_string()))
        }
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

pub(super) fn unusable(path: &Path, why: &str) -> UserError {
    UserError {
        what: format!("The journal {} cannot be used: {why}", path.display()),
        cause: "the folder is not writable, its disk is full, or a newer playground used it".into(),
        next: "make room, update, or name another folder with --data".into(),
    }
}
