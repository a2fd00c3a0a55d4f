//! `/api`: JSON in, JSON out, and one event stream per run.

use super::{App, Refused, rejected, stream};
use crate::journey;
use crate::ledger::{Ledger, Store, judge};
use crate::run::Run;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::IntoResponse;
use catalog::Catalog;
use catalog::claims::{Claims, shown};
use policy::UserError;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What a page sends to start a run: names and edits, never paths, images or options.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Start {
    lab: String,
    variant: String,
    #[serde(default)]
    edits: BTreeMap<String, String>,
}

pub(super) async fn status(State(app): State<Arc<App>>) -> Json<Value> {
    let (engine, bases) = match app.state.engine().await {
        Ok(engine) => {
            let facts = engine.facts().clone();
            let bases = app.state.bases.status(&engine).await;
            (
                json!({
                    "state": "ready", "name": facts.name, "version": facts.version,
                    "arch": facts.arch, "os": facts.os, "error": null,
                    "private": app.state.engine_is_private().await,
                }),
                json!(bases),
            )
        }
        Err(error) => (
            json!({ "state": "none", "error": error, "private": false }),
            json!([]),
        ),
    };
    let preparing = app
        .preparing
        .lock()
        .map_or(None, |preparing| preparing.clone());
    let prepare = match preparing {
        Some(p) => {
            let text = format!("{}: {}", p.base, p.text);
            json!({ "active": true, "text": text, "current": p.current, "total": p.total })
        }
        None => json!({ "active": false, "text": "", "current": 0, "total": null }),
    };
    Json(json!({ "engine": engine, "bases": bases, "prepare": prepare }))
}

pub(super) async fn labs(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!(app.state.catalog.labs))
}

pub(super) async fn runs(State(app): State<Arc<App>>) -> Json<Value> {
    Json(json!(app.runs.list()))
}

pub(super) async fn start(
    State(app): State<Arc<App>>,
    body: Result<Json<Start>, JsonRejection>,
) -> Result<impl IntoResponse, Refused> {
    let Json(start) = body.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    let open = app.state.catalog.open_variant(&start.lab, &start.variant);
    let run = open.and_then(|_| app.runs.start(&start.lab, &start.variant, start.edits));
    let run = run.map_err(|error| Refused(StatusCode::UNPROCESSABLE_ENTITY, error))?;
    Ok((StatusCode::CREATED, Json(json!({ "run": run.id() }))))
}

pub(super) async fn stop(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, Refused> {
    find(&app, &id)?.stop();
    Ok((StatusCode::ACCEPTED, Json(json!({ "run": id }))))
}

fn find(app: &App, id: &str) -> Result<Arc<Run>, Refused> {
    let run = app.runs.find(id);
    run.map_err(|error| Refused(StatusCode::NOT_FOUND, error))
}

pub(super) async fn events(
    State(app): State<Arc<App>>,
    Path(id): Path<String>,
    headers: HeaderMap,
) -> Result<impl IntoResponse, Refused> {
    let log = find(&app, &id)?.log.clone();
    Ok(stream::events(log, &headers, app.closing.clone()))
}

pub(super) async fn journey(State(app): State<Arc<App>>) -> Result<impl IntoResponse, Refused> {
    let stages = journey::stages(&app.state.catalog, &app.state.journal, app.state.column());
    let refused = |error| Refused(StatusCode::INTERNAL_SERVER_ERROR, error);
    Ok(Json(json!(stages.map_err(refused)?)))
}

pub(super) async fn unknown() -> Refused {
    let error = UserError {
        what: "There is no such thing in this API.".into(),
        cause: "the page and the playground are of different versions".into(),
        next: "reload the page".into(),
    };
    Refused(StatusCode::NOT_FOUND, error)
}

/// Every claim with its verdict by what was measured on this machine, and the medians of that.
pub(super) async fn ledger(State(app): State<Arc<App>>) -> Result<impl IntoResponse, Refused> {
    let (root, catalog) = (&app.state.root, &app.state.catalog);
    let ledger = Claims::load(root, catalog)
        .and_then(|claims| judge(catalog, &claims, &Store::in_data(&app.state.data)))
        .map_err(|wrong| Refused(StatusCode::INTERNAL_SERVER_ERROR, wrong.error()))?;
    let measured = medians(catalog, &ledger);
    Ok(Json(
        json!({ "claims": ledger.judged, "measured": measured }),
    ))
}

/// The medians of all metrics, in words, by lab and variant.
fn medians(catalog: &Catalog, ledger: &Ledger) -> serde_json::Value {
    let labs = catalog.labs.iter().filter_map(|lab| {
        let variants = ledger.measurements.labs.get(&lab.id)?.iter();
        let variants = variants.map(|(variant, samples)| {
            let metrics = samples.metrics.keys().filter_map(|id| {
                let value = samples.median(id)?;
                Some((id, shown(value, lab.metric(id)?.unit)))
            });
            (variant, metrics.collect::<BTreeMap<_, _>>())
        });
        Some((&lab.id, variants.collect::<BTreeMap<_, _>>()))
    });
    json!(labs.collect::<BTreeMap<_, _>>())
}
