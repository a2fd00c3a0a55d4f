//! Who may ask for what: Host, Origin, key, content type, and the headers of every answer.
//!
//! A Dockerfile is arbitrary code on somebody's engine, so a page from elsewhere must be
//! able to start nothing. Four locks, each tested alone: the socket is on loopback; `Host`
//! must name it (DNS rebinding); `Origin`, where sent, must be ours (foreign pages); and
//! the API wants the key that only the printed address carries (other users and programs).

use super::{App, Refused};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use policy::UserError;
use std::sync::Arc;

/// The header that carries the key.
pub const KEY_HEADER: &str = "x-empty-room-key";

const SAME_ORIGIN: HeaderName = HeaderName::from_static("cross-origin-resource-policy");

/// Checks every request before any handler sees it.
pub(super) async fn guard(State(app): State<Arc<App>>, request: Request, next: Next) -> Response {
    let path = request.uri().path();
    let mut response = match refuse(&app, request.method(), path, request.headers()) {
        Some(refused) => refused.into_response(),
        None => next.run(request).await,
    };
    dress(&mut response);
    response
}

/// The headers of every answer.
pub(super) fn dress(response: &mut Response) {
    let headers = response.headers_mut();
    for (name, value) in [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_FRAME_OPTIONS, "DENY"),
        (SAME_ORIGIN, "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // Pages have said so already, and otherwise.
    let nothing = "default-src 'none'; frame-ancestors 'none'";
    for (name, value) in [
        (header::CONTENT_SECURITY_POLICY, nothing),
        (header::CACHE_CONTROL, "no-store"),
    ] {
        let said = headers.entry(name);
        said.or_insert(HeaderValue::from_static(value));
    }
}

fn refuse(app: &App, method: &Method, path: &str, headers: &HeaderMap) -> Option<Refused> {
    let text = |name: HeaderName| headers.get(name).map(|v| v.to_str().unwrap_or("?"));
    let mut hosts = vec![
        format!("127.0.0.1:{}", app.port),
        format!("localhost:{}", app.port),
    ];
    if app.port == 80 {
        // Browsers leave the usual port away.
        hosts.extend(["127.0.0.1".to_owned(), "localhost".to_owned()]);
    }
    let host = text(header::HOST).unwrap_or("");
    if !hosts.iter().any(|h| h == host) {
        return Some(Refused(
            StatusCode::MISDIRECTED_REQUEST,
            UserError {
                what: format!("This server does not answer for the host “{host}”."),
                cause: "the address was typed with another name, or a page elsewhere pointed its own name here".into(),
                next: format!("open http://{}", hosts[0]),
            },
        ));
    }
    if let Some(origin) = text(header::ORIGIN)
        && !hosts.iter().any(|h| origin == format!("http://{h}"))
    {
        return Some(Refused(
            StatusCode::FORBIDDEN,
            UserError {
                what: format!("A page from {origin} may not use this server."),
                cause: "a page elsewhere tried to reach the playground".into(),
                next: format!("open http://{}", hosts[0]),
            },
        ));
    }
    if !path.starts_with("/api/") {
        return None;
    }
    let key = headers.get(KEY_HEADER).map(HeaderValue::as_bytes);
    if !same(key.unwrap_or_default(), app.key.as_bytes()) {
        return Some(Refused(
            StatusCode::UNAUTHORIZED,
            UserError {
                what: "This page has no key for the playground that is running now.".into(),
                cause: "the playground was started anew, or its address was typed without the key"
                    .into(),
                next: "open the address that the terminal printed".into(),
            },
        ));
    }
    match *method == Method::POST {
        true => json_only(headers).err(),
        false => None,
    }
}

/// Refuses a write that is no JSON: a form of a page elsewhere could send it.
pub(super) fn json_only(headers: &HeaderMap) -> Result<(), Refused> {
    let kind = headers.get(header::CONTENT_TYPE);
    let kind = kind.and_then(|kind| kind.to_str().ok());
    match kind.is_some_and(|kind| kind.split(';').next() == Some("application/json")) {
        true => Ok(()),
        false => Err(Refused(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            UserError {
                what: "Writes must be JSON.".into(),
                cause: "the request's Content-Type is not application/json".into(),
                next: "send it as application/json".into(),
            },
        )),
    }
}

/// Compares without telling by the time it takes how much was right.
pub(super) fn same(a: &[u8], b: &[u8]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}
