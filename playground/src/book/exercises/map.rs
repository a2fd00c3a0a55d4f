//! The map of all exercises, by unit; the page's scripts mark on it what the learner has done.

use super::super::html::{escape, up};
use super::Item;
use std::fmt::Write;
use std::path::Path;

/// The `<section>` of the map, in a chapter of the book.
pub(super) fn section(list: &[Item], chapter: &Path) -> String {
    let mut html = String::from(r#"<section class="exercises" data-exercises>"#);
    let up = up(chapter);
    for unit in units(list) {
        let _ = write!(
            html,
            r#"<section class="exercise-unit" data-unit="{}"><h2 class="exercise-unit-title">{}</h2><ol class="exercise-list">"#,
            escape(unit),
            escape(&unit_title(unit)),
        );
        for item in list.iter().filter(|item| item.unit == unit) {
            let _ = write!(
                html,
                r#"<li class="exercise-item" value="{number}" data-exercise="{id}"><p class="exercise-name"><a href="{up}{page}">{title}</a> <span class="exercise-minutes">{minutes} min</span></p><p class="exercise-summary">{summary}</p></li>"#,
                number = item.number,
                id = escape(&item.id),
                minutes = item.minutes,
                page = escape(&item.page()),
                title = escape(&item.title),
                summary = escape(&item.summary),
            );
        }
        html.push_str("</ol></section>");
    }
    html.push_str("</section>");
    html
}

/// The units, in the order in which their first exercises come.
fn units(list: &[Item]) -> Vec<&str> {
    let mut units: Vec<&str> = Vec::new();
    for item in list {
        if !units.contains(&item.unit.as_str()) {
            units.push(&item.unit);
        }
    }
    units
}

/// `First images` of `first-images`. Go keeps its name.
pub(super) fn unit_title(unit: &str) -> String {
    let capital = |word: &str| {
        let mut letters = word.chars();
        let first = letters.next().into_iter().flat_map(char::to_uppercase);
        first.chain(letters.clone()).collect()
    };
    let words = unit.split('-').enumerate().map(|(at, word)| match word {
        "go" => "Go".to_owned(),
        _ if at == 0 => capital(word),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}
