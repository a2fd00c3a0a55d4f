//! The rendered book as files, each page with the policy that fits its own scripts.

use super::{App, Refused};
use crate::book;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use policy::UserError;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

/// The folder that the book was rendered into.
#[derive(Debug)]
pub(super) struct Pages {
    root: PathBuf,
}

impl Pages {
    pub(super) fn new(root: &Path) -> Pages {
        Pages {
            root: root.to_owned(),
        }
    }

    /// The file behind a URL path, if it stays inside the book.
    fn file(&self, path: &str) -> Option<PathBuf> {
        let decoded = percent_decode_str(path).decode_utf8().ok()?;
        let relative = Path::new(decoded.trim_start_matches('/'));
        let mut parts = relative.components();
        let stays = parts.all(|part| matches!(part, Component::Normal(_)));
        if !stays || decoded.contains(['\\', '\0']) {
            return None;
        }
        let mut file = self.root.join(relative);
        if decoded.ends_with('/') || file == self.root {
            file = file.join("index.html");
        }
        Some(file)
    }
}

pub(super) async fn page(State(app): State<Arc<App>>, uri: Uri) -> Response {
    let Some(file) = app.pages.file(uri.path()) else {
        return missing(uri.path());
    };
    match tokio::fs::read(&file).await {
        Ok(bytes) => answer(&content_type(&file), bytes),
        Err(_) => match tokio::fs::read(app.pages.root.join("404.html")).await {
            Ok(bytes) => {
                let mut response = answer("text/html; charset=utf-8", bytes);
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }
            Err(_) => missing(uri.path()),
        },
    }
}

fn answer(kind: &str, bytes: Vec<u8>) -> Response {
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(kind) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    if kind.starts_with("text/html") {
        let hashes = book::inline_script_hashes(&String::from_utf8_lossy(&bytes));
        if let Ok(policy) = HeaderValue::from_str(&policy(&hashes)) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    *response.body_mut() = Body::from(bytes);
    response
}

/// mdBook's own inline scripts run by their hashes; anything else inline does not.
/// Its 404 page sets a `<base>`, to this origin.
fn policy(script_hashes: &[String]) -> String {
    let hashes = script_hashes.iter().map(|hash| format!(" 'sha256-{hash}'"));
    let hashes: String = hashes.collect();
    format!(
        "default-src 'none'; script-src 'self'{hashes}; style-src 'self' 'unsafe-inline'; \
         img-src 'self' data:; font-src 'self'; connect-src 'self'; base-uri 'self'; \
         form-action 'none'; frame-ancestors 'none'"
    )
}

fn missing(path: &str) -> Response {
    let path: String = path.chars().take(200).collect();
    let error = UserError {
        what: format!("The book has no page {path}."),
        cause: "the address is mistyped, or the page has moved".into(),
        next: "start at /".into(),
    };
    Refused(StatusCode::NOT_FOUND, error).into_response()
}

/// By the file's name. All text of the book is UTF-8. A module is a script whatever its name ends
/// in, and Markdown is shown as text: browsers would offer `text/markdown` as a download.
fn content_type(file: &Path) -> String {
    match file.extension().and_then(|extension| extension.to_str()) {
        Some("mjs") => return "text/javascript; charset=utf-8".into(),
        Some("md") => return "text/plain; charset=utf-8".into(),
        _ => {}
    }
    let mime = mime_guess::from_path(file).first_or_octet_stream();
    match mime.type_() == mime_guess::mime::TEXT {
        true => format!("{mime}; charset=utf-8"),
        false => mime.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Their names are not hashed, and browsers take nothing else for a module.
    #[test]
    fn modules_are_served_as_scripts_and_asked_for_anew() {
        let kind = content_type(Path::new("/book/js/main.js"));
        let response = answer(&kind, Vec::new());
        let header = |name: header::HeaderName| response.headers()[name].to_str().expect("text");
        assert!(header(header::CONTENT_TYPE).starts_with("text/javascript"));
        assert_eq!(header(header::CACHE_CONTROL), "no-cache");
    }

    #[test]
    fn no_path_leads_out_of_the_book() {
        let pages = Pages::new(Path::new("/book"));
        for path in [
            "/../Cargo.toml",
            "/a/../../etc/passwd",
            "/%2e%2e/%2e%2e/etc/passwd",
            "/..%2f..%2fetc/passwd",
            "/a\\..\\b",
            "/a%00.html",
            "//etc/passwd/..",
        ] {
            assert_eq!(pages.file(path), None, "{path}");
        }
        assert_eq!(pages.file("//etc/passwd"), Some("/book/etc/passwd".into()));
        assert_eq!(pages.file("/"), Some("/book/index.html".into()));
        assert_eq!(pages.file("/a/"), Some("/book/a/index.html".into()));
    }

    #[test]
    fn files_are_served_as_what_they_are() {
        for (file, kind) in [
            ("index.html", "text/html; charset=utf-8"),
            ("a.css", "text/css; charset=utf-8"),
            ("a.js", "text/javascript; charset=utf-8"),
            ("a.mjs", "text/javascript; charset=utf-8"),
            ("a.md", "text/plain; charset=utf-8"),
            ("searchindex.json", "application/json"),
            ("favicon.svg", "image/svg+xml"),
            ("favicon.png", "image/png"),
            ("font.woff2", "font/woff2"),
            ("license.txt", "text/plain; charset=utf-8"),
            ("unknown", "application/octet-stream"),
        ] {
            assert_eq!(content_type(Path::new(file)), kind, "{file}");
        }
    }
}
