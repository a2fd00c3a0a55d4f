//! The table of preflight's rules, in Markdown: mdBook makes the links, on the page to print as
//! well.

use super::html::up;
use analysis::preflight::Rule;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// What `{{#rules}}` stands for, in a chapter of the book: a row for each rule, with a link to the
/// page that shows it happen. `titles` are those of labs, `pages` where each lab is shown.
pub(super) fn table(
    titles: &BTreeMap<String, String>,
    pages: &BTreeMap<String, String>,
    chapter: &Path,
) -> String {
    let up = up(chapter);
    let mut rows = String::from("| Rule | What is wrong | Where it is shown |\n|---|---|---|\n");
    for rule in Rule::ALL {
        let shown = rule.page.map(|page| {
            let lab = pages.iter().find(|(_, shown)| *shown == page);
            let title = lab.and_then(|(lab, _)| titles.get(lab));
            let file = page.replace(".html", ".md");
            format!("[{}]({up}{file})", title.map_or(page, String::as_str))
        });
        let shown = shown.unwrap_or_else(|| "–".to_owned());
        let _ = writeln!(rows, "| `{}` | {} | {shown} |", rule.id, rule.title);
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::lab_pages;
    use catalog::Catalog;

    #[test]
    fn the_books_table_is_the_rules_there_are() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        let labs = Catalog::load(&root).expect("the labs").labs;
        let titles = labs.into_iter().map(|lab| (lab.id, lab.title)).collect();
        let pages = lab_pages(&root).expect("the book");
        let table = table(&titles, &pages, Path::new("preflight.md"));
        let rows: Vec<_> = table.lines().skip(2).collect();
        assert_eq!(rows.len(), Rule::ALL.len());
        for (row, rule) in rows.iter().zip(Rule::ALL) {
            let cells: Vec<_> = row.trim_matches('|').split('|').map(str::trim).collect();
            assert_eq!(cells[0], format!("`{rule}`"));
            assert_eq!(cells[1], rule.title);
            let Some(page) = rule.page else {
                assert_eq!(cells[2], "–", "{row}");
                continue;
            };
            let file = page.replace(".html", ".md");
            let title = cells[2].strip_suffix(&format!("]({file})"));
            let title = title.and_then(|title| title.strip_prefix('['));
            // A page that shows no lab has no title here.
            assert!(title.is_some_and(|title| title != page), "{row}");
            assert!(root.join("book/src").join(file).is_file(), "{page}");
        }
    }
}
