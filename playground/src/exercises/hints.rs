//! Which help comes next: chosen by the check that failed last, and by why.

use super::progress::{Detail, Progress, Verb};
use catalog::Exercise;
use catalog::exercise::Hint;
use policy::UserError;
use serde::Serialize;

/// What is said to whoever asks for a hint.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Help {
    /// Nothing was checked yet: there is nothing to go by.
    Unchecked,
    /// The last submission passed.
    Passed,
    /// A level of the hint.
    Level {
        /// The check that failed.
        check: String,
        /// Why.
        cause: String,
        /// Which level, from 1.
        level: usize,
        /// Of how many.
        of: usize,
        /// What it says.
        text: String,
        /// Where to look, as `SUMMARY.md` names it.
        page: Option<String>,
    },
    /// The exercise has no hint for it.
    Nothing {
        /// The check that failed.
        check: String,
    },
}

/// The next level of the hint for the last verdict, without another run; the last one again where
/// all were told. Remembers that it was asked for.
///
/// # Errors
/// Progress cannot be read or written.
pub fn next_hint(progress: &Progress, exercise: &Exercise) -> Result<Help, UserError> {
    let standings = progress.standings()?;
    let standing = standings.get(&exercise.id).cloned().unwrap_or_default();
    let Some(check) = standing.failing.clone() else {
        return Ok(match standing.attempts {
            0 => Help::Unchecked,
            _ => Help::Passed,
        });
    };
    let Some(hint) = fitting(exercise, &check, standing.cause.as_ref()) else {
        return Ok(Help::Nothing { check });
    };
    let told = standing.told(&check, &hint.cause);
    let level = (told + 1).min(hint.levels.len());
    if level > told {
        let detail = Detail {
            check: Some(check.clone()),
            cause: Some(hint.cause.clone()),
            level: Some(level),
            ..Detail::default()
        };
        progress.record(Verb::Requested, &exercise.id, detail)?;
    }
    let text = level.checked_sub(1).and_then(|at| hint.levels.get(at));
    Ok(Help::Level {
        check,
        cause: hint.cause.clone(),
        level,
        of: hint.levels.len(),
        text: text.cloned().unwrap_or_default(),
        page: hint.page.clone(),
    })
}

/// The hint whose cause was told; where the book has changed since, the one for all else.
pub fn fitting<'e>(
    exercise: &'e Exercise,
    check: &str,
    cause: Option<&String>,
) -> Option<&'e Hint> {
    let of_check = || exercise.hints.iter().filter(|hint| hint.check == check);
    let told = of_check().find(|hint| cause == Some(&hint.cause));
    told.or_else(|| of_check().find(|hint| hint.seen.is_none()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::{Catalog, CheckResult};
    use std::path::Path;

    fn failed(progress: &Progress, exercise: &Exercise, hint: &Hint) {
        let check = CheckResult {
            id: hint.check.clone(),
            title: String::new(),
            expected: String::new(),
            seen: String::new(),
            passed: false,
            unreached: false,
        };
        let detail = Detail {
            cause: Some(hint.cause.clone()),
            ..Detail::default()
        };
        let graded = progress.graded(&exercise.id, &[check], detail);
        graded.expect("remembered");
    }

    fn level(progress: &Progress, exercise: &Exercise) -> (String, usize, String) {
        match next_hint(progress, exercise).expect("a hint") {
            Help::Level {
                cause, level, text, ..
            } => (cause, level, text),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn levels_are_told_one_by_one_and_another_cause_begins_anew() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let catalog = Catalog::load(&root).expect("the catalog");
        let exercise = catalog.exercise("1").expect("the first");
        let dir = tempfile::tempdir().expect("a folder");
        let progress = Progress::open_in(dir.path()).expect("progress");
        let help = next_hint(&progress, exercise).expect("help");
        assert_eq!(help, Help::Unchecked);
        let of_outcome = |hint: &&Hint| hint.check == "outcome";
        let hints: Vec<_> = exercise.hints.iter().filter(of_outcome).collect();
        let (telling, general) = (hints[0], hints[1]);
        failed(&progress, exercise, telling);
        for (at, text) in telling.levels.iter().enumerate() {
            let told = level(&progress, exercise);
            assert_eq!(told, (telling.cause.clone(), at + 1, text.clone()));
        }
        // Asked once more, the last one is told again.
        assert_eq!(level(&progress, exercise).1, telling.levels.len());
        // The same mistake again goes on where it was; another one begins anew.
        failed(&progress, exercise, telling);
        assert_eq!(level(&progress, exercise).1, telling.levels.len());
        failed(&progress, exercise, general);
        let told = level(&progress, exercise);
        assert_eq!(told, (general.cause.clone(), 1, general.levels[0].clone()));
        // Whoever goes to and fro between the two loses no level of either.
        failed(&progress, exercise, telling);
        let standing = &progress.standings().expect("read")[&exercise.id];
        let so_far = [telling, general].map(|hint| standing.told(&hint.check, &hint.cause));
        assert_eq!(so_far, [telling.levels.len(), 1]);
        assert_eq!(level(&progress, exercise).1, telling.levels.len());
        progress
            .graded(&exercise.id, &[], Detail::default())
            .expect("remembered");
        let help = next_hint(&progress, exercise).expect("help");
        assert_eq!(help, Help::Passed);
    }
}
