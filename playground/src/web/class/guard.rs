//! Who may ask a class for what: the same locks as at home, and a key for each seat.
//!
//! `Host` must be the class's own address (names that others point here are nobody's), `Origin`,
//! where sent, must be ours, writes are JSON, and the key says who asks. It travels as a header and
//! never as a cookie: no other page and no other port gets it along. Which handler may be reached
//! follows from who asks, by the way that requests are routed.

use super::super::Refused;
use super::super::guard::{KEY_HEADER, dress, json_only, same};
use super::ClassApp;
use super::listener::Caller;
use axum::extract::{ConnectInfo, Request, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use policy::UserError;
use std::sync::Arc;

/// Who asks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Who {
    /// Whoever started the class.
    Instructor,
    /// The seat of this number.
    Seat(u32),
}

/// Checks every request before any handler sees it.
pub(super) async fn guard(
    State(app): State<Arc<ClassApp>>,
    ConnectInfo(caller): ConnectInfo<Caller>,
    mut request: Request,
    next: Next,
) -> Response {
    let mut response = match admit(&app, &request) {
        Err(refused) => *refused,
        Ok(who) => {
            request.extensions_mut().insert(caller);
            if let Some(who) = who {
                request.extensions_mut().insert(who);
            }
            next.run(request).await
        }
    };
    dress(&mut response);
    response
}

/// Who asks, where anybody says so; or why nobody is let through.
fn admit(app: &ClassApp, request: &Request) -> Result<Option<Who>, Box<Response>> {
    let headers = request.headers();
    elsewhere(app, headers).map_err(boxed)?;
    let path = request.uri().path();
    if request.method() == Method::POST {
        json_only(headers).map_err(boxed)?;
    }
    // Before anybody has a key.
    if !path.starts_with("/api/") || super::OPEN.contains(&path) {
        return Ok(None);
    }
    let key = headers.get(KEY_HEADER).map(HeaderValue::as_bytes);
    let key = key.unwrap_or_default();
    if same(key, app.key.as_bytes()) {
        return Ok(Some(Who::Instructor));
    }
    let seat = std::str::from_utf8(key)
        .ok()
        .and_then(|key| app.class.who(key));
    let Some(seat) = seat else {
        return Err(boxed(Refused(
            StatusCode::UNAUTHORIZED,
            UserError {
                what: "This browser has no seat in this class.".into(),
                cause: "it has not joined, its seat was given a new key, or the class is over"
                    .into(),
                next: format!("join at {}", app.join_page()),
            },
        )));
    };
    if let Err(wait) = app.class.pace(seat) {
        let refused = Refused(
            StatusCode::TOO_MANY_REQUESTS,
            UserError {
                what: "Too many requests came from your seat.".into(),
                cause: "a page or a program asks again and again".into(),
                next: "wait a second, then reload the page".into(),
            },
        );
        return Err(boxed(retry_after(refused, wait)));
    }
    app.class.seen(seat, None);
    Ok(Some(Who::Seat(seat)))
}

fn boxed(response: impl IntoResponse) -> Box<Response> {
    Box::new(response.into_response())
}

/// Says when to try again, in seconds.
pub(super) fn retry_after(refused: Refused, wait: std::time::Duration) -> Response {
    let mut response = refused.into_response();
    let seconds = HeaderValue::from(wait.as_secs() + 1);
    response.headers_mut().insert(header::RETRY_AFTER, seconds);
    response
}

fn elsewhere(app: &ClassApp, headers: &HeaderMap) -> Result<(), Refused> {
    let text = |name| {
        let value = headers.get(name);
        value.map(|value: &HeaderValue| value.to_str().unwrap_or("?"))
    };
    let host = text(header::HOST).unwrap_or("");
    if !app.hosts.iter().any(|known| known == host) {
        return Err(Refused(
            StatusCode::MISDIRECTED_REQUEST,
            UserError {
                what: "This class does not answer for that host.".into(),
                cause: "the address was typed with another name, or a page elsewhere pointed its \
                        own name here"
                    .into(),
                next: format!("open {}", app.join_page()),
            },
        ));
    }
    match text(header::ORIGIN) {
        Some(origin)
            if !app
                .hosts
                .iter()
                .any(|known| origin == format!("https://{known}")) =>
        {
            Err(Refused(
                StatusCode::FORBIDDEN,
                UserError {
                    what: "A page from elsewhere may not use this class.".into(),
                    cause: "a page elsewhere tried to reach it".into(),
                    next: format!("open {}", app.join_page()),
                },
            ))
        }
        _ => Ok(()),
    }
}
