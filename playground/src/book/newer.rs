//! What a variant did with a newer Go, on bases of today, beside what it did with the quoted ones:
//! a sentence below the recording, so that whatever holds for one only says so.

use super::html::escape;
use super::recorded::{Recorded, Recording};
use catalog::actions::ActionResult;
use catalog::claims::shown;
use catalog::{Outcome, Unit};

/// The sentence; nothing where the variant was not recorded with that Go.
pub(super) fn sentence(quoted: &Recorded, newer: &Recording, variant: &str) -> String {
    let (Some(there), Some(go)) = (newer.variants.get(variant), newer.go.as_deref()) else {
        return String::new();
    };
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let size = |bytes: u64| shown(bytes as f64, Unit::Bytes);
    let sizes = there.sizes.map_or(String::new(), |sizes| {
        let [unpacked, compressed] = [sizes.unpacked_bytes, sizes.compressed_bytes].map(size);
        format!("; {unpacked} unpacked, {compressed} compressed")
    });
    let there_is = format!("With Go {}, on bases of today,", escape(go));
    beside(&there_is, quoted, there, &sizes)
}

/// What was done elsewhere, in one sentence that begins with where.
pub(super) fn beside(place: &str, quoted: &Recorded, there: &Recorded, sizes: &str) -> String {
    let how = match (ends_alike(quoted, there), says_alike(quoted, there)) {
        (true, true) => match other_code(quoted, there) {
            Some(otherwise) => format!("it does the same, but for {otherwise}"),
            None => "it ends the same way".to_owned(),
        },
        (true, false) => format!("it ends the same way, in other words{}", words(there)),
        (false, _) => format!("it ends otherwise: it {}{}", ending(there), words(there)),
    };
    let note = there.note.as_ref().filter(|_| there.note != quoted.note);
    let note = note.map_or(String::new(), |note| format!(" {}", escape(note)));
    format!(r#"<p class="lab-newer">{place} {how}{sizes}.{note}</p>"#)
}

/// Whether nobody could tell the two apart, but by times, ids and the like.
pub(super) fn alike(one: &Recorded, other: &Recorded) -> bool {
    let acts = one.acts.iter().zip(&other.acts);
    ends_alike(one, other)
        && says_alike(one, other)
        && acts.clone().all(|(one, other)| {
            let said = |of: &ActionResult| match of.reply.by_engine {
                true => steady(&of.reply.text).join(" "),
                false => String::new(),
            };
            one.reply.exit_code == other.reply.exit_code && said(one) == said(other)
        })
}

fn ends_alike(one: &Recorded, other: &Recorded) -> bool {
    let ending = |of: &Recorded| (of.outcome, of.reporter, of.moment, of.exit_code);
    ending(one) == ending(other)
}

/// Whether the telling lines are the same but for times, ids and the like.
fn says_alike(one: &Recorded, other: &Recorded) -> bool {
    let [one, other] = [one, other].map(|of| steady(of.message.as_deref().unwrap_or_default()));
    one == other
}

/// The words of a text that are the same in every run: those without a digit.
pub(super) fn steady(text: &str) -> Vec<&str> {
    let digit = |c: char| c.is_ascii_digit();
    let words = text.split_whitespace();
    words.filter(|word| !word.contains(digit)).collect()
}

/// What was done to it and came back with another exit code, if anything.
fn other_code(one: &Recorded, other: &Recorded) -> Option<String> {
    let mut pairs = one.acts.iter().zip(&other.acts);
    pairs.find_map(|(one, other)| {
        let [was, is] = [one, other].map(|act| act.reply.exit_code);
        let (was, is) = was.zip(is).filter(|(was, is)| was != is)?;
        let command = escape(&other.command);
        Some(format!("<code>{command}</code>: exit code {is}, not {was}"))
    })
}

fn words(of: &Recorded) -> String {
    let message = of.message.as_deref().map(escape);
    message.map_or(String::new(), |said| format!(", <code>{said}</code>"))
}

fn ending(of: &Recorded) -> String {
    let what = match of.outcome {
        Some(Outcome::Serves) => "serves",
        Some(Outcome::Exits) => "exits",
        Some(Outcome::CannotStart) => "cannot start",
        Some(Outcome::BuildFails) => "does not build",
        None => "neither serves nor exits",
    };
    match of.exit_code {
        Some(code) => format!("{what} with exit code {code}"),
        None => what.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::book::Weight;
    use catalog::actions::{ActionName, Reply};
    use std::collections::BTreeMap;

    fn recorded(exit_code: i64, message: &str) -> Recorded {
        Recorded {
            outcome: Some(Outcome::Exits),
            exit_code: Some(exit_code),
            message: Some(message.into()),
            sizes: Some(Weight {
                unpacked_bytes: 6_610_000,
                compressed_bytes: 2_900_000,
            }),
            ..Recorded::default()
        }
    }

    fn with_newer(quoted: &Recorded, there: Recorded) -> String {
        let newer = Recording {
            engine: "Docker Engine".into(),
            version: "20.10.24".into(),
            arch: "amd64".into(),
            go: Some("1.27.3".into()),
            date: "2026-11-29".into(),
            bases: "rebuilt".into(),
            variants: BTreeMap::from([("broken".into(), there)]),
        };
        assert_eq!(sentence(quoted, &newer, "fixed"), "");
        sentence(quoted, &newer, "broken")
    }

    #[test]
    fn what_differs_with_a_newer_go_is_said_and_what_does_not_as_well() {
        let quoted = recorded(1, "12:00:01 no <file> 3fa9");
        let sizes = "6.61 MB unpacked, 2.90 MB compressed.</p>";
        let start = "<p class=\"lab-newer\">With Go 1.27.3, on bases of today, it ends ";
        assert_eq!(
            with_newer(&quoted, recorded(1, "14:07:22 no <file> 77b0")),
            format!("{start}the same way; {sizes}")
        );
        assert_eq!(
            with_newer(&quoted, recorded(1, "no such <file>")),
            format!(
                "{start}the same way, in other words, <code>no such &lt;file&gt;</code>; {sizes}"
            )
        );
        let stopped = |code| Recorded {
            acts: vec![ActionResult {
                action: "stop".into(),
                title: "docker stop".into(),
                kind: ActionName::Stop,
                command: "docker stop app".into(),
                reply: Reply {
                    text: String::new(),
                    exit_code: Some(code),
                    status: None,
                    by_engine: false,
                    timed_out: false,
                    ms: 70,
                },
            }],
            ..recorded(0, "")
        };
        assert!(!with_newer(&stopped(2), stopped(2)).contains("docker stop"));
        assert_eq!(
            with_newer(&stopped(2), stopped(143)),
            "<p class=\"lab-newer\">With Go 1.27.3, on bases of today, it does the same, but for \
             <code>docker stop app</code>: exit code 143, not 2; 6.61 MB unpacked, 2.90 MB \
             compressed.</p>"
        );
        let refused = Recorded {
            note: Some("Since Go 1.25 it panics.".into()),
            sizes: None,
            ..recorded(2, "panic")
        };
        assert_eq!(
            with_newer(&quoted, refused),
            format!(
                "{start}otherwise: it exits with exit code 2, <code>panic</code>. Since Go 1.25 it panics.</p>"
            )
        );
    }
}
