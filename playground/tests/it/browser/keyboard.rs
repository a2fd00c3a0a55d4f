//! What the pages' own parts do for one without a mouse.

use super::Browser;
use crate::support::{Server, root};
use serde_json::json;

const ENTER: char = '\u{E007}';

#[tokio::test(flavor = "multi_thread")]
async fn a_word_says_what_it_means_to_the_keyboard() {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, false).await;
    let url = format!("{}/sizes.html#key={}", server.base, server.key);
    browser.goto(&url).await;
    browser.find("html[data-server=ready]").await;
    browser.tab_to("main a.term").await;
    let said = "return getComputedStyle(document.activeElement, '::after').content;";
    let said = browser.script(said).await;
    let definition = "return JSON.stringify(document.activeElement.dataset.definition);";
    assert_eq!(said, browser.script(definition).await);
    assert_ne!(said, json!("none"));
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_contents_fold_and_unfold_by_a_button() {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, false).await;
    let url = format!("{}/sizes.html#key={}", server.base, server.key);
    browser.goto(&url).await;
    browser
        .find("html.sidebar-visible[data-server=ready]")
        .await;
    browser.tab_to("button#sidebar-toggle").await;
    browser.press(ENTER).await;
    browser
        .find("html:not(.sidebar-visible) #sidebar-toggle[aria-expanded=false]")
        .await;
    browser.press(ENTER).await;
    browser
        .find("html.sidebar-visible #sidebar-toggle[aria-expanded=true]")
        .await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}
