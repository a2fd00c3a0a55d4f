//! Rules that several tables share: ids and lists of names.

use crate::files::{Files, lay};
use crate::names::{is_kebab_case, is_plain_path};
use crate::toml::reader::{At, Need};
use crate::toml::table::Table;
use policy::suggest::hint;
use std::collections::BTreeMap;

/// Reports an id that is not kebab-case.
pub(crate) fn kebab_case(noun: &str, id: &At<'_, String>) {
    if !is_kebab_case(&id.value) {
        id.report(format!(
            "{noun} id `{id}` is not kebab-case (a-z, 0-9, single hyphens)"
        ));
    }
}

/// The id of a probe, an action or a check, under which the verdict judges it.
fn check_id(article: &str, noun: &str, id: &At<'_, String>) {
    kebab_case(noun, id);
    // The verdict's own checks carry these names.
    if ["outcome", "exit-code", "reporter", "message", "moment"].contains(&id.value.as_str()) {
        id.report(format!(
            "{article} {noun} cannot be called `{id}`: a check is"
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
    for (name, _) in repeated(names) {
        name.report(format!("{noun} `{name}` is listed twice"));
    }
}

/// Reports ids that stand twice.
pub(crate) fn twice(noun: &str, ids: &[At<'_, String>]) {
    for (id, first) in repeated(ids) {
        let line = first.line;
        id.report(format!(
            "{noun} `{id}` is declared twice, first on line {line}"
        ));
    }
}

/// The names that stand there again, each with its first.
pub(crate) fn repeated<'n, 'r>(
    names: &'n [At<'r, String>],
) -> impl Iterator<Item = (&'n At<'r, String>, &'n At<'r, String>)> {
    names.iter().enumerate().filter_map(|(index, name)| {
        let mut earlier = names[..index].iter();
        Some((name, earlier.find(|earlier| earlier.value == name.value)?))
    })
}

/// Reports a path that is not inside the build context.
pub(crate) fn context_path(path: &At<'_, String>) {
    if !is_plain_path(&path.value) {
        path.report(format!(
            "`{path}` is not a plain path inside the build context"
        ));
    }
}

/// Two optional numbers of a table, of which the first may not be above the second.
pub(crate) fn bounds<'r>(
    table: &Table<'r>,
    [at_least, at_most]: [&'static str; 2],
    highest: u64,
) -> [Option<At<'r, u64>>; 2] {
    let least = table.integer::<u64>(at_least, Need::Optional, 1..=highest);
    let most = table.integer::<u64>(at_most, Need::Optional, 1..=highest);
    if let (Some(least), Some(most)) = (&least, &most)
        && least.value > most.value
    {
        most.report(format!("`{at_most}` is below `{at_least}`"));
    }
    [least, most]
}

/// True or false, which must be said.
pub(crate) fn required_flag(table: &Table<'_>, key: &'static str, whose: &str) -> Option<bool> {
    let flag = table.flag(key);
    if flag.is_none() && !table.has(key) {
        table.report(format!("{whose} needs `{key}`: true or false"));
    }
    flag.map(|flag| flag.value)
}

/// `a`, `b` and `c`.
pub(crate) fn listed(words: &[String]) -> String {
    match words.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, earlier)) => format!("{} and {last}", earlier.join(", ")),
        None => String::new(),
    }
}

/// The files of a folder with a Dockerfile, below `shown`; reports what is not there.
pub(crate) fn image_files<'f>(
    id: &At<'_, String>,
    shown: &str,
    folders: &'f BTreeMap<String, Files>,
) -> Option<&'f Files> {
    let files = folders.get(&id.value);
    match files {
        None => {
            let hint = hint(&id.value, folders.keys().map(String::as_str), "there are");
            id.report(format!("there is no folder {shown}/{id}{hint}"));
        }
        Some(files) if !files.contains_key("Dockerfile") => {
            id.report(format!("{shown}/{id} has no Dockerfile"));
        }
        Some(_) => {}
    }
    files
}

/// Holds the name of an image's folder, below `shown`, against those that are there.
pub(crate) fn image_folder(
    noun: &str,
    id: &At<'_, String>,
    shown: &str,
    folders: &BTreeMap<String, Files>,
) {
    if let Some(files) = image_files(id, shown, folders)
        && files.contains_key("Dockerfile")
        && let Err(why) = lay([files])
    {
        id.report(format!("{noun} `{id}`: {why}"));
    }
}
