//! What a page claims, for whoever checks it: its labs, its quotes, its sizes.

use super::directive::{lab_of, question_of};
use super::fence::{Fences, Line};
use super::quoted::{SizeQuote, sizes};
use super::render::load;
use anyhow::Result;
use mdbook::{BookItem, MDBook};
use std::path::Path;

/// Something on a page, and the line it stands on.
#[derive(Clone, Debug, PartialEq)]
pub struct On<T> {
    /// From 1.
    pub line: u32,
    /// What stands there.
    pub what: T,
}

/// A page of the book, as far as it can be checked.
#[derive(Clone, Debug, Default)]
pub struct Page {
    /// Path from the project's root, with `/`.
    pub file: String,
    /// The page as it is written.
    pub markdown: String,
    /// Labs whose panels it holds.
    pub labs: Vec<On<String>>,
    /// Questions that it asks after the run.
    pub questions: Vec<On<String>>,
    /// Lines of its `text` fences that are not empty, without those of fences marked
    /// `elsewhere`.
    pub quotes: Vec<On<String>>,
    /// Sizes that it quotes; malformed ones are left out.
    pub sizes: Vec<On<SizeQuote>>,
}

impl Page {
    /// Reads what a page claims.
    pub fn read(file: &str, markdown: &str) -> Page {
        let mut page = Page {
            file: file.to_owned(),
            markdown: markdown.to_owned(),
            ..Page::default()
        };
        let mut fences = Fences::default();
        let mut quoting = false;
        for (line, text) in (1..).zip(markdown.lines()) {
            match fences.line(text) {
                Line::Prose => {
                    if fences.outside()
                        && let Some(lab) = lab_of(text)
                    {
                        let what = lab.to_owned();
                        page.labs.push(On { line, what });
                    }
                    if fences.outside()
                        && let Some(question) = question_of(text)
                    {
                        let what = question.to_owned();
                        page.questions.push(On { line, what });
                    }
                    let found = sizes(text).into_iter().flatten();
                    page.sizes.extend(found.map(|what| On { line, what }));
                }
                Line::Opens(info) => {
                    quoting = is_quote(info);
                }
                Line::Code if quoting && !text.trim().is_empty() => {
                    let what = text.trim().to_owned();
                    page.quotes.push(On { line, what });
                }
                Line::Code | Line::Closes => {}
            }
        }
        page
    }
}

/// Whether a fence with this behind its marks quotes what labs say.
pub(super) fn is_quote(info: &str) -> bool {
    let mut words = info.split([',', ' ']);
    words.next() == Some("text") && !words.any(|w| w == "elsewhere")
}

/// Every page that SUMMARY.md lists.
///
/// # Errors
/// A page cannot be read.
pub fn chapters(root: &Path) -> Result<Vec<Page>> {
    let MDBook { book, config, .. } = load(root)?;
    let written = book.iter().filter_map(|item| {
        let BookItem::Chapter(chapter) = item else {
            return None;
        };
        let file = config.book.src.join(chapter.source_path.as_ref()?);
        let file = file.to_string_lossy().replace('\\', "/");
        Some(Page::read(&file, &chapter.content))
    });
    Ok(written.collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_tells_what_it_claims_and_where() {
        let page = Page::read(
            "a.md",
            "# A\n\n```text\nx509: so\n\n  more …\n```\n{{#lab x509}}\n```text,elsewhere\nno\n```\n\
             ```sh\nls\n{{#mb a/b unpacked 1}}\n```\nIt is {{#mb x509/a unpacked 1.5}} large.\n\
             ```admonish note\n{{#kb x509/b compressed 3}}\n```\n",
        );
        let quotes: Vec<_> = page
            .quotes
            .iter()
            .map(|q| (q.line, q.what.as_str()))
            .collect();
        assert_eq!(quotes, [(4, "x509: so"), (6, "more …")]);
        assert_eq!(
            page.labs,
            [On {
                line: 8,
                what: "x509".to_owned()
            }]
        );
        let sizes: Vec<_> = page
            .sizes
            .iter()
            .map(|s| (s.line, s.what.text.as_str()))
            .collect();
        assert_eq!(sizes, [(16, "1.5\u{a0}MB"), (18, "3\u{a0}kB")]);
    }
}
