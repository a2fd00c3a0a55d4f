//! The index of messages as a plain table; the page's scripts put a search field over it.

use super::html::{escape, up};
use catalog::{Lab, Symptom};
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::Path;

/// A lab's messages.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    lab: String,
    title: String,
    symptoms: Vec<Symptom>,
}

/// The labs that have any, in the catalog's order.
pub(super) fn entries(labs: &[Lab]) -> Vec<Entry> {
    let with_symptoms = labs.iter().filter(|lab| !lab.symptoms.is_empty());
    with_symptoms
        .map(|lab| Entry {
            lab: lab.id.clone(),
            title: lab.title.clone(),
            symptoms: lab.symptoms.clone(),
        })
        .collect()
}

/// The `<section>` that `{{#symptoms}}` stands for, in a chapter of the book.
pub(super) fn section(
    entries: &[Entry],
    pages: &BTreeMap<String, String>,
    chapter: &Path,
) -> String {
    let mut html = String::from(
        r#"<section class="symptoms" data-symptoms><div class="table-wrapper"><table><caption>Messages that this book knows, and the page about each.</caption><thead><tr><th scope="col">It says</th><th scope="col">It means</th></tr></thead>"#,
    );
    let up = up(chapter);
    for entry in entries {
        let page = pages.get(&entry.lab).map_or("", String::as_str);
        let title = escape(&entry.title);
        let link = match page.strip_suffix(".html") {
            // As Markdown's links are written: mdBook makes the right ones of them, on the
            // page to print as well.
            Some(page) => format!(r#"<a href="{up}{}.md">{title}</a>"#, escape(page)),
            None => title,
        };
        let _ = write!(
            html,
            r#"<tbody><tr class="symptoms-page"><th colspan="2" scope="rowgroup">{link}</th></tr>"#,
        );
        for symptom in &entry.symptoms {
            let example = escape(&symptom.example);
            // A tool's words, or somebody's.
            let example = match symptom.telling {
                None => format!("<code>{example}</code>"),
                Some(_) => format!("<q>{example}</q>"),
            };
            let _ = write!(
                html,
                r#"<tr data-lab="{lab}" data-page="{page}"><th scope="row">{example}</th><td>{says}</td></tr>"#,
                lab = escape(&entry.lab),
                page = escape(page),
                says = escape(&symptom.says),
            );
        }
        html.push_str("</tbody>");
    }
    html.push_str("</table></div></section>");
    html
}
