//! A browser as a reader holds it: WebDriver, chromedriver, real Chromium.

use fantoccini::actions::{InputSource, KeyAction, KeyActions};
use fantoccini::elements::Element;
use fantoccini::{Client, ClientBuilder, Locator};
use serde_json::{Value, json};
use std::process::{Child, Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// A building lab on two busy cores may take its time.
const PATIENCE: Duration = Duration::from_secs(300);

pub(super) const TAB: char = '\u{E004}';

/// A browser and its driver; both end with it.
pub(super) struct Browser {
    pub(super) client: Client,
    driver: Child,
    driver_url: String,
    _profile: TempDir,
}

impl Browser {
    pub(super) async fn open(width: u32, dark: bool) -> Browser {
        let port = {
            let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
            socket.local_addr().expect("an address").port()
        };
        let driver = Command::new("chromedriver")
            .arg(format!("--port={port}"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is installed; script/test sees to that");
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
        let wanted = json!({
            "goog:chromeOptions": { "args": args },
            "goog:loggingPrefs": { "browser": "ALL" },
        });
        let Value::Object(wanted) = wanted else {
            unreachable!("an object was written")
        };
        let url = format!("http://127.0.0.1:{port}");
        for _ in 0..100 {
            let client =
                ClientBuilder::new(hyper_util::client::legacy::connect::HttpConnector::new())
                    .capabilities(wanted.clone())
                    .connect(&url)
                    .await;
            match client {
                Ok(client) => {
                    return Browser {
                        client,
                        driver,
                        driver_url: url,
                        _profile: profile,
                    };
                }
                Err(_) => tokio::time::sleep(Duration::from_millis(100)).await,
            }
        }
        panic!("chromedriver did not answer within ten seconds");
    }

    pub(super) async fn find(&self, css: &str) -> Element {
        let found = self
            .client
            .wait()
            .at_most(PATIENCE)
            .for_element(Locator::Css(css))
            .await;
        found.unwrap_or_else(|error| panic!("{css}: {error}"))
    }

    pub(super) async fn click(&self, css: &str) {
        let found = self.find(css).await;
        // As a reader would: what has scrolled under the bar at the top is brought out first.
        let out = "document.querySelector(arguments[0])?.scrollIntoView({ block: 'center' });";
        let brought = self.client.execute(out, vec![css.into()]).await;
        brought.unwrap_or_else(|error| panic!("{css}: {error}"));
        found
            .click()
            .await
            .unwrap_or_else(|error| panic!("{css}: {error}"));
    }

    /// Presses Run in a lab's panel and waits until the run has ended like this.
    pub(super) async fn run_to(&self, lab: &str, ending: &str) {
        self.click(&format!("{lab} [data-role=run]")).await;
        self.find(&format!("{lab}[data-state=done][data-ending={ending}]"))
            .await;
    }

    pub(super) async fn text(&self, css: &str) -> String {
        self.find(css).await.text().await.expect("text")
    }

    pub(super) async fn script(&self, script: &str) -> Value {
        self.client
            .execute(script, Vec::new())
            .await
            .expect("the script runs")
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

    /// What the page complained of: policy violations and uncaught errors.
    pub(super) async fn complaints(&self) -> Vec<String> {
        let session = self.client.session_id().await;
        let session = session.expect("answered").expect("a session");
        // chromedriver's own command, which WebDriver clients have no method for.
        let answer = reqwest::Client::new()
            .post(format!("{}/session/{session}/se/log", self.driver_url))
            .json(&json!({ "type": "browser" }))
            .send()
            .await
            .expect("chromedriver answers");
        let log: Value = answer.json().await.expect("JSON");
        let entries = log["value"].as_array().expect("log entries");
        let severe = entries.iter().filter(|entry| entry["level"] == "SEVERE");
        severe.map(Value::to_string).collect()
    }

    pub(super) async fn close(mut self) {
        let _ = self.client.close().await;
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
