//! `/api/symptoms?q=…`: what a pasted message means; `/symptoms`: the address to remember.

use super::{App, trouble_response};
use crate::event::Trouble;
use crate::symptom::explain;
use axum::Json;
use axum::extract::rejection::QueryRejection;
use axum::extract::{Query, State};
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use std::sync::Arc;

/// Longest question in bytes. The beginning and the end of it are read; addresses have an
/// end, too.
const MOST_QUESTION: usize = 32 << 10;

/// What a page asks.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    q: String,
}

pub(super) async fn answer(
    State(app): State<Arc<App>>,
    question: Result<Query<Question>, QueryRejection>,
) -> Response {
    let text = match question {
        Ok(Query(question)) => question.q,
        Err(rejection) => {
            let trouble = Trouble {
                what: rejection.body_text(),
                cause: "the question is not /api/symptoms?q=MESSAGE".into(),
                next: "reload the page".into(),
            };
            return trouble_response(rejection.status(), trouble);
        }
    };
    if text.len() > MOST_QUESTION {
        let trouble = Trouble {
            what: format!("This text is longer than {MOST_QUESTION} bytes."),
            cause: "a whole log was pasted".into(),
            next: "paste its last lines, or run: playground explain < LOG".into(),
        };
        return trouble_response(StatusCode::URI_TOO_LONG, trouble);
    }
    let explanation = explain(&app.launch.catalog, &text);
    Json(explanation.answer(&text, &app.lab_pages)).into_response()
}

/// The page that asks; the question goes with it, and so does the browser's fragment.
pub(super) async fn page(uri: Uri) -> Redirect {
    match uri.query() {
        Some(query) => Redirect::temporary(&format!("/symptoms.html?{query}")),
        None => Redirect::temporary("/symptoms.html"),
    }
}
