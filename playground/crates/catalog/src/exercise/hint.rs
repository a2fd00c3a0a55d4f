//! Hints: which one fits what a run has shown.

use super::Exercise;
use crate::check_result::CheckResult;
use crate::pattern::as_text_option;
use regex::Regex;
use serde::Serialize;

/// What is said where a check has failed.
#[derive(Clone, Debug, Serialize)]
pub struct Hint {
    /// The check's id.
    pub check: String,
    /// Must be found in what was seen; without it the hint is for all else.
    #[serde(serialize_with = "as_text_option")]
    pub seen: Option<Regex>,
    /// One or two sentences: why the check failed. Told at once.
    pub cause: String,
    /// Where to look, as `SUMMARY.md` names it.
    pub page: Option<String>,
    /// Help in steps, never the answer first. Told one by one, on request.
    pub levels: Vec<String>,
}

/// The hint for the first check that has failed.
#[derive(Clone, Copy, Debug)]
pub struct Advice<'e> {
    /// The check, as it was judged.
    pub check: &'e CheckResult,
    /// What is said to it; `None` where the exercise has nothing to say.
    pub hint: Option<&'e Hint>,
}

impl Exercise {
    /// What to say to a verdict; `said` is what builder, engine and program wrote. `None` where
    /// every check has passed.
    pub fn advice<'e>(&'e self, checks: &'e [CheckResult], said: &str) -> Option<Advice<'e>> {
        let check = checks.iter().find(|check| !check.passed)?;
        let of_check = || self.hints.iter().filter(|hint| hint.check == check.id);
        let fits = |seen: &Regex| seen.is_match(&check.seen) || seen.is_match(said);
        let telling = of_check().find(|hint| hint.seen.as_ref().is_some_and(fits));
        let hint = telling.or_else(|| of_check().find(|hint| hint.seen.is_none()));
        Some(Advice { check, hint })
    }
}
