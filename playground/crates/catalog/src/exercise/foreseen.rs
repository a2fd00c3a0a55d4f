//! `[[hint]]`, `[starter]` and `[[wrong]]`: what is said to which mistake.

use super::{Foreseen, Hint, SOLUTION, STARTER, WrongAnswer};
use crate::files::Files;
use crate::toml::reader::{At, Need, Reader};
use crate::toml::rules::{kebab_case, twice};
use crate::toml::table::Table;
use policy::suggest::hint as nearest;
use std::collections::BTreeMap;

pub(super) fn read_hints(root: &Table<'_>, graded: &[String]) -> Vec<Hint> {
    let mut hints: Vec<Hint> = Vec::new();
    for table in root.tables("hint") {
        let check = table.text("check", Need::Required);
        check.iter().for_each(|check| known_check(check, graded));
        let seen = table.regex("seen", Need::Optional);
        let cause = table.text("cause", Need::Required);
        let page = table.text("page", Need::Optional);
        let levels = table.list("levels", Need::Required);
        if let Some(levels) = &levels
            && levels.value.len() < 2
        {
            levels.report("`levels` has fewer than two: the answer would come first");
        }
        let at = table.at;
        table.finish();
        let (Some(check), Some(cause), Some(levels)) = (check, cause, levels) else {
            continue;
        };
        let again = |hint: &Hint| hint.check == check.value && hint.seen.is_none();
        if seen.is_none() && hints.iter().any(again) {
            at.report(format!("`{check}` has a hint without `seen` already"));
        }
        hints.push(Hint {
            check: check.value,
            seen: seen.map(|at| at.value),
            cause: cause.value,
            page: page.map(|at| at.value),
            levels: levels.value.into_iter().map(|one| one.value).collect(),
        });
    }
    for check in graded {
        let general = |hint: &Hint| hint.check == *check && hint.seen.is_none();
        if !hints.iter().any(general) {
            root.report(format!(
                "no [[hint]] without `seen` is for the check `{check}`: who fails it is left alone"
            ));
        }
    }
    hints
}

fn known_check(check: &At<'_, String>, graded: &[String]) {
    if !graded.contains(&check.value) && !graded.is_empty() {
        let near = nearest(&check.value, graded.iter().map(String::as_str), "there are");
        check.report(format!("the verdict has no check `{check}`{near}"));
    }
}

pub(super) fn read_foreseen(
    table: &Table<'_>,
    graded: &[String],
    hints: &[Hint],
) -> Option<Foreseen> {
    let check = table.text("check", Need::Required);
    let cause = table.regex("cause", Need::Required);
    let (check, cause) = (check?, cause?);
    known_check(&check, graded);
    let mut of_check = hints.iter().filter(|hint| hint.check == check.value);
    if !of_check.any(|hint| cause.value.is_match(&hint.cause)) {
        let text = format!(
            "no [[hint]] of `{check}` has a cause with `{}`",
            cause.value
        );
        cause.report(text);
    }
    Some(Foreseen {
        check: check.value,
        cause: cause.value,
    })
}

/// The foreseen mistakes, each with the folder that it is laid over.
pub(super) fn read_wrong(
    root: &Table<'_>,
    reader: &Reader<'_>,
    shown: &str,
    folders: &BTreeMap<String, Files>,
    edit: &[String],
    graded: &[String],
    hints: &[Hint],
) -> Vec<(String, WrongAnswer)> {
    let mut ids = Vec::new();
    let mut answers = Vec::new();
    for table in root.tables("wrong") {
        let id = table.text("id", Need::Required);
        let title = table.text("title", Need::Required);
        let over = table.text("over", Need::Optional);
        if let Some(over) = &over
            && ![STARTER, SOLUTION].contains(&over.value.as_str())
        {
            over.report(format!("`over` is `{over}`; it is `starter` or `solution`"));
        }
        let foreseen = read_foreseen(&table, graded, hints);
        if let Some(id) = &id {
            kebab_case("wrong answer", id);
            match folders.get(&id.value) {
                None => id.report(format!("there is no folder wrong/{id}")),
                Some(files) => {
                    for path in files.keys().filter(|path| !edit.contains(path)) {
                        id.report(format!("wrong/{id}/{path} is not in `edit`"));
                    }
                }
            }
        }
        table.finish();
        ids.extend(id.clone());
        if let (Some(id), Some(title), Some(foreseen)) = (id, title, foreseen) {
            let over = over.map_or_else(|| SOLUTION.to_owned(), |over| over.value);
            let answer = WrongAnswer {
                id: id.value,
                title: title.value,
                foreseen,
            };
            answers.push((over, answer));
        }
    }
    twice("wrong answer", &ids);
    if ids.is_empty() {
        root.report("no [[wrong]] is foreseen: which mistakes will learners make?");
    }
    for folder in folders.keys() {
        if !ids.iter().any(|id| id.value == *folder) {
            let file = format!("{}/wrong/{folder}", shown);
            reader.report_in(&file, None, "no [[wrong]] of exercise.toml has this id");
        }
    }
    answers
}
