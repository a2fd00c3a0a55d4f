//! Exercises over HTTP: files that nobody loses, verdicts by real runs, and what a page may not ask.

use super::support::{Server, root};
use playground::web::KEY_HEADER;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const ID: &str = "01-two-stages";

fn at(rest: &str) -> String {
    format!("/api/exercises/{ID}{rest}")
}

async fn get(server: &Server, path: &str) -> (StatusCode, Value) {
    let answer = server.get(path).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

async fn post(server: &Server, path: &str, body: Value) -> (StatusCode, Value) {
    let answer = server.post(path, &body).send().await.expect("an answer");
    (answer.status(), answer.json().await.expect("JSON"))
}

async fn save(server: &Server, path: &str, text: &str, since: Value) -> (StatusCode, Value) {
    let file = json!({ "path": path, "text": text, "revision": since });
    post(server, &at("/files"), file).await
}

/// Every endpoint, each with a body that it would take.
fn endpoints() -> Vec<(Method, String, Value)> {
    let file = json!({ "path": "Dockerfile", "text": "FROM scratch\n", "revision": null });
    let portable = json!({ "empty_room_progress": 1, "acts": [], "work": {} });
    vec![
        (Method::GET, "/api/exercises".into(), Value::Null),
        (Method::GET, "/api/exercises/export".into(), Value::Null),
        (Method::POST, "/api/exercises/import".into(), portable),
        (Method::GET, at(""), Value::Null),
        (Method::POST, at("/files"), file),
        (Method::POST, at("/check"), json!({})),
        (Method::GET, at("/checks/0"), Value::Null),
        (Method::POST, at("/hint"), json!({})),
        (Method::POST, at("/reset"), json!({})),
        (Method::GET, at("/solution"), Value::Null),
        (Method::POST, at("/solution"), json!({ "give_up": true })),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_are_behind_the_key_the_origin_and_json() {
    let server = Server::start(&root()).await;
    for (method, path, body) in endpoints() {
        let url = format!("{}{path}", server.base);
        let request = || server.http.request(method.clone(), &url);
        let bare = request().json(&body).send().await.expect("an answer");
        assert_eq!(bare.status(), 401, "{method} {path} without the key");
        let foreign = request()
            .json(&body)
            .header(KEY_HEADER, &server.key)
            .header("Origin", "http://evil.example");
        let foreign = foreign.send().await.expect("an answer");
        assert_eq!(foreign.status(), 403, "{method} {path} from elsewhere");
        if method == Method::POST {
            let form = request()
                .body(body.to_string())
                .header(KEY_HEADER, &server.key)
                .header("Content-Type", "text/plain");
            let form = form.send().await.expect("an answer");
            assert_eq!(form.status(), 415, "{path} as a form");
        }
    }
    let exercise = server.state.catalog.exercise(ID).expect("it is there");
    assert!(
        !server.state.workspace.is_begun(exercise),
        "nothing was written"
    );
    assert_eq!(server.state.progress.acts().expect("acts").len(), 0);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_that_are_not_there_are_not_found_anywhere() {
    let server = Server::start(&root()).await;
    for (method, path, body) in endpoints() {
        for id in ["nope", "..%2f..%2fetc", "01-two-stages%2f..", "%00"] {
            let strange = path.replace(ID, id);
            if strange == path {
                continue;
            }
            let url = format!("{}{strange}", server.base);
            let request = server.http.request(method.clone(), url);
            let request = request.header(KEY_HEADER, &server.key).json(&body);
            let answer = request.send().await.expect("an answer");
            assert_eq!(answer.status(), 404, "{method} {strange}");
            let error: Value = answer.json().await.expect("JSON");
            assert!(error["error"]["next"].is_string(), "{error}");
        }
    }
    for path in [at("/checks/0"), at("/checks/..%2f..")] {
        assert_eq!(get(&server, &path).await.0, 404, "{path}");
    }
    let (status, _) = post(&server, &at("/hint"), json!({})).await;
    assert_eq!(status, 422, "nothing has failed yet");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_is_saved_also_where_progress_cannot_be_recorded() {
    let server = Server::start(&root()).await;
    let data = server.state.workspace.dir().parent().expect("a folder");
    let db = rusqlite::Connection::open(data.join("progress.db")).expect("opened");
    db.execute("DROP TABLE events", []).expect("dropped");
    let detail = playground::exercises::progress::Detail::default();
    let begun = playground::exercises::progress::Verb::Initialized;
    let recorded = server.state.progress.record(begun, ID, detail);
    recorded.expect_err("nothing can be recorded");
    let (status, answer) = save(&server, "Dockerfile", "FROM mine\n", Value::Null).await;
    assert_eq!(status, 200, "{answer}");
    let exercise = server.state.catalog.exercise(ID).expect("it is there");
    let file = server.state.workspace.folder(exercise).join("Dockerfile");
    let on_disk = std::fs::read_to_string(file).expect("the file");
    assert_eq!(on_disk, "FROM mine\n");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_take_no_file_but_those_that_are_handed_in() {
    let server = Server::start(&root()).await;
    for path in [
        "main.go",
        "../Dockerfile",
        "../../progress.db",
        "/etc/passwd",
        "./Dockerfile",
        "Dockerfile/../main.go",
        "Dockerfile\0",
        "",
    ] {
        let (status, answer) = save(&server, path, "x", Value::Null).await;
        assert_eq!(status, 422, "{path:?}: {answer}");
        let files = json!({ "files": { path: "x" } });
        let (status, answer) = post(&server, &at("/check"), files).await;
        assert_eq!(status, 422, "{path:?}: {answer}");
    }
    let runs = get(&server, "/api/runs").await.1;
    assert_eq!(runs, json!([]), "nothing was started");
    let begun = get(&server, &at("")).await.1;
    assert_eq!(begun["begun"], json!(false));
    for unknown in [
        json!({ "path": "Dockerfile" }),
        json!({ "image": "x" }),
        json!(7),
    ] {
        let (status, _) = post(&server, &at("/files"), unknown.clone()).await;
        assert_eq!(status, 422, "{unknown}");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_refuse_what_is_too_large() {
    let server = Server::start(&root()).await;
    let (status, _) = save(
        &server,
        "Dockerfile",
        &"x".repeat((256 << 10) + 1),
        Value::Null,
    )
    .await;
    assert_eq!(status, 422, "a file has a limit");
    for (path, bytes, wanted) in [
        (at("/files"), 700 << 10, 413),
        (at("/check"), 700 << 10, 413),
        ("/api/exercises/import".to_owned(), 1 << 20, 422),
        ("/api/exercises/import".to_owned(), 17 << 20, 413),
    ] {
        let (status, answer) = post(&server, &path, json!({ "x": "x".repeat(bytes) })).await;
        assert_eq!(status, wanted, "{path} with {bytes} bytes");
        assert!(answer["error"]["what"].is_string(), "{path}: {answer}");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_are_saved_and_nobody_overwrites_anybody() {
    let server = Server::start(&root()).await;
    let before = get(&server, &at("")).await.1;
    assert_eq!(before["begun"], json!(false), "looking begins nothing");
    let starter = before["files"][0]["text"].as_str().expect("the starter");
    assert!(starter.starts_with("FROM golang"), "{starter}");

    let (status, first) = save(&server, "Dockerfile", "FROM a\n", Value::Null).await;
    assert_eq!(status, 200, "{first}");
    let exercise = server.state.catalog.exercise(ID).expect("it is there");
    let folder = server.state.workspace.folder(exercise);
    let file = folder.join("Dockerfile");
    let on_disk = || std::fs::read_to_string(&file).expect("the file");
    assert_eq!(on_disk(), "FROM a\n");
    assert!(folder.join("main.go").is_file(), "it builds by hand");

    // A second window that has seen the starter; then an editor in a terminal.
    let (status, answer) = save(&server, "Dockerfile", "FROM b\n", Value::Null).await;
    assert_eq!(status, 409);
    assert_eq!(answer["now"]["text"], json!("FROM a\n"));
    std::fs::write(&file, "FROM c\n").expect("written");
    let since = first["revision"].clone();
    let (status, answer) = save(&server, "Dockerfile", "FROM b\n", since).await;
    assert_eq!(status, 409);
    assert_eq!(on_disk(), "FROM c\n", "it stays");
    let now = answer["now"]["revision"].clone();
    let (status, _) = save(&server, "Dockerfile", "FROM b\n", now).await;
    assert_eq!(status, 200, "chosen with open eyes");
    assert_eq!(on_disk(), "FROM b\n");

    let (status, reset) = post(&server, &at("/reset"), json!({})).await;
    assert_eq!(status, 200);
    let kept = std::path::Path::new(reset["kept"].as_str().expect("where"));
    let kept = std::fs::read_to_string(kept.join("Dockerfile")).expect("the copy");
    assert_eq!((kept.as_str(), on_disk().as_str()), ("FROM b\n", starter));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_keep_their_solutions_until_one_passes_or_gives_up() {
    let server = Server::start(&root()).await;
    assert_eq!(get(&server, &at("/solution")).await.0, 403);
    let (status, _) = post(&server, &at("/solution"), json!({ "give_up": false })).await;
    assert_eq!(status, 403);
    // Nor does a run, step by step, or an X-ray, layer by layer, tell them.
    for variant in ["solution", "starter", "wrong/dynamic"] {
        let asked = json!({ "lab": ID, "variant": variant, "edits": {} });
        let (status, refused) = post(&server, "/api/runs", asked.clone()).await;
        assert_eq!(status, 422, "{refused}");
        let xray = json!({ "lab": ID, "variant": variant });
        let (status, refused) = post(&server, "/api/xrays", xray).await;
        assert_eq!(status, 422, "{refused}");
    }
    let (status, shown) = post(&server, &at("/solution"), json!({ "give_up": true })).await;
    assert_eq!(status, 200);
    let text = shown["files"]["Dockerfile"].as_str().expect("the solution");
    assert!(text.contains("COPY --from=build"));
    server.close().await;
}

/// Starts a check, waits for its end, asks what came of it.
async fn checked(server: &Server, body: Value) -> (String, Value) {
    let (status, started) = post(server, &at("/check"), body).await;
    assert_eq!(status, 201, "{started}");
    let run = started["run"].as_str().expect("an id").to_owned();
    server.events(&run).await;
    let (status, verdict) = get(server, &at(&format!("/checks/{run}"))).await;
    assert_eq!(status, 200, "{verdict}");
    (run, verdict)
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_fail_with_a_cause_give_hints_and_pass_once_solved() {
    let server = Server::start(&root()).await;
    let (run, verdict) = checked(&server, json!({})).await;
    assert_eq!(verdict["passed"], json!(false));
    let advice = &verdict["advice"];
    assert_eq!(advice["check"], json!("small"), "{verdict}");
    let cause = advice["cause"].as_str().expect("a cause");
    assert!(cause.contains("only the build needs"), "{cause}");
    assert_eq!(advice["page"]["href"], json!("journey/stage-3.html"));
    assert_eq!(advice["told"], json!([]), "hints are asked for");

    for told in 1..=4_usize {
        let (status, hint) = post(&server, &at("/hint"), json!({})).await;
        assert_eq!(status, 200, "{hint}");
        assert_eq!(hint["told"].as_array().map(Vec::len), Some(told.min(3)));
    }
    // Asked twice, counted once.
    get(&server, &at(&format!("/checks/{run}"))).await;
    let shown = get(&server, &at("")).await.1;
    assert_eq!(shown["standing"]["attempts"], json!(1));
    assert_eq!(shown["standing"]["failing"], json!("small"));
    assert_eq!(shown["begun"], json!(false), "a check saves nothing");

    let solution = post(&server, &at("/solution"), json!({ "give_up": true }))
        .await
        .1;
    let (_, verdict) = checked(&server, json!({ "files": solution["files"] })).await;
    assert_eq!(verdict["passed"], json!(true), "{verdict}");
    assert_eq!(verdict["advice"], Value::Null);
    let all = get(&server, "/api/exercises").await.1;
    let first = &all["exercises"][0];
    assert!(first["standing"]["passed_at"].is_string(), "{first}");
    assert_ne!(all["next"], json!(ID));
    assert_eq!(get(&server, &at("/solution")).await.0, 200);

    // All of it moves to another machine, and back unchanged.
    save(&server, "Dockerfile", "FROM mine\n", Value::Null).await;
    let exported = get(&server, "/api/exercises/export").await.1;
    let other = Server::start(&root()).await;
    let (status, taken) = post(&other, "/api/exercises/import", exported.clone()).await;
    assert_eq!(status, 200, "{taken}");
    assert_eq!(taken["files"], json!([format!("{ID}/Dockerfile")]));
    let again = get(&other, "/api/exercises/export").await.1;
    assert_eq!(again, exported);
    let (_, twice) = post(&other, "/api/exercises/import", exported).await;
    assert_eq!((&twice["acts"], &twice["files"]), (&json!(0), &json!([])));
    other.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_judge_only_their_own_runs_and_only_at_the_end() {
    let server = Server::start(&root()).await;
    let lab = server.run("stage-6", "image", json!({})).await;
    let path = at(&format!("/checks/{lab}"));
    assert_eq!(get(&server, &path).await.0, 404, "a lab's run is no check");
    let (_, started) = post(&server, &at("/check"), json!({})).await;
    let run = started["run"].as_str().expect("an id");
    let path = at(&format!("/checks/{run}"));
    assert_eq!(get(&server, &path).await.0, 409, "it is not over");
    let (status, _) = post(&server, &format!("/api/runs/{run}/stop"), json!({})).await;
    assert_eq!(status, 202);
    server.events(run).await;
    assert_eq!(get(&server, &path).await.0, 422, "nobody can judge it");
    let shown = get(&server, &at("")).await.1;
    let attempts = &shown["standing"]["attempts"];
    assert_eq!(attempts, &json!(0), "what was stopped does not count");
    server.close().await;
}
