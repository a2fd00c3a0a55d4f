//! What a learner has done, in SQLite: an append-only list of events.
//!
//! One file in the data directory, `progress.db`, for terminal and page alike. It moves to another
//! machine as one JSON file, and back; what is known already is not taken twice. Nothing of it
//! is sent anywhere. Verbs are those of xAPI (https://xapi.com/spec/), so that instructors' tools
//! can read an export.

mod transfer;

pub(crate) use transfer::uuid as statement_id;
pub use transfer::{Imported, Portable};

use crate::journal::store;
use catalog::CheckResult;
use policy::UserError;
use rusqlite::{Connection, params};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Each entry lifts the schema by one version; never change one that was released.
const MIGRATIONS: &[&str] = &["
    CREATE TABLE events (
        id INTEGER PRIMARY KEY,
        key TEXT NOT NULL UNIQUE,
        at TEXT NOT NULL,
        verb TEXT NOT NULL,
        object TEXT NOT NULL,
        detail TEXT NOT NULL
    ) STRICT;
    CREATE INDEX events_of_object ON events (object, id);
"];

/// The progress of one data directory.
#[derive(Debug)]
pub struct Progress {
    db: Mutex<Connection>,
}

/// Something that a learner did.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Act {
    /// Names it among all acts of all machines (hex).
    pub key: String,
    /// When, RFC 3339.
    pub at: String,
    /// What was done.
    pub verb: Verb,
    /// To what: an exercise's or a question's id.
    pub object: String,
    /// What came of it.
    pub detail: Detail,
}

/// What was done, in xAPI's words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Verb {
    /// An exercise was begun.
    Initialized,
    /// A submission passed every check.
    Passed,
    /// A submission failed one.
    Failed,
    /// A hint was asked for.
    Requested,
    /// A question was answered.
    Answered,
}

/// What came of an act; what does not belong to its verb is absent.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Detail {
    /// The first check that failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// The cause that was told, or whose hint was asked for: it names the hint, also where the
    /// book has changed since.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cause: Option<String>,
    /// Checks that passed, of how many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<(usize, usize)>,
    /// The image's content in bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unpacked_bytes: Option<u64>,
    /// How long the check took, in milliseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ms: Option<u64>,
    /// What was handed in, by path.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub files: BTreeMap<String, String>,
    /// Which level of a hint, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<usize>,
    /// The answer to a question: its choice or its words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub answer: Option<String>,
    /// Whether it was right.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub right: Option<bool>,
    /// Whether the question was answered before the learner had seen the run, or after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub when: Option<When>,
}

/// When a question was answered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Before the page or the exercise.
    Before,
    /// After it.
    After,
}

/// How far a learner has come with an exercise.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Standing {
    /// Submissions that were graded.
    pub attempts: usize,
    /// When one passed first, RFC 3339.
    pub passed_at: Option<String>,
    /// The smallest image that passed, in bytes.
    pub best_bytes: Option<u64>,
    /// The check at which the last submission failed; `None` where it passed.
    pub failing: Option<String>,
    /// The cause that was told to it.
    pub cause: Option<String>,
    /// How often in a row it failed there.
    pub failing_for: usize,
    /// Levels of hints that were told since the last submission passed, by check and cause.
    pub hints: BTreeMap<String, BTreeMap<String, usize>>,
}

impl Progress {
    /// Opens `progress.db` in `dir`, or begins it.
    ///
    /// Where that cannot be, a warning says why and progress lasts as long as the process.
    ///
    /// # Errors
    /// Not even progress in memory can be had.
    pub fn open_in(dir: &Path) -> Result<Progress, UserError> {
        let db = store::open(&dir.join("progress.db"), MIGRATIONS)?;
        Ok(Progress { db: Mutex::new(db) })
    }

    fn db(&self) -> MutexGuard<'_, Connection> {
        self.db.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Remembers that something was done just now.
    ///
    /// # Errors
    /// The disk is full, or another program holds the file for too long.
    pub fn record(&self, verb: Verb, object: &str, detail: Detail) -> Result<(), UserError> {
        let act = Act {
            key: crate::jobs::new_id()?,
            at: jiff::Timestamp::now().to_string(),
            verb,
            object: object.to_owned(),
            detail,
        };
        self.insert(std::slice::from_ref(&act)).map(|_| ())
    }

