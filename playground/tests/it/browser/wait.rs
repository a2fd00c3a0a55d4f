//! Waiting for the page: as long as anything on it moves, however slow the machine is.

use super::driver::Browser;
use serde_json::Value;
use std::time::{Duration, Instant};

/// How long a page may stand still. A step of a build that says nothing, on busy cores.
const STALL: Duration = Duration::from_secs(300);
const POLL: Duration = Duration::from_millis(100);
/// How often the page is asked whether it has moved.
const LOOK: Duration = Duration::from_secs(1);

/// What a page is and shows, but for its numbers: a clock that ticks is no progress, nor is a
/// question that is asked again.
const SEEN: &str = r"
    const asked = performance.getEntriesByType('resource').map(entry => entry.name);
    return [
        location.href, document.readyState, document.documentElement.dataset.server ?? 'none',
        new Set(asked).size,
        [...document.querySelectorAll('[data-state]')].map(node => node.dataset.state).join(' '),
        document.body?.textContent.replace(/\d+/g, '#') ?? '',
    ].join('\n');";

/// The same for whoever reads why a wait ended, and the last answers of the server.
const TOLD: &str = r"
    const last = performance.getEntriesByType('resource').slice(-8)
        .map(entry => `  ${entry.responseStatus} ${entry.name} in ${Math.round(entry.duration)} ms`);
    return [
        `address: ${location.href}`,
        `readyState: ${document.readyState}`,
        `html[data-server]: ${document.documentElement.dataset.server ?? 'not set'}`,
        'last answers:', ...last,
        'end of the page:', document.querySelector('main')?.innerText.slice(-1500) ?? 'no main',
    ].join('\n');";

/// One wait for something on a page.
pub(super) struct Wait {
    begun: Instant,
    moved: Instant,
    looked: Instant,
    seen: Option<Value>,
}

impl Wait {
    pub(super) fn begin() -> Wait {
        let now = Instant::now();
        Wait {
            begun: now,
            moved: now,
            looked: now,
            seen: None,
        }
    }

    /// It is not there yet: pauses, or panics if the page has stood still for too long.
    pub(super) async fn on(&mut self, browser: &Browser, what: &str) {
        tokio::time::sleep(POLL).await;
        if self.looked.elapsed() < LOOK {
            return;
        }
        self.looked = Instant::now();
        browser.mend_page().await;
        // Between two pages there is none to ask.
        let seen = browser.client.execute(SEEN, Vec::new()).await.ok();
        if seen != self.seen {
            self.seen = seen;
            self.moved = Instant::now();
        }
        if self.moved.elapsed() < STALL {
            return;
        }
        let told = browser.client.execute(TOLD, Vec::new()).await;
        let told = match &told {
            Ok(told) => told.as_str().unwrap_or_default().to_owned(),
            Err(error) => format!("the page does not answer: {error}"),
        };
        let console: Vec<String> = browser
            .console()
            .await
            .iter()
            .map(Value::to_string)
            .collect();
        panic!(
            "{what} did not come: waited {} s, and nothing moved for the last {} s\n{told}\n\
             console:\n{}",
            self.begun.elapsed().as_secs(),
            STALL.as_secs(),
            console.join("\n"),
        );
    }
}
