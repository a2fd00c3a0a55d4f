//! An exercise as a learner solves it: edit, check, read why not, ask, mend, pass.

use super::super::support::{Server, root};
use super::driver::Browser;
use super::wait::Wait;
use super::*;

const PANEL: &str = "section.exercise[data-exercise=\"01-two-stages\"]";
const ID: &str = "01-two-stages";

async fn open(server: &Server, browser: &Browser, page: &str) {
    let url = format!("{}/{page}#key={}", server.base, server.key);
    browser.goto(&url).await;
    browser.find("html[data-server=ready]").await;
}

async fn learner() -> (Server, Browser) {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, false).await;
    open(&server, &browser, &format!("exercises/{ID}.html")).await;
    (server, browser)
}

/// Puts a text into the editor as typing would, and tells the page so.
async fn write(browser: &Browser, text: &str) {
    write_and(browser, text, "").await;
}

/// Types and does something more before the page gets a turn.
async fn write_and(browser: &Browser, text: &str, more: &str) {
    let script = format!(
        "const area = document.querySelector('.exercise [data-role=editor]');
         area.focus(); area.select(); document.execCommand('insertText', false, arguments[0]);
         {more}"
    );
    let done = browser.client.execute(&script, vec![json!(text)]).await;
    done.expect("the script runs");
}

async fn editor(browser: &Browser) -> String {
    let text = "return document.querySelector('.exercise [data-role=editor]').value;";
    let text = browser.script(text).await;
    text.as_str().expect("text").to_owned()
}

