//! `book/fragments.toml`: texts that say too little, with what is asked back, and what strangers say.

use crate::diagnostic::Diagnostic;
use crate::files::read_optional_text;
use crate::lab::{Fragment, Stranger};
use crate::parse::symptom::{check_example, whatever_its_case};
use crate::toml::reader::{Need, Reader};
use crate::toml::table::Table;
use std::path::Path;

/// The file, below the project's root.
const FRAGMENTS: &str = "book/fragments.toml";

/// What the file holds.
#[derive(Debug, Default)]
pub(crate) struct Fragments {
    /// What is asked back.
    pub(crate) fragments: Vec<Fragment>,
    /// What says that the cause is none of the book's.
    pub(crate) strangers: Vec<Stranger>,
}

/// Reads `<root>/book/fragments.toml`; a book without one asks nothing, and knows no strangers.
pub(crate) fn read_fragments(root: &Path, problems: &mut Vec<Diagnostic>) -> Fragments {
    let mut read = Fragments::default();
    let Some(text) = read_optional_text(root, FRAGMENTS, problems) else {
        return read;
    };
    let reader = Reader::new(FRAGMENTS, &text);
    if let Some(document) = reader.parse() {
        let root = Table::root(&reader, &document);
        for table in root.tables("fragment") {
            let pattern = table.text("pattern", Need::Required);
            let pattern = pattern.and_then(|at| whatever_its_case("pattern", &at));
            let ask = table.text("ask", Need::Required);
            table.finish();
            if let (Some(pattern), Some(ask)) = (pattern, ask) {
                read.fragments.push(Fragment {
                    pattern: pattern.value,
                    ask: ask.value,
                });
            }
        }
        for table in root.tables("stranger") {
            let pattern = table.text("pattern", Need::Required);
            let pattern = pattern.and_then(|at| whatever_its_case("pattern", &at));
            let example = table.text("example", Need::Required);
            table.finish();
            let (Some(pattern), Some(example)) = (pattern, example) else {
                continue;
            };
            check_example(&pattern.value, None, &example);
            read.strangers.push(Stranger {
                pattern: pattern.value,
            });
        }
        root.finish();
    }
    problems.extend(reader.into_problems());
    read
}
