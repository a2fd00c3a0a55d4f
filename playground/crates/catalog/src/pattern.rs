//! Patterns: compiled once in a process, and as text, as JSON has them.

use regex::{Error, Regex, RegexBuilder};
use serde::Serializer;
use std::collections::HashMap;
use std::sync::{LazyLock, Mutex, PoisonError};

/// Whether small and capital letters are told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Case {
    /// They are.
    Matters,
    /// They are not.
    Ignored,
}

/// How many patterns are kept; the book has some two thousand.
const KEPT: usize = 10_000;

/// What was compiled so far: that is four fifths of what it costs to read all labs, and when they
/// are read anew, hardly a pattern is another.
static COMPILED: LazyLock<Mutex<HashMap<(String, Case), Regex>>> = LazyLock::new(Mutex::default);

/// The pattern compiled, where it was not before.
///
/// # Errors
/// It is none, or is too large.
pub(crate) fn compile(text: &str, case: Case) -> Result<Regex, Error> {
    let all = || COMPILED.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (text.to_owned(), case);
    let before = all().get(&key).cloned();
    if let Some(regex) = before {
        return Ok(regex);
    }
    let ignored = case == Case::Ignored;
    let regex = RegexBuilder::new(text).case_insensitive(ignored).build()?;
    let mut all = all();
    if all.len() >= KEPT {
        all.clear();
    }
    all.insert(key, regex.clone());
    Ok(regex)
}

pub(crate) fn as_text<S: Serializer>(regex: &Regex, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(regex.as_str())
}

pub(crate) fn as_text_option<S: Serializer>(
    regex: &Option<Regex>,
    s: S,
) -> Result<S::Ok, S::Error> {
    match regex {
        Some(regex) => s.serialize_some(regex.as_str()),
        None => s.serialize_none(),
    }
}

#[cfg(test)]
mod tests {
    use super::{Case, compile};

    #[test]
    fn a_pattern_is_told_from_the_same_one_whatever_its_case() {
        for _ in 0..2 {
            let fits = |case| {
                compile("pasted", case)
                    .expect("a pattern")
                    .is_match("PASTED")
            };
            assert!(fits(Case::Ignored));
            assert!(!fits(Case::Matters));
            assert!(compile("pasted(", Case::Matters).is_err());
        }
    }
}
