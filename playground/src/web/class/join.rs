//! Joining, and coming back: the only doors without a key.

use super::super::{Refused, rejected};
use super::ClassApp;
use super::guard::retry_after;
use super::listener::Caller;
use crate::class::{NotIn, Seat, SeatKey};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Extension, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use serde_json::json;
use std::sync::Arc;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Join {
    code: String,
    name: String,
}

pub(super) async fn join(
    State(app): State<Arc<ClassApp>>,
    Extension(caller): Extension<Caller>,
    body: Result<Json<Join>, JsonRejection>,
) -> Response {
    match body {
        Ok(Json(Join { code, name })) => answer(app.class.join(caller.0, &code, &name)),
        Err(wrong) => rejected(wrong.status(), wrong.body_text()).into_response(),
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct ComeBack {
    code: String,
}

pub(super) async fn come_back(
    State(app): State<Arc<ClassApp>>,
    Extension(caller): Extension<Caller>,
    body: Result<Json<ComeBack>, JsonRejection>,
) -> Response {
    match body {
        Ok(Json(ComeBack { code })) => answer(app.class.come_back(caller.0, &code)),
        Err(wrong) => rejected(wrong.status(), wrong.body_text()).into_response(),
    }
}

fn answer(joined: Result<(Seat, SeatKey), NotIn>) -> Response {
    match joined {
        Ok((seat, key)) => {
            let said = json!({ "seat": seat.number, "name": seat.name, "key": key.reveal() });
            (StatusCode::CREATED, Json(said)).into_response()
        }
        Err(NotIn::TooOften(wait, error)) => {
            retry_after(Refused(StatusCode::TOO_MANY_REQUESTS, error), wait)
        }
        Err(NotIn::Wrong(error)) => Refused(StatusCode::FORBIDDEN, error).into_response(),
        Err(NotIn::NoSeat(error)) => Refused(StatusCode::CONFLICT, error).into_response(),
        Err(NotIn::Name(error)) => Refused(StatusCode::UNPROCESSABLE_ENTITY, error).into_response(),
        Err(NotIn::Failed(error)) => {
            Refused(StatusCode::INTERNAL_SERVER_ERROR, error).into_response()
        }
    }
}
