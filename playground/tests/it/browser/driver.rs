//! A browser as a reader holds it: WebDriver, chromedriver, real Chromium.

use super::wait::Wait;
use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::error::{CmdError, ErrorStatus};
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::{LazyLock, Mutex, MutexGuard};
use tempfile::TempDir;
use tokio::sync::{Semaphore, SemaphorePermit};

/// As many browsers as there are cores: more of them only make each other wait.
static TURNS: LazyLock<Semaphore> = LazyLock::new(|| {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    Semaphore::new(cores)
});

/// How often a page is opened, or a driver started, before that is given up.
const OPENINGS: usize = 8;

/// How long a script may take that waits for something of the page; chromedriver's own limit of
/// half a minute is no bound for busy cores.
const SCRIPT_MS: u64 = 300_000;

pub(super) const TAB: char = '\u{E004}';

/// A browser and its driver; both end with it.
pub(super) struct Browser {
    pub(super) client: Client,
    driver: Driver,
    /// What pages wrote to the console while they were opened.
    written: Mutex<Vec<Value>>,
    _profile: TempDir,
    _turn: SemaphorePermit<'static>,
}

impl Browser {
    pub(super) async fn open(width: u32, dark: bool) -> Browser {
        let turn = TURNS.acquire().await.expect("never closed");
        let driver = Driver::start();
        let profile = tempfile::tempdir().expect("a folder");
        let mut args = vec![
            "--headless=new".to_owned(),
            "--no-sandbox".into(),
            "--disable-gpu".into(),
            "--disable-quic".into(),
            "--no-first-run".into(),
            "--disable-background-networking".into(),
            "--disable-component-update".into(),
            "--disable-sync".into(),
            format!("--window-size={width},900"),
            format!("--user-data-dir={}", profile.path().display()),
        ];
        if dark {
            args.push("--force-dark-mode".into());
            args.push("--blink-settings=preferredColorScheme=0".into());
        }
        let mut options = json!({ "args": args });
        // A window of Chromium is no narrower than 500 px, whatever it is asked for.
        if width < 500 {
            let metrics =
                json!({ "width": width, "height": 900, "pixelRatio": 1.0, "mobile": false });
            options["mobileEmulation"] = json!({ "deviceMetrics": metrics });
        }
        let wanted = json!({
            // A class's certificate is its own.
            "acceptInsecureCerts": true,
            "goog:chromeOptions": options,
            "goog:loggingPrefs": { "browser": "ALL" },
            "timeouts": { "script": SCRIPT_MS },
        });
        let Value::Object(wanted) = wanted else {
            unreachable!("an object was written")
        };
        let http = hyper_util::client::legacy::connect::HttpConnector::new();
        let client = ClientBuilder::new(http)
            .capabilities(wanted)
            .connect(&driver.url)
            .await
            .unwrap_or_else(|error| panic!("chromedriver opens no browser: {error}"));
        Browser {
            client,
            driver,
            written: Mutex::default(),
            _profile: profile,
            _turn: turn,
        }
    }

    /// Opens a page.
    ///
    /// An engine changes the machine's network with every container of the tests beside this one,
    /// and Chromium breaks off whatever it loads then. A page that came so by halves is opened anew.
    pub(super) async fn goto(&self, url: &str) {
        let before = self.newly_written().await;
        self.written().extend(before);
        for _ in 0..OPENINGS {
            if self.has_come(self.client.goto(url).await, url).await {
                return;
            }
            // The same address again would be no opening.
            let away = self.client.goto("about:blank").await;
            away.unwrap_or_else(|error| panic!("about:blank: {error}"));
        }
        panic!("{url}: the network changed {OPENINGS} times while it was opened");
    }

    /// Loads the page that is open anew, as often as the network changes under it.
    pub(super) async fn reload(&self) {
        let before = self.newly_written().await;
        self.written().extend(before);
        for _ in 0..OPENINGS {
            if self.has_come(self.client.refresh().await, "reload").await {
                return;
            }
        }
        panic!("the network changed {OPENINGS} times while a page was loaded anew");
    }

    /// Whether a page came whole. What it wrote to the console is kept, then.
    async fn has_come(&self, opened: Result<(), CmdError>, what: &str) -> bool {
        let log = self.newly_written().await;
        match opened {
            Err(error) if is_of_the_network(&error.to_string()) => false,
            Err(error) => panic!("{what}: {error}"),
            Ok(()) if log.iter().any(is_of_the_network_in) => false,
            Ok(()) => {
                self.written().extend(log);
                true
            }
        }
    }

    /// Loads a page anew that a link has led to, where the network changed under it: nobody else
    /// would. What a page asks of its server it asks again by itself.
    pub(super) async fn mend_page(&self) {
        let log = self.newly_written().await;
        let is_of_the_page =
            |entry: &Value| is_of_the_network_in(entry) && !entry.to_string().contains("/api/");
        let by_halves = log.iter().any(is_of_the_page);
        let url = self.client.current_url().await;
        if by_halves || url.is_ok_and(|url| url.scheme() == "chrome-error") {
            // What half a page complained of is nothing of the page's.
            return self.reload().await;
        }
        self.written().extend(log);
    }

