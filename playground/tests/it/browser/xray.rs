//! "Look inside": the page that opens images.

mod late;

use super::{Browser, exported, lab, open_lab};
use crate::support::{Server, root};
use axum::http::header::CONTENT_TYPE;
use axum::http::{StatusCode, Uri};
use serde_json::json;
use std::path::PathBuf;
use tokio::net::TcpListener;

const READY: &str = "section.xray[data-state=ready]";
const ENTER: char = '\u{E007}';
const RIGHT: char = '\u{E014}';
const DOWN: char = '\u{E015}';
const BACKSPACE: char = '\u{E003}';

async fn looking_at(fragment: &str) -> (Server, Browser) {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, false).await;
    // In one fragment with the key, as a link of the terminal would have it.
    let url = format!("{}/xray.html#key={}&{fragment}", server.base, server.key);
    browser.goto(&url).await;
    browser.find(READY).await;
    (server, browser)
}

/// What the focused element is called for those who do not see it.
async fn focused(browser: &Browser) -> String {
    let name = "return document.activeElement.getAttribute('aria-label') ?? '';";
    let name = browser.script(name).await;
    name.as_str().expect("a text").to_owned()
}

/// From the largest box to another one: Home, then to the right and down.
async fn walk_to(browser: &Browser, css: &str) {
    for key in ['\u{E011}', RIGHT, RIGHT, DOWN, DOWN] {
        let here = "return document.querySelector(arguments[0]) !== null;";
        let here = browser.client.execute(here, vec![json!(css)]).await;
        if here.expect("the script runs") == json!(true) {
            return;
        }
        browser.press(key).await;
    }
    panic!("no key led to {css}");
}

