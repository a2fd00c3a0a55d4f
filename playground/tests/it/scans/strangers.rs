//! What X-rays may not be made to do: every name that is none, every bound, every stranger.

use super::super::support::fixture;
use super::{LARGE, SMALL, ask, error, get, map, ready, serve, stop};
use playground::web::KEY_HEADER;
use serde_json::json;
use std::collections::BTreeSet;

#[tokio::test(flavor = "multi_thread")]
async fn only_what_is_listed_can_be_named() {
    let server = serve(&fixture("limits"), SMALL).await;
    let long = "a".repeat(100_000);
    for image in [
        "",
        "nope:1",
        "../containers/json",
        "a?b",
        "alpine:3.20?platform=x",
        "alpine:3.20#",
        "alpine%3A3.20",
        "alpine:3.20/../../golang",
        "sha256:",
        "sha256:0",
        " alpine:3.20",
        "\u{0}",
        "/etc/passwd",
        "--help",
        &long,
    ] {
        let (status, answer) = ask(&server, &json!({ "image": image })).await;
        assert_eq!(status, 422, "{image:.40}");
        error(&answer);
        assert!(
            answer.to_string().len() < 1000,
            "an answer does not repeat a flood"
        );
    }
    for body in [
        json!({}),
        json!([]),
        json!({ "image": 7 }),
        json!({ "image": null }),
        json!({ "image": [SMALL] }),
        json!({ "image": SMALL, "platform": "linux/arm64" }),
        json!({ "image": SMALL, "lab": "limits", "variant": "quiet" }),
        json!({ "archive": "/etc/passwd" }),
        json!({ "lab": "limits" }),
        json!({ "lab": "limits", "variant": "nope" }),
        json!({ "lab": "../limits", "variant": "quiet" }),
        json!({ "lab": "limits", "variant": "quiet", "edits": { "Dockerfile": "FROM scratch" } }),
        json!({ "run": "nope" }),
        json!({ "run": "../runs" }),
    ] {
        let (status, answer) = ask(&server, &body).await;
        assert_eq!(status, 422, "{body}");
        error(&answer);
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_map_is_asked_for_within_bounds() {
    let server = serve(&fixture("limits"), SMALL).await;
    let (id, _) = ready(&server, &json!({ "image": SMALL })).await;
    let long = "/a".repeat(3000);
    for (query, wanted) in [
        (vec![("at", "/"), ("width", "0"), ("height", "540")], 422),
        (
            vec![("at", "/"), ("width", "4000000000"), ("height", "540")],
            422,
        ),
        (
            vec![("at", "/"), ("width", "99999999999"), ("height", "540")],
            400,
        ),
        (vec![("at", "/"), ("width", "-1"), ("height", "540")], 400),
        (vec![("at", "/"), ("width", "NaN"), ("height", "540")], 400),
        (vec![("at", "/"), ("width", "960")], 400),
        (vec![("width", "960"), ("height", "540")], 400),
        (
            vec![("at", "/"), ("width", "960"), ("height", "540"), ("x", "y")],
            400,
        ),
        (
            vec![("at", &*long), ("width", "960"), ("height", "540")],
            422,
        ),
        (
            vec![("at", "/nope"), ("width", "960"), ("height", "540")],
            404,
        ),
        (
            vec![("at", "/\0%00../<b>"), ("width", "960"), ("height", "540")],
            404,
        ),
        (
            vec![("at", "/etc/passwd"), ("width", "960"), ("height", "540")],
            404,
        ),
    ] {
        let (status, answer) = map(&server, &id, &query).await;
        assert_eq!(status, wanted, "{query:.60?}");
        error(&answer);
    }
    let (status, up) = map(
        &server,
        &id,
        &[("at", "/../../etc/.."), ("width", "960"), ("height", "540")],
    )
    .await;
    assert_eq!(
        (status, &up["at"]),
        (200, &json!("/")),
        "no way leads out of the image"
    );
    for path in [
        "/api/xrays/nope",
        "/api/xrays/nope/map?at=/&width=9&height=9",
        "/api/xrays/nope/preflight",
        "/api/xrays/%2e%2e%2fimages",
        "/api/xrays/%00",
        &format!("/api/xrays/{id}/against/nope"),
        &format!("/api/xrays/{}", "f".repeat(5000)),
    ] {
        let (status, answer) = get(&server, path).await;
        assert_eq!(status, 404, "{path:.60}");
        error(&answer);
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_can_neither_list_nor_look() {
    let server = serve(&fixture("limits"), SMALL).await;
    let (id, _) = ready(&server, &json!({ "image": SMALL })).await;
    let bare = reqwest::Client::new();
    let body = json!({ "image": SMALL });
    let map = format!("/api/xrays/{id}/map?at=/&width=960&height=540");
    let paths = [
        "/api/images".to_owned(),
        format!("/api/xrays/{id}"),
        map.clone(),
        format!("/api/xrays/{id}/preflight"),
        format!("/api/xrays/{id}/against/{id}"),
    ];
    for path in &paths {
        let url = format!("{}{path}", server.base);
        let answer = bare.get(&url).send().await.expect("an answer");
        assert_eq!(answer.status(), 401, "{path}");
        for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
            let answer = server.get(path).header("Origin", origin).send().await;
            assert_eq!(answer.expect("an answer").status(), 403, "{path} {origin}");
        }
    }
    for path in ["/api/xrays".to_owned(), format!("/api/xrays/{id}/stop")] {
        let url = format!("{}{path}", server.base);
        let answer = bare.post(&url).json(&body).send().await;
        assert_eq!(answer.expect("an answer").status(), 401, "{path}");
        let answer = server
            .post(&path, &body)
            .header("Origin", "null")
            .send()
            .await;
        assert_eq!(answer.expect("an answer").status(), 403, "{path}");
        let form = bare.post(&url).header(KEY_HEADER, &server.key);
        let form = form
            .header("Content-Type", "text/plain")
            .body(body.to_string());
        assert_eq!(
            form.send().await.expect("an answer").status(),
            415,
            "{path}"
        );
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hundred_at_once_are_answered_and_few_are_read() {
    let server = serve(&fixture("limits"), LARGE).await;
    let body = json!({ "image": LARGE });
    let asked = (0..100).map(|_| ask(&server, &body));
    let answers = futures_util::future::join_all(asked).await;
    let mut accepted = BTreeSet::new();
    for (status, answer) in answers {
        match status {
            201 => {
                accepted.insert(answer["xray"].as_str().expect("an id").to_owned());
            }
            status => {
                assert_eq!(status, 422);
                error(&answer);
            }
        }
    }
    assert!(
        (1..=12).contains(&accepted.len()),
        "{} accepted",
        accepted.len()
    );
    let mut reading = 0;
    for id in &accepted {
        let (_, seen) = get(&server, &format!("/api/xrays/{id}")).await;
        reading += usize::from(seen["state"] == "reading");
    }
    assert!(reading <= 1, "{reading} are read at once");
    for id in &accepted {
        stop(&server, id).await;
    }
    let (_, report) = ready(&server, &json!({ "image": SMALL })).await;
    assert_eq!(report["subject"]["name"], SMALL);
    server.close().await;
}
