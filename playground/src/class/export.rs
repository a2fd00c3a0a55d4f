//! What was done in a class, for a spreadsheet and for tools that read xAPI.
//!
//! Owns the form: what a learner typed can be a formula to a spreadsheet and must stay text.

use super::ran::Ran;
use super::seat::Seat;
use crate::exercises::progress::Act;
use serde_json::{Value, json};

/// Whether learners are named.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Names {
    /// By name and number.
    Shown,
    /// By number.
    Left,
}

impl Names {
    fn of(self, seat: &Seat) -> String {
        match self {
            Names::Shown => format!("{} (seat {})", seat.name, seat.number),
            Names::Left => format!("seat {}", seat.number),
        }
    }
}

const HEAD: [&str; 13] = [
    "seat",
    "name",
    "joined",
    "ended",
    "object",
    "variant",
    "submission",
    "edited",
    "ending",
    "failing_check",
    "message",
    "waited_ms",
    "ms",
];

/// A line for each run that ended, and one for each seat that ran nothing.
pub fn csv(seats: &[Seat], ran: &[Ran], names: Names) -> String {
    let mut lines = vec![HEAD.map(field).join(",")];
    for seat in seats {
        let name = match names {
            Names::Shown => seat.name.as_str(),
            Names::Left => "",
        };
        let who = [
            seat.number.to_string(),
            name.to_owned(),
            seat.joined.to_string(),
        ];
        let mut of_seat = ran.iter().filter(|ran| ran.seat == seat.number).peekable();
        if of_seat.peek().is_none() {
            let empty = std::iter::repeat_n(String::new(), HEAD.len() - who.len());
            lines.push(line(who.iter().cloned().chain(empty)));
        }
        for ran in of_seat {
            let failing = ran.failing.as_ref();
            let ending = json!(ran.ending);
            let rest = [
                ran.at.to_string(),
                ran.object.clone(),
                ran.variant.clone(),
                ran.submission.to_string(),
                ran.edited.to_string(),
                ending.as_str().unwrap_or_default().to_owned(),
                failing.map_or_else(String::new, |failing| failing.check.clone()),
                failing.map_or_else(String::new, |failing| failing.message.clone()),
                ran.waited_ms.map_or_else(String::new, |ms| ms.to_string()),
                ran.ms.to_string(),
            ];
            lines.push(line(who.iter().cloned().chain(rest)));
        }
    }
    lines.push(String::new());
    lines.join("\r\n")
}

fn line(fields: impl Iterator<Item = String>) -> String {
    fields
        .map(|text| field(&text))
        .collect::<Vec<_>>()
        .join(",")
}

/// Quoted, and never a formula: spreadsheets run what begins like one.
fn field(text: &str) -> String {
    let guard = match text.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        true => "'",
        false => "",
    };
    format!("\"{guard}{}\"", text.replace('"', "\"\""))
}

/// xAPI statements, one a line, in no order: that somebody joined, what was done to exercises and
/// questions (`acts`, by the seat's number), and runs of labs.
pub fn statements(seats: &[Seat], acts: &[(u32, Vec<Act>)], ran: &[Ran], names: Names) -> String {
    let mut all: Vec<Value> = Vec::new();
    for seat in seats {
        let learner = names.of(seat);
        all.push(joined(seat, &learner));
        let own = acts.iter().filter(|(number, _)| *number == seat.number);
        let own = own.flat_map(|(_, acts)| acts);
        all.extend(own.map(|act| act.statement(&learner)));
        let labs = ran
            .iter()
            .filter(|ran| ran.seat == seat.number && !ran.submission);
        all.extend(labs.map(|ran| ran.statement(&learner)));
    }
    all.iter().map(|one| format!("{one}\n")).collect()
}