    /// Waits for an element as long as anything on the page moves; see [`Wait`].
    pub(super) async fn find(&self, css: &str) -> Element {
        self.of(css, async |found| Ok(found)).await
    }

    /// Asks something of an element, once it is there. One that the page replaces meanwhile, or
    /// that is not yet to be reached, is found again: a reader would not notice.
    async fn of<T>(&self, css: &str, ask: impl AsyncFn(Element) -> Result<T, CmdError>) -> T {
        let mut wait = Wait::begin();
        loop {
            let found = self.client.find(Locator::Css(css)).await;
            let asked = match found {
                Ok(found) => ask(found).await,
                Err(error) => Err(error),
            };
            match asked {
                Ok(answer) => return answer,
                Err(error) if passes(&error) => wait.on(self, css).await,
                Err(error) => panic!("{css}: {error}"),
            }
        }
    }

    /// Clicks as a reader would: what has scrolled under the bar at the top is brought out first,
    /// and where the page moved under the pointer, the click is done again.
    pub(super) async fn click(&self, css: &str) {
        let bring = "const [css, element] = arguments; window.beside = true; \
                     element.addEventListener('click', () => { window.beside = false; }, \
                         { once: true, capture: true }); \
                     element.scrollIntoView({ block: 'center', behavior: 'instant' });";
        let click = async |found: Element| {
            let element = serde_json::to_value(&found).expect("an element's reference");
            self.client
                .execute(bring, vec![css.into(), element])
                .await?;
            found.click().await?;
            // On another page nobody knows of it: there the click has led.
            let beside = self
                .client
                .execute("return window.beside === true;", Vec::new());
            Ok::<_, CmdError>(beside.await.is_ok_and(|beside| beside == json!(true)))
        };
        let mut wait = Wait::begin();
        while self.of(css, &click).await {
            wait.on(self, css).await;
        }
    }

    /// Presses Run in a lab's panel and waits until the run has ended like this.
    pub(super) async fn run_to(&self, lab: &str, ending: &str) {
        self.click(&format!("{lab} [data-role=run]")).await;
        self.find(&format!("{lab}[data-state=done][data-ending={ending}]"))
            .await;
    }

    pub(super) async fn text(&self, css: &str) -> String {
        let read = async |found: Element| {
            self.has_arrived(&found).await?;
            found.text().await
        };
        self.of(css, read).await
    }

    /// An attribute that it has.
    pub(super) async fn attribute(&self, css: &str, name: &str) -> String {
        let read = async |found: Element| found.attr(name).await;
        let value = self.of(css, read).await;
        value.unwrap_or_else(|| panic!("{css} has no {name}"))
    }

    /// Waits until what fades in there is to be seen: WebDriver reads no text from an element that
    /// is still transparent, and whoever asks in its first frame gets none.
    async fn has_arrived(&self, element: &Element) -> Result<(), CmdError> {
        let arrived = "const [element] = arguments; \
                       const on = document.getAnimations().filter(one => one.effect?.target?.contains(element)); \
                       const ending = on.filter(one => one.effect.getComputedTiming().endTime !== Infinity); \
                       return Promise.allSettled(ending.map(one => one.finished)).then(() => true);";
        let element = serde_json::to_value(element).expect("an element's reference");
        self.client.execute(arrived, vec![element]).await.map(drop)
    }

    pub(super) async fn script(&self, script: &str) -> Value {
        self.client
            .execute(script, Vec::new())
            .await
            .expect("the script runs")
    }

    /// Waits until a script says yes, as long as anything on the page moves.
    pub(super) async fn until(&self, script: &str) {
        let mut wait = Wait::begin();
        loop {
            match self.client.execute(script, Vec::new()).await {
                Ok(Value::Bool(true)) => return,
                Ok(_) => {}
                Err(error) if is_between_pages(&error) => {}
                Err(error) => panic!("{script}: {error}"),
            }
            wait.on(self, script).await;
        }
    }

    /// Presses and releases a key, wherever the focus is.
    pub(super) async fn press(&self, value: char) {
        let keys = KeyActions::new("keyboard".to_owned())
            .then(KeyAction::Down { value })
            .then(KeyAction::Up { value });
        self.client.perform_actions(keys).await.expect("pressed");
    }

    /// Presses Tab until the focus is there, as one without a mouse does.
    pub(super) async fn tab_to(&self, css: &str) {
        self.find(css).await;
        for _ in 0..400 {
            let here = "return document.activeElement.matches(arguments[0]);";
            let here = self.client.execute(here, vec![json!(css)]).await;
            if here.expect("the script runs") == json!(true) {
                return;
            }
            self.press(TAB).await;
        }
        panic!("Tab never came to {css}");
    }

    /// What the page complained of: policy violations and uncaught errors. That the machine's
    /// network changed is nothing of the page's.
    pub(super) async fn complaints(&self) -> Vec<String> {
        let log = self.console().await;
        let severe = log.iter().filter(|entry| entry["level"] == "SEVERE");
        let severe = severe.map(Value::to_string);
        severe.filter(|text| !is_of_the_network(text)).collect()
    }

