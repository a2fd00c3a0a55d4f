//! Whether a statement says what will be checked: a right answer in another style must not fail at
//! a figure that nobody named.

use crate::bound::Bound;
use crate::parse::behaviour::Behaviour;
use crate::toml::reader::{At, Need};
use crate::toml::table::Table;

/// Reports every bound of what is run and checked that the statement does not say.
pub(super) fn report_unstated(root: &Table<'_>, behaviour: &Behaviour, statement: &str) {
    let report = |bound: Bound, of: &str, place: Option<At<'_, ()>>| {
        if bound.is_stated_in(statement) {
            return;
        }
        let text = format!(
            "README.md does not say `{}`, which {of} wants by `{}`",
            bound.words[0], bound.key
        );
        match place {
            Some(place) => place.report(text),
            None => root.report(text),
        }
    };
    let checks = behaviour.checks.iter();
    let checks = checks.map(|check| (&check.id, check.kind.bounds()));
    let actions = behaviour.actions.iter();
    let actions = actions.map(|action| (&action.id, action.bounds()));
    for (key, bounds) in [
        ("look", checks.collect::<Vec<_>>()),
        ("act", actions.collect()),
    ] {
        let tables = root.tables(key);
        for (id, bounds) in bounds {
            let of = format!("the check `{id}`");
            let is_it = |table: &&Table<'_>| {
                let its = table.text("id", Need::Optional);
                its.is_some_and(|its| its.value == *id)
            };
            let table = tables.iter().find(is_it);
            for bound in bounds {
                let place = table.and_then(|table| table.place(bound.key));
                report(bound, &of, place);
            }
        }
    }
    if let Some(mib) = behaviour.run.memory_mib {
        let run = root.table("run", Need::Optional);
        let place = run.and_then(|run| run.place("memory_mib"));
        report(
            Bound::count("memory_mib", mib.into(), "MiB"),
            "the run",
            place,
        );
    }
}
