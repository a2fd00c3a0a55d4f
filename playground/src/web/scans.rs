//! `/api/images` and `/api/xrays`: what can be looked into, and what is in it.

use super::{App, Refused, rejected};
use crate::scans::{QuestionError, Subject};
use analysis::preflight::report::finding_json;
use analysis::xray::map::MapRequest;
use axum::Json;
use axum::extract::rejection::{JsonRejection, QueryRejection};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde_json::{Value, json};
use std::sync::Arc;

pub(super) async fn images(State(app): State<Arc<App>>) -> Json<Value> {
    let (images, error) = match app.scans.images().await {
        Ok(images) => (images, None),
        Err(error) => (Vec::new(), Some(error)),
    };
    Json(json!({ "images": images, "error": error }))
}

pub(super) async fn start(
    State(app): State<Arc<App>>,
    body: Result<Json<Subject>, JsonRejection>,
) -> Result<impl IntoResponse, Refused> {
    let Json(asked) = body.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    let xray = app.scans.start(&asked).await;
    let xray = xray.map_err(|error| Refused(StatusCode::UNPROCESSABLE_ENTITY, error))?;
    Ok((StatusCode::CREATED, Json(json!({ "xray": xray.id() }))))
}

pub(super) async fn status(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refused> {
    Ok(Json(app.scans.status(&id)?))
}

pub(super) async fn stop(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refused> {
    app.scans.stop(&id)?;
    Ok((StatusCode::ACCEPTED, Json(json!({ "xray": id }))))
}

pub(super) async fn map(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    asked: Result<Query<MapRequest>, QueryRejection>,
) -> Result<impl IntoResponse, Refused> {
    let Query(asked) = asked.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    Ok(Json(app.scans.map(&id, asked).await?))
}

pub(super) async fn difference(
    State(app): State<Arc<App>>,
    Path((from, to)): Path<(String, String)>,
) -> Result<impl IntoResponse, Refused> {
    Ok(Json(app.scans.difference(&from, &to).await?))
}

pub(super) async fn preflight(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refused> {
    let findings = app.scans.preflight(&id).await?;
    let findings: Vec<_> = findings.iter().map(finding_json).collect();
    Ok(Json(json!({ "findings": findings })))
}

impl From<QuestionError> for Refused {
    fn from(refused: QuestionError) -> Refused {
        let (status, error) = match refused {
            QuestionError::Unknown(error) => (StatusCode::NOT_FOUND, error),
            QuestionError::NotReady(error) => (StatusCode::CONFLICT, error),
            QuestionError::Wrong(error) => (StatusCode::UNPROCESSABLE_ENTITY, error),
            QuestionError::Failed(error) => (StatusCode::INTERNAL_SERVER_ERROR, error),
        };
        Refused(status, error)
    }
}
