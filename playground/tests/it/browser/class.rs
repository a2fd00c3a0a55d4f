//! A class as learners and the instructor see it: joining, a seat in the book, the board, the wall.

use super::super::class::room::{Room, until};
use super::accessible::{RUN, axe};
use super::driver::Browser;
use fantoccini::Locator;
use serde_json::{Value, json};

async fn type_into(browser: &Browser, css: &str, text: &str) {
    let field = browser.find(css).await;
    field.send_keys(text).await.expect("typed");
}

async fn goto(browser: &Browser, url: &str) {
    browser.goto("about:blank").await;
    browser.goto(url).await;
}

/// What axe finds wrong on the page that is open.
async fn violations(browser: &Browser) -> Value {
    browser
        .client
        .execute(&axe(), Vec::new())
        .await
        .expect("axe is there");
    let found = browser
        .client
        .execute_async(RUN, vec![json!(true), json!({})])
        .await;
    found.expect("axe runs")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_learner_joins_by_the_link_runs_a_lab_and_raises_a_hand() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let browser = Browser::open(1280, false).await;
    let base = format!("https://{}", room.address);
    let code = room.class.code().0;
    goto(&browser, &format!("{base}/class/join#code={code}")).await;
    assert_eq!(violations(&browser).await, json!([]));
    browser
        .until("return document.querySelector('#class-code').value !== '';")
        .await;
    browser.until("return location.hash === '';").await;
    // A name that cannot stand on the board is refused in words, and what was typed stays.
    type_into(&browser, "#class-name", "::error::x").await;
    browser.click("#class-join button").await;
    browser.find("#class-said [data-role=error]").await;
    browser
        .script("document.querySelector('#class-name').value = '';")
        .await;
    type_into(&browser, "#class-name", "<b>Ada</b>").await;
    browser.click("#class-join button").await;
    let chip = browser.text("[data-role=seat]").await;
    assert!(chip.contains("<b>Ada</b>"), "{chip}");
    let page = "museum/copy-missing.html";
    goto(&browser, &format!("{base}/{page}")).await;
    browser.find("html[data-server=ready]").await;
    browser
        .run_to("section.lab[data-lab=\"copy-missing\"]", "as-declared")
        .await;
    browser.click("[data-role=raise-hand]").await;
    browser
        .until("return document.querySelector('[data-role=raise-hand]').ariaPressed === 'true';")
        .await;
    let instructor = room.instructor();
    // The button is pressed before the class has heard of it.
    until("the hand on the board", async || {
        instructor.get("/api/class/board").await.1["seats"][0]["doing"] == "asks"
    })
    .await;
    let (_, board) = instructor.get("/api/class/board").await;
    assert_eq!(board["seats"][0]["page"]["href"], page);
    // What everyone is asked comes to the page by itself.
    let call = json!({ "run": { "lab": "stage-5a", "variant": "image" } });
    instructor.post("/api/class/call", call).await;
    browser.click("[data-role=class-run]").await;
    browser
        .until("return location.pathname.endsWith('stage-5a.html');")
        .await;
    browser
        .find("section.lab[data-lab=\"stage-5a\"][data-state=done]")
        .await;
    let mut complaints = browser.complaints().await;
    // The name that was refused; the browser tells its console of every such answer.
    complaints.retain(|one| !one.contains("/api/class/join"));
    assert_eq!(complaints, Vec::<String>::new());
    // Whoever is sent away is told so, on the page that is open.
    let seat = board["seats"][0]["seat"].as_u64().expect("a number");
    instructor
        .post(&format!("/api/class/seats/{seat}/remove"), json!({}))
        .await;
    browser.find("[data-role=seat] a[href='/class/join']").await;
    browser.close().await;
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_board_shows_who_asks_and_the_wall_names_nobody() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("<img src=x onerror=alert(1)>").await;
    ada.post("/api/class/hand", json!({ "up": true })).await;
    let hopeless = json!({ "files": { "Dockerfile": "FROM alpine:3.20\nCMD [\"/none\"]\n" } });
    let (_, check) = ada
        .post("/api/exercises/01-two-stages/check", hopeless)
        .await;
    ada.events(check["run"].as_str().expect("an id")).await;
    for (width, dark) in [(1280, false), (390, true)] {
        let browser = Browser::open(width, dark).await;
        let base = format!("https://{}", room.address);
        goto(&browser, &format!("{base}/class/board#key={}", room.key)).await;
        let row = browser.text(".class-table tbody tr[data-doing=asks]").await;
        assert!(row.contains("<img src=x"), "as text: {row}");
        browser.find("svg.class-qr").await;
        let code = browser.text(".class-code").await;
        assert_eq!(code, room.class.code().0);
        browser.until("return location.hash === '';").await;
        assert_eq!(violations(&browser).await, json!([]), "{width}");
        let wide = "return document.documentElement.scrollWidth <= window.innerWidth;";
        assert_eq!(
            browser.script(wide).await,
            json!(true),
            "nothing sticks out at {width}"
        );
        goto(&browser, &format!("{base}/class/projector")).await;
        browser.find(".class-dots li[data-doing=asks]").await;
        let wall = browser.text("body").await;
        assert!(!wall.contains("<img"), "{wall}");
        assert_eq!(violations(&browser).await, json!([]), "{width}");
        assert!(
            browser
                .client
                .find(Locator::Css(".class-table"))
                .await
                .is_err()
        );
        assert_eq!(browser.complaints().await, Vec::<String>::new());
        browser.close().await;
    }
    room.close().await;
}

