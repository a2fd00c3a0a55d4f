//! What of a class outlives the process: its code, its seats, what they ran. One SQLite file.
//!
//! What a learner typed and came to lies in the seat's own folder. Refuses to know what any of it
//! means.

use super::code::JoinCode;
use super::ran::Ran;
use super::seat::{KeyHash, Seat};
use crate::journal::store;
use policy::UserError;
use rusqlite::{Connection, OptionalExtension, Row, params};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Each entry lifts the schema by one version; never change one that was released.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE class (
        one INTEGER PRIMARY KEY CHECK (one = 1),
        began TEXT NOT NULL,
        code TEXT NOT NULL,
        open INTEGER NOT NULL,
        call TEXT
    ) STRICT;
    CREATE TABLE seats (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        folder TEXT NOT NULL UNIQUE,
        name TEXT NOT NULL,
        key BLOB NOT NULL UNIQUE,
        joined TEXT NOT NULL,
        hand TEXT
    ) STRICT;
    CREATE TABLE runs (
        id INTEGER PRIMARY KEY,
        seat INTEGER NOT NULL,
        ran TEXT NOT NULL
    ) STRICT;
    CREATE INDEX runs_of_seat ON runs (seat);
"];

/// The file of one class.
#[derive(Debug)]
pub(super) struct Store {
    db: Mutex<Connection>,
}

/// What is kept of the class itself.
#[derive(Clone, Debug)]
pub(super) struct Kept {
    pub(super) began: jiff::Timestamp,
    pub(super) code: JoinCode,
    pub(super) open: bool,
    /// What everyone was asked to run, as JSON.
    pub(super) call: Option<String>,
}

impl Store {
    /// Opens `class.db` in `dir`, or begins it.
    ///
    /// # Errors
    /// It cannot be opened: seats that nobody remembers would be no seats.
    pub(super) fn open_in(dir: &Path) -> Result<Store, UserError> {
        let path = dir.join("class.db");
        let db = store::open(&path, MIGRATIONS)?;
        if db.path().is_none_or(str::is_empty) {
            return Err(UserError {
                what: format!(
                    "{} cannot be used, and a class has to be kept.",
                    path.display()
                ),
                cause:
                    "the folder is not writable, its disk is full, or a newer playground used it"
                        .into(),
                next: "make room, or name another folder with --data".into(),
            });
        }
        Ok(Store { db: Mutex::new(db) })
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn with<T>(
        &self,
        work: impl FnOnce(&Connection) -> rusqlite::Result<T>,
    ) -> Result<T, UserError> {
        work(&self.db()).map_err(|error| UserError {
            what: format!("The class cannot be read or written: {error}"),
            cause: "the disk is full, the file is damaged, or another program holds it".into(),
            next: "make room and try again; what was kept is still there".into(),
        })
    }

    /// The class as it was kept; `None` where it begins now.
    ///
    /// # Errors
    /// As all of these: the file cannot be used.
    pub(super) fn kept(&self) -> Result<Option<Kept>, UserError> {
        self.with(|db| {
            let row = |row: &Row<'_>| {
                Ok(Kept {
                    began: time(row, 0)?,
                    code: JoinCode::kept(&row.get::<_, String>(1)?),
                    open: row.get(2)?,
                    call: row.get(3)?,
                })
            };
            let mut statement = db.prepare("SELECT began, code, open, call FROM class")?;
            statement.query_row([], row).optional()
        })
    }

    pub(super) fn keep(&self, class: &Kept) -> Result<(), UserError> {
        self.with(|db| {
            db.execute(
                "INSERT OR REPLACE INTO class (one, began, code, open, call) VALUES (1, ?1, ?2, ?3, ?4)",
                params![class.began.to_string(), class.code.as_str(), class.open, class.call],
            )
            .map(drop)
        })
    }

    /// All seats with the hashes of their keys, in the order in which they were taken.
    pub(super) fn seats(&self) -> Result<Vec<(Seat, KeyHash)>, UserError> {
        self.with(|db| {
            let mut statement = db.prepare(
                "SELECT number, folder, name, joined, hand, key FROM seats ORDER BY number",
            )?;
            let rows = statement.query_map([], |row| {
                let seat = Seat {
                    number: row.get(0)?,
                    folder: row.get(1)?,
                    name: row.get(2)?,
                    joined: time(row, 3)?,
                    hand: match row.get::<_, Option<String>>(4)? {
                        Some(_) => Some(time(row, 4)?),
                        None => None,
                    },
                };
                Ok((seat, row.get(5)?))
            })?;
            rows.collect()
        })
    }

    /// Adds a seat; returns its number.
    pub(super) fn add(&self, seat: &Seat, key: &KeyHash) -> Result<u32, UserError> {
        self.with(|db| {
            db.query_row(
                "INSERT INTO seats (folder, name, key, joined) VALUES (?1, ?2, ?3, ?4) RETURNING number",
                params![seat.folder, seat.name, key, seat.joined.to_string()],
                |row| row.get(0),
            )
        })
    }

    pub(super) fn rekey(&self, seat: u32, key: &KeyHash) -> Result<(), UserError> {
        self.with(|db| {
            db.execute(
                "UPDATE seats SET key = ?2 WHERE number = ?1",
                params![seat, key],
            )
            .map(drop)
        })
    }

    pub(super) fn hand(&self, seat: u32, since: Option<jiff::Timestamp>) -> Result<(), UserError> {
        let since = since.map(|at| at.to_string());
        self.with(|db| {
            db.execute(
                "UPDATE seats SET hand = ?2 WHERE number = ?1",
                params![seat, since],
            )
            .map(drop)
        })
    }

    /// Forgets a seat and what it ran.
    pub(super) fn remove(&self, seat: u32) -> Result<(), UserError> {
        self.with(|db| {
            db.execute("DELETE FROM runs WHERE seat = ?1", [seat])?;
            db.execute("DELETE FROM seats WHERE number = ?1", [seat])
                .map(drop)
        })
    }

    /// Everything that was run, in order.
    pub(super) fn ran(&self) -> Result<Vec<Ran>, UserError> {
        self.with(|db| {
            let mut statement = db.prepare("SELECT ran FROM runs ORDER BY id")?;
            let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
            // What a newer playground wrote and nobody here can read is left out.
            let ran = rows.map(|json| Ok(serde_json::from_str(&json?).ok()));
            let ran: rusqlite::Result<Vec<Option<Ran>>> = ran.collect();
            Ok(ran?.into_iter().flatten().collect())
        })
    }

    pub(super) fn add_ran(&self, ran: &Ran) -> Result<(), UserError> {
        let json = serde_json::to_string(ran).unwrap_or_default();
        self.with(|db| {
            db.execute(
                "INSERT INTO runs (seat, ran) VALUES (?1, ?2)",
                params![ran.seat, json],
            )
            .map(drop)
        })
    }
}

fn time(row: &Row<'_>, column: usize) -> rusqlite::Result<jiff::Timestamp> {
    let text: String = row.get(column)?;
    text.parse().map_err(|error: jiff::Error| {
        let kind = rusqlite::types::Type::Text;
        rusqlite::Error::FromSqlConversionFailure(column, kind, Box::new(error))
    })
}
