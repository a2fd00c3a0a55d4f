//! The page as a reader uses it, in real headless Chromium.

mod accessible;
mod class;
mod driver;
mod exercises;
mod inventory;
mod keyboard;
mod museum;
mod paper;
mod service;
mod symptoms;
mod wait;
mod xray;

use super::support::{Server, root};
use driver::{Browser, TAB};
use fantoccini::Locator;
use playground::app_state::AppState;
use playground::book;
use serde_json::{Value, json};
use tempfile::TempDir;

fn lab(id: &str) -> String {
    format!("section.lab[data-lab=\"{id}\"]")
}

/// The book as files, as `mdbook build` leaves it for those who have no playground.
fn exported(state: &AppState) -> TempDir {
    let out = tempfile::tempdir().expect("a folder");
    let panels = book::panels(&state.root, &state.catalog).expect("the content is valid");
    book::render(&root(), out.path(), panels).expect("rendered");
    out
}

/// The page that shows a lab, found in the rendered book.
async fn page_of(server: &Server, lab: &str) -> String {
    let index = server
        .get("/toc.html")
        .send()
        .await
        .expect("the contents")
        .text()
        .await
        .expect("text");
    let marker = format!("data-lab=\"{lab}\"");
    for link in index
        .split("href=\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
    {
        let page = server
            .get(&format!("/{link}"))
            .send()
            .await
            .expect("a page");
        if page.text().await.expect("text").contains(&marker) {
            return format!("/{link}");
        }
    }
    panic!("no page shows {lab}");
}

/// A reader on a desktop screen, at the page that shows a lab.
async fn reader_at(lab: &str) -> (Server, Browser) {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, false).await;
    open_lab(&server, &browser, lab).await;
    (server, browser)
}

