//! A file of SQLite that outlives the process: its schema's version, damage set aside, and what to
//! do where it cannot be opened.
//!
//! Refuses to know what is in it.

use policy::UserError;
use rusqlite::Connection;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// Opens the file at `path`, or begins it; one in memory where neither can be. Each of `migrations`
/// lifts the schema by one version.
///
/// # Errors
/// Not even one in memory can be had.
pub(crate) fn open(path: &Path, migrations: &[&str]) -> Result<Connection, UserError> {
    let opened = open_file(path, migrations).or_else(|error| {
        if !damaged(&error) {
            return Err(unusable(path, &error.to_string()));
        }
        let aside = set_aside(path).map_err(|e| unusable(path, &e.to_string()))?;
        log::warn!(
            "{} was damaged ({error}); it now lies at {} and a new one is begun",
            path.display(),
            aside.display()
        );
        open_file(path, migrations).map_err(|e| unusable(path, &e.to_string()))
    });
    match opened {
        Ok(db) => Ok(db),
        Err(error) => {
            log::warn!("{error}\n  until then nothing is remembered between launches");
            let memory = Connection::open_in_memory().and_then(|db| migrated(db, migrations));
            memory.map_err(|error| unusable(path, &error.to_string()))
        }
    }
}

fn open_file(path: &Path, migrations: &[&str]) -> rusqlite::Result<Connection> {
    let db = Connection::open(path)?;
    db.busy_timeout(Duration::from_secs(5))?;
    db.pragma_update(None, "journal_mode", "wal")?;
    db.pragma_update(None, "synchronous", "normal")?;
    // Damage behind the first page would otherwise show only in the middle of a run.
    let found: String = db.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if found != "ok" {
        return Err(failure(rusqlite::ffi::SQLITE_CORRUPT, found));
    }
    migrated(db, migrations)
}

fn migrated(mut db: Connection, migrations: &[&str]) -> rusqlite::Result<Connection> {
    let transaction = db.transaction_with_behavior(rusqlite::TransactionBehavior::Immediate)?;
    let version: usize = transaction.pragma_query_value(None, "user_version", |row| row.get(0))?;
    if version > migrations.len() {
        let what = "a newer playground wrote it".to_owned();
        return Err(failure(rusqlite::ffi::SQLITE_SCHEMA, what));
    }
    for (i, migration) in migrations.iter().enumerate().skip(version) {
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

/// Moves a damaged file and its write-ahead log out of the way; returns its new place.
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
        what: format!("{} cannot be used: {why}", path.display()),
        cause: "the folder is not writable, its disk is full, or a newer playground used it".into(),
        next: "make room, update, or name another folder with --data".into(),
    }
}
