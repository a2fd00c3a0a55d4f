//! Keeps the files that panels show out of the book's search: mdBook indexes every word of a
//! chapter, and a word of the prose would be lost among forty Dockerfiles. So the files leave the
//! chapters before mdBook reads them, and come back into the finished pages.

use anyhow::{Context, Result};
use mdbook::book::Book;
use mdbook::preprocess::{Preprocessor, PreprocessorContext};
use mdbook::{BookItem, errors};
use regex::{Captures, Regex};
use std::cell::RefCell;
use std::fs;
use std::path::Path;
use std::rc::Rc;
use std::sync::LazyLock;

static SHOWN: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(
        r#"(<details class="lab-file"[^>]*><summary>[^<]*</summary><pre><code[^>]*>)([^<]*)"#,
    )
    .unwrap_or_else(|error| unreachable!("{error}"))
});
static PLACE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"<!--shown (\d+)-->").unwrap_or_else(|error| unreachable!("{error}"))
});

/// What panels show, while it is aside; clones share it.
#[derive(Clone, Default)]
pub(super) struct Aside(Rc<RefCell<Vec<String>>>);

impl Aside {
    fn take(&self, markdown: &str) -> String {
        let taken = SHOWN.replace_all(markdown, |shown: &Captures<'_>| {
            let mut aside = self.0.borrow_mut();
            aside.push(shown[2].to_owned());
            format!("{}<!--shown {}-->", &shown[1], aside.len() - 1)
        });
        taken.into_owned()
    }

    fn give(&self, html: &str) -> String {
        let aside = self.0.borrow();
        let given = PLACE.replace_all(html, |place: &Captures<'_>| {
            let shown = place[1].parse().ok().and_then(|at: usize| aside.get(at));
            shown.map_or_else(|| place[0].to_owned(), Clone::clone)
        });
        given.into_owned()
    }

    /// Completes the pages below a folder.
    ///
    /// # Errors
    /// A page cannot be read or written.
    pub(super) fn put_back(&self, folder: &Path) -> Result<()> {
        for entry in fs::read_dir(folder)? {
            let path = entry?.path();
            if path.is_dir() {
                self.put_back(&path)?;
            } else if path.extension().is_some_and(|known| known == "html") {
                let html = fs::read_to_string(&path)?;
                if PLACE.is_match(&html) {
                    fs::write(&path, self.give(&html))
                        .with_context(|| format!("cannot complete {}", path.display()))?;
                }
            }
        }
        Ok(())
    }
}

impl Preprocessor for Aside {
    fn name(&self) -> &str {
        "aside"
    }

    fn run(&self, _: &PreprocessorContext, mut book: Book) -> errors::Result<Book> {
        book.for_each_mut(|item| {
            if let BookItem::Chapter(chapter) = item {
                chapter.content = self.take(&chapter.content);
            }
        });
        Ok(book)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_comes_back_as_it_was() {
        let page = "a <details class=\"lab-file\" data-path=\"b\"><summary>b</summary><pre><code class=\"c\">\
                    FROM x&#10;&lt;y&gt;</code></pre></details> <pre><code>kept</code></pre>";
        let aside = Aside::default();
        let taken = aside.take(page);
        assert!(!taken.contains("FROM") && taken.contains("kept"), "{taken}");
        assert_eq!(aside.give(&taken), page);
        assert_eq!(aside.give("<!--shown 7-->"), "<!--shown 7-->");
    }
}
