//! X-rays over HTTP: what comes of them, and that nothing stays behind.

mod strangers;

use super::support::{Server, engine, fixture, leftovers, root};
use playground::bases::Bases;
use serde_json::{Value, json};
use std::time::Duration;

/// An image that is read long enough to be stopped: 850 MB.
const LARGE: &str = "golang:1.23";
const SMALL: &str = "alpine:3.20";

async fn serve(root: &std::path::Path, base: &str) -> Server {
    let engine = engine().await;
    let bases = Bases::load().expect("bases.toml is valid");
    let ensured = bases.ensure(&engine, base, &|_| {}).await;
    ensured.unwrap_or_else(|error| panic!("{error}"));
    Server::start(root).await
}

async fn get(server: &Server, path: &str) -> (u16, Value) {
    let answer = server.get(path).send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

async fn ask(server: &Server, body: &Value) -> (u16, Value) {
    let answer = server.post("/api/xrays", body).send().await;
    let answer = answer.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

async fn start(server: &Server, body: &Value) -> String {
    let (status, answer) = ask(server, body).await;
    assert_eq!(status, 201, "{body}: {answer}");
    answer["xray"].as_str().expect("an id").to_owned()
}

/// Asks until `wanted` says yes; an X-ray has ten minutes.
async fn until(server: &Server, id: &str, wanted: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    for _ in 0..6000 {
        let (status, seen) = get(server, &format!("/api/xrays/{id}")).await;
        assert_eq!(status, 200, "{seen}");
        if wanted(&seen) {
            return seen;
        }
        let over = ["ready", "failed", "stopped"]
            .iter()
            .any(|s| seen["state"] == *s);
        assert!(!over, "it ended otherwise: {seen:#}");
        last = seen;
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("not within ten minutes: {last:#}");
}

async fn ready(server: &Server, body: &Value) -> (String, Value) {
    let id = start(server, body).await;
    let seen = until(server, &id, |seen| seen["state"] == "ready").await;
    assert_eq!(seen["error"], Value::Null);
    (id, seen["report"].clone())
}

async fn stop(server: &Server, id: &str) {
    let path = format!("/api/xrays/{id}/stop");
    let answer = server.post(&path, &json!({})).send().await;
    assert_eq!(answer.expect("an answer").status(), 202);
}

/// A query with everything in it escaped.
async fn map(server: &Server, id: &str, query: &[(&str, &str)]) -> (u16, Value) {
    let request = server.get(&format!("/api/xrays/{id}/map")).query(query);
    let answer = request.send().await.expect("an answer");
    let status = answer.status().as_u16();
    (status, answer.json().await.expect("JSON"))
}

async fn drawn(server: &Server, id: &str, at: &str) -> Value {
    let query = [("at", at), ("width", "960"), ("height", "540")];
    let (status, map) = map(server, id, &query).await;
    assert_eq!(status, 200, "{at}: {map}");
    map
}

fn cell<'a>(map: &'a Value, name: &str) -> &'a Value {
    let mut cells = map["cells"].as_array().expect("cells").iter();
    let found = cells.find(|cell| cell["name"] == name);
    found.unwrap_or_else(|| panic!("no {name} in {map:#}"))
}

fn error(answer: &Value) {
    for part in ["what", "cause", "next"] {
        let text = answer["error"][part].as_str().unwrap_or("");
        assert!(!text.is_empty(), "an error says its {part}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_image_of_the_engine_opens_to_its_files() {
    let server = serve(&fixture("limits"), SMALL).await;
    let (status, list) = get(&server, "/api/images").await;
    assert_eq!((status, &list["error"]), (200, &Value::Null));
    let images = list["images"].as_array().expect("images");
    let listed = images.iter().find(|image| image["name"] == SMALL);
    let listed = listed.expect("it is listed");
    let named = images.iter().take_while(|image| image["name"].is_string());
    assert!(
        images[named.count()..]
            .iter()
            .all(|image| image["name"].is_null()),
        "named ones come first"
    );

    let (_, by_name) = ready(&server, &json!({ "image": SMALL })).await;
    let (id, by_id) = ready(&server, &json!({ "image": listed["id"] })).await;
    assert_eq!(by_name["subject"]["name"], SMALL);
    assert_eq!(by_name["layers"], by_id["layers"]);
    assert!(by_id["tree"].is_null(), "the tree is not sent");
    assert_eq!(by_id["stands_out"]["shells"][0]["path"], "/bin/ash");

    let top = drawn(&server, &id, "/").await;
    assert_eq!(top["bytes"], by_id["sizes"]["merged_bytes"]);
    assert_eq!(cell(&top, "bin")["opens"], true);
    let marks = drawn(&server, &id, "/bin").await;
    assert_eq!(cell(&marks, "busybox")["marks"], json!(["elf", "shell"]));
    let (status, findings) = get(&server, &format!("/api/xrays/{id}/preflight")).await;
    assert_eq!(status, 200, "{findings}");
    for finding in findings["findings"].as_array().expect("findings") {
        assert!(finding["title"].is_string(), "{finding}");
    }
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_variant_opens_down_to_a_go_package_and_leaves_nothing_behind() {
    let server = serve(&root(), LARGE).await;
    let asked = json!({ "lab": "no-tmp", "variant": "copied" });
    let (id, report) = ready(&server, &asked).await;
    assert_eq!(report["subject"]["name"], "no-tmp/copied");
    assert_eq!(report["programs"][0]["path"], "/app");
    assert_eq!(leftovers(server.state.owner.id()).await, [""; 0]);

    let app = drawn(&server, &id, "/").await;
    let app = cell(&app, "app");
    assert_eq!(
        (&app["opens"], &app["marks"]),
        (&json!(true), &json!(["go"]))
    );
    let sections = drawn(&server, &id, "/app!").await;
    assert_eq!(sections["bytes"], app["bytes"]);
    let text = cell(&sections, ".text")["at"].as_str().expect("a place");
    let packages = drawn(&server, &id, text).await;
    assert_eq!(cell(&packages, "runtime")["kind"], "package");
    let all = drawn(&server, &id, "/app!packages").await;
    assert_eq!(all["bytes"], app["bytes"]);
    let std = cell(&all, "std")["at"].as_str().expect("a place");
    assert_eq!(drawn(&server, &id, std).await["crumbs"][3]["name"], "std");
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_x_rayed_with_its_edits_and_compared() {
    let server = serve(&fixture("limits"), SMALL).await;
    let dockerfile = "FROM alpine:3.20\nRUN mkdir /marked && echo edited > '/marked/a b%2e!ü'\n\
        RUN rm -r /etc/ssl\nCMD [\"true\"]\n";
    let edits = json!({ "Dockerfile": dockerfile });
    let run = server.run("limits", "slow-build", edits).await;
    server.events(&run).await;
    let (id, report) = ready(&server, &json!({ "run": run })).await;
    assert_eq!(report["layers"].as_array().map(Vec::len), Some(3));
    assert_eq!(server.leftovers().await, [""; 0]);
    let marked = drawn(&server, &id, "/marked").await;
    assert_eq!(cell(&marked, "a b%2e!ü")["bytes"], 7);

    let (base, _) = ready(&server, &json!({ "image": SMALL })).await;
    let (status, difference) = get(&server, &format!("/api/xrays/{base}/against/{id}")).await;
    assert_eq!(status, 200, "{difference}");
    assert_eq!(difference["from"]["name"], SMALL);
    let groups = difference["groups"].as_array().expect("groups");
    let fate = |path: &str| {
        let group = groups.iter().find(|group| group["path"] == path);
        group.map(|group| group["fate"].clone())
    };
    assert_eq!(fate("/marked"), Some(json!("came")));
    assert_eq!(fate("/etc/ssl"), Some(json!("left")));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_while_it_builds_it_leaves_nothing_behind() {
    let server = serve(&fixture("limits"), SMALL).await;
    let asked = json!({ "lab": "limits", "variant": "slow-build" });
    let id = start(&server, &asked).await;
    let building = |seen: &Value| {
        let text = seen["text"].as_str().unwrap_or("");
        seen["state"] == "building" && text.contains("RUN")
    };
    until(&server, &id, building).await;
    stop(&server, &id).await;
    until(&server, &id, |seen| seen["state"] == "stopped").await;
    assert_eq!(leftovers(server.state.owner.id()).await, [""; 0]);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stopped_while_it_reads_it_makes_room_for_the_next() {
    let server = serve(&fixture("limits"), LARGE).await;
    let id = start(&server, &json!({ "image": LARGE })).await;
    let reading = |seen: &Value| seen["state"] == "reading" && seen["current"].as_u64() > Some(0);
    let seen = until(&server, &id, reading).await;
    assert!(seen["total"].as_u64() >= seen["current"].as_u64(), "{seen}");
    let next = start(&server, &json!({ "image": SMALL })).await;
    until(&server, &next, |seen| seen["state"] == "waiting").await;
    let (status, early) = get(&server, &format!("/api/xrays/{next}/preflight")).await;
    assert_eq!(status, 409);
    error(&early);
    stop(&server, &id).await;
    until(&server, &id, |seen| seen["state"] == "stopped").await;
    until(&server, &next, |seen| seen["state"] == "ready").await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn closing_ends_what_is_read_and_what_waits() {
    let server = serve(&fixture("limits"), LARGE).await;
    for _ in 0..3 {
        start(&server, &json!({ "image": LARGE })).await;
    }
    let closed = tokio::time::timeout(Duration::from_secs(20), server.close());
    closed
        .await
        .expect("closed long before the images are read");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_stands_beside_a_build_goes_with_it() {
    let server = serve(&root(), LARGE).await;
    let lab = server.state.catalog.lab("x509").expect("known");
    let handed = lab.variants.iter().find(|one| !one.provides.is_empty());
    let handed = handed.expect("a variant that is handed a file");
    let asked = json!({ "lab": "x509", "variant": handed.id });
    let (_, report) = ready(&server, &asked).await;
    assert!(
        report["stands_out"]["ca_bundles"][0].is_string(),
        "what the peer handed over is in the image"
    );
    assert_eq!(leftovers(server.state.owner.id()).await, [""; 0]);
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn newer_x_rays_take_the_room_of_older_ones() {
    let server = serve(&fixture("limits"), SMALL).await;
    let (first, _) = ready(&server, &json!({ "image": SMALL })).await;
    let mut last = first.clone();
    for _ in 0..12 {
        last = ready(&server, &json!({ "image": SMALL })).await.0;
    }
    let (status, gone) = get(&server, &format!("/api/xrays/{first}")).await;
    assert_eq!(status, 404);
    error(&gone);
    assert_eq!(drawn(&server, &last, "/").await["at"], "/");
    server.close().await;
}
