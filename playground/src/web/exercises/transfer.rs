//! Progress and work as one file, out and in.

use super::super::{App, Refused, rejected};
use super::{Answer, failed, unfit};
use crate::exercises::progress::Portable;
use axum::Json;
use axum::body::Bytes;
use axum::extract::{FromRequest, Request, State};
use axum::http::StatusCode;
use policy::UserError;
use serde_json::json;
use std::sync::Arc;

/// Largest import in bytes: years of submissions.
pub(in crate::web) const MAX_IMPORT: usize = 16 << 20;

/// Progress and work, as one file for another machine.
pub(in crate::web) async fn export(State(app): State<Arc<App>>) -> Answer {
    let state = &app.state;
    let all = Portable::gather(&state.progress, &state.workspace, &state.catalog);
    Ok(Json(json!(all.map_err(failed)?)))
}

/// Takes such a file in; overwrites nothing.
pub(in crate::web) async fn import(State(app): State<Arc<App>>, request: Request) -> Answer {
    // Before anything of it is read.
    if app.state.tenant.is_some() {
        return Err(Refused(
            StatusCode::FORBIDDEN,
            UserError {
                what: "In a class, progress cannot be brought along.".into(),
                cause: "the board shows what was done in this room".into(),
                next: "start afresh here; what you export here can be taken home".into(),
            },
        ));
    }
    let file = Bytes::from_request(request, &()).await;
    let file = file.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    let portable = Portable::parse(&String::from_utf8_lossy(&file)).map_err(unfit)?;
    let state = &app.state;
    let taken = portable.lay_down(&state.progress, &state.workspace, &state.catalog);
    Ok(Json(json!(taken.map_err(failed)?)))
}