async fn number(browser: &Browser, script: &str) -> f64 {
    browser.script(script).await.as_f64().expect("a number")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_opened_from_its_card_and_weighs_the_same() {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, false).await;
    open_lab(&server, &browser, "stage-5a").await;
    let stage = lab("stage-5a");
    browser.run_to(&stage, "as-declared").await;
    let measured = format!("{stage} tr[data-size=unpacked] [data-bytes]");
    let measured = browser.attribute(&measured, "data-bytes").await;
    browser.click(&format!("{stage} a[data-role=xray]")).await;
    browser.find(READY).await;
    browser
        .find(&format!(
            "[data-role=xray-summary] [data-size=unpacked] [data-bytes=\"{measured}\"]"
        ))
        .await;
    let xray = "return history.state.xray;";
    let before = browser.script(xray).await;
    browser.reload().await;
    browser.find(READY).await;
    assert_eq!(
        browser.script(xray).await,
        before,
        "a reload reads nothing anew"
    );
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_leads_from_an_image_to_a_go_package_and_back() {
    let (server, browser) = looking_at("lab=stage-5a&variant=image").await;
    let url = browser.client.current_url().await.expect("an address");
    assert!(!url.as_str().contains("key="), "the key leaves: {url}");
    browser.tab_to("[data-role=xray-cell]").await;
    let program = focused(&browser).await;
    assert!(
        program.starts_with("app; "),
        "the largest is first: {program}"
    );
    browser.press(ENTER).await;
    browser
        .find("[data-role=xray-cell][data-at=\"/app!.text\"]")
        .await;
    // Which section is the largest is the linker's business: walk until it is the code.
    let code = "[data-role=xray-cell][data-at=\"/app!.text\"]:focus";
    walk_to(&browser, code).await;
    browser.press(ENTER).await;
    browser
        .find("[data-role=xray-cell][data-at=\"/app!.text!std\"]")
        .await;
    let module = focused(&browser).await;
    assert!(module.starts_with("std; module"), "{module}");
    browser.press(ENTER).await;
    browser
        .find("[data-role=xray-cell][data-family=std][aria-label^=\"net/http; package; \"]")
        .await;
    let crumbs = browser.text("[data-role=xray-crumbs]").await;
    assert!(
        crumbs.contains(".text") && crumbs.contains("std"),
        "{crumbs}"
    );
    browser.press(BACKSPACE).await;
    browser
        .find("[data-role=xray-cell][data-at=\"/app!.text!std\"]:focus")
        .await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_left_the_room_is_drawn_to_one_scale_and_counted() {
    let (server, browser) = looking_at("lab=stage-3&variant=image").await;
    browser.click("[data-role=xray-compare]").await;
    browser
        .click("[data-role=xray-choice][data-lab=stage-5a]")
        .await;
    browser
        .find("[data-role=xray-room][data-side=from] .cell[data-change=left]")
        .await;
    browser
        .find("[data-role=xray-room][data-side=to] .cell")
        .await;
    let gone = "[data-role=xray-room][data-side=to] .cell[data-change=left]";
    let gone = format!("return document.querySelectorAll('{gone}').length;");
    assert_eq!(browser.script(&gone).await, json!(0), "ghosts stay behind");
    let area = |side: &str| {
        format!(
            "const room = document.querySelector('[data-role=xray-room][data-side={side}]'); \
             return room.clientWidth * room.clientHeight;"
        )
    };
    let areas = number(&browser, &area("from")).await / number(&browser, &area("to")).await;
    let bytes = "const [from, to] = [...document.querySelectorAll('.xray-versus strong')]\
                 .map(one => parseFloat(one.textContent)); return from / to;";
    let bytes = number(&browser, bytes).await;
    assert!(
        (areas / bytes - 1.0).abs() < 0.05,
        "areas {areas}, bytes {bytes}"
    );
    let shells = browser
        .text("[data-role=xray-counts] [data-count=shells]")
        .await;
    assert!(shells.ends_with('0'), "no shell is left: {shells}");
    let left = browser
        .text("[data-role=xray-change][data-change=left]")
        .await;
    assert!(left.contains("/bin"), "whole directories left: {left}");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn views_of_a_program_are_offered_where_they_have_something_to_show() {
    let (server, browser) = looking_at("lab=stage-3&variant=image&at=/bin/busybox!").await;
    browser
        .find("[data-role=xray-cell][data-at=\"/bin/busybox!.text\"]")
        .await;
    let views = "return [...document.querySelectorAll('.xray-inside button')]\
                 .map(view => view.dataset.at);";
    assert_eq!(browser.script(views).await, json!([]), "it is written in C");
    let code = "/app!.text";
    let go = "location.hash = '#lab=stage-5a&variant=image&at=/app!';";
    browser.script(go).await;
    let text = format!("[data-role=xray-view][data-at=\"{code}\"]");
    browser.find(&text).await;
    assert_eq!(
        browser.script(views).await,
        json!(["/app!", code, "/app!packages"])
    );
    for view in [code, "/app!packages"] {
        let view = format!("[data-role=xray-view][data-at=\"{view}\"]");
        browser.click(&view).await;
        browser.find(&format!("{view}[aria-pressed=true]")).await;
    }
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hostile_name_in_an_image_is_only_text() {
    let server = Server::start(&root()).await;
    let name = "<img src=x onerror=document.title=7>\u{202e}gpj";
    let dockerfile = format!("FROM scratch\nCOPY [\"clock.go\", \"/{name}\"]\n");
    let run = server
        .run("stage-5a", "image", json!({ "Dockerfile": dockerfile }))
        .await;
    server.events(&run).await;
    let browser = Browser::open(1280, false).await;
    let url = format!("{}/xray.html#key={}&run={run}", server.base, server.key);
    browser.goto(&url).await;
    browser.find(READY).await;
    let shown = browser.text("[data-role=xray-cell] .cell-name").await;
    assert_eq!(shown, name.replace('\u{202e}', "\u{fffd}"));
    for part in ["layers", "preflight", "standout", "programs"] {
        browser
            .click(&format!("[data-role=file-tab][data-path={part}]"))
            .await;
    }
    let made = "return [document.querySelectorAll('.xray img').length, document.title];";
    let made = browser.script(made).await;
    assert_eq!(made[0], json!(0));
    assert_ne!(made[1], json!("7"), "nothing in a name was carried out");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_playground_the_page_says_what_to_type() {
    let server = Server::start(&root()).await;
    let out = exported(&server.state);
    let browser = Browser::open(1280, false).await;
    let url = format!(
        "file://{}/xray.html#image=golang:1.23",
        out.path().display()
    );
    browser.goto(&url).await;
    browser.find("html[data-server=static]").await;
    let said = browser.text("section.xray").await;
    assert!(said.contains("script/server"), "{said}");
    assert!(said.contains("playground xray golang:1.23"), "{said}");
    // A lab's sources and what was recorded of it are there without any script.
    let lab = format!("file://{}/museum/x509.html", out.path().display());
    browser.goto(&lab).await;
    let text = "return document.querySelector('[data-lab=x509]').textContent;";
    let lab = browser.script(text).await.to_string();
    for part in [
        "FROM golang:1.23",
        "certificate signed by unknown authority",
    ] {
        assert!(lab.contains(part), "{part:?} in {lab}");
    }
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

/// A web server that knows nothing of us.
async fn plain_web_server(folder: PathBuf) -> String {
    let file = async move |uri: Uri| {
        let file = folder.join(uri.path().trim_start_matches('/'));
        let kind = match file.extension().and_then(|ending| ending.to_str()) {
            Some("html") => "text/html",
            Some("js") => "text/javascript",
            Some("css") => "text/css",
            _ => "application/octet-stream",
        };
        let bytes = std::fs::read(file).map_err(|_| StatusCode::NOT_FOUND)?;
        Ok::<_, StatusCode>(([(CONTENT_TYPE, kind)], bytes))
    };
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
    let address = listener.local_addr().expect("an address");
    let router = axum::Router::new().fallback(file);
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}")
}

#[tokio::test(flavor = "multi_thread")]
async fn on_a_plain_web_server_pages_live_and_show_what_was_recorded() {
    let server = Server::start(&root()).await;
    let out = exported(&server.state);
    let base = plain_web_server(out.path().to_owned()).await;
    let browser = Browser::open(1280, false).await;
    let url = format!("{base}/xray.html#image=golang:1.23");
    browser.goto(&url).await;
    browser.find("section.xray[data-state=static]").await;
    let said = browser.text("section.xray").await;
    assert!(said.contains("playground xray golang:1.23"), "{said}");

    let url = format!("{base}/museum/missing-libc.html");
    browser.goto(&url).await;
    browser.find("html[data-server=static]").await;
    let lab = lab("missing-libc");
    browser
        .click(&format!("{lab} [data-role=compare-view]"))
        .await;
    let side = format!("{lab} [data-side=broken][data-state=recorded]");
    let recorded = browser.text(&side).await;
    assert!(recorded.contains("no such file or directory"), "{recorded}");
    browser.close().await;
    server.close().await;
}
