//! The question that asks why, on its museum page.

use super::{Browser, TAB};
use crate::support::{Server, root};
use playground::exercises::progress::When;

const ENTER: char = '\u{E007}';
const DOWN: char = '\u{E015}';
const SPACE: char = ' ';

#[tokio::test(flavor = "multi_thread")]
async fn a_question_is_answered_by_keyboard_before_and_after() {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, true).await;
    let url = format!("{}/museum/dns.html#key={}", server.base, server.key);
    browser.goto(&url).await;
    browser.find("html[data-server=ready]").await;

    let before = ".question[data-when=before]";
    browser.find(&format!("{before}[data-state=open]")).await;
    browser.tab_to(&format!("{before} > summary")).await;
    browser.press(ENTER).await;
    browser.tab_to(&format!("{before} input")).await;
    // The second answer; the page is not turned by an arrow key.
    browser.press(SPACE).await;
    browser.press(DOWN).await;
    browser.press(TAB).await;
    browser.press(ENTER).await;
    browser.find(&format!("{before}[data-state=locked]")).await;
    let said = browser
        .text(&format!("{before} [data-role=question-result]"))
        .await;
    assert!(said.starts_with("Kept."), "{said}");

    let after = ".question[data-when=after]";
    let hidden = "return document.querySelector('.question-answer').checkVisibility();";
    assert_eq!(
        browser.script(hidden).await,
        false,
        "told before the answer"
    );
    browser.click(&format!("{after} input")).await;
    browser.press(ENTER).await;
    browser.find(&format!("{after}[data-state=judged]")).await;
    let verdict = browser
        .text("[data-role=question-verdict][data-right=true]")
        .await;
    assert!(
        verdict.contains("Right.") && verdict.contains("dns/files-only"),
        "{verdict}"
    );
    assert_eq!(
        browser.script(hidden).await,
        true,
        "all beliefs, once answered"
    );

    let acts = server.state.progress.acts().expect("read");
    let kept: Vec<_> = acts
        .iter()
        .map(|act| (act.detail.when, act.detail.right))
        .collect();
    let [before, after] = [When::Before, When::After].map(Some);
    assert_eq!(kept, [(before, Some(false)), (after, Some(true))]);
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}
