//! One learner: joins, reads, runs labs as they are and edited, hands exercises in, waits and thinks.
//!
//! Whatever is edited carries a mark of this learner; whoever sees another's mark has seen what is
//! not theirs.

use super::random::Random;
use playground::web::KEY_HEADER;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Labs that are run as they are, with how they end: all are made to.
const LABS: &[(&str, &str)] = &[
    ("stage-5a", "image"),
    ("copy-missing", "wrong-path"),
    ("not-executable", "no-x"),
    ("no-shell-cmd", "shell-cmd"),
    ("missing-libc", "cgo-on"),
    ("user-by-name", "by-name"),
];
const EXERCISE: &str = "01-two-stages";
const SOLUTION: &str = include_str!("../../../exercises/01-two-stages/solution/Dockerfile");
/// Thinking between two runs, in milliseconds.
const THINK_MS: u64 = 4000;
/// How long a server that was killed may be away.
const AWAY: Duration = Duration::from_secs(60);
/// A run that is not over after this is lost.
const RUN: Duration = Duration::from_secs(900);

/// What all learners share.
pub(crate) struct Plan {
    pub(crate) address: String,
    pub(crate) certificate: Vec<u8>,
    pub(crate) code: String,
    pub(crate) end: Instant,
}

/// What became of one learner's time.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    /// From the join to the first verdict.
    pub(crate) first_verdict: Option<Duration>,
    /// Runs that were judged.
    pub(crate) judged: usize,
    /// Runs that the engine's or the server's absence cut off; the learner was told.
    pub(crate) cut_off: usize,
    /// What must never happen, in words.
    pub(crate) wrong: Vec<String>,
}

pub(crate) struct Learner {
    number: usize,
    random: Random,
    plan: Arc<Plan>,
    http: reqwest::Client,
    key: String,
    mark: String,
    revision: Value,
    joined: Option<Instant>,
    seen: Seen,
}

/// How a run came to an end.
enum Ended {
    With(Vec<Value>),
    /// The server was killed meanwhile.
    Gone,
}

impl Learner {
    pub(crate) fn new(number: usize, mut random: Random, plan: Arc<Plan>) -> Learner {
        let certificate = reqwest::Certificate::from_pem(&plan.certificate).expect("PEM");
        let http = reqwest::Client::builder()
            .no_proxy()
            .add_root_certificate(certificate)
            .build()
            .expect("a client");
        let mark = format!("mark-{:016x}-of-learner-{number}", random.next());
        Learner {
            number,
            random,
            plan,
            http,
            key: String::new(),
            mark,
            revision: Value::Null,
            joined: None,
            seen: Seen::default(),
        }
    }

    /// Attends the class to its end.
    pub(crate) async fn attend(mut self) -> Seen {
        let join = json!({ "code": self.plan.code, "name": format!("Learner {}", self.number) });
        let (status, answer) = self.ask(Method::POST, "/api/class/join", join).await;
        if status != 201 {
            self.wrong(format!("could not join: {status} {answer}"));
            return self.seen;
        }
        self.joined = Some(Instant::now());
        self.key = answer["key"].as_str().unwrap_or_default().to_owned();
        while Instant::now() < self.plan.end {
            match self.random.below(10) {
                0..=4 => {
                    let (lab, variant) = *self.random.pick(LABS);
                    self.run(lab, variant, json!({}), Some("as-declared")).await;
                }
                5..=6 => self.edited().await,
                7 => self.write().await,
                _ => self.hand_in().await,
            }
            let page = json!({ "page": "journey/stage-5a.html" });
            self.ask(Method::POST, "/api/class/here", page).await;
            let think = THINK_MS / 2 + self.random.below(THINK_MS);
            tokio::time::sleep(Duration::from_millis(think)).await;
        }
        self.seen
    }

    fn wrong(&mut self, what: String) {
        self.seen
            .wrong
            .push(format!("learner {}: {what}", self.number));
    }

