//! Every page of the book held against axe's rules: as narrow as a phone, where all of it has to be
//! seen, too, then on a desktop in light and in dark. To open a page costs more than to look at it,
//! so it is opened once, on the phone, and grows.

use super::super::support::{Server, root};
use super::driver::Browser;
use fantoccini::Locator;
use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use reqwest::Url;
use serde_json::{Value, json};
use std::str::FromStr;
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

/// Ends what fades and slides; what has no end goes on.
const SETTLED: &str = "for (const one of document.getAnimations()) {
        if (one.effect.getComputedTiming().endTime !== Infinity) one.finish();
    }
    return true;";

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

#[derive(Clone, Copy, PartialEq)]
enum Screen {
    Phone,
    Desktop,
}

/// A command of Chromium's own protocol, which WebDriver clients have no method for.
#[derive(Debug)]
struct Cdp(Value);

impl WebDriverCompatibleCommand for Cdp {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, <Url as FromStr>::Err> {
        let session = session.expect("a session");
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        (Method::POST, Some(self.0.to_string()))
    }
}

impl Screen {
    /// Gives a desktop's browser this screen. A window of Chromium is no narrower than 500 px: a phone,
    /// and that it is touched, can only be emulated.
    async fn put_before(self, browser: &Browser) {
        let phone = self == Screen::Phone;
        let size = if phone {
            let metrics =
                json!({ "width": 400, "height": 900, "deviceScaleFactor": 1, "mobile": false });
            json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": metrics })
        } else {
            json!({ "cmd": "Emulation.clearDeviceMetricsOverride", "params": {} })
        };
        let touch = json!({ "enabled": phone });
        let touch = json!({ "cmd": "Emulation.setTouchEmulationEnabled", "params": touch });
        for command in [size, touch] {
            let done = browser.client.issue_cmd(Cdp(command)).await;
            done.expect("Chromium does it");
        }
        let there = format!(
            "return matchMedia('(pointer: coarse)').matches === {phone} && (innerWidth === 400) === {phone};"
        );
        browser.until(&there).await;
    }
}

/// One look at a page, and which of axe's rules it can break.
struct Look {
    screen: Screen,
    /// The theme of the book, as it is called in the list of themes.
    theme: &'static str,
    options: Value,
}

/// A page keeps its colours when it grows, and all but them when it gets dark.
fn looks() -> [Look; 3] {
    let all_but_contrast = json!({ "rules": { "color-contrast": { "enabled": false } } });
    let colours = json!({ "runOnly": ["color-contrast", "link-in-text-block"] });
    [
        (Screen::Phone, "light", all_but_contrast),
        (Screen::Desktop, "light", json!({})),
        (Screen::Desktop, "navy", colours),
    ]
    .map(|(screen, theme, options)| Look {
        screen,
        theme,
        options,
    })
}

/// What is wrong with the page that is open on a phone: it is looked at there, and as it grows.
async fn wrong(browser: &Browser, axe: &str, sidebar: bool) -> Vec<String> {
    let client = &browser.client;
    let injected = client.execute(axe, Vec::new()).await;
    injected.expect("axe is there");
    let mut all = Vec::new();
    let mut screen = Screen::Phone;
    for look in looks() {
        if look.screen != screen {
            screen = look.screen;
            screen.put_before(browser).await;
            // A desktop opens a page with its contents beside it.
            let contents = "document.getElementById('sidebar-toggle').click();";
            browser.script(contents).await;
        }
        // As a reader would choose it; what highlights code comes with it.
        let choose = format!("document.getElementById('{}').click();", look.theme);
        browser.script(&choose).await;
        browser.until(DRESSED).await;
        browser.script(SETTLED).await;
        let given = vec![json!(sidebar), look.options];
        let found = client.execute_async(RUN, given).await;
        let Value::Array(mut found) = found.expect("axe answers") else {
            panic!("axe tells a list")
        };
        if screen == Screen::Phone {
            let cut_off = browser.script(CUT_OFF).await;
            found.extend(cut_off.as_array().expect("a list").clone());
        }
        let on = match screen {
            Screen::Phone => "phone",
            Screen::Desktop => "desktop",
        };
        let found = found.iter().filter_map(Value::as_str);
        let found = found.map(|one| format!("{on}, {}: {one}", look.theme));
        all.extend(found);
    }
    all
}

/// Looks at every second page, from this one on.
async fn violations(from: usize) -> Vec<String> {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, false).await;
    let axe = axe();
    let mut all = Vec::new();
    let pages = pages(&server).await;
    assert!(pages.len() > 20, "{pages:?}");
    for (at, page) in pages.iter().skip(from).step_by(2).enumerate() {
        Screen::Phone.put_before(&browser).await;
        let url = format!("{}/{page}#key={}", server.base, server.key);
        open(&browser, &url).await;
        let wrong = wrong(&browser, &axe, at == 0).await;
        all.extend(wrong.iter().map(|one| format!("{page}, {one}")));
    }
    browser.close().await;
    server.close().await;
    all
}

/// The first page and every second after it; the others are looked at beside them.
#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_odd_pages_of_a_phone_or_a_desktop_in_light_and_dark() {
    assert_eq!(violations(0).await, Vec::<String>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn axe_finds_nothing_on_even_pages_of_a_phone_or_a_desktop_in_light_and_dark() {
    assert_eq!(violations(1).await, Vec::<String>::new());
}

/// Each look sees what is wrong there alone.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_in_one_look_alone_is_found_by_it() {
    let server = Server::start(&root()).await;
    let browser = Browser::open(1280, false).await;
    Screen::Phone.put_before(&browser).await;
    let page = pages(&server).await.swap_remove(0);
    open(
        &browser,
        &format!("{}/{page}#key={}", server.base, server.key),
    )
    .await;
    let broken = "const style = document.createElement('style');
        style.textContent = `
            .t-wide { width: 600px } .t-pale { color: #aaa; background: #bbb }
            .t-dark { color: #ddd; background: #eee } html.light .t-dark { color: #000 }
            @media (min-width: 500px) { .t-nameless { display: none } .t-wide { width: 20px } }
            @media (max-width: 499px) { .t-pale { display: none } }`;
        document.head.append(style);
        document.querySelector('main').insertAdjacentHTML('afterbegin', `
            <div class=t-wide>wide</div> <button class=t-nameless></button>
            <p class=t-pale>pale</p> <p class=t-dark>dark</p>`);";
    browser.script(broken).await;
    let found = wrong(&browser, &axe(), false).await;
    let expected = [
        "phone, light: button-name at .t-nameless",
        "phone, light: div.t-wide is cut off",
        "desktop, light: color-contrast at .t-pale",
        "desktop, navy: color-contrast at .t-pale",
        "desktop, navy: color-contrast at .t-dark",
    ];
    assert_eq!(found.len(), expected.len(), "{found:#?}");
    for start in expected {
        assert!(
            found.iter().any(|one| one.starts_with(start)),
            "{start}: {found:#?}"
        );
    }
    browser.close().await;
    server.close().await;
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
