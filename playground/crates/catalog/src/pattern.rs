//! Patterns as text, as JSON has them.

use regex::Regex;
use serde::Serializer;

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
