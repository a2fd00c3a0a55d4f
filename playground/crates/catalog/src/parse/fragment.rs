//! `book/fragments.toml`: texts that say too little, with what is asked back, and what strangers say.

use crate::diagnostic::Diagnostic;
use crate::files::read_optional_text;
use crate::lab::{Fragment, Stranger};
use crate::parse::symptom::{check_example, whatever_its_case};
use crate::toml::reader::{Need, Reader};
use crate::toml::table::Table;
use policy::suggest::hint;
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

/// Reads `<root>/book/fragments.toml`; a book without one asks nothing, and knows no strangers. `labs`
/// are the ids there are, where all could be read.
pub(crate) fn read_fragments(
    root: &Path,
    labs: Option<&[&str]>,
    problems: &mut Vec<Diagnostic>,
) -> Fragments {
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
            let named = table.texts("labs");
            table.finish();
            for name in &named {
                if let Some(labs) = labs.filter(|labs| !labs.contains(&name.value.as_str())) {
                    let hint = hint(&name.value, labs.iter().copied(), "there are");
                    name.report(format!("there is no lab `{}`{hint}", name.value));
                }
            }
            let (Some(pattern), Some(example)) = (pattern, example) else {
                continue;
            };
            check_example(&pattern.value, None, &example);
            read.strangers.push(Stranger {
                pattern: pattern.value,
                labs: named.into_iter().map(|name| name.value).collect(),
            });
        }
        root.finish();
    }
    problems.extend(reader.into_problems());
    read
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Diagnostic;

    fn read(text: &str) -> (Fragments, Vec<String>) {
        let root = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(root.path().join("book")).expect("a folder");
        std::fs::write(root.path().join(FRAGMENTS), text).expect("the file");
        let mut problems = Vec::new();
        let read = read_fragments(root.path(), Some(&["no-tmp"]), &mut problems);
        (read, problems.iter().map(Diagnostic::to_string).collect())
    }

    const STRANGER: &str = "\
[[fragment]]
pattern = 'denied$'
ask = \"Which path?\"

[[stranger]]
pattern = 'cannot find module'
example = \"Error: Cannot find module './shop'\"
labs = [\"no-tmp\"]
";

    #[test]
    fn a_stranger_is_known_by_its_example() {
        let (read, problems) = read(STRANGER);
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!((read.fragments.len(), read.strangers.len()), (1, 1));
    }

    #[test]
    fn a_stranger_that_breaks_a_rule_is_reported_where_it_stands() {
        for (old, new, expected) in [
            (
                "Cannot find module",
                "No module",
                "book/fragments.toml:7: `example` does not match its `pattern`",
            ),
            (
                "cannot find module",
                "(cannot",
                "book/fragments.toml:6: `pattern` is not a regular expression",
            ),
            (
                "example",
                "exmaple",
                "book/fragments.toml:5: [[stranger]] lacks `example`",
            ),
            (
                "no-tmp",
                "no-temp",
                "book/fragments.toml:8: there is no lab `no-temp`; did you mean `no-tmp`?",
            ),
        ] {
            let (_, problems) = read(&STRANGER.replace(old, new));
            let found = problems.iter().any(|problem| problem.starts_with(expected));
            assert!(found, "{expected}: {problems:?}");
        }
    }
}
