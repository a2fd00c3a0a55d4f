//! A port that somebody listens on, and what it says to a GET.

use crate::run::Found;
use policy::ansi::plain;
use serde::Serialize;

/// A port that it listens on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Listening {
    /// The port.
    pub port: u16,
    /// Whether it is UDP.
    pub udp: bool,
    /// Whether only the container itself can call.
    pub loopback: bool,
    /// What came of a GET for each path.
    pub answers: Vec<Answer>,
}

/// What came of a GET.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The path.
    pub get: String,
    /// The status; `None` where no HTTP came back.
    pub status: Option<u16>,
    /// The beginning of the body, or the error.
    pub body: String,
    /// How long it took, in milliseconds.
    pub ms: u64,
}

impl Listening {
    /// What it speaks, as far as a plain GET can tell.
    pub fn speaks(&self) -> &'static str {
        if self.udp {
            return "udp";
        }
        let Some(first) = self.answers.first() else {
            return "tcp";
        };
        match first.status {
            Some(400) if first.body.contains("HTTP request to an HTTPS server") => "https",
            Some(_) => "http",
            // A server of HTTP/2 begins with a frame of its settings.
            None if first.body.contains(r"\x00\x00") => "grpc",
            None => "tcp",
        }
    }

    /// Whether it speaks something that a plain GET gets an answer in.
    pub fn answers(&self) -> bool {
        matches!(self.speaks(), "http" | "https" | "grpc")
    }

    /// The best answer: a health endpoint that says yes, else the top. A page for people is none, as
    /// long as something else says yes; one that every path leads to never is.
    pub fn best(&self) -> Option<&Answer> {
        let good = |answer: &&Answer| {
            answer
                .status
                .is_some_and(|status| (200..400).contains(&status))
        };
        let mut tops = self.answers.iter().filter(|answer| answer.get == "/");
        let top = tops.find(|answer| answer.status.is_some());
        let page = |answer: &Answer| answer.body.trim_start().starts_with('<');
        let everywhere = |answer: &Answer| {
            page(answer) && top.is_some_and(|top| top.get != answer.get && top.body == answer.body)
        };
        let health = self.answers.iter().filter(|answer| answer.get != "/");
        let mut health = health.filter(good).filter(|answer| !everywhere(answer));
        health
            .clone()
            .find(|answer| !page(answer))
            .or_else(|| health.next())
            .or(top)
            .or_else(|| self.answers.iter().find(|a| a.status.is_some()))
    }
}

/// Takes down what the prober found.
pub(super) fn note(ports: &mut Vec<Listening>, found: Option<Found>) {
    match found {
        Some(Found::Port {
            number,
            udp,
            loopback,
        }) => ports.push(Listening {
            port: number,
            udp,
            loopback,
            answers: Vec::new(),
        }),
        Some(Found::Answer {
            port,
            get,
            status,
            body,
            ms,
        }) => {
            let asked = ports.iter_mut().find(|one| one.port == port && !one.udp);
            if let Some(asked) = asked {
                let body = plain(&body).chars().take(400).collect();
                asked.answers.push(Answer {
                    get,
                    status,
                    body,
                    ms,
                });
            }
        }
        None => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn port(answers: &[(&str, Option<u16>, &str)]) -> Listening {
        let answers = answers.iter().map(|(get, status, body)| Answer {
            get: (*get).to_owned(),
            status: *status,
            body: (*body).to_owned(),
            ms: 1,
        });
        Listening {
            port: 1,
            udp: false,
            loopback: false,
            answers: answers.collect(),
        }
    }

    #[test]
    fn a_get_tells_what_is_spoken() {
        let tls = "Client sent an HTTP request to an HTTPS server.\n";
        let settings = r#"no HTTP answer: not an HTTP answer: "\x00\x00\x06\x04""#;
        for (speaks, status, body) in [
            ("http", Some(404), ""),
            ("https", Some(400), tls),
            ("grpc", None, settings),
            ("tcp", None, "no HTTP answer: unexpected EOF"),
        ] {
            assert_eq!(port(&[("/", status, body)]).speaks(), speaks);
        }
    }

    #[test]
    fn a_health_endpoint_that_says_yes_is_the_best_answer() {
        let best = |answers: &[(&str, Option<u16>, &str)]| {
            port(answers).best().map(|answer| answer.get.clone())
        };
        let all = [
            ("/healthz", Some(404), ""),
            ("/ready", Some(200), ""),
            ("/", Some(200), ""),
        ];
        assert_eq!(best(&all).as_deref(), Some("/ready"));
        assert_eq!(best(&all[2..]).as_deref(), Some("/"));
        assert_eq!(
            best(&[("/healthz", Some(404), "")]).as_deref(),
            Some("/healthz")
        );
        assert_eq!(best(&[]), None);
        // Pages: of people's, and of whoever sends every path to the same one.
        let (top, page) = ("<!DOCTYPE html>\n<title>Gateway</title>", "<html>up</html>");
        let (yes, metrics) = (Some(200), "# HELP go_goroutines");
        for (answers, wanted) in [
            (
                vec![("/status", yes, page), ("/-/healthy", yes, "OK")],
                "/-/healthy",
            ),
            (
                vec![("/status", yes, page), ("/healthz", Some(404), "")],
                "/status",
            ),
            (
                vec![("/healthz", yes, top), ("/metrics", yes, metrics)],
                "/metrics",
            ),
            (vec![("/healthz", yes, top), ("/health", yes, top)], "/"),
        ] {
            let all: Vec<_> = [("/", yes, top)].into_iter().chain(answers).collect();
            assert_eq!(best(&all).as_deref(), Some(wanted), "{all:?}");
        }
    }
}
