//! Every page of the book held against axe's rules: light, dark, and as narrow as a phone.

use super::super::support::{Server, root};
use super::driver::Browser;
use fantoccini::Locator;
use serde_json::Value;
use std::time::Duration;

/// What axe finds wrong on a page, a line each: rule, element, what to do.
const RUN: &str = "const done = arguments[arguments.length - 1];
    axe.run(document, { resultTypes: ['violations'] }).then(
        found => done(found.violations.flatMap(rule => rule.nodes.map(node =>
            `${rule.id} at ${node.target.join(' ')}: ${(node.failureSummary || '').replace(/\\s+/g, ' ')}`))),
        error => done([`axe did not run: ${error}`]));";

/// Whether every stylesheet has come.
const DRESSED: &str =
    "return [...document.querySelectorAll('link[rel=stylesheet]')].every(link => link.sheet);";

fn axe() -> String {
    let file = root().join("book/node_modules/axe-core/axe.min.js");
    std::fs::read_to_string(&file)
        .unwrap_or_else(|error| panic!("{}: {error}\nnext: book/lint installs it", file.display()))
}

/// The addresses of all pages, from the book's own contents.
async fn pages(server: &Server) -> Vec<String> {
    let contents = server.get("/toc.html").send().await.expect("the contents");
    let contents = contents.text().await.expect("text");
    let links = contents.split("href=\"").skip(1);
    let links = links.filter_map(|rest| rest.split('"').next());
    let pages = links.filter(|link| link.ends_with(".html"));
    pages.map(str::to_owned).collect()
}

/// Opens a page, and reloads it if it does not come alive: containers of other tests come and go
/// meanwhile, and Chromium drops what it loads when the machine gets a network more.
async fn open(browser: &Browser, url: &str) {
    const ALIVE: &str = "html[data-server=ready]";
    for _ in 0..12 {
        browser.client.goto("about:blank").await.expect("blank");
        browser.client.goto(url).await.expect("the page opens");
        let ready = browser.client.wait().at_most(Duration::from_secs(20));
        let ready = ready.for_element(Locator::Css(ALIVE)).await.is_ok();
        if ready && browser.script(DRESSED).await == Value::Bool(true) {
            return;
        }
    }
    browser.find(ALIVE).await;
}

async fn violations(width: u32, dark: bool) -> Vec<String> {
    let server = Server::start(&root()).await;
    let browser = Browser::open(width, dark).await;
    let axe = axe();
    let mut all = Vec::new();
    let pages = pages(&server).await;
    assert!(pages.len() > 20, "{pages:?}");
    for page in pages {
        let url = format!("{}/{page}#key={}", server.base, server.key);
        open(&browser, &url).await;
        let client = &browser.client;
        client
            .execute(&axe, Vec::new())
            .await
            .expect("axe is there");
        let found = client.execute_async(RUN, Vec::new()).await;
        let Value::Array(found) = found.expect("axe answers") else {
            panic!("axe tells a list")
        };
        all.extend(found.iter().map(|one| format!("{page}: {one}")));
    }
    browser.close().await;
    server.close().await;
    all
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_any_page_in_the_light() {
    assert_eq!(violations(1280, false).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_any_page_in_the_dark() {
    assert_eq!(violations(1280, true).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_any_page_of_a_phone() {
    assert_eq!(violations(400, false).await, Vec::<String>::new());
}
