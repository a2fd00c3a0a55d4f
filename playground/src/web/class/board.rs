//! The instructor's board, and what can be done from it.

use super::super::{Refused, rejected};
use super::guard::Who;
use super::{ClassApp, Way};
use crate::class::{self, Board, Call, Names, qr};
use axum::Json;
use axum::extract::rejection::{JsonRejection, PathRejection, QueryRejection};
use axum::extract::{Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use policy::UserError;
use serde::Deserialize;
use serde_json::{Value, json};
use std::sync::Arc;

type Answer = Result<Json<Value>, Refused>;
type Body<T> = Result<Json<T>, JsonRejection>;

/// Refuses everybody but the instructor, before any handler of the board is reached.
pub(super) async fn only_instructor(request: Request, next: Next) -> Response {
    match request.extensions().get::<Who>() {
        Some(Who::Instructor) => next.run(request).await,
        _ => Refused(
            StatusCode::FORBIDDEN,
            UserError {
                what: "The board is the instructor's.".into(),
                cause: "it was asked with the key of a seat".into(),
                next: "open the board at the address that the instructor's terminal printed".into(),
            },
        )
        .into_response(),
    }
}

fn failed(error: UserError) -> Refused {
    Refused(StatusCode::INTERNAL_SERVER_ERROR, error)
}

fn unknown(error: UserError) -> Refused {
    Refused(StatusCode::NOT_FOUND, error)
}

fn read<T>(body: Body<T>) -> Result<T, Refused> {
    let Json(body) = body.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    Ok(body)
}

fn seat(path: Result<Path<u32>, PathRejection>) -> Result<u32, Refused> {
    let Path(number) = path.map_err(|wrong| rejected(StatusCode::NOT_FOUND, wrong.body_text()))?;
    Ok(number)
}

/// Everything, with names.
pub(super) async fn board(State(app): State<Arc<ClassApp>>) -> Answer {
    let (code, open) = app.class.code();
    let (began, _) = app.class.age();
    let url = app.join_url();
    let mut all = shown(&app, &app.class.board());
    all["alarms"] = json!(app.class.alarms());
    all["door"] = json!({
        "code": code, "open": open, "url": url, "page": app.join_page(), "qr": qr::rows(&url),
        "fingerprint": app.certificate.fingerprint, "until": app.certificate.until,
        "lan": app.way == Way::Lan, "seats": app.class.size().seats, "began": began,
    });
    all["labs"] = labs(&app);
    Ok(Json(all))
}

/// What can be asked of everyone.
fn labs(app: &ClassApp) -> Value {
    let labs = app.class.state().catalog.labs.iter();
    let labs = labs.filter(|lab| app.host.lab_pages.contains_key(&lab.id));
    let labs = labs.map(|lab| {
        let variants = lab.variants.iter();
        let variants = variants.map(|one| json!({ "id": one.id, "title": one.title }));
        json!({ "id": lab.id, "title": lab.title, "variants": variants.collect::<Vec<_>>() })
    });
    labs.collect()
}

/// For all to see: no names, no numbers.
pub(super) async fn projector(State(app): State<Arc<ClassApp>>) -> Answer {
    let (code, open) = app.class.code();
    let url = app.join_url();
    let mut all = shown(&app, &app.class.board().without_names());
    all["door"] = match open {
        true => json!({
            "code": code, "page": app.join_page(), "qr": qr::rows(&url),
            "fingerprint": app.certificate.fingerprint,
        }),
        false => Value::Null,
    };
    Ok(Json(all))
}

fn shown(app: &ClassApp, board: &Board) -> Value {
    let load = app.class.load();
    let mut all = json!(board);
    all["queue"] = json!({ "working": load.working, "waiting": load.waiting });
    all["call"] = json!(app.class.call());
    all
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Door {
    open: bool,
}

/// Opens or closes the door.
pub(super) async fn door(State(app): State<Arc<ClassApp>>, body: Body<Door>) -> Answer {
    let Door { open } = read(body)?;
    app.class.set_open(open).map_err(failed)?;
    Ok(Json(json!({ "open": open })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Nothing {}

/// Another join code.
pub(super) async fn code(State(app): State<Arc<ClassApp>>, body: Body<Nothing>) -> Answer {
    let Nothing {} = read(body)?;
    app.class.renew_code().map_err(failed)?;
    Ok(Json(json!({ "code": app.class.code().0 })))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Asked {
    /// What everyone is to run; none where nobody is asked any more.
    run: Option<Variant>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Variant {
    lab: String,
    variant: String,
}

/// “Everyone run this now.”
pub(super) async fn call(State(app): State<Arc<ClassApp>>, body: Body<Asked>) -> Answer {
    let call = match read(body)?.run {
        None => None,
        Some(Variant { lab, variant }) => {
            let found = app.class.state().catalog.open_variant(&lab, &variant);
            let (lab, variant) = found.map_err(unknown)?;
            Some(Call {
                page: app.host.lab_pages.get(&lab.id).cloned(),
                lab: lab.id.clone(),
                variant: variant.id.clone(),
                title: lab.title.clone(),
                at: jiff::Timestamp::now(),
            })
        }
    };
    app.class.set_call(call.as_ref()).map_err(failed)?;
    Ok(Json(json!({ "call": call })))
}

/// A code with which a learner comes back to a seat.
pub(super) async fn let_back(
    State(app): State<Arc<ClassApp>>,
    path: Result<Path<u32>, PathRejection>,
    body: Body<Nothing>,
) -> Answer {
    let number = seat(path)?;
    let Nothing {} = read(body)?;
    let code = app.class.let_back(number).map_err(unknown)?;
    Ok(Json(json!({ "code": code })))
}

/// Lowers a learner's hand: somebody went there.
pub(super) async fn lower(
    State(app): State<Arc<ClassApp>>,
    path: Result<Path<u32>, PathRejection>,
    body: Body<Nothing>,
) -> Answer {
    let number = seat(path)?;
    let Nothing {} = read(body)?;
    app.class.hand(number, false).map_err(unknown)?;
    Ok(Json(json!({ "hand": false })))
}

/// Sends a learner away, with everything that was theirs.
pub(super) async fn remove(
    State(app): State<Arc<ClassApp>>,
    path: Result<Path<u32>, PathRejection>,
    body: Body<Nothing>,
) -> Answer {
    let number = seat(path)?;
    let Nothing {} = read(body)?;
    app.class.seat(number).map_err(unknown)?;
    app.remove(number).await.map_err(failed)?;
    Ok(Json(json!({ "removed": number })))
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Wanted {
    /// `no` leaves them away.
    names: Option<String>,
}

impl Wanted {
    fn names(&self) -> Names {
        match self.names.as_deref() {
            Some("no") => Names::Left,
            _ => Names::Shown,
        }
    }
}

fn wanted(query: Result<Query<Wanted>, QueryRejection>) -> Result<Names, Refused> {
    let Query(wanted) = query.map_err(|wrong| rejected(wrong.status(), wrong.body_text()))?;
    Ok(wanted.names())
}

fn download(kind: &'static str, name: &str, text: String) -> Response {
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [
        (header::CONTENT_TYPE, kind.to_owned()),
        (header::CONTENT_DISPOSITION, disposition),
    ];
    (headers, text).into_response()
}

/// A line for each run.
pub(super) async fn csv(
    State(app): State<Arc<ClassApp>>,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Refused> {
    let names = wanted(query)?;
    let text = class::csv(&app.class.seats(), &app.class.ran(), names);
    Ok(download("text/csv; charset=utf-8", "class.csv", text))
}

/// xAPI statements, one a line.
pub(super) async fn statements(
    State(app): State<Arc<ClassApp>>,
    query: Result<Query<Wanted>, QueryRejection>,
) -> Result<Response, Refused> {
    let names = wanted(query)?;
    let seats = app.class.seats();
    let mut acts = Vec::new();
    for seat in &seats {
        let room = app.class.room(seat.number).map_err(failed)?;
        acts.push((seat.number, room.state.progress.acts().map_err(failed)?));
    }
    let text = class::statements(&seats, &acts, &app.class.ran(), names);
    Ok(download("application/x-ndjson", "class.jsonl", text))
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct End {
    /// Said by whoever knows that nothing stays.
    end: bool,
}

/// Ends the class, with everything that was typed in it.
pub(super) async fn end(State(app): State<Arc<ClassApp>>, body: Body<End>) -> Answer {
    let End { end } = read(body)?;
    if end {
        app.end();
    }
    Ok(Json(json!({ "ended": end })))
}
