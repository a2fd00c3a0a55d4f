//! `book/cues.toml`: things and states that people tell of, and the words that they have for them.

use crate::diagnostic::Diagnostic;
use crate::files::read_optional_text;
use crate::lab::Telling;
use crate::matching::{Cue, Vocabulary, words_pattern};
use crate::toml::reader::{At, Need, Reader};
use crate::toml::rules::{kebab_case, twice};
use crate::toml::table::Table;
use policy::suggest::hint;
use regex::Regex;
use std::path::Path;

/// The file, below the project's root.
const CUES: &str = "book/cues.toml";

/// Reads `<root>/book/cues.toml`; a book without one knows no descriptions but by patterns.
pub(crate) fn read_cues(root: &Path, problems: &mut Vec<Diagnostic>) -> Vocabulary {
    let Some(text) = read_optional_text(root, CUES, problems) else {
        return Vocabulary::default();
    };
    let reader = Reader::new(CUES, &text);
    let mut cues = Vec::new();
    if let Some(document) = reader.parse() {
        let mut names = Vec::new();
        let root = Table::root(&reader, &document);
        for table in root.tables("cue") {
            let name = table.text("name", Need::Required);
            let words = table.list("words", Need::Required);
            if let Some(name) = &name {
                kebab_case("cue", name);
            }
            names.extend(name.clone());
            if let (Some(name), Some(words)) = (name, words) {
                cues.extend(cue(&name, &words));
            }
            table.finish();
        }
        twice("cue", &names);
        root.finish();
    }
    problems.extend(reader.into_problems());
    Vocabulary::new(cues)
}

fn cue(name: &At<'_, String>, words: &At<'_, Vec<At<'_, String>>>) -> Option<Cue> {
    for word in words
        .value
        .iter()
        .filter(|word| word.value.chars().count() < 2)
    {
        word.report(format!("`{word}` is too short to be a word of a cue"));
    }
    let all = words.value.iter().map(|word| word.value.as_str());
    match Regex::new(&words_pattern(all)) {
        Ok(words) => Some(Cue {
            name: name.value.clone(),
            words,
        }),
        Err(_) => {
            words.report("these `words` make no pattern");
            None
        }
    }
}

/// The cues that a symptom names in place of a pattern.
pub(crate) fn read_telling(table: &Table<'_>, vocabulary: &Vocabulary) -> Telling {
    let places = |key: &'static str| {
        let names = table.texts(key).into_iter();
        let place = |name: At<'_, String>| {
            let place = vocabulary.place(&name.value);
            if place.is_none() {
                let hint = hint(&name.value, vocabulary.names(), "there are");
                name.report(format!("{CUES} has no cue `{name}`{hint}"));
            }
            place
        };
        names.filter_map(place).collect()
    };
    Telling {
        cues: places("cues"),
        without: places("without"),
    }
}