fn dockerfile(server: &Server) -> std::path::PathBuf {
    let exercise = server.state.catalog.exercise(ID).expect("it is there");
    server.state.workspace.folder(exercise).join("Dockerfile")
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_are_solved_on_the_page_and_the_map_shows_it() {
    let (server, browser) = learner().await;
    let solution = root().join("exercises/01-two-stages/solution/Dockerfile");
    let solution = std::fs::read_to_string(solution).expect("the solution");
    // Whoever copies the build's folder over has an image that is too large.
    let wrong = solution.replace("FROM alpine:3.20", "FROM golang:1.23");
    write(&browser, &wrong).await;
    browser.find(&format!("{PANEL}[data-saving=saved]")).await;
    let on_disk = std::fs::read_to_string(dockerfile(&server)).expect("saved");
    assert_eq!(on_disk, wrong, "what is typed lies in the learner's folder");

    browser.click(&format!("{PANEL} [data-role=submit]")).await;
    browser
        .find(&format!("{PANEL}[data-state=running] [data-role=step]"))
        .await;
    browser
        .find(&format!(
            "{PANEL}[data-state=done][data-ending=not-as-declared]"
        ))
        .await;
    browser
        .find(&format!("{PANEL} [data-role=advice]:not([hidden])"))
        .await;
    let advice = browser.text(&format!("{PANEL} .advice-cause")).await;
    assert!(advice.contains("what only the build needs"), "{advice}");
    let failed = format!("{PANEL} [data-check=small][data-passed=false] a");
    assert!(
        !browser.text(&failed).await.is_empty(),
        "it says where to read on"
    );
    browser
        .click(&format!("{PANEL} [data-role=ask-hint]"))
        .await;
    assert!(
        !browser
            .text(&format!("{PANEL} [data-role=hint]"))
            .await
            .is_empty()
    );

    write(&browser, &solution).await;
    browser.click(&format!("{PANEL} [data-role=submit]")).await;
    browser
        .find(&format!(
            "{PANEL}[data-state=done][data-ending=as-declared]"
        ))
        .await;
    browser
        .find(&format!("{PANEL} [data-role=standing][data-passed=true]"))
        .await;
    browser
        .find(&format!("{PANEL} [data-role=onward]:not([hidden]) a"))
        .await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());

    open(&server, &browser, "exercises/index.html").await;
    browser
        .find(&format!("li[data-exercise=\"{ID}\"][data-standing=passed]"))
        .await;
    let told = browser.text("[data-role=exercise-progress]").await;
    assert!(told.starts_with("1 of "), "{told}");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_ask_before_one_text_replaces_another() {
    let (server, browser) = learner().await;
    write(&browser, "FROM mine\n").await;
    browser.find(&format!("{PANEL}[data-saving=saved]")).await;
    let file = dockerfile(&server);
    std::fs::write(&file, "FROM theirs\n").expect("written");
    write(&browser, "FROM mine AS changed\n").await;
    browser
        .find(&format!("{PANEL}[data-saving=conflict]"))
        .await;
    let on_disk = || std::fs::read_to_string(&file).expect("the file");
    assert_eq!(on_disk(), "FROM theirs\n", "nothing is overwritten");
    assert_eq!(editor(&browser).await, "FROM mine AS changed\n");

    // A reload keeps both, and asks again; the keyboard is enough to choose.
    open(&server, &browser, "exercises/index.html").await;
    open(&server, &browser, &format!("exercises/{ID}.html")).await;
    browser
        .find(&format!("{PANEL}[data-saving=conflict]"))
        .await;
    assert_eq!(editor(&browser).await, "FROM mine AS changed\n");
    browser.tab_to("[data-role=keep-mine]").await;
    browser.press('\u{E007}').await;
    browser.find(&format!("{PANEL}[data-saving=saved]")).await;
    assert_eq!(on_disk(), "FROM mine AS changed\n");

    std::fs::write(&file, "FROM theirs AS again\n").expect("written");
    write(&browser, "FROM mine\n").await;
    browser
        .click(&format!("{PANEL} [data-role=take-theirs]"))
        .await;
    browser.find(&format!("{PANEL}[data-saving=saved]")).await;
    assert_eq!(editor(&browser).await, "FROM theirs AS again\n");
    assert_eq!(on_disk(), "FROM theirs AS again\n");
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_keep_the_text_when_the_playground_is_gone() {
    let (server, browser) = learner().await;
    browser.find(&format!("{PANEL}[data-saving=saved]")).await;
    server.close().await;
    write(&browser, "FROM kept\n").await;
    browser.find(&format!("{PANEL}[data-saving=offline]")).await;
    let said = browser.text(&format!("{PANEL} [data-role=saved]")).await;
    assert!(said.contains("stays in this browser"), "{said}");
    let kept = "return localStorage.getItem('empty-room:work:01-two-stages/Dockerfile');";
    let kept = browser.script(kept).await.to_string();
    assert!(kept.contains("FROM kept"), "{kept}");
    browser.close().await;
}

/// Waits until the editor says this.
async fn reads(browser: &Browser, text: &str) {
    let mut wait = Wait::begin();
    while editor(browser).await != text {
        wait.on(browser, text).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_start_over_only_where_all_that_was_typed_is_kept() {
    const START_OVER: &str = "document.querySelector('[data-role=start-over]').click();";
    let (server, browser) = learner().await;
    browser.find(&format!("{PANEL}[data-saving=saved]")).await;
    let starter = editor(&browser).await;
    write(&browser, "FROM first\n").await;
    browser.find(&format!("{PANEL}[data-saving=saved]")).await;
    let kept = |n: u32| {
        let dir = server.state.workspace.dir();
        std::fs::read_to_string(dir.join(format!("{ID}.kept-{n}/Dockerfile"))).ok()
    };
    // Before the pause after which it would have been saved.
    write_and(&browser, "FROM typed\n", START_OVER).await;
    reads(&browser, &starter).await;
    assert_eq!(kept(1).as_deref(), Some("FROM typed\n"));

    let gone = "window.real = window.fetch;
        window.fetch = (url, options) => String(url).endsWith('/files')
            ? Promise.reject(new TypeError('gone')) : window.real(url, options);";
    browser.script(gone).await;
    write_and(&browser, "FROM unsaved\n", START_OVER).await;
    let said = format!("{PANEL} [data-role=exercise-note] [data-role=error]");
    let said = browser.text(&said).await;
    assert!(said.contains("Dockerfile is not saved"), "{said}");
    assert_eq!(editor(&browser).await, "FROM unsaved\n");
    assert_eq!(kept(2), None, "nothing was started over");
    browser.script("window.fetch = window.real;").await;
    browser.script(START_OVER).await;
    reads(&browser, &starter).await;
    assert_eq!(kept(2).as_deref(), Some("FROM unsaved\n"));

    let typing = "window.fetch = async (url, options) => {
            const answer = await window.real(url, options);
            if (String(url).endsWith('/reset')) {
                document.querySelector('.exercise [data-role=editor]').focus();
                document.execCommand('insertText', false, '# typed meanwhile');
            }
            return answer;
        };";
    browser.script(typing).await;
    browser.script(START_OVER).await;
    browser
        .find(&format!("{PANEL}[data-saving=conflict]"))
        .await;
    assert!(editor(&browser).await.contains("# typed meanwhile"));
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn exercises_take_no_late_answer_and_drop_no_copy_of_another_window() {
    const HOLD: &str = "const real = window.fetch;
        const top = document.documentElement;
        let held = false;
        window.fetch = async (url, options) => {
            if (held || !String(url).endsWith('/exercises/01-two-stages')) return real(url, options);
            held = true;
            const disk = await (await real(url, options)).json();
            top.dataset.test = 'held';
            await new Promise(go => { window.release = go; });
            const json = async () => {
                setTimeout(() => { top.dataset.test = 'delivered'; });
                return disk;
            };
            return { ok: true, json };
        };
        window.dispatchEvent(new Event('focus'));";
    const OTHER: &str = "localStorage.setItem('empty-room:work:01-two-stages/Dockerfile',
        JSON.stringify({ text: 'FROM other', revision: null }));";
    let (server, browser) = learner().await;
    browser.find(&format!("{PANEL}[data-saving=saved]")).await;
    browser.script(HOLD).await;
    browser.find("html[data-test=held]").await;
    write_and(&browser, "FROM newer\n", OTHER).await;
    browser.find(&format!("{PANEL}[data-saving=saved]")).await;
    let copy = "return localStorage.getItem('empty-room:work:01-two-stages/Dockerfile');";
    let copy = || browser.script(copy);
    assert!(copy().await.to_string().contains("FROM other"));

    browser.script("window.release();").await;
    browser.find("html[data-test=delivered]").await;
    assert_eq!(editor(&browser).await, "FROM newer\n");
    let on_disk = std::fs::read_to_string(dockerfile(&server)).expect("saved");
    assert_eq!(on_disk, "FROM newer\n");
    // Its own copy goes once it is saved.
    browser
        .script("localStorage.removeItem('empty-room:work:01-two-stages/Dockerfile');")
        .await;
    write(&browser, "FROM newest\n").await;
    browser.find(&format!("{PANEL}[data-saving=saved]")).await;
    assert_eq!(copy().await, Value::Null);
    browser.close().await;
    server.close().await;
}
