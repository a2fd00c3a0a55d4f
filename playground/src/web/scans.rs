//! `/api/images` and `/api/xrays`: what can be looked into, and what is in it.

use super::{App, error_response, rejected};
use crate::scans::{QuestionError, Subject};
use analysis::preflight::Finding;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// What a page asks of a map.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct MapQuery {
    at: String,
    width: u32,
    height: u32,
}

/// A finding with what its rule says of it.
#[derive(Serialize)]
struct TitledFinding {
    title: &'static str,
    page: Option<&'static str>,
    #[serde(flatten)]
    finding: Finding,
}

pub(super) async fn images(State(app): State<Arc<App>>) -> Response {
    let (images, error) = match app.scans.images().await {
        Ok(images) => (images, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    Json(json!({ "images": images, "error": error })).into_response()
}

pub(super) async fn start(
    State(app): State<Arc<App>>,
    body: Result<Json<Subject>, JsonRejection>,
) -> Response {
    let Json(asked) = match body {
        Ok(asked) => asked,
        Err(rejection) => return rejected(rejection.status(), rejection.body_text()),
    };
    match app.scans.start(&asked).await {
        Ok(xray) => (StatusCode::CREATED, Json(json!({ "xray": xray.id() }))).into_response(),
        Err(error) => error_response(StatusCode::UNPROCESSABLE_ENTITY, error),
    }
}

pub(super) async fn status(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    answer(app.scans.status(&id))
}

pub(super) async fn stop(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    match app.scans.stop(&id) {
        Ok(()) => (StatusCode::ACCEPTED, Json(json!({ "xray": id }))).into_response(),
        Err(refused) => refuse(refused),
    }
}

pub(super) async fn map(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    asked: Result<Query<MapQuery>, QueryRejection>,
) -> Response {
    let Query(asked) = match asked {
        Ok(asked) => asked,
        Err(rejection) => return rejected(rejection.status(), rejection.body_text()),
    };
    let size = (asked.width, asked.height);
    answer(app.scans.map(&id, asked.at, size).await)
}

pub(super) async fn difference(
    State(app): State<Arc<App>>,
    Path((from, to)): Path<(String, String)>,
) -> Response {
    answer(app.scans.difference(&from, &to).await)
}

pub(super) async fn preflight(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    let findings = app.scans.preflight(&id).await;
    let titled = |finding: Finding| TitledFinding {
        title: finding.rule.title(),
        page: finding.rule.page(),
        finding,
    };
    answer(findings.map(|findings| {
        let findings: Vec<_> = findings.into_iter().map(titled).collect();
        json!({ "findings": findings })
    }))
}

fn answer<T: Serialize>(answer: Result<T, QuestionError>) -> Response {
    match answer {
        Ok(answer) => Json(answer).into_response(),
        Err(refused) => refuse(refused),
    }
}

fn refuse(refused: QuestionError) -> Response {
    let (status, error) = match refused {
        QuestionError::Unknown(error) => (StatusCode::NOT_FOUND, error),
        QuestionError::NotReady(error) => (StatusCode::CONFLICT, error),
        QuestionError::Wrong(error) => (StatusCode::UNPROCESSABLE_ENTITY, error),
        QuestionError::Failed(error) => (StatusCode::INTERNAL_SERVER_ERROR, error),
    };
    error_response(status, error)
}
