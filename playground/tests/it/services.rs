//! The reader's own folders over HTTP: what a page may name, and what it may not.

use super::support::{LastingFolder, Server, copy_folder, fixture, leftovers, root};
use playground::web::KEY_HEADER;
use serde_json::{Value, json};
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A service that needs nothing but its port: HTTP in the plainest way, without `net/http`, which takes a
/// minute of two cores to compile where Go has no cache.
pub(crate) fn small_service(at: &Path) -> PathBuf {
    const MAIN: &str = r#"package main

import (
	"bufio"
	"net"
	"strings"
)

var answers = map[string]string{"/healthz": "200 OK"}

func main() {
	listener, err := net.Listen("tcp", ":8071")
	if err != nil {
		panic(err)
	}
	for {
		connection, err := listener.Accept()
		if err != nil {
			panic(err)
		}
		go answer(connection)
	}
}

func answer(connection net.Conn) {
	defer connection.Close()
	lines := bufio.NewReader(connection)
	first, _ := lines.ReadString('\n')
	for line := first; strings.TrimSpace(line) != ""; {
		line, _ = lines.ReadString('\n')
	}
	status := "404 Not Found"
	if words := strings.Fields(first); len(words) == 3 && answers[words[1]] != "" {
		status = answers[words[1]]
	}
	_, _ = connection.Write([]byte("HTTP/1.1 " + status + "\r\nContent-Length: 3\r\nConnection: close\r\n\r\nok\n"))
}
"#;
    let tree = at.join("hello");
    fs::create_dir_all(&tree).expect("made");
    fs::write(tree.join("go.mod"), "module hello.test/hello\n\ngo 1.22\n").expect("written");
    fs::write(tree.join("main.go"), MAIN).expect("written");
    tree
}

async fn listed(server: &Server) -> Value {
    let answer = server.get("/api/services").send().await.expect("an answer");
    answer.json().await.expect("JSON")
}

/// The id of the only service.
async fn only(server: &Server) -> String {
    let own = listed(server).await;
    own["services"][0]["service"]
        .as_str()
        .expect("an id")
        .to_owned()
}

