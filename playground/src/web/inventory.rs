//! `/api/inventory`: questions that ask why, and what is said to an answer.

use super::{App, Refused, rejected};
use crate::exercises::inventory::{answered, sittings};
use crate::exercises::progress::When;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// An answer: a choice's id or words, and whether the run was seen before.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Answer {
    answer: String,
    when: When,
}

/// Every question without its answer, and when it was answered.
pub(super) async fn questions(State(app): State<Arc<App>>) -> Result<Json<Value>, Refused> {
    let acts = app.state.progress.acts();
    let acts = acts.map_err(|error| Refused(StatusCode::INTERNAL_SERVER_ERROR, error))?;
    let done = sittings(&acts);
    let questions = app.inventory.questions.iter().map(|question| {
        let is_done = |when| done.contains(&(question.id.as_str(), when));
        let mut asked = json!(question.asked());
        asked["before"] = json!(is_done(When::Before));
        asked["after"] = json!(is_done(When::After));
        asked
    });
    Ok(Json(questions.collect()))
}

/// Keeps an answer. What it is worth, and why, is told after the run alone.
pub(super) async fn answer(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Result<Json<Answer>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let Json(Answer { answer, when }) =
        body.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    let question = app.inventory.question(&id);
    let question = question.map_err(|error| Refused(StatusCode::NOT_FOUND, error))?;
    let no_answer = |error| Refused(StatusCode::UNPROCESSABLE_ENTITY, error);
    question.judge(&answer).map_err(no_answer)?;
    let explanation = answered(&app.state.progress, question, &answer, when)
        .map_err(|error| Refused(StatusCode::INTERNAL_SERVER_ERROR, error))?;
    Ok(Json(match when {
        When::Before => json!({ "kept": true, "explanation": null }),
        When::After => json!({ "kept": true, "explanation": explanation }),
    }))
}
