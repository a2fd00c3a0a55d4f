//! The exercises as pages of the book: a chapter each below `exercises/index.md`, and the map.
//!
//! Nobody writes these chapters: a statement comes from the exercise's own README.md, and the rest
//! from its data. Refuses to know anybody's progress; the page's scripts ask the server for that.

mod map;
mod panel;

use super::panel::Source;
use anyhow::Result;
use catalog::exercise::STARTER;
use catalog::{Catalog, Diagnostic, Exercise, Lab, Variant};
use mdbook::BookItem;
use mdbook::book::{Book, Chapter, SectionNumber};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// The page that `SUMMARY.md` lists; the exercises' own lie below it.
const INDEX: &str = "exercises/index.md";

/// What the book needs of the exercises.
#[derive(Clone, Debug, Default)]
pub(super) struct ExercisePart {
    list: Vec<Item>,
}

/// An exercise, as far as the book shows it.
#[derive(Clone, Debug)]
struct Item {
    id: String,
    number: u32,
    title: String,
    summary: String,
    unit: String,
    minutes: u32,
    pages: Vec<String>,
    statement: String,
    /// Its panel, as HTML.
    panel: String,
}

impl Item {
    /// As `SUMMARY.md` would name it.
    fn page(&self) -> String {
        page(&self.id)
    }

    /// As the contents have it.
    fn name(&self) -> String {
        format!("{} · {}", self.number, self.title)
    }
}

impl ExercisePart {
    /// Prepares the panels; `sources` yields the files that a variant shows.
    ///
    /// # Errors
    /// The files of a starter cannot be laid out.
    pub(super) fn new(
        catalog: &Catalog,
        mut sources: impl FnMut(&Lab, &Variant) -> Result<Vec<Source>>,
    ) -> Result<ExercisePart> {
        let item = |exercise: &Exercise| {
            let lab = &exercise.lab;
            let starter = lab.variant(Some(STARTER))?;
            let files = sources(lab, starter)?;
            Ok(Item {
                id: exercise.id.clone(),
                number: exercise.number,
                title: exercise.title.clone(),
                summary: exercise.summary.clone(),
                unit: exercise.unit.clone(),
                minutes: exercise.minutes,
                pages: exercise.pages.clone(),
                statement: exercise.statement.clone(),
                panel: panel::section(exercise, starter, &files),
            })
        };
        let list: Result<_> = catalog.exercises.iter().map(item).collect();
        Ok(ExercisePart { list: list? })
    }

    /// The panel of one exercise.
    pub(super) fn panel(&self, id: &str) -> Option<&str> {
        let found = self.list.iter().find(|item| item.id == id)?;
        Some(&found.panel)
    }

    /// All panels, one after the other.
    #[cfg(test)]
    pub(super) fn panels(&self) -> String {
        self.list.iter().map(|item| item.panel.as_str()).collect()
    }

    /// What `{{#exercises}}` stands for, in a chapter of the book.
    pub(super) fn map(&self, chapter: &Path) -> String {
        map::section(&self.list, chapter)
    }

    /// Adds a chapter for each exercise below the index.
    pub(super) fn add_to(&self, book: &mut Book, problems: &mut Vec<Diagnostic>) {
        if self.list.is_empty() {
            return;
        }
        let titles = titles(book);
        for item in &self.list {
            for page in item.pages.iter().filter(|page| !titles.contains_key(*page)) {
                let file = format!("exercises/{}/exercise.toml", item.id);
                let text = format!("`pages` names `{page}`, which SUMMARY.md does not list");
                problems.push(Diagnostic::of(file, text));
            }
        }
        let mut found = false;
        book.for_each_mut(|item| {
            let BookItem::Chapter(index) = item else {
                return;
            };
            if index.path.as_deref() != Some(Path::new(INDEX)) {
                return;
            }
            found = true;
            for (at, item) in self.list.iter().enumerate() {
                let next = self.list.get(at + 1);
                let mut names = index.parent_names.clone();
                names.push(index.name.clone());
                let content = content(item, self.list.len(), next, &titles);
                let mut chapter = Chapter::new(&item.name(), content, item.page(), names);
                chapter.number = index.number.as_ref().map(|number| {
                    let own = u32::try_from(at + 1).unwrap_or(u32::MAX);
                    SectionNumber(number.iter().copied().chain([own]).collect())
                });
                index.sub_items.push(BookItem::Chapter(chapter));
            }
        });
        if !found {
            let text = format!("lists no {INDEX}: the exercises would have no pages");
            problems.push(Diagnostic::of("book/src/SUMMARY.md", text));
        }
    }
}

/// Where the chapter of an exercise lies, as `SUMMARY.md` would have it.
pub(super) fn page(id: &str) -> String {
    format!("exercises/{id}.md")
}

/// The titles of all pages, by their paths as `SUMMARY.md` has them.
pub(super) fn titles(book: &Book) -> BTreeMap<String, String> {
    let chapters = book.iter().filter_map(|item| match item {
        BookItem::Chapter(chapter) => Some(chapter),
        _ => None,
    });
    let named = chapters.filter_map(|chapter| {
        let path: &PathBuf = chapter.path.as_ref()?;
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy()).collect();
        Some((parts.join("/"), chapter.name.clone()))
    });
    named.collect()
}

/// The page of an exercise, as Markdown.
fn content(
    item: &Item,
    all: usize,
    next: Option<&Item>,
    titles: &BTreeMap<String, String>,
) -> String {
    let facts = format!(
        "Exercise {} of {all} · {} · about {} minutes",
        item.number,
        map::unit_title(&item.unit),
        item.minutes
    );
    let links = item.pages.iter().map(|page| {
        let title = titles.get(page).map_or(page.as_str(), String::as_str);
        format!("[{title}](../{page})")
    });
    let links: Vec<String> = links.collect();
    let reading = match links.is_empty() {
        true => String::new(),
        false => format!("To read for this: {}.\n\n", links.join(", ")),
    };
    let next = match next {
        Some(next) => format!("Next: [{}]({}.md). ", next.name(), next.id),
        None => String::new(),
    };
    format!(
        "# {}\n\n<p class=\"exercise-facts\">{facts}</p>\n\n{}\n\n{reading}{{{{#exercise {}}}}}\n\n\
         {next}[All exercises](index.md).\n",
        item.title,
        item.statement.trim(),
        item.id,
    )
}

#[cfg(test)]
mod tests;
