//! Checks of what is handed in: started, judged, and what is said to those that failed.

use super::super::{App, Refused};
use super::{Answer, Nothing, body, failed, find, standing, texts, unfit, unknown};
use crate::exercises::progress::Standing;
use crate::exercises::{Verdict, fitting, next_hint};
use crate::run::Run;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use catalog::Exercise;
use catalog::exercise::{Hint, STARTER, SUBMISSION};
use policy::UserError;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Check {
    /// What is graded, by path; without it, what lies in the learner's folder.
    files: Option<BTreeMap<String, String>>,
}

/// Starts a run of what is handed in. Saves nothing.
pub(in crate::web) async fn check(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    check: Result<Json<Check>, JsonRejection>,
) -> Result<impl IntoResponse, Refused> {
    let exercise = find(&app, &id)?;
    let files = match body(check)?.files {
        Some(files) => files,
        None if app.state.workspace.is_begun(exercise) => {
            let handed_in = app.state.workspace.submission(exercise);
            handed_in.map_err(unfit)?
        }
        None => texts(&app, exercise, STARTER)?,
    };
    let run = app.runs.start(&exercise.id, SUBMISSION, files);
    let run = run.map_err(unfit)?;
    Ok((StatusCode::CREATED, Json(json!({ "run": run.id() }))))
}

/// The run of this id, if it was one of this exercise's submissions, and is over.
fn submission(app: &App, exercise: &Exercise, run: &str) -> Result<Arc<Run>, Refused> {
    let run = app.runs.find(run).map_err(unknown)?;
    if run.lab != exercise.id || run.variant != SUBMISSION {
        return Err(unknown(UserError {
            what: format!("Run {} was no check of exercise {}.", run.id(), exercise.id),
            cause: "it was of another exercise, or of a lab".into(),
            next: "press Check".into(),
        }));
    }
    if run.log.is_finished() {
        return Ok(run);
    }
    Err(Refused(
        StatusCode::CONFLICT,
        UserError {
            what: "This check is not over yet.".into(),
            cause: "it is still being built or run".into(),
            next: "wait for its last event".into(),
        },
    ))
}

/// What came of a check that is over: each check, the likely cause, and where to read on.
pub(in crate::web) async fn verdict(
    State(app): State<Arc<App>>,
    Path((id, run)): Path<(String, String)>,
) -> Answer {
    let exercise = find(&app, &id)?;
    let run = submission(&app, exercise, &run)?;
    let (entries, _) = run.log.after(0);
    let verdict = Verdict::of_run(&app.state.catalog, exercise, &entries, &app.lab_pages);
    let Some(verdict) = verdict else {
        return Err(unfit(UserError {
            what: "This check came to no verdict.".into(),
            cause: "it was stopped, or could not be carried out".into(),
            next: "press Check again".into(),
        }));
    };
    let looks = verdict.checks.iter().filter_map(|check| {
        let page = link(&app, check.look.as_deref()?);
        Some((check.result.id.clone(), page))
    });
    let looks: BTreeMap<_, _> = looks.collect();
    let museum = verdict
        .advice
        .as_ref()
        .and_then(|advice| advice.museum.as_ref());
    let museum = museum.and_then(|found| {
        let page = found.page.as_deref()?;
        Some(json!({ "href": page, "title": found.title }))
    });
    let standing = standing(&app, exercise)?;
    let advice = verdict.advice.as_ref();
    let hint = advice.and_then(|advice| fitting(exercise, &advice.check, advice.cause.as_ref()));
    Ok(Json(json!({
        "passed": verdict.passed, "pages": looks, "museum": museum,
        "advice": hint.map(|hint| told(&app, hint, &standing)), "standing": standing,
    })))
}

/// The hint that was chosen for the check at which the last submission failed.
pub(super) fn failing<'e>(exercise: &'e Exercise, standing: &Standing) -> Option<&'e Hint> {
    fitting(
        exercise,
        standing.failing.as_ref()?,
        standing.cause.as_ref(),
    )
}

/// A hint, as far as the learner has asked for it.
pub(super) fn told(app: &App, hint: &Hint, standing: &Standing) -> Value {
    let so_far = standing.told(&hint.check, &hint.cause);
    let told: Vec<_> = hint.levels.iter().take(so_far).collect();
    json!({
        "check": hint.check, "cause": hint.cause,
        "page": hint.page.as_deref().map(|page| link(app, page)),
        "told": told, "levels": hint.levels.len(),
    })
}

/// A page as `SUMMARY.md` names it: its address from the book's top, and its title.
fn link(app: &App, page: &str) -> Value {
    let title = app.titles.get(page).map_or(page, String::as_str);
    let address = page.strip_suffix(".md").unwrap_or(page);
    json!({ "href": format!("{address}.html"), "title": title })
}

/// Tells one level more of the hint for what has failed last.
pub(in crate::web) async fn hint(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    nothing: Result<Json<Nothing>, JsonRejection>,
) -> Answer {
    let exercise = find(&app, &id)?;
    let Nothing {} = body(nothing)?;
    next_hint(&app.state.progress, exercise).map_err(failed)?;
    let standing = standing(&app, exercise)?;
    let Some(hint) = failing(exercise, &standing) else {
        return Err(unfit(UserError {
            what: "There is nothing to give a hint for.".into(),
            cause: "no check has failed yet, or the last one passed".into(),
            next: "press Check; a check that fails has a hint".into(),
        }));
    };
    Ok(Json(told(&app, hint, &standing)))
}
