//! Exercises held against what their starter, their solution and each foreseen mistake really do.

use catalog::exercise::{Foreseen, STARTER};
use catalog::{CheckResult, Exercise};

/// Whether a variant that is to fail has failed as foreseen: at the check that is declared, with
/// the cause that learners must be told. `None` where the variant is to pass.
pub(super) fn as_foreseen(
    exercise: &Exercise,
    variant: &str,
    checks: &[CheckResult],
    said: &str,
) -> Option<CheckResult> {
    let foreseen = foreseen(exercise, variant)?;
    let advice = exercise.advice(checks, said);
    let seen = match &advice {
        None => "every check passes".to_owned(),
        Some(advice) => {
            let cause = advice.hint.map_or("nothing", |hint| &hint.cause);
            let check = advice.check;
            format!(
                "`{}` fails (expected {}, saw {}), and it is told: {cause}",
                check.id, check.expected, check.seen
            )
        }
    };
    let passed = advice.is_some_and(|advice| {
        let cause = advice.hint.map_or("", |hint| &hint.cause);
        advice.check.id == foreseen.check && foreseen.cause.is_match(cause)
    });
    Some(CheckResult {
        id: "foreseen".into(),
        title: "What is said to it".into(),
        expected: format!(
            "`{}` fails, and the cause names {}",
            foreseen.check,
            foreseen.cause.as_str()
        ),
        seen,
        passed,
        unreached: false,
    })
}

/// What is foreseen of a variant.
fn foreseen<'e>(exercise: &'e Exercise, variant: &str) -> Option<&'e Foreseen> {
    if variant == STARTER {
        return Some(&exercise.starter);
    }
    let mut wrong = exercise.wrong.iter();
    let answer = wrong.find(|answer| answer.variant() == variant)?;
    Some(&answer.foreseen)
}
