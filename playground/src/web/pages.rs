//! The rendered book as files, each page with the policy that fits its own scripts.

use super::{App, Refused};
use crate::book;
use axum::body::Body;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;
use policy::UserError;
use sha2::{Digest, Sha256};
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

pub(super) async fn page(State(app): State<Arc<App>>, uri: Uri, headers: HeaderMap) -> Response {
    let Some(file) = app.pages.file(uri.path()) else {
        return missing(uri.path());
    };
    match tokio::fs::read(&file).await {
        Ok(bytes) => answer(&file, bytes, headers.get(header::IF_NONE_MATCH)),
        Err(_) => match tokio::fs::read(app.pages.root.join("404.html")).await {
            Ok(bytes) => {
                let mut response = answer(Path::new("404.html"), bytes, None);
                *response.status_mut() = StatusCode::NOT_FOUND;
                response
            }
            Err(_) => missing(uri.path()),
        },
    }
}

/// A file of the book, or that the browser's own copy of it (it has those that `known` names) still holds.
fn answer(file: &Path, bytes: Vec<u8>, known: Option<&HeaderValue>) -> Response {
    let kind = content_type(file);
    let mut response = Response::new(Body::empty());
    let headers = response.headers_mut();
    if let Ok(kind) = HeaderValue::from_str(&kind) {
        headers.insert(header::CONTENT_TYPE, kind);
    }
    let cache = match names_its_content(file) {
        true => "max-age=31536000, immutable",
        false => "no-cache",
    };
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    // Weak: packed for the way, it is the same.
    let tag = format!("W/\"{:x}\"", Sha256::digest(&bytes));
    let unchanged = known.is_some_and(|known| holds(known, &tag));
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        headers.insert(header::ETAG, tag);
    }
    if kind.starts_with("text/html") {
        let hashes = book::inline_script_hashes(&String::from_utf8_lossy(&bytes));
        if let Ok(policy) = HeaderValue::from_str(&policy(&hashes)) {
            headers.insert(header::CONTENT_SECURITY_POLICY, policy);
        }
    }
    match unchanged {
        true => *response.status_mut() = StatusCode::NOT_MODIFIED,
        false => *response.body_mut() = Body::from(bytes),
    }
    response
}

/// Whether `tag` is among those of an `If-None-Match`; strong or weak is one here (RFC 9110, 13.1.2).
fn holds(known: &HeaderValue, tag: &str) -> bool {
    let opaque = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let known = known.to_str().unwrap_or_default();
    known.trim() == "*" || known.split(',').any(|known| opaque(known) == opaque(tag))
}

/// Whether mdBook named a file by what is in it, as `highlight-abc7f01d.js`: under this name nothing else
/// will ever be found.
fn names_its_content(file: &Path) -> bool {
    let stem = file.file_stem().and_then(|stem| stem.to_str());
    let digest = stem.and_then(|stem| stem.rsplit_once('-'));
    digest.is_some_and(|(_, digest)| {
        digest.len() == 8
            && digest
                .bytes()
                .all(|c| matches!(c, b'0'..=b'9' | b'a'..=b'f'))
    })
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
        let response = answer(Path::new("/book/js/main.js"), Vec::new(), None);
        let header = |name: header::HeaderName| response.headers()[name].to_str().expect("text");
        assert!(header(header::CONTENT_TYPE).starts_with("text/javascript"));
        assert_eq!(header(header::CACHE_CONTROL), "no-cache");
    }

    /// Fifty people who turn a page do not fetch all of its scripts again.
    #[test]
    fn what_a_browser_has_already_is_not_sent_again() {
        let file = Path::new("/book/js/main.js");
        let first = answer(file, b"one".to_vec(), None);
        let tag = first.headers()[header::ETAG].clone();
        let tags = format!("\"other\", {}", tag.to_str().expect("text"));
        for known in [
            tag,
            tags.parse().expect("a header"),
            HeaderValue::from_static("*"),
        ] {
            let again = answer(file, b"one".to_vec(), Some(&known));
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known:?}");
        }
        let known = first.headers()[header::ETAG].clone();
        let changed = answer(file, b"two".to_vec(), Some(&known));
        assert_eq!(changed.status(), StatusCode::OK);
        assert_ne!(changed.headers()[header::ETAG], known);
    }

    #[test]
    fn only_names_that_hold_a_digest_are_kept_without_asking() {
        for (file, kept) in [
            ("highlight-abc7f01d.js", true),
            ("fonts/open-sans-v17-all-charsets-300-7736aa35.woff2", true),
            ("js/main.js", false),
            ("journey/stage-3.html", false),
            ("a-deadbeef/index.html", false),
            ("abcdef12.js", false),
        ] {
            let response = answer(Path::new(file), Vec::new(), None);
            let cache = response.headers()[header::CACHE_CONTROL]
                .to_str()
                .expect("text");
            assert_eq!(cache.contains("immutable"), kept, "{file}: {cache}");
        }
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
