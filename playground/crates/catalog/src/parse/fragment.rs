//! `book/fragments.toml`: texts that say too little, and what is asked back.

use crate::diagnostic::Diagnostic;
use crate::files::read_optional_text;
use crate::lab::Fragment;
use crate::parse::symptom::whatever_its_case;
use crate::toml::reader::{Need, Reader};
use crate::toml::table::Table;
use std::path::Path;

/// The file, below the project's root.
const FRAGMENTS: &str = "book/fragments.toml";

/// Reads `<root>/book/fragments.toml`; a book without one asks nothing.
pub(crate) fn read_fragments(root: &Path, problems: &mut Vec<Diagnostic>) -> Vec<Fragment> {
    let Some(text) = read_optional_text(root, FRAGMENTS, problems) else {
        return Vec::new();
    };
    let reader = Reader::new(FRAGMENTS, &text);
    let mut fragments = Vec::new();
    if let Some(document) = reader.parse() {
        let root = Table::root(&reader, &document);
        for table in root.tables("fragment") {
            let pattern = table.text("pattern", Need::Required);
            let pattern = pattern.and_then(|at| whatever_its_case("pattern", &at));
            let ask = table.text("ask", Need::Required);
            table.finish();
            if let (Some(pattern), Some(ask)) = (pattern, ask) {
                fragments.push(Fragment {
                    pattern: pattern.value,
                    ask: ask.value,
                });
            }
        }
        root.finish();
    }
    problems.extend(reader.into_problems());
    fragments
}
