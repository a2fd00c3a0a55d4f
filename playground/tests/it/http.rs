//! What a stranger may not do: every lock of `web::guard`, each tried alone.

use super::support::{Server, listening, root};
use playground::web::KEY_HEADER;
use serde_json::{Value, json};

async fn error(answer: reqwest::Response) -> String {
    let answer: Value = answer.json().await.expect("errors are JSON");
    for part in ["what", "cause", "next"] {
        let text = answer["error"][part].as_str().unwrap_or("");
        assert!(!text.is_empty(), "an error says its {part}: {answer}");
    }
    answer["error"]["what"].as_str().unwrap_or("").to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_host_name_is_refused_everywhere() {
    let server = Server::start(&root()).await;
    for path in ["/", "/index.html", "/api/labs"] {
        for host in [
            "evil.example",
            "evil.example:80",
            "127.0.0.1",
            "localhost:1",
            "",
        ] {
            let answer = server
                .get(path)
                .header("Host", host)
                .send()
                .await
                .expect("an answer");
            assert!(
                answer.status().is_client_error(),
                "{path} for host “{host}”: {}",
                answer.status()
            );
        }
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_from_elsewhere_can_start_nothing() {
    let server = Server::start(&root()).await;
    let body = json!({ "lab": "stage-5a", "variant": "image" });
    for origin in [
        "http://evil.example",
        "null",
        "https://127.0.0.1:1",
        "http://127.0.0.1:1",
    ] {
        let answer = server
            .post("/api/runs", &body)
            .header("Origin", origin)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 403, "origin {origin}");
        error(answer).await;
    }
    let own = server.base.clone();
    let answer = server
        .get("/api/labs")
        .header("Origin", own)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200, "our own origin is let in");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_key_the_api_is_closed_and_the_book_is_open() {
    let server = Server::start(&root()).await;
    let bare = reqwest::Client::new();
    for path in [
        "/api/labs",
        "/api/status",
        "/api/runs",
        "/api/journey",
        "/api/nope",
    ] {
        let url = format!("{}{path}", server.base);
        for key in [None, Some(""), Some("0"), Some("g".repeat(32).as_str())] {
            let mut request = bare.get(&url);
            if let Some(key) = key {
                request = request.header(KEY_HEADER, key);
            }
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), 401, "{path} with key {key:?}");
            error(answer).await;
        }
    }
    let answer = bare
        .get(format!("{}/", server.base))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 200);
    assert!(
        !answer.text().await.expect("text").contains(&server.key),
        "no page carries the key"
    );
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn writes_must_be_json() {
    let server = Server::start(&root()).await;
    for kind in [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
    ] {
        let answer = server
            .http
            .post(format!("{}/api/runs", server.base))
            .header(KEY_HEADER, &server.key)
            .header("Content-Type", kind)
            .body(r#"{"lab":"stage-5a","variant":"image"}"#)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 415, "{kind}");
        error(answer).await;
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn clients_name_labs_variants_and_declared_files_only() {
    let server = Server::start(&root()).await;
    let wrong = [
        json!({ "lab": "nope", "variant": "image" }),
        json!({ "lab": "../labs/stage-5a", "variant": "image" }),
        json!({ "lab": "stage-5a", "variant": "../image" }),
        json!({ "lab": "stage-5a", "variant": "image", "image": "alpine" }),
        json!({ "lab": "stage-5a", "variant": "image", "options": { "privileged": true } }),
        json!({ "lab": "stage-5a", "variant": "image", "edits": { "../../x": "y" } }),
        json!({ "lab": "stage-5a", "variant": "image", "edits": { "/etc/passwd": "y" } }),
        json!({ "lab": "stage-5a", "variant": "image", "edits": { "go.sum": "y" } }),
        json!({ "lab": "stage-5a", "variant": "image", "edits": { "lab.toml": "y" } }),
        json!({ "lab": "stage-5a", "variant": "image", "edits": { "Dockerfile": 7 } }),
        json!(["stage-5a"]),
    ];
    for body in wrong {
        let answer = server
            .post("/api/runs", &body)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 422, "{body}");
        error(answer).await;
    }
    let runs: Value = server
        .get("/api/runs")
        .send()
        .await
        .expect("runs")
        .json()
        .await
        .expect("JSON");
    assert_eq!(runs, json!([]), "none of these started anything");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_oversize_body_is_refused() {
    let server = Server::start(&root()).await;
    let body = json!({ "lab": "stage-5a", "variant": "image", "edits": { "Dockerfile": "#".repeat(1 << 20) } });
    let answer = server
        .post("/api/runs", &body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 413);
    let body = json!({ "lab": "stage-5a", "variant": "image", "edits": { "Dockerfile": "#".repeat(300 << 10) } });
    let answer = server
        .post("/api/runs", &body)
        .send()
        .await
        .expect("an answer");
    assert_eq!(
        answer.status(),
        422,
        "a lab's edits have a limit of their own"
    );
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_path_reads_outside_the_book() {
    let server = Server::start(&root()).await;
    let address = server.base.trim_start_matches("http://").to_owned();
    for path in [
        "/../../../../etc/passwd",
        "/..%2f..%2f..%2f..%2fetc%2fpasswd",
        "/%2e%2e/%2e%2e/%2e%2e/%2e%2e/etc/passwd",
        "//etc/passwd",
        "/api/../../etc/passwd",
        "/theme/../../../Cargo.toml",
    ] {
        let answer = raw_get(&address, path).await;
        assert!(!answer.contains("root:"), "{path} leaked: {answer}");
        let status = answer.split(' ').nth(1).unwrap_or("");
        assert!(matches!(status, "400" | "401" | "404"), "{path}: {answer}");
    }
    server.close().await;
}

/// A GET whose path no client library has cleaned.
async fn raw_get(address: &str, path: &str) -> String {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let mut stream = tokio::net::TcpStream::connect(address)
        .await
        .expect("a connection");
    let request = format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await.expect("sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await.expect("read");
    String::from_utf8_lossy(&answer).into_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_carries_a_strict_policy() {
    let server = Server::start(&root()).await;
    for path in ["/", "/api/labs", "/nope"] {
        let answer = server.get(path).send().await.expect("an answer");
        let header = |name: &str| {
            let value = answer.headers().get(name).and_then(|v| v.to_str().ok());
            value.unwrap_or("").to_owned()
        };
        let policy = header("content-security-policy");
        assert!(policy.starts_with("default-src 'none'"), "{path}: {policy}");
        let scripts = policy
            .split(';')
            .find(|part| part.trim().starts_with("script-src"));
        assert!(
            !scripts.unwrap_or("").contains("unsafe"),
            "{path}: {policy}"
        );
        assert!(policy.contains("frame-ancestors 'none'"), "{path}");
        assert_eq!(header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(header("access-control-allow-origin"), "", "{path}");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_socket_is_on_loopback_only() {
    let server = Server::start(&root()).await;
    assert!(server.base.starts_with("http://127.0.0.1:"));
    let port = server.base.rsplit(':').next().expect("a port");
    let port = port.parse().expect("a number");
    // Not what once was connected from a port of this number.
    let addresses = listening(std::process::id(), port);
    assert_eq!(addresses, ["0100007F"], "127.0.0.1 and nothing else");
    server.close().await;
}