    /// What the console got since it was last asked.
    pub(super) async fn console(&self) -> Vec<Value> {
        let new = self.newly_written().await;
        let mut written = std::mem::take(&mut *self.written());
        written.extend(new);
        written
    }

    async fn newly_written(&self) -> Vec<Value> {
        let session = self.client.session_id().await;
        let session = session.expect("answered").expect("a session");
        // chromedriver's own command, which WebDriver clients have no method for.
        let answer = reqwest::Client::new()
            .post(format!("{}/session/{session}/se/log", self.driver.url))
            .json(&json!({ "type": "browser" }))
            .send()
            .await
            .expect("chromedriver answers");
        let log: Value = answer.json().await.expect("JSON");
        log["value"].as_array().expect("log entries").clone()
    }

    fn written(&self) -> MutexGuard<'_, Vec<Value>> {
        self.written.lock().expect("no test panics with it")
    }

    pub(super) async fn close(self) {
        let _ = self.client.clone().close().await;
    }
}

/// chromedriver, on a port that it has chosen itself: nobody else can take it meanwhile. It chooses
/// one of IPv4, and ends where that is taken in IPv6: then it is to choose again.
struct Driver {
    child: Child,
    url: String,
}

impl Driver {
    fn start() -> Driver {
        let started = (0..OPENINGS).find_map(|_| Driver::try_start());
        started.expect("chromedriver ended each time without saying which port it took")
    }

    fn try_start() -> Option<Driver> {
        let mut child = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed; script/test sees to that");
        let output = child.stdout.take().expect("its output");
        let mut lines = BufReader::new(output).lines().map_while(Result::ok);
        let Some(port) = lines.find_map(|line| port_in(&line)) else {
            let _ = child.wait();
            return None;
        };
        // What else it says goes nowhere; it must not wait for a reader.
        std::thread::spawn(move || lines.for_each(drop));
        Some(Driver {
            child,
            url: format!("http://127.0.0.1:{port}"),
        })
    }
}

impl Driver {
    /// The process ids of what its threads have started.
    fn browsers(&self) -> Vec<String> {
        let threads = std::fs::read_dir(format!("/proc/{}/task", self.child.id()));
        let threads = threads.into_iter().flatten().flatten();
        let started = threads.filter_map(|thread| {
            let children = std::fs::read_to_string(thread.path().join("children")).ok()?;
            Some(children.split_whitespace().map(str::to_owned).collect())
        });
        started.collect::<Vec<Vec<String>>>().concat()
    }
}

impl Drop for Driver {
    /// Its browser ends with it, also where a test failed.
    fn drop(&mut self) {
        let browsers = self.browsers();
        let _ = self.child.kill();
        let _ = self.child.wait();
        // A session that was closed has none left.
        for browser in browsers {
            let _ = Command::new("kill").args(["-9", &browser]).status();
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_browser_ends_with_its_test() {
    let browser = Browser::open(800, false).await;
    let browsers = browser.driver.browsers();
    assert!(!browsers.is_empty());
    drop(browser);
    let ended = |stat: &str| {
        stat.rsplit_once(") ")
            .is_some_and(|(_, rest)| rest.starts_with('Z'))
    };
    for browser in browsers {
        let stat = format!("/proc/{browser}/stat");
        while std::fs::read_to_string(&stat).is_ok_and(|stat| !ended(&stat)) {
            tokio::task::yield_now().await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_fades_in_is_read_once_it_is_there() {
    let browser = Browser::open(800, false).await;
    let page = "data:text/html,<style>@keyframes arrive { from { opacity: 0 } } \
                section { animation: arrive 1s steps(1, end) }</style>\
                <section><p>here</p></section>";
    browser.goto(page).await;
    assert_eq!(browser.text("p").await, "here");
    browser.close().await;
}

/// Whether Chromium says that it broke something off for a change of the machine's network.
fn is_of_the_network(text: &str) -> bool {
    text.contains("ERR_NETWORK_CHANGED")
}

/// The same of an entry of its console.
fn is_of_the_network_in(entry: &Value) -> bool {
    is_of_the_network(&entry.to_string())
}

/// Whether an element may be asked again: it is not there yet or no longer, or something still
/// moves over it.
fn passes(error: &CmdError) -> bool {
    use ErrorStatus::{
        ElementClickIntercepted, ElementNotInteractable, MoveTargetOutOfBounds, NoSuchElement,
        StaleElementReference,
    };
    let CmdError::Standard(said) = error else {
        return is_between_pages(error);
    };
    match said.error {
        ElementClickIntercepted
        | ElementNotInteractable
        | MoveTargetOutOfBounds
        | NoSuchElement
        | StaleElementReference => true,
        _ => is_between_pages(error),
    }
}

/// Whether a page went away while it was asked, and there was no other yet.
fn is_between_pages(error: &CmdError) -> bool {
    error.is_unknown_error() || error.to_string().contains("navigation")
}

/// `ChromeDriver was started successfully on port 44865.`
fn port_in(line: &str) -> Option<u16> {
    let (_, port) = line.split_once("started successfully on port ")?;
    port.trim_end_matches('.').parse().ok()
}
