//! The prober: a tiny container that joins the network namespace of the one under test.
//!
//! A container without a network can be asked this way on any engine, local or remote, and
//! the program under test needs no cooperation: no shell, no port published to the host.

use crate::event::Probed;
use catalog::Probe;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const FILES: [(&str, &str); 5] = [
    ("Dockerfile", include_str!("../../prober/Dockerfile")),
    ("get.go", include_str!("../../prober/get.go")),
    ("go.mod", include_str!("../../prober/go.mod")),
    ("listen.go", include_str!("../../prober/listen.go")),
    ("main.go", include_str!("../../prober/main.go")),
];

#[derive(Serialize)]
struct Question<'a> {
    id: &'a str,
    get: &'a str,
}

/// One answer as the prober prints it.
#[derive(Deserialize)]
struct Answer {
    id: String,
    status: Option<u16>,
    #[serde(default)]
    body: String,
    ms: u64,
    error: Option<String>,
    port: Option<u16>,
}

/// The name of the prober's image; changes with its sources.
pub(crate) fn image() -> String {
    let mut hash = Sha256::new();
    for (name, text) in FILES {
        hash.update(name);
        hash.update([0]);
        hash.update(text);
    }
    format!("empty-room/prober:{}", engine::hex(&hash.finalize()[..6]))
}

/// Its Dockerfile.
pub(super) fn dockerfile() -> &'static str {
    FILES[0].1
}

/// Its other files, by path.
pub(super) fn files() -> impl Iterator<Item = (String, Vec<u8>)> {
    let files = FILES[1..].iter();
    files.map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec()))
}

/// The prober's arguments for these questions.
pub(super) fn command(port: u16, seconds: u32, probes: &[Probe]) -> Vec<String> {
    let questions: Vec<Question<'_>> = probes
        .iter()
        .map(|p| Question {
            id: &p.id,
            get: &p.get,
        })
        .collect();
    vec![
        "-port".into(),
        port.to_string(),
        "-deadline".into(),
        format!("{seconds}s"),
        serde_json::to_string(&questions).unwrap_or_default(),
    ]
}

/// What was found of a program's ports.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// Somebody listens here.
    Port {
        number: u16,
        /// `tcp` or `udp`.
        udp: bool,
        /// Only the container itself can call.
        loopback: bool,
    },
    /// What came of a GET at this port.
    Answer {
        port: u16,
        get: String,
        /// Nothing where no HTTP came back; then `body` is the error.
        status: Option<u16>,
        body: String,
        ms: u64,
    },
}

/// The prober's arguments for finding the ports and asking each for these paths.
pub(crate) fn found_command(seconds: u32, paths: &[String]) -> Vec<String> {
    let questions: Vec<Question<'_>> = paths
        .iter()
        .map(|path| Question {
            id: path,
            get: path,
        })
        .collect();
    vec![
        "-find".into(),
        "-timeout".into(),
        "3s".into(),
        "-deadline".into(),
        format!("{seconds}s"),
        serde_json::to_string(&questions).unwrap_or_default(),
    ]
}

/// Reads one line of what it says then; `None` for anything else.
pub(crate) fn parse_found(line: &str) -> Option<Found> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Port {
        port: u16,
        protocol: String,
        loopback: bool,
    }
    if let Ok(port) = serde_json::from_str::<Port>(line) {
        return Some(Found::Port {
            number: port.port,
            udp: port.protocol == "udp",
            loopback: port.loopback,
        });
    }
    let answer: Answer = serde_json::from_str(line).ok()?;
    Some(Found::Answer {
        port: answer.port?,
        get: answer.id,
        status: answer.status.filter(|status| *status != 0),
        body: answer.error.unwrap_or(answer.body),
        ms: answer.ms,
    })
}

/// Reads one line of the prober's output; `None` for anything that is not an answer.
pub(super) fn parse_answer(line: &str, probes: &[Probe]) -> Option<Probed> {
    let answer: Answer = serde_json::from_str(line).ok()?;
    let probe = probes.iter().find(|p| p.id == answer.id)?;
    Some(Probed {
        probe: answer.id,
        get: probe.get.clone(),
        status: answer.status.filter(|s| *s != 0),
        body: answer.error.unwrap_or(answer.body),
        ms: answer.ms,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn probe() -> Vec<Probe> {
        vec![Probe {
            id: "health".into(),
            title: "t".into(),
            get: "/healthz".into(),
            status: 200,
            body: None,
        }]
    }

    #[test]
    fn the_probers_lines_are_understood() {
        let probes = probe();
        assert_eq!(parse_answer(r#"{"ready_ms":12}"#, &probes), None);
        let line = r#"{"id":"health","status":200,"body":"ok","ms":3}"#;
        assert_eq!(
            parse_answer(line, &probes).and_then(|p| p.status),
            Some(200)
        );
        let line = r#"{"id":"health","body":"","ms":3,"error":"refused"}"#;
        let refused = parse_answer(line, &probes).expect("an answer");
        assert_eq!((refused.status, refused.body.as_str()), (None, "refused"));
        assert_eq!(parse_answer("panic: oh", &probes), None);
    }

    #[test]
    fn what_it_found_is_understood() {
        let port = r#"{"port":8080,"protocol":"tcp","loopback":true}"#;
        let number = 8080;
        let (udp, loopback) = (false, true);
        assert_eq!(
            parse_found(port),
            Some(Found::Port {
                number,
                udp,
                loopback
            })
        );
        let answer = r#"{"id":"/","body":"","ms":3,"error":"no HTTP answer: EOF","port":8080}"#;
        let Some(Found::Answer { status, body, .. }) = parse_found(answer) else {
            panic!("no answer");
        };
        assert_eq!((status, &*body), (None, "no HTTP answer: EOF"));
        assert_eq!(parse_found(r#"{"ready_ms":12}"#), None);
    }
}
