//! The page that is asked what a message means.

use super::{Browser, TAB};
use crate::support::{Server, root};

const FORM: &str = "[data-role=symptoms-form]";

async fn asked(question: &str) -> (Server, Browser) {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, false).await;
    let url = format!("{}/symptoms.html{question}#key={}", server.base, server.key);
    browser.goto(&url).await;
    (server, browser)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_in_the_address_finds_its_room() {
    let (server, browser) = asked("?q=exec%20%2Fapp%3A%20no%20such%20file%20or%20directory").await;
    browser
        .click("[data-role=match][data-lab=missing-libc]")
        .await;
    browser
        .find("section.lab[data-lab=missing-libc].is-live")
        .await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_of_somebody_else_is_honestly_not_known() {
    let (server, browser) = asked("").await;
    browser.find("html[data-server=ready]").await;
    browser.tab_to(&format!("{FORM} textarea")).await;
    for letter in "deadlock detected".chars() {
        browser.press(letter).await;
    }
    browser.press(TAB).await;
    browser.press('\u{E007}').await;
    let answer = browser.text("[data-role=unknown]").await;
    assert!(answer.contains("Not known here"), "{answer}");
    let url = browser.client.current_url().await.expect("an address");
    assert!(url.as_str().contains("?q=deadlock"), "to be shared: {url}");
    browser.close().await;
    server.close().await;
}
