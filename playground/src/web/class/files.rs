//! The class's own pages, as they lie in `book/theme/class`. They hold nothing of anybody.

use super::ClassApp;
use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use policy::UserError;
use std::path::Path;
use std::sync::Arc;

/// Scripts and styles are ours and lie in files; nothing is inline.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; \
                      font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; \
                      frame-ancestors 'none'";

/// The pages, read once.
#[derive(Debug)]
pub(super) struct Files {
    join: String,
    board: String,
    projector: String,
    style: String,
    icon: String,
}

impl Files {
    /// Reads them.
    ///
    /// # Errors
    /// One is missing.
    pub(super) fn load(root: &Path) -> Result<Files, UserError> {
        let dir = root.join("book/theme/class");
        let read = |name: &str| {
            let path = dir.join(name);
            std::fs::read_to_string(&path).map_err(|error| UserError {
                what: format!("{} cannot be read: {error}", path.display()),
                cause: "the book's folder is not whole".into(),
                next: "get the book's folder anew".into(),
            })
        };
        Ok(Files {
            join: read("join.html")?,
            board: read("board.html")?,
            projector: read("projector.html")?,
            style: read("class.css")?,
            icon: read("../favicon.svg")?,
        })
    }
}

fn page(text: &str) -> Response {
    let headers: [(HeaderName, &str); 3] = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, "no-cache"),
    ];
    (headers, text.to_owned()).into_response()
}

pub(super) async fn join(State(app): State<Arc<ClassApp>>) -> Response {
    page(&app.files.join)
}

pub(super) async fn board(State(app): State<Arc<ClassApp>>) -> Response {
    page(&app.files.board)
}

pub(super) async fn projector(State(app): State<Arc<ClassApp>>) -> Response {
    page(&app.files.projector)
}

pub(super) async fn style(State(app): State<Arc<ClassApp>>) -> Response {
    let kind = (header::CONTENT_TYPE, "text/css; charset=utf-8");
    let cache = (header::CACHE_CONTROL, "no-cache");
    ([kind, cache], app.files.style.clone()).into_response()
}

pub(super) async fn icon(State(app): State<Arc<ClassApp>>) -> Response {
    let kind = (header::CONTENT_TYPE, "image/svg+xml");
    ([kind], app.files.icon.clone()).into_response()
}

/// The certificate, for whoever wants to trust it; its fingerprint stands on the board.
pub(super) async fn certificate(State(app): State<Arc<ClassApp>>) -> Response {
    let kind = (header::CONTENT_TYPE, "application/x-pem-file");
    let name = "attachment; filename=\"empty-room-class.pem\"";
    let name = (header::CONTENT_DISPOSITION, name);
    ([kind, name], app.certificate.pem.clone()).into_response()
}
