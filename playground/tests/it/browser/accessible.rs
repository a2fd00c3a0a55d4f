//! Every page of the book held against axe's rules: in light and dark, and as narrow as a phone,
//! where all of it has to be seen, too.

use super::super::support::{Server, root};
use super::driver::Browser;
use fantoccini::Locator;
use serde_json::{Value, json};
use std::time::Duration;

/// What axe finds wrong on a page, a line each: rule, element, what to do. The contents beside the page are
/// the same on every page, and looked at once.
pub(super) const RUN: &str = "const [once, options, done] = arguments;
    const context = once ? { include: [document] } : { include: [document], exclude: ['#sidebar'] };
    axe.run(context, { resultTypes: ['violations'], ...options }).then(
        found => done(found.violations.flatMap(rule => rule.nodes.map(node =>
            `${rule.id} at ${node.target.join(' ')}: ${(node.failureSummary || '').replace(/\\s+/g, ' ')}`))),
        error => done([`axe did not run: ${error}`]));";

/// Whether every stylesheet has come; those of other themes are switched off and never come.
const DRESSED: &str = "return [...document.querySelectorAll('link[rel=stylesheet]')]
    .every(link => link.disabled || link.sheet);";

/// What of a page is cut off at its right side: nothing around it can be moved to bring it in.
const CUT_OFF: &str = "const width = document.documentElement.clientWidth;
    const inside = node => node.getBoundingClientRect().right <= width + 1;
    const reached = node => {
        for (let around = node.parentElement; around && around.localName !== 'main'; around = around.parentElement) {
            const { overflowX, textOverflow } = getComputedStyle(around);
            const moves = overflowX === 'auto' || overflowX === 'scroll';
            if ((moves || textOverflow === 'ellipsis') && inside(around)) return true;
        }
        return false;
    };
    return [...document.querySelectorAll('main *')]
        .filter(node => node.getClientRects().length && !inside(node) && !reached(node))
        .map(node => `${node.localName}.${node.className} is cut off: ${node.textContent.trim().slice(0, 40)}`)
        .slice(0, 5);";

pub(super) fn axe() -> String {
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
        browser.goto("about:blank").await;
        browser.goto(url).await;
        let ready = browser.client.wait().at_most(Duration::from_secs(20));
        let ready = ready.for_element(Locator::Css(ALIVE)).await.is_ok();
        if ready && browser.script(DRESSED).await == Value::Bool(true) {
            return;
        }
    }
    browser.find(ALIVE).await;
}

/// One look of a page, and which of axe's rules it can break.
struct Look {
    /// The theme of the book, as it is called in the list of themes.
    theme: &'static str,
    options: Value,
}

async fn violations(width: u32, looks: &[Look]) -> Vec<String> {
    let server = Server::start(&root()).await;
    let browser = Browser::open(width, false).await;
    let axe = axe();
    let mut all = Vec::new();
    let pages = pages(&server).await;
    assert!(pages.len() > 20, "{pages:?}");
    for (at, page) in pages.iter().enumerate() {
        let url = format!("{}/{page}#key={}", server.base, server.key);
        open(&browser, &url).await;
        let client = &browser.client;
        client
            .execute(&axe, Vec::new())
            .await
            .expect("axe is there");
        for Look { theme, options } in looks {
            // As a reader would choose it; what highlights code comes with it.
            let choose = format!("document.getElementById('{theme}').click();");
            browser.script(&choose).await;
            browser.until(DRESSED).await;
            let given = vec![json!(at == 0), options.clone()];
            let found = client.execute_async(RUN, given).await;
            let Value::Array(found) = found.expect("axe answers") else {
                panic!("axe tells a list")
            };
            all.extend(found.iter().map(|one| format!("{page}, {theme}: {one}")));
        }
        let cut_off = browser.script(CUT_OFF).await;
        let cut_off = cut_off.as_array().expect("a list");
        all.extend(cut_off.iter().map(|one| format!("{page}: {one}")));
    }
    browser.close().await;
    server.close().await;
    all
}

/// What the dark changes is colours, so there only they are looked at.
#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_any_page_in_light_and_dark() {
    let colours = json!({ "runOnly": ["color-contrast", "link-in-text-block"] });
    let looks = [("light", json!({})), ("navy", colours)];
    let looks = looks.map(|(theme, options)| Look { theme, options });
    assert_eq!(violations(1280, &looks).await, Vec::<String>::new());
}

/// What a narrow page keeps is colours.
#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_any_page_of_a_phone() {
    let looks = [Look {
        theme: "light",
        options: json!({ "rules": { "color-contrast": { "enabled": false } } }),
    }];
    assert_eq!(violations(400, &looks).await, Vec::<String>::new());
}

/// The same files without a server: panels are plain HTML there. One page of each chapter.
#[tokio::test(flavor = "multi_thread")]
async fn without_a_server_nothing_is_cut_off_on_a_phone() {
    let server = Server::start(&root()).await;
    let out = super::exported(&server.state);
    let mut pages = pages(&server).await;
    server.close().await;
    pages.sort_by_key(|page| page.split('/').next().map(str::to_owned));
    pages.dedup_by_key(|page| page.split('/').next().map(str::to_owned));
    assert!(pages.len() > 10, "{pages:?}");
    let browser = Browser::open(400, false).await;
    for page in pages {
        let url = format!("file://{}/{page}", out.path().display());
        browser.goto(&url).await;
        browser.find("html[data-server=static]").await;
        assert_eq!(browser.script(CUT_OFF).await, json!([]), "{page}");
    }
    browser.close().await;
}
