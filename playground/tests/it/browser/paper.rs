//! What the printer gets.

use super::Browser;
use crate::support::{Server, root};
use fantoccini::wd::PrintConfiguration;

async fn printed(browser: &Browser) -> Vec<u8> {
    let pdf = browser.client.print(PrintConfiguration::default()).await;
    pdf.expect("a PDF")
}

/// Objects that are a page: `/Type /Page`, and not `/Type /Pages`.
fn pages(pdf: &[u8]) -> usize {
    let kind = b"/Type /Page";
    let found = pdf.windows(kind.len() + 1);
    found
        .filter(|bytes| bytes.starts_with(kind) && bytes[kind.len()] != b's')
        .count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_cheat_sheet_is_one_sheet_of_a4_from_a_dark_screen_too() {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, true).await;
    let url = format!("{}/cheatsheet.html#key={}", server.base, server.key);
    browser.goto(&url).await;
    browser.find("html[data-server=ready]").await;
    let pdf = printed(&browser).await;
    if let Ok(kept) = std::env::var("KEEP_PDF") {
        std::fs::write(kept, &pdf).expect("kept");
    }
    assert_eq!(pages(&pdf), 1);
    browser.close().await;
    server.close().await;
}
