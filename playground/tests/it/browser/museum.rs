//! The failure museum: predicting, and broken beside fixed.

use super::{Browser, lab, open_lab, reader_at};
use crate::support::{Server, copy_folder, fixture, root};
use std::fs;
use tempfile::TempDir;

const ENTER: char = '\u{E007}';
const DOWN: char = '\u{E015}';
/// A failure whose engine speaks after the start; its repair says hello.
const ROOM: &str = "missing-libc";

async fn guess(browser: &Browser, outcome: &str, reporter: &str) {
    let lab = lab(ROOM);
    for pick in [
        format!("[data-guess-outcome={outcome}]"),
        format!("[data-guess-reporter={reporter}]"),
    ] {
        browser.click(&format!("{lab} input{pick}")).await;
    }
}

async fn assert_judged(browser: &Browser, outcome: bool, reporter: bool) {
    let lab = lab(ROOM);
    browser
        .find(&format!("{lab} [data-role=guess][data-state=judged]"))
        .await;
    for (part, right) in [("outcome", outcome), ("reporter", reporter)] {
        browser
            .find(&format!(
                "{lab} [data-role=guess-result] [data-guess-part={part}][data-right={right}]"
            ))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_prediction_is_asked_before_and_judged_by_the_real_run() {
    let (server, browser) = reader_at(ROOM).await;
    let lab = lab(ROOM);
    browser
        .find(&format!("{lab} [data-role=guess][data-state=open]"))
        .await;
    let before = browser.text(&lab).await;
    assert!(
        !before.contains("The book says"),
        "nothing gives the answer away: {before}"
    );
    guess(&browser, "cannot-start", "builder").await;
    browser.click(&format!("{lab} [data-role=run]")).await;
    assert_judged(&browser, true, false).await;
    let said = browser
        .text(&format!("{lab} [data-guess-part=reporter]"))
        .await;
    assert!(said.contains("it was the engine"), "{said}");
    let announced = "return document.querySelector('[data-role=announcer]').textContent;";
    let announced = browser.script(announced).await.to_string();
    assert!(announced.contains("One of two right"), "{announced}");

    browser.reload().await;
    browser.find(&format!("{lab}[data-state=done]")).await;
    assert_judged(&browser, true, false).await;

    browser.click(&format!("{lab} [data-role=forget]")).await;
    browser
        .find(&format!("{lab} [data-role=guess][data-state=open]"))
        .await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_without_a_guess_just_runs() {
    let (server, browser) = reader_at(ROOM).await;
    let lab = lab(ROOM);
    browser.run_to(&lab, "as-declared").await;
    let after = browser.text(&lab).await;
    assert!(after.contains("The book says"), "{after}");
    assert!(!after.contains("You said"), "{after}");
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_edited_run_judges_no_prediction() {
    let (server, browser) = reader_at(ROOM).await;
    let lab = lab(ROOM);
    guess(&browser, "build-fails", "builder").await;
    super::edit(
        &browser,
        &lab,
        "Dockerfile",
        "FROM scratch\nCOPY nowhere /\n",
    )
    .await;
    browser.run_to(&lab, "not-as-declared").await;
    browser
        .find(&format!("{lab} [data-role=guess][data-state=open]"))
        .await;
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn broken_and_fixed_stand_side_by_side() {
    let (server, browser) = reader_at(ROOM).await;
    let lab = lab(ROOM);
    browser
        .click(&format!("{lab} [data-role=compare-view]"))
        .await;
    browser
        .find(&format!("{lab}[data-view=compare] [data-role=diff] ins"))
        .await;
    browser.click(&format!("{lab} [data-role=run-both]")).await;
    let broken = format!("{lab} [data-side=broken][data-state=live]");
    let fixed = format!("{lab} [data-side=fixed][data-state=live]");
    let broken = browser.text(&broken).await;
    let fixed = browser.text(&fixed).await;
    assert!(broken.contains("no such file or directory"), "{broken}");
    assert!(broken.contains("The engine"), "who spoke: {broken}");
    assert!(!fixed.contains("no such file or directory"), "{fixed}");
    assert!(fixed.contains("MB"), "its size: {fixed}");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_keyboard_alone_predicts_and_compares() {
    let (server, browser) = reader_at(ROOM).await;
    let lab = lab(ROOM);
    // Arrow keys choose among radios, and turn no pages.
    browser
        .tab_to(&format!("{lab} input[data-guess-outcome=build-fails]"))
        .await;
    browser.press(DOWN).await;
    browser
        .tab_to(&format!("{lab} input[data-guess-reporter=builder]"))
        .await;
    browser.press(DOWN).await;
    browser.tab_to(&format!("{lab} [data-role=run]")).await;
    browser.press(ENTER).await;
    assert_judged(&browser, true, true).await;

    browser
        .tab_to(&format!("{lab} [data-role=compare-view]"))
        .await;
    browser.press(ENTER).await;
    browser.tab_to(&format!("{lab} [data-role=run-both]")).await;
    browser.press(ENTER).await;
    for side in ["broken", "fixed"] {
        browser
            .find(&format!("{lab} [data-side={side}][data-state=live]"))
            .await;
    }
    // The button is done and gone; the focus is not lost with it.
    let inside = "return !!document.activeElement.closest('[data-role=versus]');";
    assert_eq!(browser.script(inside).await, true);
    browser.close().await;
    server.close().await;
}

/// A test fixture in the book's clothes: its labs and pages, the book's settings, theme and scripts.
fn dressed(name: &str) -> TempDir {
    let dressed = tempfile::tempdir().expect("a folder");
    let book = dressed.path().join("book");
    copy_folder(&fixture(name).join("book"), &book);
    for folder in ["theme", "src/js"] {
        copy_folder(&root().join("book").join(folder), &book.join(folder));
    }
    let settings = dressed.path().join("book.toml");
    fs::copy(root().join("book.toml"), settings).expect("copied");
    dressed
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_done_to_a_container_and_seen_of_it_is_shown() {
    let fixture = dressed("acts");
    let server = Server::start(fixture.path()).await;
    let browser = Browser::open(1280, false).await;
    open_lab(&server, &browser, "acts").await;
    let lab = lab("acts");
    let done = format!("{lab}[data-state=done][data-ending=as-declared]");

    browser.click(&format!("{lab} [data-role=run]")).await;
    browser.find(&done).await;
    let refused = browser.text(&format!("{lab} [data-act=shell]")).await;
    assert!(refused.contains("the engine’s words"), "{refused}");
    let there = browser.text(&format!("{lab} [data-act=there]")).await;
    assert!(
        there.contains("from inside") && there.contains("exit code 3"),
        "{there}"
    );
    let health = browser.text(&format!("{lab} [data-act=health]")).await;
    assert!(health.contains("unhealthy"), "{health}");

    for (variant, seen) in [
        ("mounts", "[data-kind=clocks][data-tone=bad]"),
        (
            "luggage",
            "[data-look=secret] [data-found] [data-role=find]",
        ),
        ("luggage", "[data-look=absent][data-tone=good]"),
        ("luggage", "[data-look=context] [data-bytes]"),
    ] {
        let chosen = format!("{lab}[data-variant-shown={variant}]");
        browser
            .click(&format!("{lab} input[data-variant-choice={variant}]"))
            .await;
        browser.find(&chosen).await;
        browser.click(&format!("{chosen} [data-role=run]")).await;
        browser
            .find(&format!("{chosen}[data-ending=as-declared] {seen}"))
            .await;
    }
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}
