//! Measurements that outlive the process, in SQLite.
//!
//! One file in the data directory, its schema numbered in `user_version`. Nothing in it is
//! needed for a run: a damaged journal is set aside, never deleted, and a new one begun; one
//! that cannot be used is left alone, and this process remembers in memory. Refuses to know
//! engines and pages.

mod open;
pub(crate) mod store;

use crate::event::{Ending, Sizes};
use policy::UserError;
use rusqlite::{Connection, OptionalExtension, params};
use serde::Serialize;
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

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
    /// The Go that took the place of the one that the Dockerfile names; empty where none did.
    pub go: String,
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
        let db = open::open_in(dir)?;
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
                 unpacked_bytes, compressed_bytes, engine_bytes, edited, ending, ms, go)
             VALUES (strftime('%Y-%m-%dT%H:%M:%SZ', 'now'),
                 ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
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
                m.ms,
                m.go
            ],
        )?;
        Ok(())
    }

    /// The last unedited measurement of each lab, with the Go that the Dockerfiles name (empty), or
    /// with another.
    ///
    /// # Errors
    /// For people: the file is damaged, or another program holds it.
    pub fn latest_per_lab(&self, go: &str) -> Result<BTreeMap<String, Measured>, UserError> {
        let query = || -> rusqlite::Result<BTreeMap<String, Measured>> {
            let db = self.db();
            let mut statement = db.prepare(
                "SELECT lab, unpacked_bytes, compressed_bytes, engine_bytes, base, at, engine, arch
                 FROM measurements
                 WHERE id IN (SELECT max(id) FROM measurements WHERE NOT edited AND go = ?1 GROUP BY lab)",
            )?;
            let rows = statement.query_map([go], |row| {
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

#[cfg(test)]
mod tests;
