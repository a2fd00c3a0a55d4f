//! A declared expectation and what was seen: a line of the verdict.

use serde::Serialize;

/// A declared expectation and what was seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct CheckResult {
    /// `outcome`, `exit-code`, `reporter`, `message`, `moment`, or the id of a probe, an action
    /// or a check.
    pub id: String,
    /// What a reader sees beside the tick.
    pub title: String,
    /// What the lab declares.
    pub expected: String,
    /// What happened.
    pub seen: String,
    /// Whether they agree.
    pub passed: bool,
    /// Whether it never came to this: something before has failed, so that there was nothing to see.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unreached: bool,
}

/// The first line of a text, as much of it as fits beside a tick.
pub(crate) fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or("")
        .chars()
        .take(200)
        .collect()
}
