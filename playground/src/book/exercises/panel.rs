//! An exercise's panel as plain HTML: all that a reader without a server needs, and all that the
//! page's scripts need to know before they ask the server anything.

use super::super::html::escape;
use super::super::panel::{Source, files};
use catalog::{Exercise, Outcome, Variant};
use std::fmt::Write;

/// The `<section>` of an exercise, with the files that its starter shows.
pub(super) fn section(exercise: &Exercise, starter: &Variant, shown: &[Source]) -> String {
    let number = exercise.number;
    let mut html = format!(
        r#"<section class="lab exercise" data-exercise="{id}" data-number="{number}" data-golf="{golf}"><header class="lab-head"><p class="lab-kicker">Exercise {number}</p><h2 class="lab-title">Your turn</h2><p class="lab-summary">{summary}</p></header>"#,
        id = escape(&exercise.id),
        golf = exercise.golf,
        summary = escape(&exercise.summary),
    );
    html.push_str(r#"<details class="exercise-checks"><summary>What is checked</summary><ul>"#);
    for title in titles(starter) {
        let _ = write!(html, "<li>{}</li>", escape(&title));
    }
    html.push_str("</ul></details>");
    html.push_str(&files(starter, &with_new_ones(exercise, shown)));
    let _ = write!(
        html,
        r#"<p class="lab-still">To have this graded on your own Docker engine, start the playground: <code>script/server</code> in the project’s folder, or <code>playground serve</code> where you have a release, then open the address it prints. Or stay in the terminal: <code>playground exercises start {number:02}</code> lays these files down, <code>playground exercises check {number:02}</code> grades them.</p></section>"#,
    );
    html
}

/// What a submission is held against, in words.
fn titles(starter: &Variant) -> Vec<String> {
    let outcome = match starter.expect.outcome {
        Outcome::Serves => "It builds, starts and answers",
        Outcome::Exits => "It builds, runs and ends by itself",
        Outcome::CannotStart => "It builds, and the program does not start",
        Outcome::BuildFails => "It does not build",
    };
    let probes = starter.probes.iter().map(|probe| probe.title.clone());
    let actions = starter.actions.iter().map(|action| action.title.clone());
    let checks = starter.checks.iter().map(|check| check.title.clone());
    let all = [outcome.to_owned()].into_iter();
    all.chain(probes).chain(actions).chain(checks).collect()
}

/// The files that are shown; of those that are handed in, also what the starter does not have.
fn with_new_ones(exercise: &Exercise, shown: &[Source]) -> Vec<Source> {
    let mut all = shown.to_vec();
    for path in &exercise.edit {
        if !all.iter().any(|source| source.path == *path) {
            all.push(Source {
                path: path.clone(),
                text: String::new(),
            });
        }
    }
    all
}
