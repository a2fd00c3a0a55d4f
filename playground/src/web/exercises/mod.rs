//! `/api/exercises`: a learner's files, what becomes of them, hints, and progress to carry away.
//!
//! A page names exercises and the files that these hand in, never paths beyond.

mod checks;
mod files;
mod transfer;

pub(super) use checks::{check, hint, verdict};
pub(super) use files::{reset, save};
pub(super) use transfer::{MAX_IMPORT, export, import};

use super::{App, Refused, rejected};
use crate::exercises::progress::Standing;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use catalog::Exercise;
use catalog::exercise::SOLUTION;
use checks::{failing, told};
use files::files;
use policy::UserError;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

type Answer = Result<Json<Value>, Refused>;

/// A body that is read as this, or the refusal of what came.
fn body<T>(body: Result<Json<T>, JsonRejection>) -> Result<T, Refused> {
    let Json(body) = body.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    Ok(body)
}

fn failed(error: UserError) -> Refused {
    Refused(StatusCode::INTERNAL_SERVER_ERROR, error)
}

fn unfit(error: UserError) -> Refused {
    Refused(StatusCode::UNPROCESSABLE_ENTITY, error)
}

fn unknown(error: UserError) -> Refused {
    Refused(StatusCode::NOT_FOUND, error)
}

fn find<'a>(app: &'a App, id: &str) -> Result<&'a Exercise, Refused> {
    app.state.catalog.exercise(id).map_err(unknown)
}

/// How far the learner has come with an exercise.
fn standing(app: &App, exercise: &Exercise) -> Result<Standing, Refused> {
    let mut standings = app.state.progress.standings().map_err(failed)?;
    Ok(standings.remove(&exercise.id).unwrap_or_default())
}

/// The texts of one of the exercise's own variants, of what is handed in.
fn texts(
    app: &App,
    exercise: &Exercise,
    variant: &str,
) -> Result<BTreeMap<String, String>, Refused> {
    let context = exercise.lab.variant(Some(variant)).and_then(|variant| {
        let (ballast, edits) = (BTreeMap::new(), BTreeMap::new());
        catalog::context(&app.state.root, &exercise.lab, variant, &ballast, &edits)
    });
    let context = context.map_err(failed)?;
    let texts = exercise.edit.iter().filter_map(|path| {
        let text = context.text(path)?.to_owned();
        Some((path.clone(), text))
    });
    Ok(texts.collect())
}

/// All exercises, and how far the learner has come with each.
pub(super) async fn list(State(app): State<Arc<App>>) -> Answer {
    let state = &app.state;
    let mut standings = state.progress.standings().map_err(failed)?;
    let mut next = None;
    let listed = state.catalog.exercises.iter().map(|exercise| {
        let standing = standings.remove(&exercise.id).unwrap_or_default();
        if standing.passed_at.is_none() && next.is_none() {
            next = Some(exercise.id.clone());
        }
        json!({
            "id": exercise.id, "number": exercise.number, "title": exercise.title,
            "unit": exercise.unit, "minutes": exercise.minutes, "golf": exercise.golf,
            "begun": state.workspace.is_begun(exercise), "standing": standing,
        })
    });
    let listed: Vec<Value> = listed.collect();
    Ok(Json(json!({ "exercises": listed, "next": next })))
}

pub(super) async fn show(State(app): State<Arc<App>>, Path(id): Path<String>) -> Answer {
    let exercise = find(&app, &id)?;
    let standing = standing(&app, exercise)?;
    Ok(Json(json!({
        "id": exercise.id,
        // Of the instructor's machine, a class is told no paths.
        "folder": app.state.tenant.is_none().then(|| app.state.workspace.folder(exercise)),
        "begun": app.state.workspace.is_begun(exercise),
        "files": files(&app, exercise)?,
        "advice": failing(exercise, &standing).map(|hint| told(&app, hint, &standing)),
        "standing": standing,
    })))
}

/// Nothing is asked for; a body must be there all the same, as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// The solution, for those who have passed.
pub(super) async fn solution(State(app): State<Arc<App>>, Path(id): Path<String>) -> Answer {
    let exercise = find(&app, &id)?;
    if standing(&app, exercise)?.passed_at.is_none() {
        return Err(Refused(
            StatusCode::FORBIDDEN,
            UserError {
                what: "The solution is shown once you have passed.".into(),
                cause: format!("exercise {} has not passed yet", exercise.id),
                next: "ask for a hint, or say that you give up".into(),
            },
        ));
    }
    Ok(Json(json!({ "files": texts(&app, exercise, SOLUTION)? })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct GiveUp {
    give_up: bool,
}

/// The solution, also for those who say that they give up.
pub(super) async fn give_up(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    said: Result<Json<GiveUp>, JsonRejection>,
) -> Answer {
    let exercise = find(&app, &id)?;
    match body(said)?.give_up {
        true => Ok(Json(json!({ "files": texts(&app, exercise, SOLUTION)? }))),
        false => solution(State(app.clone()), Path(id)).await,
    }
}