async fn open_lab(server: &Server, browser: &Browser, id: &str) {
    let page = page_of(server, id).await;
    let key = server.key.clone();
    let url = format!("{}{page}#key={key}", server.base);
    browser.goto(&url).await;
    browser.find("html[data-server=ready]").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reader_runs_stage_5a_and_sees_the_chart_grow() {
    let (server, browser) = reader_at("stage-5a").await;
    assert!(
        !browser.text("main h1").await.is_empty(),
        "there is prose to read"
    );
    let url = browser.client.current_url().await.expect("an address");
    assert!(
        !url.as_str().contains("key="),
        "the key leaves the address bar: {url}"
    );

    let lab = lab("stage-5a");
    browser.click(&format!("{lab} [data-role=run]")).await;
    browser
        .find(&format!("{lab}[data-state=running] [data-role=step]"))
        .await;
    browser
        .find(&format!("{lab}[data-state=done][data-ending=as-declared]"))
        .await;
    let verdict = browser.text(&format!("{lab} [data-role=verdict]")).await;
    assert!(!verdict.is_empty());
    let rows = format!("{lab} [data-role=sizes] tr[data-size]");
    assert_eq!(
        browser
            .client
            .find_all(Locator::Css(&rows))
            .await
            .expect("rows")
            .len(),
        3
    );
    browser
        .find(&format!(
            "{lab} .chart-row[data-stage=stage-5a][data-measured]"
        ))
        .await;
    let announced = "return document.querySelector('[data-role=announcer]').textContent;";
    let announced = browser.script(announced).await.to_string();
    assert!(
        announced.len() > 10,
        "a screen reader hears of the end: {announced}"
    );
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reload_in_the_middle_of_a_run_finds_it_again() {
    let (server, browser) = reader_at("stage-6").await;
    let lab = lab("stage-6");
    browser.click(&format!("{lab} [data-role=run]")).await;
    browser
        .find(&format!("{lab}[data-state=running] [data-role=step]"))
        .await;
    browser.reload().await;
    browser
        .find(&format!(
            "{lab}[data-state=running], {lab}[data-state=done]"
        ))
        .await;
    browser
        .find(&format!("{lab}[data-state=done][data-ending=as-declared]"))
        .await;
    let runs: Value = server
        .get("/api/runs")
        .send()
        .await
        .expect("runs")
        .json()
        .await
        .expect("JSON");
    assert_eq!(
        runs.as_array().map(Vec::len),
        Some(1),
        "the reload started nothing: {runs}"
    );
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn stop_stops_and_says_so() {
    let (server, browser) = reader_at("stage-5a").await;
    let lab = lab("stage-5a");
    // An edit that no cache has seen, and that takes longer than a click.
    edit(
        &browser,
        &lab,
        "Dockerfile",
        "FROM alpine:3.20\nRUN echo once; sleep 240\n",
    )
    .await;
    browser.click(&format!("{lab} [data-role=run]")).await;
    browser
        .find(&format!("{lab}[data-state=running] [data-role=step]"))
        .await;
    browser.click(&format!("{lab} [data-role=stop]")).await;
    browser
        .find(&format!("{lab}[data-state=done][data-ending=stopped]"))
        .await;
    browser.close().await;
    server.close().await;
}

/// Replaces a file's text as typing would.
async fn edit(browser: &Browser, lab: &str, path: &str, text: &str) {
    browser
        .click(&format!("{lab} [data-role=file-tab][data-path=\"{path}\"]"))
        .await;
    let editor = format!("{lab} textarea[data-role=editor][data-path=\"{path}\"]");
    browser.find(&editor).await;
    let set = "const [css, text] = arguments; const area = document.querySelector(css); \
               area.value = text; area.dispatchEvent(new Event('input', { bubbles: true }));";
    let arguments = vec![json!(editor), json!(text)];
    browser
        .client
        .execute(set, arguments)
        .await
        .expect("the text is set");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edit_that_breaks_the_build_marks_its_line_and_reset_mends_it() {
    let (server, browser) = reader_at("stage-5a").await;
    let lab = lab("stage-5a");
    edit(
        &browser,
        &lab,
        "Dockerfile",
        "FROM scratch\nCOPY nowhere.txt /\n",
    )
    .await;
    browser.run_to(&lab, "not-as-declared").await;
    let message = browser.text(&format!("{lab} [data-role=message]")).await;
    assert!(message.contains("not found"), "{message}");
    browser.find(&format!("{lab} [data-role=line-error]")).await;
    browser.reload().await;
    browser.find("html[data-server=ready]").await;
    let kept = "return document.querySelector(\"section.lab[data-lab='stage-5a'] \
                textarea[data-path='Dockerfile']\").value;";
    assert!(
        browser
            .script(kept)
            .await
            .to_string()
            .contains("nowhere.txt"),
        "an edit survives a reload"
    );
    browser.click(&format!("{lab} [data-role=reset]")).await;
    browser.run_to(&lab, "as-declared").await;
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_variant_shows_the_real_message_and_who_said_it() {
    let (server, browser) = reader_at("missing-libc").await;
    let lab = lab("missing-libc");
    browser.run_to(&lab, "as-declared").await;
    let message = browser.text(&format!("{lab} [data-role=message]")).await;
    assert!(message.contains("no such file or directory"), "{message}");
    browser
        .find(&format!("{lab} [data-role=reporter][data-reporter=engine]"))
        .await;
    let output = browser.text(&format!("{lab} [data-role=output]")).await;
    assert!(
        output.contains("no such file or directory"),
        "what was written: {output}"
    );
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn dark_mode_is_dark_and_a_phone_does_not_scroll_sideways() {
    let server = Server::start(&root()).await;
    let browser = Browser::open(500, true).await;
    open_lab(&server, &browser, "stage-5a").await;
    let brightness = "const c = getComputedStyle(document.documentElement).backgroundColor\
                      .match(/\\d+(\\.\\d+)?/g).map(Number); return c[0] + c[1] + c[2];";
    let brightness = browser.script(brightness).await.as_f64().expect("a number");
    assert!(brightness < 200.0, "the page is dark: {brightness}");
    let sideways = "return document.documentElement.scrollWidth - window.innerWidth;";
    let sideways = browser.script(sideways).await.as_i64().expect("a number");
    assert!(sideways <= 0, "{sideways} pixels wider than the phone");
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_page_without_the_key_says_where_to_get_it() {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, false).await;
    let page = page_of(&server, "stage-5a").await;
    browser.goto(&format!("{}{page}", server.base)).await;
    browser.find("html[data-server=key]").await;
    let note = browser
        .text(&format!("{} [data-role=note]", lab("stage-5a")))
        .await;
    assert!(note.to_lowercase().contains("terminal"), "{note}");
    browser.close().await;
    server.close().await;
}
