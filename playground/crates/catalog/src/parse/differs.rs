//! `[[variant.expect.differs]]`: engines, versions of Go, or places, with which a variant ends otherwise.

use crate::actions::{Action, ActionName};
use crate::ending::Outcome;
use crate::lab::{Condition, Difference, Expect};
use crate::parse::ending::{Keys, Part};
use crate::toml::reader::Need;
use crate::toml::table::Table;

/// Reads the differences from what a variant with this part declares, each held against the
/// rules of an expectation as it stands once it is applied.
pub(crate) fn read_differs(
    tables: Vec<Table<'_>>,
    declared: Option<&Expect>,
    part: &Part<'_>,
) -> Vec<Difference> {
    let mut all: Vec<(u32, Difference)> = Vec::new();
    for table in tables {
        let line = table.at.line;
        let Some(found) = read_difference(table, declared, part, &all) else {
            continue;
        };
        all.push((line, found));
    }
    all.into_iter().map(|(_, difference)| difference).collect()
}

fn read_difference(
    table: Table<'_>,
    declared: Option<&Expect>,
    part: &Part<'_>,
    earlier: &[(u32, Difference)],
) -> Option<Difference> {
    let on = table.text("on", Need::Required);
    let condition = on.as_ref().and_then(|on| Condition::parse(&on.value));
    if let (Some(on), None) = (&on, condition) {
        let text = format!(
            "`on` cannot be `{on}`; it is `docker >= 28`, `docker < 23`, `podman`, `emulation`, \
             `go >= 1.27` or `no network`"
        );
        on.report(text);
    }
    if let (Some(on), Some(condition)) = (&on, condition)
        && let Some((line, _)) = earlier.iter().find(|(_, one)| one.on.covers(condition))
    {
        on.report(format!(
            "never comes about: the difference on line {line} fits first"
        ));
    }
    let note = table.text("note", Need::Required);
    let keys = Keys::read(&table, Need::Optional);
    let stop_exit_code = table.integer("stop_exit_code", Need::Optional, 0..=255);
    let stopped =
        |action: &Action| action.kind.name() == ActionName::Stop && action.exit_code.is_some();
    if let (Some(code), false) = (&stop_exit_code, part.actions.iter().any(stopped)) {
        code.report("`stop_exit_code` changes the `exit_code` of a `stop`, which is not there");
    }
    let changes = keys.outcome.is_some()
        || keys.exit_code.is_some()
        || keys.reporter.is_some()
        || keys.message.is_some()
        || keys.moment.is_some()
        || stop_exit_code.is_some();
    if !changes {
        table.report("a difference that changes nothing: name what differs");
    }
    let fails = keys.outcome.as_ref().map(|at| at.value) == Some(Outcome::BuildFails);
    if let (Some(on), Some(Condition::NoNetwork), false) = (&on, condition, fails) {
        on.report("only builds have a network: without one, `outcome` is `build-fails`");
    }
    let difference = condition.zip(note).map(|(on, note)| Difference {
        on,
        note: note.value,
        outcome: keys.outcome.as_ref().map(|at| at.value),
        exit_code: keys.exit_code.as_ref().map(|at| at.value),
        reporter: keys.reporter.as_ref().map(|at| at.value),
        message: keys.message.as_ref().map(|at| at.value.clone()),
        moment: keys.moment.as_ref().map(|at| at.value),
        stop_exit_code: stop_exit_code.map(|at| at.value),
    });
    if let (Some(declared), Some(difference)) = (declared, &difference) {
        let there = declared.clone().changed_by(difference);
        // What it names itself is judged even where it would be dropped.
        keys.or(there, table.at).check(&table, part);
    }
    table.finish();
    difference
}
