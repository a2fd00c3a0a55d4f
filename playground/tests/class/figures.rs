//! What was measured, and what must hold.

use super::learner::Seen;
use super::usage::Peak;
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::Duration;

/// So many runs of any one other seat may begin while a run waits for its turn: the one that stood
/// before it in the rotation, and one whose time is off by what the board took to note it.
const FAIR: usize = 2;
const MIB: f64 = 1_048_576.0;

#[derive(Debug, Default)]
pub(crate) struct Figures {
    first_verdicts: Vec<Duration>,
    judged: usize,
    cut_off: usize,
    waits: Vec<Wait>,
    wrong: Vec<String>,
}

impl Figures {
    pub(crate) fn add(&mut self, seen: Seen) {
        self.first_verdicts.extend(seen.first_verdict);
        self.judged += seen.judged;
        self.cut_off += seen.cut_off;
        self.wrong.extend(seen.wrong);
    }

    /// When runs waited for their turn, from the instructor's export.
    pub(crate) fn waits_of(&mut self, csv: &str) {
        self.waits = csv.lines().skip(1).filter_map(Wait::of).collect();
        assert!(
            csv.contains("\"waited_ms\",\"ms\"") && !self.waits.is_empty(),
            "the export says how long runs waited: {csv}"
        );
    }

    /// Nobody is lost: every learner has a seat, and what they ran stands on the board.
    pub(crate) fn check_seats(&mut self, board: &Value, learners: usize) {
        let seats = board["seats"].as_array().map_or(0, Vec::len);
        if seats != learners {
            self.wrong
                .push(format!("{seats} seats for {learners} learners"));
        }
        if let Some(alarms) = board["alarms"].as_array().filter(|all| !all.is_empty()) {
            self.wrong.push(format!("alarms: {alarms:?}"));
        }
    }

    /// Of every seat, the server that was started anew knows as much as the one that was killed.
    pub(crate) fn check_survived(&mut self, before: &Value, after: &Value) {
        let of = |board: &Value| -> Vec<(u64, u64, u64)> {
            let number = |seat: &Value, name: &str| seat[name].as_u64().unwrap_or(0);
            let seats = board["seats"].as_array().cloned().unwrap_or_default();
            let seats = seats.iter();
            seats
                .map(|seat| {
                    (
                        number(seat, "seat"),
                        number(seat, "runs"),
                        number(seat, "passed"),
                    )
                })
                .collect()
        };
        let (before, after) = (of(before), of(after));
        for (seat, runs, passed) in before {
            let now = after.iter().find(|(number, _, _)| *number == seat);
            // A run may have ended between the question and the kill.
            if now.is_none_or(|(_, more, also)| *more < runs || *also < passed) {
                self.wrong.push(format!(
                    "seat {seat} had {runs} runs and {passed} passed: {now:?}"
                ));
            }
        }
    }

    pub(crate) fn leftovers(&mut self, left: Vec<String>) {
        if !left.is_empty() {
            self.wrong.push(format!("left behind: {left:?}"));
        }
    }

    /// Prints all of it; fails where something must not be.
    pub(crate) fn report(
        mut self,
        learners: usize,
        took: Duration,
        peak: &Peak,
        engine_idle: u64,
    ) -> ExitCode {
        self.first_verdicts.sort_unstable();
        let verdict = |share: f64| {
            at(&self.first_verdicts, share)
                .unwrap_or_default()
                .as_secs_f64()
        };
        let mut waited: Vec<i64> = self.waits.iter().map(Wait::ms).collect();
        waited.sort_unstable();
        let wait = |share: f64| rounded(at(&waited, share).unwrap_or(0) as f64 / 1e3);
        let overtaken = self.waits.iter().map(|wait| overtaken(wait, &self.waits));
        let overtaken = overtaken.max().unwrap_or(0);
        let seats = learners.max(1) as f64;
        let engine = peak.engine.saturating_sub(engine_idle) as f64 / MIB;
        let server = peak.server as f64 / MIB;
        let figures = json!({
            "learners": learners,
            "seconds": took.as_secs(),
            "runs_judged": self.judged,
            "runs_cut_off_and_told": self.cut_off,
            "first_verdict_s": { "median": rounded(verdict(0.5)), "p95": rounded(verdict(0.95)), "max": rounded(verdict(1.0)) },
            "wait_s": { "median": wait(0.5), "p95": wait(0.95), "max": wait(1.0) },
            "begun_by_one_other_while_one_waits": overtaken,
            "memory_mib": {
                "server_peak": rounded(server), "engine_over_idle_peak": rounded(engine),
                "per_seat": rounded((server + engine) / seats),
            },
            "wrong": self.wrong.len(),
        });
        println!("{figures:#}");
        if self.first_verdicts.len() < learners {
            let without = learners - self.first_verdicts.len();
            self.wrong
                .push(format!("{without} learners saw no verdict"));
        }
        if overtaken > FAIR {
            self.wrong.push(format!(
                "the queue is not fair: while a run waited, another seat began {overtaken} runs"
            ));
        }
        for wrong in &self.wrong {
            eprintln!("wrong: {wrong}");
        }
        ExitCode::from(u8::from(!self.wrong.is_empty()))
    }
}

/// From when to when a run waited for its turn, in milliseconds since the epoch.
#[derive(Debug)]
struct Wait {
    seat: u32,
    from: i64,
    until: i64,
}

impl Wait {
    /// Of a line of the export; messages may hold commas, so what stands behind one is counted from
    /// the end.
    fn of(line: &str) -> Option<Wait> {
        let fields: Vec<&str> = line.split(',').map(|one| one.trim_matches('"')).collect();
        let [seat, _, _, ended, .., waited, ms] = &fields[..] else {
            return None;
        };
        let ended: jiff::Timestamp = ended.parse().ok()?;
        let from = ended.as_millisecond() - ms.parse::<i64>().ok()?;
        Some(Wait {
            seat: seat.parse().ok()?,
            from,
            until: from + waited.parse::<i64>().ok()?,
        })
    }

    fn ms(&self) -> i64 {
        self.until - self.from
    }
}

/// How many runs of one other seat began while this one waited: of the seat with the most.
fn overtaken(wait: &Wait, all: &[Wait]) -> usize {
    let mut begun = std::collections::BTreeMap::new();
    for other in all.iter().filter(|other| other.seat != wait.seat) {
        if wait.from < other.until && other.until < wait.until {
            *begun.entry(other.seat).or_insert(0) += 1;
        }
    }
    begun.into_values().max().unwrap_or(0)
}

/// The value below which this share of them lies; they are sorted.
fn at<T: Copy>(sorted: &[T], share: f64) -> Option<T> {
    let last = sorted.len().checked_sub(1)?;
    let index = (share * last as f64).round() as usize;
    sorted.get(index.min(last)).copied()
}

fn rounded(value: f64) -> f64 {
    (value * 10.0).round() / 10.0
}
