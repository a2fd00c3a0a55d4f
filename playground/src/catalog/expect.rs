//! A variant's `[variant.expect]`: endings that can be, and who can report them.

use super::lab::{Expect, Outcome, Reporter};
use super::reader::{At, Need, Table};

/// Reads the declared ending.
pub(super) fn read_expect(table: Table<'_>) -> Option<Expect> {
    let outcomes = [
        ("serves", Outcome::Serves),
        ("exits", Outcome::Exits),
        ("cannot-start", Outcome::CannotStart),
        ("build-fails", Outcome::BuildFails),
    ];
    let reporters = [
        ("builder", Reporter::Builder),
        ("engine", Reporter::Engine),
        ("program", Reporter::Program),
        ("nobody", Reporter::Nobody),
    ];
    let outcome = table.choice("outcome", Need::Required, &outcomes);
    let exit_code = table.integer::<i64>("exit_code", Need::Optional, 0..=255);
    let reporter = table.choice("reporter", Need::Optional, &reporters);
    let message = table.regex("message", Need::Optional);
    if let Some(outcome) = &outcome {
        check_ending(&table, outcome, exit_code.as_ref(), reporter.as_ref());
    }
    match (&reporter, &message) {
        (None, Some(message)) => table.report(message.line, "`message` needs a `reporter`"),
        (Some(reporter), Some(message)) if reporter.value == Reporter::Nobody => {
            table.report(message.line, "where `nobody` reports there is no `message`");
        }
        (Some(reporter), None) if reporter.value != Reporter::Nobody => {
            table.report(
                reporter.line,
                "a `reporter` needs the `message` that it must give",
            );
        }
        _ => {}
    }
    table.finish();
    Some(Expect {
        outcome: outcome?.value,
        exit_code: exit_code.map(|code| code.value),
        reporter: reporter.map(|reporter| reporter.value),
        message: message.map(|message| message.value),
    })
}

/// Which exit codes and reporters an outcome can have.
fn check_ending(
    table: &Table<'_>,
    outcome: &At<Outcome>,
    exit_code: Option<&At<i64>>,
    reporter: Option<&At<Reporter>>,
) {
    let code = exit_code.map(|code| code.value);
    match (outcome.value, exit_code) {
        (Outcome::Serves | Outcome::BuildFails, Some(code)) => {
            table.report(
                code.line,
                "`exit_code` belongs to the outcomes `exits` and `cannot-start`",
            );
        }
        (Outcome::CannotStart, Some(code)) if code.value == 0 => {
            table.report(code.line, "what cannot start does not exit with 0");
        }
        _ => {}
    }
    let well =
        outcome.value == Outcome::Serves || (outcome.value == Outcome::Exits && code == Some(0));
    let Some(reporter) = reporter else {
        if !well {
            table.report(
                outcome.line,
                "this outcome needs a `reporter`: who says what is wrong?",
            );
        }
        return;
    };
    let possible: &[Reporter] = match outcome.value {
        Outcome::BuildFails => &[Reporter::Builder],
        Outcome::CannotStart => &[Reporter::Engine],
        Outcome::Serves | Outcome::Exits => &[Reporter::Program, Reporter::Nobody],
    };
    if !possible.contains(&reporter.value) {
        let text = match outcome.value {
            Outcome::BuildFails => "what goes wrong in a build, the `builder` reports",
            Outcome::CannotStart => "what cannot start, the `engine` reports",
            Outcome::Serves | Outcome::Exits => {
                "a program that ran reports itself, or `nobody` does"
            }
        };
        table.report(reporter.line, text);
    }
}