fn joined(seat: &Seat, learner: &str) -> Value {
    json!({
        "id": crate::exercises::progress::statement_id(&seat.folder),
        "timestamp": seat.joined.to_string(),
        "actor": {
            "objectType": "Agent",
            "account": { "homePage": "urn:empty-room", "name": learner },
        },
        "verb": {
            "id": "http://adlnet.gov/expapi/verbs/registered",
            "display": { "en": "registered" },
        },
        "object": { "objectType": "Activity", "id": "urn:empty-room:class" },
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::Ending;

    fn seat(number: u32, name: &str) -> Seat {
        Seat {
            number,
            folder: format!("{number:032x}"),
            name: name.into(),
            joined: jiff::Timestamp::UNIX_EPOCH,
            hand: None,
        }
    }

    fn ran(seat: u32, message: &str) -> Ran {
        Ran {
            seat,
            run: "0123456789ab".into(),
            at: jiff::Timestamp::UNIX_EPOCH,
            object: "stage-1".into(),
            variant: "image".into(),
            submission: false,
            edited: true,
            ending: Ending::NotAsDeclared,
            failing: Some(crate::class::ran::Failing {
                check: "health".into(),
                title: "Health".into(),
                message: message.into(),
            }),
            waited_ms: Some(5),
            ms: 1500,
        }
    }

    #[test]
    fn nothing_that_was_typed_is_a_formula_or_breaks_a_row() {
        let seats = [
            seat(1, "=HYPERLINK(\"http://evil.test\")"),
            seat(2, "+1"),
            seat(3, "@x"),
        ];
        let table = csv(&seats, &[ran(1, "a\",\"b"), ran(2, "-2+3")], Names::Shown);
        let rows: Vec<&str> = table.trim_end().split("\r\n").collect();
        assert_eq!(rows.len(), 4, "{table}");
        assert!(
            rows[1].contains("\"'=HYPERLINK(\"\"http://evil.test\"\")\""),
            "{table}"
        );
        assert!(rows[1].contains("\"a\"\",\"\"b\""), "{table}");
        assert!(rows[2].contains("\"'-2+3\""), "{table}");
        for row in &rows {
            // A quoted comma is none: with quotes of quotes gone, what is left counts fields.
            let plain = row.replace("\"\"", "");
            let mut quoted = false;
            let commas = plain.chars().filter(|c| {
                quoted ^= *c == '"';
                *c == ',' && !quoted
            });
            assert_eq!(commas.count(), HEAD.len() - 1, "{row}");
        }
    }

    #[test]
    fn without_names_nothing_names_anybody() {
        let seats = [seat(1, "Ada Lovelace")];
        let runs = [ran(1, "x")];
        for text in [
            csv(&seats, &runs, Names::Left),
            statements(&seats, &[], &runs, Names::Left),
        ] {
            assert!(!text.contains("Ada"), "{text}");
        }
        assert!(csv(&seats, &runs, Names::Shown).contains("Ada Lovelace"));
    }

    #[test]
    fn every_line_is_a_statement_with_an_id_of_its_own() {
        let seats = [seat(1, "Ada\nLovelace"), seat(2, "Bo")];
        let acts = vec![(
            2,
            vec![Act {
                key: "feedfeedfeed".into(),
                at: "2026-01-01T00:00:00Z".into(),
                verb: crate::exercises::progress::Verb::Passed,
                object: "01-two-stages".into(),
                detail: crate::exercises::progress::Detail::default(),
            }],
        )];
        let text = statements(&seats, &acts, &[ran(1, "x")], Names::Shown);
        let mut ids = std::collections::BTreeSet::new();
        for line in text.lines() {
            let statement: Value = serde_json::from_str(line).expect("JSON");
            let verb = statement["verb"]["id"].as_str().expect("a verb");
            assert!(
                verb.starts_with("http://adlnet.gov/expapi/verbs/"),
                "{verb}"
            );
            ids.insert(statement["id"].as_str().expect("an id").to_owned());
        }
        assert_eq!(ids.len(), 4);
    }
}
