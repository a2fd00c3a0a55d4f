//! An error for people: what happened, the likely cause, and what to do next.
//!
//! Refuses to be looked into: no decision hangs on its words. Where code must tell failures
//! apart, it does so before they become sentences.

use serde::Serialize;
use std::fmt;

/// An error for people.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UserError {
    /// What happened.
    pub what: String,
    /// The likely cause.
    pub cause: String,
    /// The next thing to do, a command where there is one.
    pub next: String,
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}\n  cause: {}\n  next:  {}",
            self.what, self.cause, self.next
        )
    }
}

impl std::error::Error for UserError {}
