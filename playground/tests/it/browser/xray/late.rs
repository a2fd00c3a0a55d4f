//! Questions of the page whose answers come late, or not at all: a reader who goes on, goes
//! back, clicks twice, and a server that keeps a few X-rays only.

use super::{Browser, READY, looking_at};
use serde_json::json;

/// From now on answers from such addresses are kept from the page, until `letGo()`.
async fn hold(browser: &Browser, address: &str) {
    let hold = "const [address] = arguments; const real = window.fetch; window.held = []; \
                window.letGo = () => { window.fetch = real; window.held.forEach(go => go()); }; \
                window.fetch = async (url, options) => { \
                    const answer = await real(url, options); \
                    if (new RegExp(address).test(url)) \
                        await new Promise(go => { window.held.push(go); \
                            document.documentElement.dataset.held = 1; }); \
                    return answer; };";
    let hold = browser.client.execute(hold, vec![json!(address)]).await;
    hold.expect("the script runs");
}

/// Lets go what was held, and waits until the page has had a later answer, too.
async fn let_go(browser: &Browser) {
    let go = "const [done] = arguments; window.letGo(); import('/js/server/api.js')\
              .then(({ api }) => api.labs()).then(() => setTimeout(done, 0));";
    let gone = browser.client.execute_async(go, Vec::new()).await;
    gone.expect("the script runs");
}

/// Chooses a stage of the journey.
async fn choose(browser: &Browser, stage: &str) {
    let choice = format!("[data-role=xray-choice][data-lab={stage}]");
    browser.find(&choice).await;
    // In one go: the list is filled anew when the engine has answered.
    let click = format!("document.querySelector('{choice}').click();");
    browser.script(&click).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn another_image_can_be_chosen_while_the_second_one_is_read() {
    let (server, browser) = looking_at("lab=stage-5a&variant=image").await;
    hold(&browser, "/api/xrays/[0-9a-f]+$").await;
    browser.click("[data-role=xray-compare]").await;
    choose(&browser, "stage-3").await;
    browser.find("[data-role=xray-stop]").await;
    browser.click("[data-role=xray-choose-other]").await;
    let hidden = "return document.querySelector('[data-role=xray-choose]').hidden;";
    let hidden = browser.script(hidden).await;
    assert_eq!(hidden, json!(false), "there is something to choose from");
    let_go(&browser).await;
    browser.find("section.xray[data-state=idle]").await;
    choose(&browser, "stage-3").await;
    browser.find(READY).await;
    assert_eq!(browser.text("[data-role=xray-title]").await, "Stage 3");
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_comparison_that_comes_late_is_not_shown_under_another_image() {
    let (server, browser) = looking_at("lab=stage-5a&variant=image").await;
    hold(&browser, "/against/").await;
    browser.click("[data-role=xray-compare]").await;
    choose(&browser, "stage-3").await;
    browser.find("html[data-held]").await;
    browser.click("[data-role=xray-choose-other]").await;
    choose(&browser, "stage-3").await;
    browser.find(READY).await;
    let_go(&browser).await;
    let compared = "return document.querySelector('[data-role=xray-difference]') !== null;";
    assert_eq!(browser.script(compared).await, json!(false));
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_double_click_reads_an_image_once() {
    let (server, browser) = looking_at("lab=stage-5a&variant=image").await;
    browser.click("[data-role=xray-choose-other]").await;
    let choice = "[data-role=xray-choice][data-lab=stage-3]";
    browser.find(choice).await;
    let twice = format!(
        "performance.clearResourceTimings(); \
         const choice = document.querySelector('{choice}'); choice.click(); choice.click();"
    );
    browser.script(&twice).await;
    browser.find(READY).await;
    let asked = "return performance.getEntriesByType('resource')\
                 .filter(one => one.name.endsWith('/api/xrays')).length;";
    assert_eq!(browser.script(asked).await, json!(1));
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn back_from_a_comparison_leads_to_the_image_alone() {
    let (server, browser) = looking_at("lab=stage-5a&variant=image").await;
    browser.click("[data-role=xray-compare]").await;
    choose(&browser, "stage-3").await;
    browser.find("[data-role=xray-difference]").await;
    browser.client.back().await.expect("a page before");
    let alone = ".xray-panels:not(:has([data-role=xray-difference]))";
    browser.find(alone).await;
    assert_eq!(browser.text("[data-role=xray-title]").await, "Stage 5a");
    browser.client.forward().await.expect("a page after");
    browser.find("[data-role=xray-difference]").await;
    assert_eq!(browser.complaints().await, Vec::<String>::new());
    browser.close().await;
    server.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_x_ray_that_the_server_dropped_is_read_again_at_a_press() {
    let (server, browser) = looking_at("lab=stage-5a&variant=image").await;
    // As many as the server keeps, one after the other.
    let look = "const [done] = arguments; (async () => { \
                    const { api } = await import('/js/server/api.js'); \
                    const { xray } = await api.startScan({ lab: 'stage-5a', variant: 'image' }); \
                    while ((await api.scan(xray)).state !== 'ready') \
                        await new Promise(next => requestAnimationFrame(next)); \
                    done(); })();";
    for _ in 0..8 {
        let looked = browser.client.execute_async(look, Vec::new()).await;
        looked.expect("read");
    }
    browser
        .click("[data-role=xray-cell][data-at^=\"/app\"]")
        .await;
    browser.click("[data-role=xray-again]").await;
    browser
        .find(".xray-panels:not(:has([data-role=xray-again]))")
        .await;
    browser
        .click("[data-role=xray-cell][data-at^=\"/app\"]")
        .await;
    browser.find("[data-role=xray-view]").await;
    browser.close().await;
    server.close().await;
}

/// An engine on the reader's own machine changes its network, and browsers break off what they ask
/// just then.
#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_is_broken_off_is_asked_once_more() {
    const APP: &str = "[data-role=xray-cell][data-at^=\"/app\"]";
    let (server, browser) = looking_at("lab=stage-5a&variant=image").await;
    browser.find(APP).await;
    let breaks = "const real = window.fetch; let broken = false; \
                  window.fetch = (url, options) => { \
                      if (broken || !String(url).includes('/map?')) return real(url, options); \
                      broken = true; \
                      return Promise.reject(new TypeError('network changed')); };";
    browser.script(breaks).await;
    browser.click(APP).await;
    browser.find("[data-role=xray-view]").await;
    browser.close().await;
    server.close().await;
}
