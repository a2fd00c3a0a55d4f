//! A class on a free port of this machine, and learners with browsers of their own.

use super::super::support::{engine, rendered_book, root};
use playground::app_state::AppState;
use playground::class::{Class, Size};
use playground::web::{ClassApp, KEY_HEADER, Way, serve_class};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// Nothing waits for it where all is well; long enough for busy cores.
const PATIENCE: Duration = Duration::from_secs(300);

/// A class that is served in this process.
pub(crate) struct Room {
    pub(crate) address: SocketAddr,
    pub(crate) class: Arc<Class>,
    /// The instructor's key.
    pub(crate) key: String,
    certificate: String,
    stop: Option<oneshot::Sender<()>>,
    task: JoinHandle<bool>,
}

/// Somebody with a browser.
#[derive(Clone)]
pub(crate) struct Browser {
    http: reqwest::Client,
    base: String,
    pub(crate) key: String,
    pub(crate) seat: u64,
}

impl Room {
    pub(crate) async fn open(data: &Path) -> Room {
        Room::open_for(
            data,
            Size {
                seats: 60,
                at_once: 2,
            },
        )
        .await
    }

    pub(crate) async fn open_for(data: &Path, size: Size) -> Room {
        engine().await;
        let state = Arc::new(AppState::open(&root(), data).expect("the content is valid"));
        let class = Class::open(state, size).expect("a class");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let address = listener.local_addr().expect("an address");
        let app = ClassApp::new(
            class.clone(),
            address,
            Way::Loopback,
            rendered_book(class.state()),
        )
        .expect("a class");
        let (key, certificate) = (app.key().to_owned(), app.certificate().pem.clone());
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let stop = async {
                let _ = stopped.await;
            };
            serve_class(app, listener, stop)
                .await
                .expect("it ends well")
        });
        Room {
            address,
            class,
            key,
            certificate,
            stop: Some(stop),
            task,
        }
    }

    /// A browser that trusts the class's certificate and knows nobody's key.
    pub(crate) fn browser(&self) -> Browser {
        let certificate = reqwest::Certificate::from_pem(self.certificate.as_bytes());
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(reqwest::redirect::Policy::none())
            .add_root_certificate(certificate.expect("PEM"))
            .build()
            .expect("a client");
        Browser {
            http,
            base: format!("https://{}", self.address),
            key: String::new(),
            seat: 0,
        }
    }

    /// The instructor's browser.
    pub(crate) fn instructor(&self) -> Browser {
        Browser {
            key: self.key.clone(),
            ..self.browser()
        }
    }

    /// Somebody who has joined.
    pub(crate) async fn join(&self, name: &str) -> Browser {
        let mut browser = self.browser();
        let (status, answer) = browser
            .post(
                "/api/class/join",
                json!({ "code": self.class.code().0, "name": name }),
            )
            .await;
        assert_eq!(status, 201, "{answer}");
        browser.key = answer["key"].as_str().expect("a key").to_owned();
        browser.seat = answer["seat"].as_u64().expect("a number");
        browser
    }

    /// Stops serving; the class stays. Returns whether it was ended for good.
    pub(crate) async fn close(mut self) -> bool {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        self.task.await.expect("it does not panic")
    }

    /// Waits until it has ended by itself.
    pub(crate) async fn ended(self) -> bool {
        let ended = tokio::time::timeout(PATIENCE, self.task).await;
        ended.expect("it ends").expect("it does not panic")
    }
}

impl Browser {
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self.http.request(method, format!("{}{path}", self.base));
        match self.key.is_empty() {
            true => request,
            false => request.header(KEY_HEADER, &self.key),
        }
    }

    pub(crate) async fn get(&self, path: &str) -> (StatusCode, Value) {
        let answer = self.request(Method::GET, path).send().await;
        read(answer.expect("an answer")).await
    }

    pub(crate) async fn post(&self, path: &str, body: Value) -> (StatusCode, Value) {
        let answer = self.request(Method::POST, path).json(&body).send().await;
        read(answer.expect("an answer")).await
    }

    /// Starts a run; returns its id.
    pub(crate) async fn run(&self, lab: &str, variant: &str, edits: Value) -> String {
        let body = json!({ "lab": lab, "variant": variant, "edits": edits });
        let (status, answer) = self.post("/api/runs", body).await;
        assert_eq!(status, 201, "{answer}");
        answer["run"].as_str().expect("an id").to_owned()
    }

    /// All events of a run, up to and with its end.
    pub(crate) async fn events(&self, run: &str) -> Vec<Value> {
        let answer = self
            .request(Method::GET, &format!("/api/runs/{run}/events"))
            .send()
            .await
            .expect("an event stream");
        assert_eq!(answer.status(), 200);
        let text = tokio::time::timeout(Duration::from_secs(600), answer.text())
            .await
            .expect("the run ends within ten minutes")
            .expect("the stream ends well");
        text.lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .map(|data| serde_json::from_str(data).expect("each event is JSON"))
            .collect()
    }
}

async fn read(answer: reqwest::Response) -> (StatusCode, Value) {
    let status = answer.status();
    let text = answer.text().await.expect("text");
    (
        status,
        serde_json::from_str(&text).unwrap_or(Value::String(text)),
    )
}

/// Waits until something holds.
pub(crate) async fn until<F>(what: &str, mut holds: impl FnMut() -> F)
where
    F: Future<Output = bool>,
{
    let waiting = async {
        while !holds().await {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let waited = tokio::time::timeout(PATIENCE, waiting).await;
    waited.unwrap_or_else(|_| panic!("waited in vain: {what}"));
}
