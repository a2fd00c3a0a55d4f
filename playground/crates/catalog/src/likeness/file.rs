//! `book/likeness.tsv`: the weights as they are kept, made by `cargo run -p catalog --example learn`.

use super::model::{Likeness, NONE, Weights};
use crate::diagnostic::Diagnostic;
use crate::files::read_optional_text;
use policy::suggest::hint;
use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter};
use std::path::Path;

/// The file, below the project's root.
const LIKENESS: &str = "book/likeness.tsv";
/// What makes it, for whoever finds it wrong.
const MAKE: &str = "make it anew: cargo run -p catalog --example learn";
const HEAD: &str = "\
# What reports resemble: quarters of weights that words have for pages, by the pages' places in the first line.
# Made from playground/crates/catalog/tests/reports.jsonl and the labs' symptoms by
# cargo run -p catalog --example learn
# and not by hand; CONTRIBUTING.md tells when.
";
const PAGES: &str = "pages";
/// What speaks before any word does; no word is written so.
const BIAS: &str = "*";
/// Far more than any word weighs.
const MAX_WEIGHT: i16 = 999;

/// Reads `<root>/book/likeness.tsv`; a book without one guesses nothing. `labs` are the ids there are.
pub(crate) fn read_likeness(
    root: &Path,
    labs: &[&str],
    problems: &mut Vec<Diagnostic>,
) -> Likeness {
    let Some(text) = read_optional_text(root, LIKENESS, problems) else {
        return Likeness::default();
    };
    let mut likeness = Likeness::default();
    let mut problem = |line: usize, text: String| {
        let line = u32::try_from(line + 1).unwrap_or(u32::MAX);
        problems.push(Diagnostic::at(LIKENESS, line, format!("{text}; {MAKE}")));
    };
    let lines = text.lines().enumerate();
    let mut rows = lines.filter(|(_, line)| !line.starts_with('#'));
    let (at, pages) = rows.next().unwrap_or_default();
    match pages.split('\t').collect::<Vec<_>>().as_slice() {
        [PAGES, pages @ ..] if pages.contains(&NONE) => {
            for page in pages.iter().filter(|page| **page != NONE) {
                if !labs.contains(page) {
                    let hint = hint(page, labs.iter().copied(), "there are");
                    problem(at, format!("there is no lab `{page}`{hint}"));
                }
            }
            likeness.pages = pages.iter().map(|page| (*page).to_owned()).collect();
        }
        _ => {
            problem(at, format!("the first line is no `{PAGES}` with `{NONE}`"));
            return Likeness::default();
        }
    }
    likeness.bias = vec![0; likeness.pages.len()];
    for (at, line) in rows {
        match row(line, likeness.pages.len()) {
            Ok((BIAS, weights)) => {
                for (page, weight) in weights {
                    likeness.bias[page] = weight;
                }
            }
            Ok((word, weights)) => {
                if let Some((last, _)) = likeness.words.last_key_value()
                    && last.as_str() >= word
                {
                    problem(at, format!("`{word}` stands behind `{last}`"));
                }
                likeness.words.insert(word.to_owned(), weights);
            }
            Err(text) => problem(at, text),
        }
    }
    likeness
}

/// A word and what it says of pages.
fn row(line: &str, pages: usize) -> Result<(&str, Weights), String> {
    let mut parts = line.split('\t');
    let word = parts.next().filter(|word| !word.is_empty());
    let word = word.ok_or("a line without a word")?;
    let weight = |text: &str| {
        let (page, weight) = text.split_once(':')?;
        let (page, weight) = (page.parse().ok()?, weight.parse::<i16>().ok()?);
        (page < pages && (-MAX_WEIGHT..=MAX_WEIGHT).contains(&weight)).then_some((page, weight))
    };
    let weights =
        parts.map(|text| weight(text).ok_or_else(|| format!("`{text}` is no weight of a page")));
    let weights: BTreeMap<usize, i16> = weights.collect::<Result<_, _>>()?;
    if weights.is_empty() {
        return Err(format!("`{word}` has no weight"));
    }
    Ok((word, weights.into_iter().collect()))
}

/// The file's text.
impl Display for Likeness {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        writeln!(f, "{HEAD}{PAGES}\t{}", self.pages.join("\t"))?;
        let bias: Weights = self.bias.iter().copied().enumerate().collect();
        let words = self
            .words
            .iter()
            .map(|(word, weights)| (word.as_str(), weights));
        for (word, weights) in [(BIAS, &bias)].into_iter().chain(words) {
            f.write_str(word)?;
            for (page, weight) in weights {
                write!(f, "\t{page}:{weight}")?;
            }
            f.write_str("\n")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Likeness, Vec<String>) {
        let root = tempfile::tempdir().expect("a directory");
        std::fs::create_dir(root.path().join("book")).expect("a folder");
        std::fs::write(root.path().join(LIKENESS), text).expect("the file");
        let mut problems = Vec::new();
        let likeness = read_likeness(root.path(), &["x509", "dns"], &mut problems);
        (
            likeness,
            problems.iter().map(Diagnostic::to_string).collect(),
        )
    }

    #[test]
    fn what_is_written_is_read_again() {
        let likeness = Likeness {
            pages: vec!["dns".into(), NONE.into(), "x509".into()],
            bias: vec![0, 7, -3],
            words: [
                ("certificate".to_owned(), vec![(1, -8), (2, 12)]),
                ("no resolver".to_owned(), vec![(0, 9)]),
                ("时区".to_owned(), vec![(1, 6)]),
            ]
            .into(),
        };
        let (again, problems) = read(&likeness.to_string());
        assert_eq!((again, problems), (likeness, vec![]));
    }

    #[test]
    fn bad_lines_are_reported_where_they_stand() {
        for (text, expected) in [
            (
                "",
                "book/likeness.tsv:1: the first line is no `pages` with `none`",
            ),
            (
                "pages\tdns\n",
                "book/likeness.tsv:1: the first line is no `pages`",
            ),
            (
                "pages\tdsn\tnone\n",
                "book/likeness.tsv:1: there is no lab `dsn`; did you mean `dns`?",
            ),
            (
                "# ours\npages\tnone\nword\t1:3\n",
                "book/likeness.tsv:3: `1:3` is no weight of a page",
            ),
            (
                "pages\tnone\nword\t0:x\n",
                "book/likeness.tsv:2: `0:x` is no weight",
            ),
            (
                "pages\tnone\nword\t0:9999\n",
                "book/likeness.tsv:2: `0:9999` is no weight",
            ),
            (
                "pages\tnone\nword\n",
                "book/likeness.tsv:2: `word` has no weight",
            ),
            (
                "pages\tnone\n\t0:1\n",
                "book/likeness.tsv:2: a line without a word",
            ),
            (
                "pages\tnone\nb\t0:1\na\t0:1\n",
                "book/likeness.tsv:3: `a` stands behind `b`",
            ),
        ] {
            let (_, problems) = read(text);
            let [problem] = problems.as_slice() else {
                panic!("{text:?}: {problems:?}");
            };
            assert!(problem.starts_with(expected), "{text:?}: {problem}");
            assert!(problem.ends_with(MAKE), "{problem}");
        }
    }
}
