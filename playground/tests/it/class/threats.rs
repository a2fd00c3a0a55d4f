//! What somebody in the same network may not do: a test for each threat to a class.

use super::room::Room;
use futures_util::future::join_all;
use playground::web::KEY_HEADER;
use reqwest::Method;
use serde_json::{Value, json};
use std::time::Instant;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// What only the instructor may ask for, each with a body that it would take.
fn instructors() -> Vec<(Method, &'static str, Value)> {
    vec![
        (Method::GET, "/api/class/board", Value::Null),
        (Method::GET, "/api/class/projector", Value::Null),
        (Method::GET, "/api/class/export.csv", Value::Null),
        (Method::GET, "/api/class/export.jsonl", Value::Null),
        (Method::POST, "/api/class/door", json!({ "open": false })),
        (Method::POST, "/api/class/code", json!({})),
        (Method::POST, "/api/class/call", json!({ "run": null })),
        (Method::POST, "/api/class/seats/1/return", json!({})),
        (Method::POST, "/api/class/seats/1/lower", json!({})),
        (Method::POST, "/api/class/seats/1/remove", json!({})),
        (Method::POST, "/api/class/end", json!({ "end": true })),
    ]
}

async fn error(answer: reqwest::Response) {
    let answer: Value = answer.json().await.expect("errors are JSON");
    for part in ["what", "cause", "next"] {
        let text = answer["error"][part].as_str().unwrap_or("");
        assert!(!text.is_empty(), "an error says its {part}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_is_the_instructors_alone() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("Ada").await;
    for (method, path, body) in instructors() {
        for (browser, refusal) in [(&ada, 403), (&room.browser(), 401)] {
            let request = browser.request(method.clone(), path);
            let request = match method == Method::POST {
                true => request.json(&body),
                false => request,
            };
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), refusal, "{method} {path}");
            error(answer).await;
        }
    }
    let (_, board) = room.instructor().get("/api/class/board").await;
    assert_eq!(board["door"]["open"], true, "nothing of it was done");
    assert_eq!(board["seats"].as_array().map(Vec::len), Some(1));
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_join_code_cannot_be_guessed_through_the_door() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let eve = room.browser();
    let began = Instant::now();
    let mut looked_at = 0;
    // However slow the room is: more of them than it lets through meanwhile.
    for n in 0..60 {
        let guess = json!({ "code": format!("AAAA{n:04}"), "name": "Eve" });
        match eve.post("/api/class/join", guess).await.0.as_u16() {
            403 => looked_at += 1,
            status => assert_eq!(status, 429),
        }
    }
    // One more every five seconds, after the first twenty.
    let most = 20 + began.elapsed().as_secs() / 5;
    assert!((20..=most).contains(&looked_at), "{looked_at} of {most}");
    // It would otherwise tell that this one is right.
    let code = room.class.code().0;
    let guess = async |code: &str| {
        let body = json!({ "code": code, "name": "Eve" });
        let answer = eve.request(Method::POST, "/api/class/join").json(&body);
        answer.send().await.expect("an answer")
    };
    loop {
        let asked = Instant::now();
        let wait = seconds_to_wait(&guess("AAAAAAAA").await);
        let answer = guess(&code).await;
        if answer.status() == 429 {
            assert!(seconds_to_wait(&answer).is_some());
            error(answer).await;
            break;
        }
        // In a room that is so slow, one more guess was due; then once more.
        let due = wait.is_none_or(|seconds| asked.elapsed().as_secs() + 1 >= seconds);
        assert!(due, "let in before the time that was told: {wait:?}");
        let seat = room.class.seats()[0].number;
        room.class.remove(seat).await.expect("removed");
    }
    let (_, board) = room.instructor().get("/api/class/board").await;
    assert_eq!(board["alarms"].as_array().map(Vec::len), Some(1), "{board}");
    assert_eq!(board["seats"], json!([]));
    room.close().await;
}