    /// Asks until the server answers: one that was killed comes back.
    async fn ask(&mut self, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        let since = Instant::now();
        loop {
            let url = format!("https://{}{path}", self.plan.address);
            let request = self
                .http
                .request(method.clone(), url)
                .header(KEY_HEADER, &self.key);
            let request = match method == Method::POST {
                true => request.json(&body),
                false => request,
            };
            let sent = request.timeout(Duration::from_secs(30)).send().await;
            match sent {
                Ok(answer) => {
                    let status = answer.status();
                    if let Ok(text) = answer.text().await {
                        self.look_for_marks(&text);
                        return (
                            status,
                            serde_json::from_str(&text).unwrap_or(Value::String(text)),
                        );
                    }
                }
                Err(error) if since.elapsed() > AWAY => {
                    self.wrong(format!("{path} is not answered: {error}"));
                    return (StatusCode::SERVICE_UNAVAILABLE, Value::Null);
                }
                Err(_) => {}
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
    }

    /// What another learner typed must never come to us.
    fn look_for_marks(&mut self, text: &str) {
        let own = self.mark.clone();
        let others = text.split("mark-").skip(1).filter(|rest| {
            let tail = own.strip_prefix("mark-").unwrap_or_default();
            rest.contains("-of-learner-") && !rest.starts_with(tail)
        });
        if let Some(other) = others.map(str::to_owned).next() {
            let other: String = other.chars().take(60).collect();
            self.wrong(format!("saw what is another's: {other}"));
        }
    }

    /// Follows a run to its end.
    async fn follow(&mut self, run: &str) -> Ended {
        let since = Instant::now();
        let url = format!("https://{}/api/runs/{run}/events", self.plan.address);
        let mut seen: Vec<Value> = Vec::new();
        while since.elapsed() < RUN {
            let request = self.http.get(&url).header(KEY_HEADER, &self.key);
            let request = request.header("Last-Event-ID", seen.len().to_string());
            if let Ok(mut answer) = request.send().await {
                if answer.status() == StatusCode::NOT_FOUND {
                    return Ended::Gone;
                }
                let mut text = String::new();
                // A connection that breaks is taken up again where it stopped.
                while let Ok(Some(piece)) = answer.chunk().await {
                    text.push_str(&String::from_utf8_lossy(&piece));
                }
                self.look_for_marks(&text);
                let events = text.lines().filter_map(|line| line.strip_prefix("data: "));
                seen.extend(events.filter_map(|data| serde_json::from_str::<Value>(data).ok()));
                if seen
                    .last()
                    .is_some_and(|event| event["event"] == "finished")
                {
                    return Ended::With(seen);
                }
            }
            tokio::time::sleep(Duration::from_millis(200)).await;
        }
        self.wrong(format!("run {run} has no end"));
        Ended::Gone
    }

    /// Runs something; returns its last event where it was judged.
    async fn run(
        &mut self,
        lab: &str,
        variant: &str,
        edits: Value,
        wanted: Option<&str>,
    ) -> Option<Vec<Value>> {
        let body = json!({ "lab": lab, "variant": variant, "edits": edits });
        let (status, answer) = self.ask(Method::POST, "/api/runs", body).await;
        self.judge(lab, status, &answer, wanted).await
    }

    async fn judge(
        &mut self,
        what: &str,
        status: StatusCode,
        answer: &Value,
        wanted: Option<&str>,
    ) -> Option<Vec<Value>> {
        if status != 201 {
            // A killed server may have accepted what we ask for a second time.
            self.wrong(format!("{what} was not accepted: {status} {answer}"));
            return None;
        }
        let run = answer["run"].as_str().unwrap_or_default().to_owned();
        let Ended::With(events) = self.follow(&run).await else {
            self.seen.cut_off += 1;
            return None;
        };
        let ending = events
            .last()
            .map(|event| event["ending"].clone())
            .unwrap_or_default();
        match ending.as_str() {
            Some("error" | "stopped") => {
                self.seen.cut_off += 1;
                return None;
            }
            Some(ending) if wanted.is_some_and(|wanted| wanted != ending) => {
                let said = events.last().cloned().unwrap_or_default();
                self.wrong(format!("{what} ended {ending}: {said}"));
            }
            _ => {}
        }
        self.seen.judged += 1;
        if let (None, Some(joined)) = (self.seen.first_verdict, self.joined) {
            self.seen.first_verdict = Some(joined.elapsed());
        }
        Some(events)
    }

    /// A build that says our mark, and whose mark must come back.
    async fn edited(&mut self) {
        let turn = self.seen.judged;
        let dockerfile = format!(
            "FROM alpine:3.20\nRUN echo {} {turn}\nCMD [\"/bin/echo\", \"{}\"]\n",
            self.mark, self.mark
        );
        let edits = json!({ "Dockerfile": dockerfile });
        let Some(events) = self.run("stage-5a", "image", edits, None).await else {
            return;
        };
        let text = Value::Array(events).to_string();
        if !text.contains(&self.mark) {
            let tail: String = text.chars().rev().take(900).collect();
            let tail: String = tail.chars().rev().collect();
            self.wrong(format!("a build did not say what it was told: {tail}"));
        }
    }

    /// Saves a file and reads it back.
    async fn write(&mut self) {
        let path = format!("/api/exercises/{EXERCISE}");
        let text = format!("{SOLUTION}\n# {} {}\n", self.mark, self.seen.judged);
        let file = json!({ "path": "Dockerfile", "text": text, "revision": self.revision });
        let (status, answer) = self.ask(Method::POST, &format!("{path}/files"), file).await;
        if status == 409 {
            // The answer to an earlier save was lost with the server: the text was not.
            self.revision = answer["now"]["revision"].clone();
            return;
        }
        if status != 200 {
            self.wrong(format!("a file was not saved: {status} {answer}"));
            return;
        }
        self.revision = answer["revision"].clone();
        let (_, work) = self.ask(Method::GET, &path, Value::Null).await;
        if work["files"][0]["text"] != json!(text) {
            self.wrong(format!(
                "a file is not what was saved: {}",
                work["files"][0]
            ));
        }
    }

    /// Hands an exercise in: mended, or not.
    async fn hand_in(&mut self) {
        let path = format!("/api/exercises/{EXERCISE}/check");
        let mended = self.random.below(2) == 0;
        let (text, wanted) = match mended {
            true => (SOLUTION.to_owned(), "as-declared"),
            false => (
                "FROM alpine:3.20\nCMD [\"/none\"]\n".to_owned(),
                "not-as-declared",
            ),
        };
        let body = json!({ "files": { "Dockerfile": text } });
        let (status, answer) = self.ask(Method::POST, &path, body).await;
        self.judge("the exercise", status, &answer, Some(wanted))
            .await;
    }
}
