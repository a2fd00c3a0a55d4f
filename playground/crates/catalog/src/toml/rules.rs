//! Rules that several tables share: ids and lists of names.

use crate::files::{Files, lay};
use crate::names::is_kebab_case;
use crate::toml::reader::{At, Need};
use crate::toml::table::Table;
use policy::suggest::hint;
use std::collections::BTreeMap;

/// Reports an id that is not kebab-case.
pub(crate) fn kebab_case(noun: &str, id: &At<'_, String>) {
    if !is_kebab_case(&id.value) {
        let text = format!(
            "{noun} id `{}` is not kebab-case (a-z, 0-9, single hyphens)",
            id.value
        );
        id.report(text);
    }
}

/// The id of a probe, an action or a check, under which the verdict judges it.
fn check_id(article: &str, noun: &str, id: &At<'_, String>) {
    kebab_case(noun, id);
    // The verdict's own checks carry these names.
    if ["outcome", "exit-code", "reporter", "message", "moment"].contains(&id.value.as_str()) {
        id.report(format!(
            "{article} {noun} cannot be called `{}`: a check is",
            id.value
        ));
    }
}

/// The id and the title that probes, actions and checks begin with.
pub(crate) fn id_and_title<'r>(
    table: &Table<'r>,
    article: &str,
    noun: &str,
) -> (Option<At<'r, String>>, Option<String>) {
    let id = table.text("id", Need::Required);
    let title = table.text("title", Need::Required);
    if let Some(id) = &id {
        check_id(article, noun, id);
    }
    (id, title.map(|title| title.value))
}

/// Reports names that a list holds twice.
pub(crate) fn unique(noun: &str, names: &[At<'_, String>]) {
    for (index, name) in names.iter().enumerate() {
        if names[..index]
            .iter()
            .any(|earlier| earlier.value == name.value)
        {
            name.report(format!("{noun} `{}` is listed twice", name.value));
        }
    }
}

/// Reports ids that stand twice.
pub(crate) fn twice(noun: &str, ids: &[At<'_, String>]) {
    for (index, id) in ids.iter().enumerate() {
        if let Some(first) = ids[..index]
            .iter()
            .find(|earlier| earlier.value == id.value)
        {
            let text = format!(
                "{noun} `{}` is declared twice, first on line {}",
                id.value, first.line
            );
            id.report(text);
        }
    }
}

/// `a`, `b` and `c`.
pub(crate) fn listed(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, earlier)) => format!("{} and {last}", earlier.join(", ")),
        None => String::new(),
    }
}

/// Holds the name of a folder with a Dockerfile, below `shown`, against those that are there.
pub(crate) fn image_folder(
    noun: &str,
    id: &At<'_, String>,
    shown: &str,
    folders: &BTreeMap<String, Files>,
) {
    let value = &id.value;
    match folders.get(value) {
        None => {
            let hint = hint(value, folders.keys().map(String::as_str), "there are");
            id.report(format!("there is no folder {shown}/{value}{hint}"));
        }
        Some(files) if !files.contains_key("Dockerfile") => {
            id.report(format!("{shown}/{value} has no Dockerfile"));
        }
        Some(files) => {
            if let Err(why) = lay([files]) {
                id.report(format!("{noun} `{value}`: {why}"));
            }
        }
    }
}