/// Its events up to its end.
async fn followed(server: &Server, adoption: &str) -> Vec<Value> {
    let path = format!("/api/adoptions/{adoption}/events");
    let answer = server.get(&path).send().await.expect("a stream");
    assert_eq!(answer.status(), 200);
    let text = answer.text().await.expect("the stream ends well");
    let data = text.lines().filter_map(|line| line.strip_prefix("data: "));
    data.map(|data| serde_json::from_str(data).expect("JSON"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_never_names_a_path() {
    let dir = TempDir::new().expect("a folder");
    let tree = small_service(dir.path());
    let server = Server::offering(&root(), std::slice::from_ref(&tree)).await;
    let id = only(&server).await;
    let path = tree.display().to_string();
    let quoted = path.replace('/', "%2F");
    for other in [
        "0",
        "1",
        "..",
        ".",
        "%2e%2e%2fhello",
        "%2Fetc",
        &quoted,
        "hello",
        "000000000000",
        "%00",
        &format!("{id}%2F.."),
        &format!("{id}0"),
        &id.to_uppercase(),
    ] {
        if other == id {
            continue;
        }
        let answer = server
            .post(&format!("/api/services/{other}/adopt"), &json!({}))
            .send()
            .await
            .expect("an answer");
        let status = answer.status();
        assert!(status.is_client_error(), "{other}: {status}");
    }
    // What adopt can be told on a command line, a page cannot.
    for body in [
        json!({ "path": "/etc" }),
        json!({ "main": "../.." }),
        json!({ "journey": "/etc" }),
        json!({ "write": true }),
        json!({ "html": "/tmp/owned" }),
        json!(["/etc"]),
        json!("/etc"),
    ] {
        let answer = server.post(&format!("/api/services/{id}/adopt"), &body);
        let answer = answer.send().await.expect("an answer");
        assert_eq!(answer.status(), 422, "{body}");
        let answer: Value = answer.json().await.expect("errors are JSON");
        assert!(!answer["error"]["next"].as_str().unwrap_or("").is_empty());
    }
    for other in ["000000000000", "..", "%2Fetc", &id] {
        for rest in ["", "/events", "/report"] {
            let path = format!("/api/adoptions/{other}{rest}");
            let answer = server.get(&path).send().await.expect("an answer");
            assert!(answer.status().is_client_error(), "{path}");
        }
        let path = format!("/api/adoptions/{other}/stop");
        let answer = server
            .post(&path, &json!({}))
            .send()
            .await
            .expect("an answer");
        assert!(answer.status().is_client_error(), "{path}");
    }
    assert_eq!(
        listed(&server).await["adoptions"],
        json!([]),
        "nothing was started"
    );
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_from_elsewhere_and_a_key_of_another_launch_adopt_nothing() {
    let dir = TempDir::new().expect("a folder");
    let tree = small_service(dir.path());
    let server = Server::offering(&root(), &[tree]).await;
    let id = only(&server).await;
    let path = format!("/api/services/{id}/adopt");
    let url = format!("{}{path}", server.base);
    for origin in ["http://evil.example", "null", "http://127.0.0.1:1"] {
        let foreign = server.post(&path, &json!({})).header("Origin", origin);
        let answer = foreign.send().await.expect("an answer");
        assert_eq!(answer.status(), 403, "{origin}");
    }
    let bare = reqwest::Client::new();
    for key in [None, Some("0".repeat(32)), Some(String::new())] {
        for path in ["/api/services", "/api/adoptions/000000000000"] {
            let mut request = bare.get(format!("{}{path}", server.base));
            if let Some(key) = &key {
                request = request.header(KEY_HEADER, key);
            }
            assert_eq!(
                request.send().await.expect("an answer").status(),
                401,
                "{path}"
            );
        }
        let mut request = bare.post(&url).json(&json!({}));
        if let Some(key) = &key {
            request = request.header(KEY_HEADER, key);
        }
        assert_eq!(request.send().await.expect("an answer").status(), 401);
    }
    let form = bare.post(&url).header(KEY_HEADER, &server.key);
    let form = form.header("Content-Type", "text/plain").body("{}");
    assert_eq!(form.send().await.expect("an answer").status(), 415);
    assert_eq!(listed(&server).await["adoptions"], json!([]));
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_folder_is_adopted_live_and_stays_as_it_was() {
    let dir = LastingFolder::new("live");
    let tree = dir.path().join("shop");
    copy_folder(&fixture("adopt"), &tree);
    let dockerfile = "FROM golang:1.23 AS Build\nWORKDIR /src\nCOPY . .\nRUN go build -o /shop ./cmd/shop\n\
                      WORKDIR /src\nCMD [\"/shop\"]\n";
    fs::write(tree.join("Dockerfile"), dockerfile).expect("written");
    let server = Server::offering(&root(), std::slice::from_ref(&tree)).await;
    let id = only(&server).await;
    let answer = server
        .post(&format!("/api/services/{id}/adopt"), &json!({}))
        .send()
        .await
        .expect("an answer");
    assert_eq!(answer.status(), 201);
    let answer: Value = answer.json().await.expect("JSON");
    let adoption = answer["adoption"].as_str().expect("an id");
    let events = followed(&server, adoption).await;
    let of = |kind: &str| events.iter().filter(|event| event["event"] == kind).count();
    assert!(of("round") >= 3 && of("repaired") >= 1, "{events:?}");
    assert_eq!(of("finished"), 1);
    let last = events.last().expect("an end");
    assert_eq!(last["ending"], "as-declared", "{last}");
    let answer = server.get(&format!("/api/adoptions/{adoption}"));
    let done: Value = answer
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let report = &done["report"];
    assert_eq!(report["outcome"], "answers", "{report}");
    assert!(
        report["decisions"]
            .as_array()
            .is_some_and(|all| all.len() > 5)
    );
    // Beside a Dockerfile of the repository's own.
    let names: Vec<_> = done["files"]
        .as_array()
        .expect("files")
        .iter()
        .map(|file| &file["name"])
        .collect();
    assert_eq!(
        names,
        ["Dockerfile.scratch", "Dockerfile.scratch.dockerignore"]
    );
    let current = &report["current"];
    assert_eq!(current["file"], "Dockerfile");
    assert_eq!(current["outcome"], "answers", "{current}");
    let (own, adopted) = (
        &current["weight"]["unpacked"],
        &report["weight"]["unpacked"],
    );
    assert!(
        own.as_u64() > adopted.as_u64().map(|bytes| bytes * 10),
        "{own} {adopted}"
    );
    assert!(
        current["left"]["left"]["files"].as_u64() > Some(1000),
        "{current}"
    );
    let advice = current["findings"].as_array().expect("findings");
    assert!(
        advice
            .iter()
            .any(|one| one["rule"] == "runs-as-root" && one["page"].is_string()),
        "{advice:?}"
    );
    let page: Value = server
        .get(&format!("/api/adoptions/{adoption}/report"))
        .send()
        .await
        .expect("an answer")
        .json()
        .await
        .expect("JSON");
    let page = page["html"].as_str().expect("a page");
    assert!(page.starts_with("<!doctype html>") && page.contains("It answers."));
    assert_eq!(
        fs::read_to_string(tree.join("Dockerfile")).expect("there"),
        dockerfile
    );
    assert!(
        !tree.join("Dockerfile.scratch").exists(),
        "nothing is written from a page"
    );
    let owner = server.state.owner.id().to_owned();
    server.close().await;
    assert_eq!(leftovers(&owner).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_is_stopped_ends_and_leaves_nothing() {
    let dir = TempDir::new().expect("a folder");
    let tree = small_service(dir.path());
    let server = Server::offering(&root(), &[tree]).await;
    let id = only(&server).await;
    let mut adoptions = Vec::new();
    // The second one waits for the first.
    for _ in 0..2 {
        let answer = server.post(&format!("/api/services/{id}/adopt"), &json!({}));
        let answer: Value = answer
            .send()
            .await
            .expect("an answer")
            .json()
            .await
            .expect("JSON");
        adoptions.push(answer["adoption"].as_str().expect("an id").to_owned());
    }
    for adoption in adoptions.iter().rev() {
        let answer = server.post(&format!("/api/adoptions/{adoption}/stop"), &json!({}));
        assert_eq!(answer.send().await.expect("an answer").status(), 202);
        let events = followed(&server, adoption).await;
        let last = events.last().expect("an end");
        assert_eq!(last["ending"], "stopped", "{last}");
    }
    let answer = server.get(&format!("/api/adoptions/{}/report", adoptions[0]));
    assert_eq!(answer.send().await.expect("an answer").status(), 409);
    let owner = server.state.owner.id().to_owned();
    server.close().await;
    assert_eq!(leftovers(&owner).await, Vec::<String>::new());
}
