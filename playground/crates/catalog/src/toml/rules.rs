//! Rules that several tables share: ids and lists of names.

use crate::files::{Files, lay};
use crate::names::is_kebab_case;
use crate::toml::reader::{At, Reader};
use crate::toml::table::Table;
use policy::suggest::hint;
use std::collections::BTreeMap;

/// Reports an id that is not kebab-case.
pub(crate) fn kebab_case(table: &Table<'_>, noun: &str, id: &At<String>) {
    if !is_kebab_case(&id.value) {
        let text = format!(
            "{noun} id `{}` is not kebab-case (a-z, 0-9, single hyphens)",
            id.value
        );
        table.report(id.line, text);
    }
}

/// The id of a probe, an action or a check, under which the verdict judges it.
pub(crate) fn check_id(table: &Table<'_>, article: &str, noun: &str, id: &At<String>) {
    kebab_case(table, noun, id);
    // The verdict's own checks carry these names.
    if ["outcome", "exit-code", "reporter", "message", "moment"].contains(&id.value.as_str()) {
        table.report(
            id.line,
            format!(
                "{article} {noun} cannot be called `{}`: a check is",
                id.value
            ),
        );
    }
}

/// Reports names that a list holds twice.
pub(crate) fn unique(table: &Table<'_>, noun: &str, names: &[At<String>]) {
    for (index, name) in names.iter().enumerate() {
        if names[..index]
            .iter()
            .any(|earlier| earlier.value == name.value)
        {
            table.report(
                name.line,
                format!("{noun} `{}` is listed twice", name.value),
            );
        }
    }
}

/// Reports ids that stand twice.
pub(crate) fn twice(reader: &Reader<'_>, noun: &str, ids: &[At<String>]) {
    for (index, id) in ids.iter().enumerate() {
        if let Some(first) = ids[..index]
            .iter()
            .find(|earlier| earlier.value == id.value)
        {
            let text = format!(
                "{noun} `{}` is declared twice, first on line {}",
                id.value, first.line
            );
            reader.report(id.line, text);
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
    table: &Table<'_>,
    noun: &str,
    id: &At<String>,
    shown: &str,
    folders: &BTreeMap<String, Files>,
) {
    let At { value, line } = id;
    match folders.get(value) {
        None => {
            let hint = hint(value, folders.keys().map(String::as_str), "there are");
            table.report(*line, format!("there is no folder {shown}/{value}{hint}"));
        }
        Some(files) if !files.contains_key("Dockerfile") => {
            table.report(*line, format!("{shown}/{value} has no Dockerfile"));
        }
        Some(files) => {
            if let Err(why) = lay([files]) {
                table.report(*line, format!("{noun} `{value}`: {why}"));
            }
        }
    }
}
