//! What was measured, and what must hold.

use super::learner::Seen;
use super::usage::Peak;
use serde_json::{Value, json};
use std::process::ExitCode;
use std::time::Duration;

/// The longest wait may be so many times the median one, and ten seconds on top.
const FAIR: f64 = 8.0;
const MIB: f64 = 1_048_576.0;

#[derive(Debug, Default)]
pub(crate) struct Figures {
    first_verdicts: Vec<Duration>,
    judged: usize,
    cut_off: usize,
    waits_ms: Vec<u64>,
    wrong: Vec<String>,
}

impl Figures {
    pub(crate) fn add(&mut self, seen: Seen) {
        self.first_verdicts.extend(seen.first_verdict);
        self.judged += seen.judged;
        self.cut_off += seen.cut_off;
        self.wrong.extend(seen.wrong);
    }

    /// How long runs waited for their turn, from the instructor's export.
    pub(crate) fn waits_of(&mut self, csv: &str) {
        let mut lines = csv.lines();
        let head = lines.next().unwrap_or_default();
        let column = head.split(',').position(|name| name == "\"waited_ms\"");
        let column = column.expect("the export says how long runs waited");
        // Messages may hold commas: waits are counted from the end.
        let from_end = head.split(',').count() - column;
        let waits = lines.filter_map(|line| {
            let fields: Vec<&str> = line.split(',').collect();
            let at = fields.len().checked_sub(from_end)?;
            fields[at].trim_matches('"').parse().ok()
        });
        self.waits_ms = waits.collect();
        self.waits_ms.sort_unstable();
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
        let wait = |share: f64| at(&self.waits_ms, share).unwrap_or(0) as f64 / 1e3;
        let (median, most) = (wait(0.5), wait(1.0));
        let seats = learners.max(1) as f64;
        let engine = peak.engine.saturating_sub(engine_idle) as f64 / MIB;
        let server = peak.server as f64 / MIB;
        let figures = json!({
            "learners": learners,
            "seconds": took.as_secs(),
            "runs_judged": self.judged,
            "runs_cut_off_and_told": self.cut_off,
            "first_verdict_s": { "median": rounded(verdict(0.5)), "p95": rounded(verdict(0.95)), "max": rounded(verdict(1.0)) },
            "wait_s": { "median": rounded(median), "p95": rounded(wait(0.95)), "max": rounded(most) },
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
        if most > FAIR * median + 10.0 {
            self.wrong.push(format!(
                "the queue is not fair: {most:.1} s at most, {median:.1} s as a rule"
            ));
        }
        for wrong in &self.wrong {
            eprintln!("wrong: {wrong}");
        }
        ExitCode::from(u8::from(!self.wrong.is_empty()))
    }
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
