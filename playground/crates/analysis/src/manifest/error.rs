//! What is wrong with a manifest, and where.

use std::fmt;

/// Characters of an error.
const MAX_CHARS: usize = 1200;

/// What is wrong with a manifest.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ManifestError {
    /// The line, from 1; `None` where the whole file is meant.
    pub line: Option<u32>,
    /// What is wrong, for people.
    pub what: String,
    /// What to do about it.
    pub next: String,
}

impl ManifestError {
    pub(super) fn at(line: u32, what: impl Into<String>, next: impl Into<String>) -> Self {
        ManifestError {
            line: Some(line),
            ..ManifestError::whole(what, next)
        }
    }

    pub(super) fn whole(what: impl Into<String>, next: impl Into<String>) -> Self {
        ManifestError {
            line: None,
            what: cut(what.into()),
            next: cut(next.into()),
        }
    }
}

/// Words for people, not a copy of what somebody made a name of.
fn cut(mut text: String) -> String {
    if let Some((at, _)) = text.char_indices().nth(MAX_CHARS) {
        text.truncate(at);
        text.push('…');
    }
    text
}

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(f, "line {line}: {}", self.what),
            None => f.write_str(&self.what),
        }
    }
}

impl std::error::Error for ManifestError {}
