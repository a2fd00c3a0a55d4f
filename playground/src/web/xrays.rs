//! `/api/images` and `/api/xrays`: what can be looked into, and what is in it.

use super::{App, trouble_response};
use crate::event::Trouble;
use crate::preflight::Finding;
use crate::xrays::{Asked, Place, Refused};
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
pub(super) struct MapAsked {
    at: String,
    width: u32,
    height: u32,
}

/// A finding with what its rule says of it.
#[derive(Serialize)]
struct Told {
    title: &'static str,
    page: Option<&'static str>,
    #[serde(flatten)]
    finding: Finding,
}

pub(super) async fn images(State(app): State<Arc<App>>) -> Response {
    let (images, trouble) = match app.xrays.images().await {
        Ok(images) => (images, None),
        Err(trouble) => (Vec::new(), Some(trouble)),
    };
    Json(json!({ "images": images, "trouble": trouble })).into_response()
}

pub(super) async fn start(
    State(app): State<Arc<App>>,
    body: Result<Json<Asked>, JsonRejection>,
) -> Response {
    let Json(asked) = match body {
        Ok(asked) => asked,
        Err(rejection) => return not_ours(rejection.status(), rejection.body_text()),
    };
    match app.xrays.start(&asked).await {
        Ok(xray) => (StatusCode::CREATED, Json(json!({ "xray": xray.id }))).into_response(),
        Err(trouble) => trouble_response(StatusCode::UNPROCESSABLE_ENTITY, trouble),
    }
}

pub(super) async fn seen(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    answer(app.xrays.seen(&id))
}

pub(super) async fn stop(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    match app.xrays.stop(&id) {
        Ok(()) => (StatusCode::ACCEPTED, Json(json!({ "xray": id }))).into_response(),
        Err(refused) => refuse(refused),
    }
}

pub(super) async fn map(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    asked: Result<Query<MapAsked>, QueryRejection>,
) -> Response {
    let Query(asked) = match asked {
        Ok(asked) => asked,
        Err(rejection) => return not_ours(rejection.status(), rejection.body_text()),
    };
    let place = Place {
        at: asked.at,
        width: asked.width,
        height: asked.height,
    };
    answer(app.xrays.map(&id, place).await)
}

pub(super) async fn difference(
    State(app): State<Arc<App>>,
    Path((from, to)): Path<(String, String)>,
) -> Response {
    answer(app.xrays.difference(&from, &to).await)
}

pub(super) async fn preflight(State(app): State<Arc<App>>, Path(id): Path<String>) -> Response {
    let findings = app.xrays.preflight(&id).await;
    let told = |finding: Finding| Told {
        title: finding.rule.title(),
        page: finding.rule.page(),
        finding,
    };
    answer(findings.map(|findings| {
        let findings: Vec<_> = findings.into_iter().map(told).collect();
        json!({ "findings": findings })
    }))
}

fn answer<T: Serialize>(answer: Result<T, Refused>) -> Response {
    match answer {
        Ok(answer) => Json(answer).into_response(),
        Err(refused) => refuse(refused),
    }
}

fn refuse(refused: Refused) -> Response {
    let (status, trouble) = match refused {
        Refused::Unknown(trouble) => (StatusCode::NOT_FOUND, trouble),
        Refused::NotReady(trouble) => (StatusCode::CONFLICT, trouble),
        Refused::Wrong(trouble) => (StatusCode::UNPROCESSABLE_ENTITY, trouble),
        Refused::Failed(trouble) => (StatusCode::INTERNAL_SERVER_ERROR, trouble),
    };
    trouble_response(status, trouble)
}

fn not_ours(status: StatusCode, what: String) -> Response {
    let trouble = Trouble {
        what,
        cause: "the request is not what this version of the page sends".into(),
        next: "reload the page".into(),
    };
    trouble_response(status, trouble)
}
