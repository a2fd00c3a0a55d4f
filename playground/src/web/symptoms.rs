//! `/api/symptoms?q=…`: what a pasted message means; `/symptoms`: the address to remember.

use super::{App, Refused};
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect};
use policy::UserError;
use serde::Deserialize;
use std::sync::Arc;

/// Longest question in bytes. The beginning and the end of it are read; addresses have an
/// end, too.
const MAX_QUESTION: usize = 32 << 10;

/// What a page asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    q: String,
}

pub(super) async fn answer(
    State(app): State<Arc<App>>,
    question: Result<Query<Question>, QueryRejection>,
) -> Result<impl IntoResponse, Refused> {
    let Query(Question { q: text }) = question.map_err(|rejection| {
        let error = UserError {
            what: rejection.body_text(),
            cause: "the question is not /api/symptoms?q=MESSAGE".into(),
            next: "reload the page".into(),
        };
        Refused(rejection.status(), error)
    })?;
    if text.len() > MAX_QUESTION {
        let error = UserError {
            what: format!("This text is longer than {MAX_QUESTION} bytes."),
            cause: "a whole log was pasted".into(),
            next: "paste its last lines, or run: playground explain < LOG".into(),
        };
        return Err(Refused(StatusCode::URI_TOO_LONG, error));
    }
    let explanation = app.state.catalog.explain(&text);
    Ok(Json(explanation.answer(&text, &app.lab_pages)))
}

/// The page that asks; the question goes with it, and so does the browser's fragment.
pub(super) async fn page(uri: Uri) -> Redirect {
    match uri.query() {
        Some(query) => Redirect::temporary(&format!("/symptoms.html?{query}")),
        None => Redirect::temporary("/symptoms.html"),
    }
}
