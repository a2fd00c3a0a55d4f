//! `/api/exercises`: a learner's files, what becomes of them, hints, and progress to carry away.
//!
//! A page names exercises and the files that these hand in, never paths beyond.

use super::{App, Refused, rejected};
use crate::exercises::progress::{Detail, Portable, Standing, Verb};
use crate::exercises::{Handed, NotSaved, Verdict};
use crate::run::Run;
use axum::Json;
use axum::extract::rejection::{BytesRejection, JsonRejection};
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use catalog::Exercise;
use catalog::exercise::{Hint, SOLUTION, STARTER, SUBMISSION};
use policy::UserError;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Largest import in bytes: years of submissions.
pub(super) const MAX_IMPORT: usize = 16 << 20;

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

/// The files that are handed in, as they lie there; before the beginning, those of the starter.
fn files(app: &App, exercise: &Exercise) -> Result<Value, Refused> {
    let (state, mut files) = (&app.state, Vec::new());
    let starter = match state.workspace.is_begun(exercise) {
        true => BTreeMap::new(),
        false => texts(app, exercise, STARTER)?,
    };
    for path in &exercise.edit {
        let file = match state.workspace.read(exercise, path).map_err(unfit)? {
            Some(Handed { text, revision }) => {
                json!({ "path": path, "text": text, "revision": revision })
            }
            None => json!({ "path": path, "text": starter.get(path), "revision": null }),
        };
        files.push(file);
    }
    Ok(json!(files))
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
        "folder": app.state.workspace.folder(exercise),
        "begun": app.state.workspace.is_begun(exercise),
        "files": files(&app, exercise)?,
        "advice": failing(exercise, &standing).map(|hint| told(&app, hint, &standing)),
        "standing": standing,
    })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Save {
    path: String,
    text: String,
    /// Of what it replaces; none where the file is to be new.
    revision: Option<String>,
}

/// Saves a file; 409 with what it says now where somebody else has changed it since.
pub(super) async fn save(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    save: Result<Json<Save>, JsonRejection>,
) -> Result<Response, Refused> {
    let exercise = find(&app, &id)?;
    let save = body(save)?;
    let (workspace, mut since) = (&app.state.workspace, save.revision);
    if !exercise.edit.contains(&save.path) {
        return Err(unfit(not_handed_in(exercise)));
    }
    // The first edit begins it: the starter, which the page has shown, is laid down under it.
    if since.is_none() && !workspace.is_begun(exercise) {
        let started = workspace.start(&app.state.root, exercise).map_err(failed)?;
        let begun = (app.state.progress).record(Verb::Initialized, &exercise.id, Detail::default());
        begun.map_err(failed)?;
        if started.created.contains(&save.path) {
            let laid = workspace.read(exercise, &save.path).map_err(failed)?;
            since = laid.map(|laid| laid.revision);
        }
    }
    match workspace.save(exercise, &save.path, &save.text, since.as_deref()) {
        Ok(revision) => Ok(Json(json!({ "revision": revision })).into_response()),
        Err(NotSaved::Changed(now)) => {
            let now = now.map(|now| json!({ "text": now.text, "revision": now.revision }));
            let error = UserError {
                what: format!("{} has changed on disk since.", save.path),
                cause: "another window or an editor has written to it".into(),
                next: "choose which of the two stays".into(),
            };
            let said = json!({ "error": error, "now": now });
            Ok((StatusCode::CONFLICT, Json(said)).into_response())
        }
        Err(NotSaved::Failed(error)) => Err(unfit(error)),
    }
}

fn not_handed_in(exercise: &Exercise) -> UserError {
    UserError {
        what: "This file is not handed in here.".into(),
        cause: format!(
            "exercise {} hands in {}",
            exercise.id,
            exercise.edit.join(", ")
        ),
        next: "edit one of those".into(),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Check {
    /// What is graded, by path; without it, what lies in the learner's folder.
    files: Option<BTreeMap<String, String>>,
}

/// Starts a run of what is handed in. Saves nothing.
pub(super) async fn check(
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
pub(super) async fn verdict(
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
    let hint = advice.and_then(|advice| hint_of(exercise, &advice.check, advice.cause.as_ref()));
    Ok(Json(json!({
        "passed": verdict.passed, "pages": looks, "museum": museum,
        "advice": hint.map(|hint| told(&app, hint, &standing)), "standing": standing,
    })))
}

/// The hint that was chosen for the check at which the last submission failed.
fn failing<'e>(exercise: &'e Exercise, standing: &Standing) -> Option<&'e Hint> {
    hint_of(
        exercise,
        standing.failing.as_ref()?,
        standing.cause.as_ref(),
    )
}

/// The hint of a check with this cause; the general one where the book has changed since.
fn hint_of<'e>(exercise: &'e Exercise, check: &str, cause: Option<&String>) -> Option<&'e Hint> {
    let of_check = || exercise.hints.iter().filter(|hint| hint.check == check);
    let told = of_check().find(|hint| Some(&hint.cause) == cause);
    told.or_else(|| of_check().find(|hint| hint.seen.is_none()))
}

/// A hint, as far as the learner has asked for it.
fn told(app: &App, hint: &Hint, standing: &Standing) -> Value {
    let so_far = standing.hints.get(&hint.check).copied().unwrap_or(0);
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

/// Nothing is asked for; a body must be there all the same, as JSON.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Tells one level more of the hint for what has failed last.
pub(super) async fn hint(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    nothing: Result<Json<Nothing>, JsonRejection>,
) -> Answer {
    let exercise = find(&app, &id)?;
    let Nothing {} = body(nothing)?;
    let so_far = standing(&app, exercise)?;
    let Some(hint) = failing(exercise, &so_far) else {
        return Err(unfit(UserError {
            what: "There is nothing to give a hint for.".into(),
            cause: "no check has failed yet, or the last one passed".into(),
            next: "press Check; a check that fails has a hint".into(),
        }));
    };
    let level = so_far.hints.get(&hint.check).copied().unwrap_or(0) + 1;
    if level <= hint.levels.len() {
        let asked = Detail {
            check: Some(hint.check.clone()),
            level: Some(level),
            ..Detail::default()
        };
        let recorded = (app.state.progress).record(Verb::Requested, &exercise.id, asked);
        recorded.map_err(failed)?;
    }
    Ok(Json(told(&app, hint, &standing(&app, exercise)?)))
}

/// Begins anew; what was there is kept beside it.
pub(super) async fn reset(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    nothing: Result<Json<Nothing>, JsonRejection>,
) -> Answer {
    let exercise = find(&app, &id)?;
    let Nothing {} = body(nothing)?;
    let anew = app.state.workspace.reset(&app.state.root, exercise);
    let (kept, _) = anew.map_err(failed)?;
    Ok(Json(
        json!({ "kept": kept, "files": files(&app, exercise)? }),
    ))
}

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

/// Progress and work, as one file for another machine.
pub(super) async fn export(State(app): State<Arc<App>>) -> Answer {
    let state = &app.state;
    let all = Portable::gather(&state.progress, &state.workspace, &state.catalog);
    Ok(Json(json!(all.map_err(failed)?)))
}

/// Takes such a file in; overwrites nothing.
pub(super) async fn import(
    State(app): State<Arc<App>>,
    file: Result<axum::body::Bytes, BytesRejection>,
) -> Answer {
    let file = file.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    let portable = Portable::parse(&String::from_utf8_lossy(&file)).map_err(unfit)?;
    let state = &app.state;
    let taken = portable.lay_down(&state.progress, &state.workspace, &state.catalog);
    Ok(Json(json!(taken.map_err(failed)?)))
}
