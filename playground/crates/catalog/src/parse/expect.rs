//! A variant's `[variant.expect]`.

use crate::ending::{Moment, Reporter};
use crate::lab::{Expect, Role};
use crate::parse::differs::read_differs;
use crate::parse::ending::{Keys, Part};
use crate::toml::reader::{At, Need};
use crate::toml::table::Table;
use regex::Regex;

/// Reads the declared ending of a variant.
pub(crate) fn read_expect(table: Table<'_>, part: &Part<'_>) -> Option<Expect> {
    let keys = Keys::read(&table, Need::Required);
    let before = table.reported();
    keys.check(&table, part);
    let unsaid = table.regex("unsaid", Need::Optional);
    check_unsaid(&keys, part.role, unsaid.as_ref());
    let sound = table.reported() == before;
    let moment = moment_of(&keys, part.role);
    let mut expect = keys.outcome.map(|outcome| Expect {
        outcome: outcome.value,
        exit_code: keys.exit_code.map(|code| code.value),
        reporter: keys.reporter.map(|reporter| reporter.value),
        message: keys.message.map(|message| message.value),
        moment,
        unsaid: unsaid.map(|unsaid| unsaid.value),
        differs: Vec::new(),
    });
    // What is wrong with the expectation itself is said once, not again for every difference.
    let declared = expect.as_ref().filter(|_| sound);
    let differs = read_differs(table.tables("differs"), declared, part);
    if let Some(expect) = &mut expect {
        expect.differs = differs;
    }
    table.finish();
    expect
}

/// That nobody reports can only be shown by what is not said.
fn check_unsaid(keys: &Keys<'_>, role: Option<Role>, unsaid: Option<&At<'_, Regex>>) {
    let nobody = keys.reporter.as_ref();
    let nobody = nobody.filter(|reporter| reporter.value == Reporter::Nobody);
    match (nobody, unsaid) {
        (None, Some(unsaid)) => {
            unsaid.report("`unsaid` belongs to the reporter `nobody`");
        }
        (Some(nobody), None) if role == Some(Role::Broken) => {
            let text = "where `nobody` reports, `unsaid` must say what a program that had noticed \
                        would write";
            nobody.report(text);
        }
        _ => {}
    }
}

/// The declared moment, or the only one that the outcome of a broken variant can have.
fn moment_of(keys: &Keys<'_>, role: Option<Role>) -> Option<Moment> {
    if let Some(moment) = &keys.moment {
        return Some(moment.value);
    }
    let reporter = keys.reporter.as_ref()?.value;
    if role != Some(Role::Broken) || reporter == Reporter::Nobody {
        return None;
    }
    keys.outcome.as_ref()?.value.only_moment()
}
