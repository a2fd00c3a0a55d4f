//! The journal's file and its schema.

use super::store;
use policy::UserError;
use rusqlite::Connection;
use std::path::Path;

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
    store::open(&dir.join("journal.db"), &MIGRATIONS)
}