/// What an answer says of when to try again.
fn seconds_to_wait(answer: &reqwest::Response) -> Option<u64> {
    let told = answer.headers().get("retry-after")?;
    told.to_str().ok()?.parse().ok()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_cannot_be_taken_over() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("Ada").await;
    // The same name is another seat.
    let eve = room.join("Ada").await;
    assert_ne!((ada.seat, &ada.key), (eve.seat, &eve.key));
    // Neither the join code nor what can be seen opens a seat.
    let folder = room.class.seats()[0].folder.clone();
    for wrong in [room.class.code().0, folder, "0".repeat(32), "1".to_owned()] {
        let mut browser = room.browser();
        browser.key.clone_from(&wrong);
        assert_eq!(browser.get("/api/exercises").await.0, 401, "{wrong}");
        let code = json!({ "code": wrong });
        assert_eq!(
            room.browser().post("/api/class/return", code).await.0,
            403,
            "{wrong}"
        );
    }
    // No answer to a seat holds another's key, or its folder.
    for path in ["/api/exercises", "/api/runs", "/api/status", "/"] {
        let answer = eve
            .request(Method::GET, path)
            .send()
            .await
            .expect("an answer");
        let text = answer.text().await.expect("text");
        assert!(
            !text.contains(&ada.key) && !text.contains(&room.key),
            "{path}"
        );
    }
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn keys_and_codes_cannot_be_replayed() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("Ada").await;
    let instructor = room.instructor();
    let back = format!("/api/class/seats/{}/return", ada.seat);
    let (_, answer) = instructor.post(&back, json!({})).await;
    let code = json!({ "code": answer["code"] });
    let (status, new) = room.browser().post("/api/class/return", code.clone()).await;
    assert_eq!((status.as_u16(), &new["seat"]), (201, &json!(ada.seat)));
    assert_eq!(ada.get("/api/exercises").await.0, 401, "the old key");
    assert_eq!(
        room.browser().post("/api/class/return", code).await.0,
        403,
        "the code again"
    );
    // Whoever was sent away is away.
    let remove = format!("/api/class/seats/{}/remove", ada.seat);
    assert_eq!(instructor.post(&remove, json!({})).await.0, 200);
    let mut gone = room.browser();
    gone.key = new["key"].as_str().expect("a key").to_owned();
    assert_eq!(gone.get("/api/exercises").await.0, 401);
    assert_eq!(instructor.post(&remove, json!({})).await.0, 404);
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_from_elsewhere_and_a_name_from_elsewhere_reach_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("Ada").await;
    let own = format!("https://{}", room.address);
    let plain = format!("http://{}", room.address);
    for origin in [
        "https://evil.example",
        "null",
        plain.as_str(),
        "https://127.0.0.1:1",
    ] {
        for path in ["/api/runs", "/api/class/join", "/api/class/hand"] {
            let request = ada.request(Method::POST, path).header("Origin", origin);
            let answer = request.json(&json!({})).send().await.expect("an answer");
            assert_eq!(answer.status(), 403, "{path} from {origin}");
            error(answer).await;
        }
    }
    let request = ada.request(Method::GET, "/api/runs").header("Origin", own);
    assert_eq!(request.send().await.expect("an answer").status(), 200);
    for host in ["evil.example", "evil.example:443", "127.0.0.1", ""] {
        for path in ["/", "/class/join", "/class/board", "/api/runs"] {
            let request = ada.request(Method::GET, path).header("Host", host);
            let status = request.send().await.expect("an answer").status();
            assert!(status.is_client_error(), "{path} for “{host}”: {status}");
        }
    }
    // A form could be sent without asking.
    let form = ada
        .request(Method::POST, "/api/class/join")
        .header("Content-Type", "text/plain")
        .body(json!({ "code": room.class.code().0, "name": "Eve" }).to_string());
    assert_eq!(form.send().await.expect("an answer").status(), 415);
    // Nothing here may be framed, and no cookie is set that another port would get.
    for path in ["/", "/class/join", "/class/board"] {
        let answer = ada
            .request(Method::GET, path)
            .send()
            .await
            .expect("an answer");
        let policy = answer.headers()["content-security-policy"]
            .to_str()
            .expect("text");
        assert!(
            policy.contains("frame-ancestors 'none'"),
            "{path}: {policy}"
        );
        assert!(!policy.contains("script-src *"), "{path}");
        assert!(!answer.headers().contains_key("set-cookie"), "{path}");
    }
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_tls_nothing_is_read_and_nothing_answered_but_where_to_go() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let body = json!({ "code": room.class.code().0, "name": "Eve" }).to_string();
    let join = format!(
        "POST /api/class/join HTTP/1.1\r\nHost: {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\n\r\n{body}",
        room.address,
        body.len()
    );
    let keyed = format!(
        "GET /api/class/board HTTP/1.1\r\nHost: evil.example\r\n{KEY_HEADER}: {}\r\n\r\n",
        room.key
    );
    for request in [join, keyed, "GET /evil HTTP/1.0\r\n\r\n".to_owned()] {
        let mut stream = TcpStream::connect(room.address).await.expect("connected");
        stream.write_all(request.as_bytes()).await.expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("read");
        let location = format!("Location: https://{}/class/join\r\n", room.address);
        assert!(answer.starts_with("HTTP/1.1 308 "), "{answer}");
        assert!(answer.contains(&location), "{answer}");
        assert!(!answer.contains("evil"), "nothing comes back: {answer}");
    }
    assert!(room.class.seats().is_empty());
    // An older TLS is not spoken: the server answers with an alert and no handshake.
    let mut stream = TcpStream::connect(room.address).await.expect("connected");
    stream.write_all(&OLD_TLS).await.expect("sent");
    let mut answer = Vec::new();
    // It may close before all was read.
    let _ = stream.read_to_end(&mut answer).await;
    assert_eq!(answer.first(), Some(&0x15), "an alert: {answer:?}");
    room.close().await;
}

