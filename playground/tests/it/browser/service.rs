//! Your service: by keyboard, in the dark, on a phone; live, and after a reload.

use super::accessible::{RUN, axe};
use super::{Browser, TAB};
use crate::services::small_service;
use crate::support::{LastingFolder, Server, root};
use serde_json::{Value, json};
use std::fs;
use tempfile::TempDir;

const ENTER: char = '\u{E007}';

async fn open(browser: &Browser, server: &Server) {
    let url = format!("{}/service.html#key={}", server.base, server.key);
    browser.goto(&url).await;
    browser.find("html[data-server=ready]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_adopts_a_folder_by_keyboard_and_takes_the_files() {
    let dir = LastingFolder::new("by-keyboard");
    let tree = small_service(dir.path());
    let dockerfile =
        "FROM golang:1.23\nCOPY . /src\nWORKDIR /src\nRUN go build -o /hello .\nCMD [\"/hello\"]\n";
    fs::write(tree.join("Dockerfile"), dockerfile).expect("written");
    let server = Server::offering(&root(), &[tree]).await;
    let browser = Browser::open(1280, false).await;
    open(&browser, &server).await;
    browser.find("[data-role=service-form]").await;
    browser.tab_to("[data-role=adopt]").await;
    browser.press(ENTER).await;
    browser
        .find("section.service[data-state=running] [data-role=round]")
        .await;
    // A reload in the middle finds it again, and starts nothing.
    browser.reload().await;
    browser
        .find("[data-role=service-run] [data-role=round]")
        .await;
    browser
        .find("[data-role=service-verdict][data-tone=good]")
        .await;
    let said = browser.text("[data-role=service-verdict]").await;
    assert!(
        said.contains("It answers") && said.contains("/healthz → 200"),
        "{said}"
    );
    let own: Value = server
        .get("/api/services")
        .send()
        .await
        .expect("it")
        .json()
        .await
        .expect("JSON");
    assert_eq!(own["adoptions"].as_array().map(Vec::len), Some(1), "{own}");
    // A decision opens by keyboard, and shows what was seen.
    browser
        .tab_to("[data-role=decision][data-topic=port] summary")
        .await;
    browser.press(ENTER).await;
    // What is unfolded may still be on its way onto the screen.
    let seen = "return !!document.querySelector('[data-role=decision][data-topic=port] details[open] ul')\
                ?.textContent.includes('/proc/net/tcp');";
    browser.until(seen).await;
    let beside = browser.text("[data-role=service-current]").await;
    assert!(
        beside.contains("Unpacked") && beside.contains("What is no longer there"),
        "{beside}"
    );
    browser
        .find("[data-role=take][data-file='Dockerfile.scratch']")
        .await;
    // The download is a link of the page's own; what it holds is told before the browser saves it.
    let hold = "window.saved = []; const made = URL.createObjectURL; \
                URL.createObjectURL = blob => { blob.text().then(text => window.saved.push(text)); return made(blob); };";
    browser.script(hold).await;
    browser
        .tab_to("[data-role=take][data-file='Dockerfile.scratch']")
        .await;
    browser.press(ENTER).await;
    browser
        .until("return window.saved.some(text => text.includes('FROM scratch'));")
        .await;
    browser.press(TAB).await;
    browser.tab_to("[data-role=take-report]").await;
    browser.press(ENTER).await;
    browser
        .until("return window.saved.some(text => text.startsWith('<!doctype html>'));")
        .await;
    let announced = "return document.querySelector('[data-role=announcer]').textContent;";
    let announced = browser.script(announced).await.to_string();
    assert!(
        announced.contains("the report is there"),
        "a screen reader hears of it: {announced}"
    );
    looks_well(&browser).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;

    // The same on a phone, in the dark.
    let phone = Browser::open(360, true).await;
    open(&phone, &server).await;
    phone.find("[data-role=service-verdict]").await;
    let sideways = "return document.documentElement.scrollWidth - window.innerWidth;";
    let sideways = phone.script(sideways).await.as_i64().expect("a number");
    assert!(sideways <= 0, "{sideways} pixels wider than the phone");
    looks_well(&phone).await;
    phone.close().await;
    server.close().await;
}

/// What axe says of the page as it stands, in light and dark.
async fn looks_well(browser: &Browser) {
    browser
        .client
        .execute(&axe(), Vec::new())
        .await
        .expect("axe is there");
    for theme in ["light", "navy"] {
        let choose = format!("document.getElementById('{theme}').click();");
        browser.script(&choose).await;
        browser
            .until("return [...document.querySelectorAll('link[rel=stylesheet]')].every(link => link.disabled || link.sheet);")
            .await;
        let found = browser
            .client
            .execute_async(RUN, vec![json!(false), json!({})])
            .await;
        assert_eq!(found.expect("axe answers"), json!([]), "{theme}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_folder_the_page_says_how_to_start_it() {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, false).await;
    open(&browser, &server).await;
    let told = browser.text("[data-role=service-none]").await;
    assert!(told.contains("serve --service"), "{told}");
    looks_well(&browser).await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_ends_an_adoption_and_says_so() {
    let dir = TempDir::new().expect("a folder");
    let tree = small_service(dir.path());
    let server = Server::offering(&root(), &[tree]).await;
    let browser = Browser::open(1280, false).await;
    open(&browser, &server).await;
    browser.click("[data-role=adopt]").await;
    browser.click("[data-role=service-stop]").await;
    browser
        .find("section.service[data-state=done][data-ending=stopped]")
        .await;
    let status = browser.text("[data-role=service-status]").await;
    assert!(status.starts_with("Stopped"), "{status}");
    browser.close().await;
    server.close().await;
}
