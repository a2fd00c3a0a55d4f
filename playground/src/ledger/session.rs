//! A run of the ledger: what was asked of it, and whether it is over.

use policy::UserError;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// A run of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Names it.
    pub id: String,
    /// What it is to measure.
    pub asked: Asked,
    /// When it began first, in milliseconds since 1970.
    pub began_ms: i64,
    /// Whether all was measured, and written down where that was asked for.
    pub done: bool,
}

/// What a run of the ledger is to measure. One that was stopped is gone on with by the next that
/// is asked for the same.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Asked {
    /// Only these claims; all where empty.
    pub claims: BTreeSet<String>,
    /// Without timed rounds.
    pub quick: bool,
    /// The Go of the bases: `1.27`; empty: as the Dockerfiles have it.
    pub go: String,
}

impl Asked {
    /// For these claims, in whatever order; all where there are none.
    pub fn new(claims: impl IntoIterator<Item = String>, quick: bool, go: &str) -> Asked {
        Asked {
            claims: claims.into_iter().collect(),
            quick,
            go: go.to_owned(),
        }
    }
}

impl Session {
    /// One that begins now.
    ///
    /// # Errors
    /// The system gives no random numbers.
    pub fn begin(asked: Asked) -> Result<Session, UserError> {
        Ok(Session {
            id: crate::jobs::new_id()?,
            asked,
            began_ms: jiff::Timestamp::now().as_millisecond(),
            done: false,
        })
    }
}
