//! `/api/services` and `/api/adoptions`: folders that this launch was started with, by their ids.
//!
//! A page names a service and how far to go: no path, no command, no option of an engine.

use super::{App, Refused, rejected, stream};
use crate::adopt::Extent;
use crate::adopt::report::html::html;
use crate::services::Adoption;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use policy::UserError;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// What a page sends to adopt a service.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    /// Whether the journey is made with its code, too.
    #[serde(default)]
    journey: bool,
}

pub(super) async fn list(State(app): State<Arc<App>>) -> Json<Value> {
    let (services, adoptions) = (app.services.folders(), app.services.list());
    Json(json!({ "services": services, "adoptions": adoptions }))
}

pub(super) async fn start(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    body: Result<Json<Start>, JsonRejection>,
) -> Result<impl IntoResponse, Refused> {
    let Json(start) = body.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    let extent = match start.journey {
        true => Extent::Journey,
        false => Extent::Current,
    };
    let adoption = app.services.start(&id, extent);
    let adoption = adoption.map_err(|error| Refused(StatusCode::UNPROCESSABLE_ENTITY, error))?;
    let id = adoption.id();
    Ok((StatusCode::CREATED, Json(json!({ "adoption": id }))))
}

pub(super) async fn status(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refused> {
    Ok(Json(json!(find(&app, &id)?.status())))
}

pub(super) async fn events(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refused> {
    let log = find(&app, &id)?.log.clone();
    Ok(stream::events(log, &headers, app.closing.clone()))
}

pub(super) async fn stop(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refused> {
    find(&app, &id)?.stop();
    Ok((StatusCode::ACCEPTED, Json(json!({ "adoption": id }))))
}

/// The report as a page of its own, to be kept.
pub(super) async fn report(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refused> {
    let adoption = find(&app, &id)?;
    let Some(report) = adoption.status().report else {
        let error = UserError {
            what: "There is no report yet.".into(),
            cause: "the adoption is under way, or could not be carried out".into(),
            next: "wait for its end".into(),
        };
        return Err(Refused(StatusCode::CONFLICT, error));
    };
    Ok(Json(json!({ "html": html(report) })))
}

fn find(app: &App, id: &str) -> Result<Arc<Adoption>, Refused> {
    let adoption = app.services.find(id);
    adoption.map_err(|error| Refused(StatusCode::NOT_FOUND, error))
}