/// The hello of a client that knows TLS 1.2 and one suite of it.
const OLD_TLS: [u8; 50] = {
    let mut hello = [0; 50];
    let head = [0x16, 3, 1, 0, 45, 1, 0, 0, 41, 3, 3];
    let mut at = 0;
    while at < head.len() {
        hello[at] = head[at];
        at += 1;
    }
    // 32 random bytes are 0, then: no session, one suite, no compression.
    let tail = [0, 0, 2, 0xc0, 0x2f, 1, 0];
    let mut n = 0;
    while n < tail.len() {
        hello[43 + n] = tail[n];
        n += 1;
    }
    hello
};

#[tokio::test(flavor = "multi_thread")]
async fn hostile_names_and_edits_stay_text_or_outside() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let code = room.class.code().0;
    for name in [
        "",
        "a\u{202e}b",
        "\u{1b}[2J",
        "::error::x",
        &"x".repeat(41),
        "\0",
    ] {
        let body = json!({ "code": code, "name": name });
        let (status, answer) = room.browser().post("/api/class/join", body).await;
        assert_eq!(status, 422, "{name:?}: {answer}");
    }
    let script = room.join("<script>alert(1)</script>").await;
    let (_, board) = room.instructor().get("/api/class/board").await;
    assert_eq!(
        board["seats"][0]["name"], "<script>alert(1)</script>",
        "text, as JSON"
    );
    for edits in [
        json!({ "../../x": "y" }),
        json!({ "/etc/passwd": "y" }),
        json!({ "lab.toml": "y" }),
        json!({ "Dockerfile": "FROM company/private:latest\n" }),
        json!({ "Dockerfile": "FROM golang:1.23\nRUN --mount=from=company/private,target=/x ls /x\n" }),
        json!({ "Dockerfile": "FROM golang:1.23\nRUN <<E\nFROM golang:1.23 AS private\nE\nCOPY --from=private / /x\n" }),
        json!({ "Dockerfile": "FROM golang:1.23\nCOPY --fr\\om=company/private / /x\n" }),
        json!({ "Dockerfile": "FROM golang:1.23\nONBUILD COPY --from=company/private / /x\n" }),
        json!({ "Dockerfile": "FROM golang:1.23\nADD http://127.0.0.1:8080/ /x\n" }),
        json!({ "Dockerfile": "#".repeat(300 << 10) }),
    ] {
        let body = json!({ "lab": "stage-5a", "variant": "image", "edits": edits });
        let (status, answer) = script.post("/api/runs", body).await;
        assert_eq!(status, 422, "{answer}");
    }
    // What else is on the instructor's engine is not for the class.
    let (_, images) = script.get("/api/images").await;
    assert_eq!(images["images"], json!([]));
    assert!(images["error"]["what"].is_string());
    let image = json!({ "image": "golang:1.23" });
    assert_eq!(script.post("/api/xrays", image).await.0, 422);
    let forged = json!({ "empty_room_progress": 1, "acts": [], "work": {} });
    assert_eq!(script.post("/api/exercises/import", forged).await.0, 403);
    // Nothing of what is too much is even read.
    let much = script.request(Method::POST, "/api/exercises/import");
    let much = much
        .header("Content-Type", "application/json")
        .body("#".repeat(20 << 20));
    if let Ok(answer) = much.send().await {
        assert_eq!(answer.status(), 403);
    }
    for page in [
        "../../etc/passwd",
        "https://evil.example",
        "journey/none.html",
    ] {
        let (status, _) = script
            .post("/api/class/here", json!({ "page": page }))
            .await;
        assert_eq!(status, 200);
        let (_, board) = room.instructor().get("/api/class/board").await;
        assert_eq!(board["seats"][0]["page"], Value::Null, "{page}");
    }
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_seat_that_asks_without_end_is_slowed_down_alone() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let (greedy, other) = (room.join("Greedy").await, room.join("Other").await);
    // Many at once: a slow room could otherwise be asked for ever, one after the other.
    let greedy = &greedy;
    let asking = (0..64).map(|_| async move { while greedy.get("/api/runs").await.0 != 429 {} });
    join_all(asking).await;
    assert_eq!(other.get("/api/runs").await.0, 200);
    let big = json!({ "code": "x".repeat(8000), "name": "Eve" });
    assert_eq!(room.browser().post("/api/class/join", big).await.0, 413);
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_only_connects_keeps_nobody_out() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let mut idle = Vec::new();
    for _ in 0..64 {
        idle.push(TcpStream::connect(room.address).await.expect("connected"));
    }
    let ada = room.join("Ada").await;
    assert_eq!(ada.get("/api/exercises").await.0, 200);
    drop(idle);
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_are_open_and_hold_nothing_of_anybody() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    room.join("Ada Lovelace").await;
    let bare = room.browser();
    for path in [
        "/",
        "/class/join",
        "/class/board",
        "/class/projector",
        "/class/class.css",
    ] {
        let answer = bare
            .request(Method::GET, path)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        let text = answer.text().await.expect("text");
        for secret in [room.key.as_str(), room.class.code().0.as_str(), "Ada"] {
            assert!(!text.contains(secret), "{path} holds {secret}");
        }
    }
    let pem = bare
        .request(Method::GET, "/class/certificate.pem")
        .send()
        .await;
    let pem = pem.expect("an answer").text().await.expect("text");
    assert!(
        pem.contains("BEGIN CERTIFICATE") && !pem.contains("PRIVATE"),
        "{pem}"
    );
    for path in ["/api/status", "/api/labs", "/api/nope", "/api/class/nope"] {
        assert_eq!(bare.get(path).await.0, 401, "{path}");
    }
    for path in [
        "/class/../class/key.pem",
        "/class/key.pem",
        "/%2e%2e/class/key.pem",
    ] {
        let answer = bare
            .request(Method::GET, path)
            .send()
            .await
            .expect("an answer");
        assert_eq!(answer.status(), 404, "{path}");
    }
    room.close().await;
}

/// Folders are of whoever has started the process, and a class is started without any.
#[tokio::test(flavor = "multi_thread")]
async fn a_seat_can_adopt_nothing() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("Ada").await;
    for browser in [&ada, &room.instructor()] {
        let (status, own) = browser.get("/api/services").await;
        assert_eq!(status, 200);
        assert_eq!(own, json!({ "services": [], "adoptions": [] }));
        for id in ["0", "..", "%2Fetc", "000000000000"] {
            let path = format!("/api/services/{id}/adopt");
            let (status, answer) = browser.post(&path, json!({})).await;
            assert!(status.is_client_error(), "{id}: {answer}");
        }
    }
    room.close().await;
}
