//! The files that are handed in: read, saved, begun anew. Nobody's text is overwritten unasked.

use super::super::{App, Refused};
use super::{Answer, Nothing, body, failed, find, texts, unfit};
use crate::exercises::progress::{Detail, Verb};
use crate::exercises::{Handed, NotSaved};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use catalog::Exercise;
use catalog::exercise::STARTER;
use policy::UserError;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// The files that are handed in, as they lie there; before the beginning, those of the starter.
pub(super) fn files(app: &App, exercise: &Exercise) -> Result<Value, Refused> {
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

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(in crate::web) struct Save {
    path: String,
    text: String,
    /// Of what it replaces; none where the file is to be new.
    revision: Option<String>,
}

/// Saves a file; 409 with what it says now where somebody else has changed it since.
pub(in crate::web) async fn save(
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
        // What is typed matters more than the record of it.
        if let Err(error) = begun {
            log::warn!("the beginning of {} is not recorded: {error}", exercise.id);
        }
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

/// Begins anew; what was there is kept beside it.
pub(in crate::web) async fn reset(
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
