//! The prober: a tiny container that joins the network namespace of the one under test.
//!
//! A container without a network can be asked this way on any engine, local or remote, and
//! the program under test needs no cooperation: no shell, no port published to the host.

use crate::event::Probed;
use catalog::Probe;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const FILES: [(&str, &str); 4] = [
    ("Dockerfile", include_str!("../../prober/Dockerfile")),
    ("get.go", include_str!("../../prober/get.go")),
    ("go.mod", include_str!("../../prober/go.mod")),
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
}

/// The name of the prober's image; changes with its sources.
pub(super) fn image() -> String {
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
}