    /// Remembers a graded submission.
    ///
    /// # Errors
    /// As [`Progress::record`].
    pub fn graded(
        &self,
        object: &str,
        checks: &[CheckResult],
        detail: Detail,
    ) -> Result<(), UserError> {
        let failed = checks.iter().find(|check| !check.passed);
        let passed = checks.iter().filter(|check| check.passed).count();
        let verb = match failed {
            None => Verb::Passed,
            Some(_) => Verb::Failed,
        };
        let detail = Detail {
            check: failed.map(|check| check.id.clone()),
            score: Some((passed, checks.len())),
            ..detail
        };
        self.record(verb, object, detail)
    }

    /// Everything that was done, in order.
    ///
    /// # Errors
    /// The file is damaged, or another program holds it.
    pub fn acts(&self) -> Result<Vec<Act>, UserError> {
        let query = || -> rusqlite::Result<Vec<Act>> {
            let db = self.db();
            let mut statement =
                db.prepare("SELECT key, at, verb, object, detail FROM events ORDER BY at, id")?;
            let rows = statement.query_map([], |row| {
                let (verb, detail): (String, String) = (row.get(2)?, row.get(4)?);
                Ok(Act {
                    key: row.get(0)?,
                    at: row.get(1)?,
                    verb: parsed(2, &format!("\"{verb}\""))?,
                    object: row.get(3)?,
                    detail: parsed(4, &detail)?,
                })
            })?;
            rows.collect()
        };
        query().map_err(|error| unusable(&error))
    }

    /// How far the learner has come, by exercise.
    ///
    /// # Errors
    /// As [`Progress::acts`].
    pub fn standings(&self) -> Result<BTreeMap<String, Standing>, UserError> {
        let mut standings: BTreeMap<String, Standing> = BTreeMap::new();
        for act in self.acts()? {
            if act.verb != Verb::Answered {
                standings
                    .entry(act.object.clone())
                    .or_default()
                    .follow(&act);
            }
        }
        Ok(standings)
    }

    /// Takes in what is not known yet; returns how many that were.
    fn insert(&self, acts: &[Act]) -> Result<usize, UserError> {
        let write = || -> rusqlite::Result<usize> {
            let mut db = self.db();
            let transaction = db.transaction()?;
            let mut new = 0;
            for act in acts {
                let verb = serde_json::to_value(act.verb).unwrap_or_default();
                new += transaction.execute(
                    "INSERT OR IGNORE INTO events (key, at, verb, object, detail)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                    params![
                        act.key,
                        act.at,
                        verb.as_str().unwrap_or_default(),
                        act.object,
                        serde_json::to_string(&act.detail).unwrap_or_default()
                    ],
                )?;
            }
            transaction.commit()?;
            Ok(new)
        };
        write().map_err(|error| unusable(&error))
    }
}

impl Standing {
    /// How many levels were told of the hint for this check and cause.
    pub fn told(&self, check: &str, cause: &str) -> usize {
        let causes = self.hints.get(check);
        let told = causes.and_then(|causes| causes.get(cause));
        told.copied().unwrap_or(0)
    }

    fn follow(&mut self, act: &Act) {
        let detail = &act.detail;
        match act.verb {
            Verb::Initialized | Verb::Answered => {}
            Verb::Requested => {
                if let (Some(check), Some(level)) = (&detail.check, detail.level) {
                    // Early records do not name it; a hint was always for the last failure.
                    let cause = detail.cause.as_ref().or(self.cause.as_ref());
                    let causes = self.hints.entry(check.clone()).or_default();
                    let told = causes.entry(cause.cloned().unwrap_or_default());
                    let told = told.or_default();
                    *told = level.max(*told);
                }
            }
            Verb::Passed => {
                self.attempts += 1;
                self.passed_at.get_or_insert_with(|| act.at.clone());
                let best = self.best_bytes.into_iter().chain(detail.unpacked_bytes);
                self.best_bytes = best.min();
                self.failing = None;
                self.cause = None;
                self.failing_for = 0;
                self.hints.clear();
            }
            Verb::Failed => {
                self.attempts += 1;
                self.failing_for = match self.failing == detail.check {
                    true => self.failing_for + 1,
                    false => 1,
                };
                self.failing.clone_from(&detail.check);
                self.cause.clone_from(&detail.cause);
            }
        }
    }
}

fn parsed<T: serde::de::DeserializeOwned>(column: usize, json: &str) -> rusqlite::Result<T> {
    serde_json::from_str(json).map_err(|error| {
        rusqlite::Error::FromSqlConversionFailure(
            column,
            rusqlite::types::Type::Text,
            Box::new(error),
        )
    })
}

fn unusable(error: &rusqlite::Error) -> UserError {
    UserError {
        what: format!("Your progress cannot be read or written: {error}"),
        cause: "the disk is full, the file is damaged, or another program holds it".into(),
        next: "make room and try again; your files are where they were".into(),
    }
}

#[cfg(test)]
mod tests;
