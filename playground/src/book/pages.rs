//! Which page holds which lab, and what each is called.

use super::exercises;
use super::page::Page;
use super::render::load;
use anyhow::Result;
use catalog::Catalog;
use mdbook::BookItem;
use mdbook::book::Book;
use std::collections::BTreeMap;
use std::path::Path;

/// The page of each lab, from the book's top: `x509` is on `museum/x509.html`. Of several
/// pages that show a lab, the first. The book is read, not rendered.
///
/// # Errors
/// The book cannot be read.
pub fn lab_pages(root: &Path) -> Result<BTreeMap<String, String>> {
    Ok(pages_of(&load(root)?.book))
}

/// What each page is called, by its path as `SUMMARY.md` has it; each exercise's and the book's top,
/// too. The book is read, not rendered.
///
/// # Errors
/// The book cannot be read.
pub fn page_titles(root: &Path, catalog: &Catalog) -> Result<BTreeMap<String, String>> {
    let book = load(root)?.book;
    let mut titles = exercises::titles(&book);
    // mdBook shows the first chapter at the book's top, too.
    let first = book.iter().find_map(|item| match item {
        BookItem::Chapter(chapter) => Some(chapter.name.clone()),
        _ => None,
    });
    titles.extend(first.map(|first| ("index.md".to_owned(), first)));
    for exercise in &catalog.exercises {
        let title = format!("Exercise {}: {}", exercise.number, exercise.title);
        titles.insert(exercises::page(&exercise.id), title);
    }
    Ok(titles)
}

pub(super) fn pages_of(book: &Book) -> BTreeMap<String, String> {
    let mut pages = BTreeMap::new();
    for item in book.iter() {
        if let BookItem::Chapter(chapter) = item
            && let Some(path) = &chapter.path
        {
            for lab in Page::read("", &chapter.content).labs {
                pages.entry(lab.what).or_insert_with(|| page(path));
            }
        }
    }
    pages
}

/// Where mdBook renders a chapter, with `/` on every system.
fn page(chapter: &Path) -> String {
    let file = match chapter.file_stem() {
        Some(name) if name.eq_ignore_ascii_case("readme") => chapter.with_file_name("index.html"),
        _ => chapter.with_extension("html"),
    };
    let parts: Vec<_> = file.iter().map(|part| part.to_string_lossy()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;
    use mdbook::book::Chapter;

    #[test]
    fn a_lab_is_on_the_first_page_that_shows_it() {
        let mut book = Book::new();
        for (path, text) in [
            (
                "intro.md",
                "```\n{{#lab x509}}\n```\nand {{#lab x509}} in a sentence\n",
            ),
            ("museum/README.md", "{{#lab dns}}\n"),
            (
                "museum/x509.md",
                "# X\n\n{{#lab x509}}\n\n  {{ #lab dns }}\n",
            ),
            ("again.md", "{{#lab x509}}\n{{#journey}}\n"),
        ] {
            book.push_item(Chapter::new("T", text.to_owned(), path, Vec::new()));
        }
        book.push_item(Chapter::new_draft("Later", Vec::new()));
        let pages: Vec<_> = pages_of(&book).into_iter().collect();
        assert_eq!(
            pages,
            [
                ("dns".to_owned(), "museum/index.html".to_owned()),
                ("x509".into(), "museum/x509.html".into()),
            ]
        );
    }
}
