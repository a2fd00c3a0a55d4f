//! A seat: who sits there, and the key that says so.
//!
//! A name tells people apart and proves nothing; the key does. Only its hash is kept, so that a
//! copy of the class's file opens no seat.

use super::code::no_randomness;
use super::limits::MAX_NAME;
use policy::{UserError, sanitize};
use sha2::{Digest, Sha256};

/// Somebody who has joined.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seat {
    /// Its number, which no other seat of this class ever gets.
    pub number: u32,
    /// Its folder, and its name where it must not be guessed.
    pub folder: String,
    /// What the learner is called.
    pub name: String,
    /// When it was taken.
    pub joined: jiff::Timestamp,
    /// Since when its hand is up.
    pub hand: Option<jiff::Timestamp>,
}

/// What opens a seat; never kept.
#[derive(Clone)]
pub struct SeatKey(String);

impl SeatKey {
    /// A key that nobody has seen.
    ///
    /// # Errors
    /// The operating system has no randomness.
    pub(super) fn new() -> Result<SeatKey, UserError> {
        let key = engine::random_hex(16).map_err(|error| no_randomness(&error))?;
        Ok(SeatKey(key))
    }

    /// For whoever sits there, once.
    pub fn reveal(&self) -> &str {
        &self.0
    }

    pub(super) fn hash(&self) -> KeyHash {
        hash(&self.0)
    }
}

impl std::fmt::Debug for SeatKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("SeatKey")
    }
}

/// What is kept of a key. Keys are 128 random bits: there is nothing to salt or to slow down.
pub(super) type KeyHash = [u8; 32];

pub(super) fn hash(key: &str) -> KeyHash {
    Sha256::digest(key.as_bytes()).into()
}

/// A name as the board can show it: one line, and nothing hidden in it.
///
/// # Errors
/// It is empty, too long, or holds characters that are not seen.
pub(super) fn name(typed: &str) -> Result<String, UserError> {
    let refused = |what: String, next: &str| UserError {
        what,
        cause: "it stands on the board, where all must be able to read it".into(),
        next: next.into(),
    };
    let name = typed.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        return Err(refused("A name is missing.".into(), "type your first name"));
    }
    if name.chars().count() > MAX_NAME {
        return Err(refused(
            format!("This name has more than {MAX_NAME} characters."),
            "take a shorter one",
        ));
    }
    let seen = without_joiners(&name);
    if sanitize::shown(&seen) != seen || sanitize::line(&seen) != seen {
        return Err(refused(
            "This name holds characters that cannot be seen or that command something.".into(),
            "type it with letters, digits and spaces",
        ));
    }
    Ok(name)
}

/// The name without what joins two signs to one (a family of faces) or keeps two letters apart (in
/// Persian and Indic scripts): these are seen by what they do to both sides, so both must be there.
fn without_joiners(name: &str) -> String {
    let is_joiner = |c| matches!(c, '\u{200c}' | '\u{200d}');
    let joins =
        |c: Option<&char>| c.is_some_and(|c| !c.is_ascii() && !c.is_whitespace() && !is_joiner(*c));
    let all: Vec<char> = name.chars().collect();
    let kept = all.iter().enumerate().filter(|(at, c)| {
        let before = at.checked_sub(1).and_then(|at| all.get(at));
        !(is_joiner(**c) && joins(before) && joins(all.get(at + 1)))
    });
    kept.map(|(_, c)| c).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_shown_as_they_are_or_refused() {
        assert_eq!(name("  Ada   Lovelace ").expect("a name"), "Ada Lovelace");
        for good in [
            "Łukasz",
            "李",
            "O'Neill",
            "<b>Bob</b>",
            "=1+1",
            "R2-D2",
            "👩\u{200d}🚀",
            "علی\u{200c}رضا",
        ] {
            assert_eq!(name(good).expect("a name"), good);
        }
        for hostile in [
            "",
            "   ",
            "a\u{202e}b",
            "a\u{200b}b",
            "a\u{200d}b",
            "علی\u{200c}",
            "علی\u{200c}\u{200c}رضا",
            "\u{1b}[2J",
            "::error::x",
            "##[error]",
            &"x".repeat(MAX_NAME + 1),
        ] {
            let error = name(hostile).expect_err(hostile);
            sanitize::testing::assert_harmless(&error.to_string());
        }
    }

    #[test]
    fn a_key_does_not_show_itself() {
        let key = SeatKey::new().expect("randomness");
        assert_eq!(key.reveal().len(), 32);
        assert!(!format!("{key:?}").contains(key.reveal()));
        assert_ne!(key.hash(), SeatKey::new().expect("randomness").hash());
    }
}
