//! What a seat tells the class, and hears of it.

use super::super::{Refused, rejected};
use super::ClassApp;
use super::guard::Who;
use crate::class::Page;
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use policy::UserError;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

/// The seat that asks; the instructor has none.
pub(super) fn number(who: Who) -> Result<u32, Refused> {
    match who {
        Who::Seat(number) => Ok(number),
        Who::Instructor => Err(Refused(
            StatusCode::FORBIDDEN,
            UserError {
                what: "This is for seats.".into(),
                cause: "it was asked with the instructor's key".into(),
                next: "join with a name in another browser, to see what learners see".into(),
            },
        )),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Here {
    /// The page that is shown, from the book's top.
    page: String,
}

/// Where a seat is; answers what the class asks of it.
pub(super) async fn here(
    State(app): State<Arc<ClassApp>>,
    Extension(who): Extension<Who>,
    body: Result<Json<Here>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let number = number(who)?;
    let Json(here) = body.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    // Only pages of the book stand on the board, in the book's own words.
    let source = here
        .page
        .strip_suffix(".html")
        .map(|page| format!("{page}.md"));
    let title = source.and_then(|source| app.host.titles.get(&source).cloned());
    let page = title.map(|title| Page {
        href: here.page,
        title,
    });
    app.class.seen(number, page);
    let seat = app.class.seat(number).map_err(gone)?;
    Ok(Json(json!({
        "seat": seat.number, "name": seat.name, "hand": seat.hand.is_some(),
        "call": app.class.call(),
    })))
}

fn gone(error: UserError) -> Refused {
    Refused(StatusCode::UNAUTHORIZED, error)
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Hand {
    up: bool,
}

/// Raises or lowers the hand.
pub(super) async fn hand(
    State(app): State<Arc<ClassApp>>,
    Extension(who): Extension<Who>,
    body: Result<Json<Hand>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let number = number(who)?;
    let Json(Hand { up }) = body.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    let raised = app.class.hand(number, up);
    raised.map_err(|error| Refused(StatusCode::INTERNAL_SERVER_ERROR, error))?;
    Ok(Json(json!({ "hand": up })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Leave {
    /// Said by whoever knows that nothing stays.
    leave: bool,
}

/// Gives the seat up, with everything that was typed there.
pub(super) async fn leave(
    State(app): State<Arc<ClassApp>>,
    Extension(who): Extension<Who>,
    body: Result<Json<Leave>, JsonRejection>,
) -> Result<Json<Value>, Refused> {
    let number = number(who)?;
    let Json(Leave { leave }) =
        body.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    if leave {
        let removed = app.remove(number).await;
        removed.map_err(|error| Refused(StatusCode::INTERNAL_SERVER_ERROR, error))?;
    }
    Ok(Json(json!({ "left": leave })))
}