/// Presses the button with these words, in a seat's row or anywhere.
async fn press(browser: &Browser, within: &str, words: &str) {
    const PRESS: &str = "const [within, words] = arguments; \
        const found = [...document.querySelectorAll(`${within} button`)] \
            .find(one => one.textContent === words); \
        found.focus(); found.click();";
    let said = vec![json!(within), json!(words)];
    let pressed = browser.client.execute(PRESS, said).await;
    pressed.expect("the button is there");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_open_menu_of_the_board_outlives_a_raised_hand_and_keeps_the_focus() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("Ada").await;
    let bob = room.join("Bob").await;
    bob.post("/api/class/hand", json!({ "up": true })).await;
    let browser = Browser::open(1280, false).await;
    let base = format!("https://{}", room.address);
    goto(&browser, &format!("{base}/class/board#key={}", room.key)).await;
    let row = format!("tbody[data-seat='{}']", ada.seat);
    browser.find(&row).await;
    browser.click(&format!("{row} .class-more")).await;
    press(&browser, &row, "Return code").await;
    let told = browser.text(&format!("{row} .class-return")).await;
    assert!(told.contains(&format!("seat {} · Ada", ada.seat)), "{told}");
    // A hand goes up here, one goes down there: the board has looked again once both are seen.
    ada.post("/api/class/hand", json!({ "up": true })).await;
    bob.post("/api/class/hand", json!({ "up": false })).await;
    let asks = format!(
        "return document.querySelectorAll(\"{row} tr[data-doing=asks]\").length === 1 \
        && document.querySelectorAll('tr[data-doing=asks]').length === 1;"
    );
    browser.until(&asks).await;
    let kept = format!(
        "const row = document.querySelector(\"{row}\"); \
         return row.querySelector('.class-more').ariaExpanded === 'true' \
             && row.querySelector('.class-return').checkVisibility() \
             && document.activeElement.textContent === 'Return code' \
             && row.contains(document.activeElement);"
    );
    assert_eq!(browser.script(&kept).await, json!(true));
    // Whoever is there closes the menu; the focus stays in the row.
    press(&browser, &row, "I am there").await;
    let shut =
        format!("return document.activeElement === document.querySelector(\"{row} .class-more\");");
    browser.until(&shut).await;
    assert_eq!(violations(&browser).await, json!([]));
    browser.close().await;
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_end_board_and_wall_forget_the_names() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    room.join("Ada").await;
    let browser = Browser::open(1280, false).await;
    let base = format!("https://{}", room.address);
    goto(&browser, &format!("{base}/class/board#key={}", room.key)).await;
    browser.find(".class-table tbody").await;
    browser.script("window.confirm = () => true;").await;
    press(&browser, "main", "End the class").await;
    browser
        .until("return document.querySelector('h1')?.textContent.startsWith('The class is over');")
        .await;
    let left = "return document.body.textContent.includes('Ada');";
    assert_eq!(browser.script(left).await, json!(false));
    assert!(room.ended().await);
    browser.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_everyone_is_asked_for_stays_chosen_and_is_told_with_its_number() {
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let browser = Browser::open(1280, false).await;
    let base = format!("https://{}", room.address);
    goto(&browser, &format!("{base}/class/board#key={}", room.key)).await;
    browser
        .until("return document.querySelector('optgroup[label=Exercises] option') !== null;")
        .await;
    let choose = "const select = document.querySelector('select'); \
        const found = [...select.options].find(one => one.text.startsWith('Stage 5a')); \
        select.value = found.value;";
    browser.script(choose).await;
    press(&browser, "main", "Ask everyone").await;
    browser
        .until("return [...document.querySelectorAll('h2')].some(one => one.textContent.includes('Stage 5a · '));")
        .await;
    let chosen = "return document.querySelector('select').selectedOptions[0].text.slice(0, 8);";
    assert_eq!(browser.script(chosen).await, json!("Stage 5a"));
    browser.close().await;
    room.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hand_that_was_raised_is_not_lowered_by_an_answer_from_before() {
    const SIT: &str = "const [key, seat] = arguments; \
        localStorage.setItem('empty-room:key', key); \
        localStorage.setItem('empty-room:seat', JSON.stringify({ seat, name: 'Ada' }));";
    const HOLD: &str = "const real = window.fetch; const top = document.documentElement; \
        window.fetch = async (url, options) => { \
            const answer = await real(url, options); \
            if (top.dataset.test || !String(url).endsWith('/here')) return answer; \
            top.dataset.test = 'held'; \
            await new Promise(go => { window.release = go; }); \
            return answer; \
        }; \
        document.dispatchEvent(new Event('visibilitychange'));";
    // What the late answer writes anew shows that it was heard.
    const RELEASE: &str = "document.querySelector('[data-role=seat] span').textContent = 'before'; \
        window.release();";
    let data = tempfile::tempdir().expect("a folder");
    let room = Room::open(data.path()).await;
    let ada = room.join("Ada").await;
    let browser = Browser::open(1280, false).await;
    let base = format!("https://{}", room.address);
    goto(&browser, &format!("{base}/class/join")).await;
    let seat = vec![json!(ada.key), json!(ada.seat)];
    let sat = browser.client.execute(SIT, seat).await;
    sat.expect("the script runs");
    goto(&browser, &format!("{base}/sizes.html")).await;
    browser.find("html[data-server=ready]").await;
    browser
        .until(
            "return document.querySelector('[data-role=seat] span')?.textContent.includes('seat');",
        )
        .await;
    browser.script(HOLD).await;
    browser.find("html[data-test=held]").await;
    browser.click("[data-role=raise-hand]").await;
    let instructor = room.instructor();
    until("the hand on the board", async || {
        instructor.get("/api/class/board").await.1["seats"][0]["doing"] == "asks"
    })
    .await;
    browser.script(RELEASE).await;
    browser
        .until("return document.querySelector('[data-role=seat] span').textContent !== 'before';")
        .await;
    let up = "return document.querySelector('[data-role=raise-hand]').ariaPressed;";
    assert_eq!(browser.script(up).await, json!("true"));
    browser.close().await;
    room.close().await;
}
