//! The matrix in figures, for people.

use super::score::{Judged, Mistake, Score, Tally};
use super::truth::Truth;
use analysis::preflight::{Rule, Severity};
use std::fmt::Write;
use std::time::Duration;

/// The table, the mistakes, and how long it took.
pub(crate) fn text(judged: &[Judged], score: &Score, truth: &Truth, took: Duration) -> String {
    let mut text = String::new();
    let started = judged.iter().filter(|one| one.truths.started).count();
    let seconds = took.as_secs();
    let failing = score.rules.iter();
    let failing = failing.filter(|(rule, _)| rule.severity == Severity::WillFail);
    let failing = failing.fold(Tally::default(), |sum, (_, tally)| sum.with(tally));
    let _ = writeln!(
        text,
        "\nPreflight against {} images, built and run in {seconds} s: {started} started, {} did not.\n",
        judged.len(),
        judged.len() - started
    );
    let _ = writeln!(
        text,
        "{:<28} {:>6} {:>6} {:>6} {:>6} {:>7} {:>7} {:>8}  {:>9} {:>7} {:>10}",
        "finding",
        "seen",
        "is so",
        "right",
        "asked",
        "missed",
        "false",
        "in vain",
        "precision",
        "recall",
        "with asked"
    );
    row(&mut text, "WILL NOT START", &score.start);
    row(&mut text, "WILL FAIL, ALL RULES", &failing);
    for (rule, tally) in &score.rules {
        row(&mut text, rule.id, tally);
    }
    // A rule that nothing is held against must not look like one that is always right.
    for rule in Rule::ALL {
        if !score.rules.contains_key(rule) {
            let why = truth.unseen(rule).unwrap_or("no case showed it");
            let _ = writeln!(text, "{:<28} not scored: {why}", rule.id);
        }
    }
    let (known, new): (Vec<_>, Vec<_>) = score.mistakes.iter().partition(|m| m.known.is_some());
    mistakes(&mut text, "Wrong, and known to be", &known);
    mistakes(&mut text, "WRONG", &new);
    for one in judged {
        if new.iter().any(|mistake| mistake.id == one.case.id) {
            evidence(&mut text, one);
        }
    }
    text
}

fn row(text: &mut String, name: &str, tally: &Tally) {
    let percent = |share: Option<f64>| match share {
        Some(share) => format!("{:.1} %", share * 100.0),
        None => "-".to_owned(),
    };
    let _ = writeln!(
        text,
        "{name:<28} {:>6} {:>6} {:>6} {:>6} {:>7} {:>7} {:>8}  {:>9} {:>7} {:>10}",
        tally.seen(),
        tally.so(),
        tally.right,
        tally.asked,
        tally.misses,
        tally.false_alarms,
        tally.asked_in_vain,
        percent(tally.precision()),
        percent(tally.recall()),
        percent(tally.recall_with_questions()),
    );
}

fn mistakes(text: &mut String, title: &str, mistakes: &[&Mistake]) {
    if mistakes.is_empty() {
        return;
    }
    let _ = writeln!(text, "\n{title}:");
    for mistake in mistakes {
        let _ = write!(text, "  {}: {}", mistake.id, mistake.words());
        let why = mistake.known.as_ref().map(|why| format!(" ({why})"));
        let _ = writeln!(text, "{}", why.unwrap_or_default());
    }
}

/// Both sides of a case, to find out which of them is wrong.
fn evidence(text: &mut String, one: &Judged) {
    let _ = writeln!(text, "\n  {}", one.case.id);
    for line in &one.case.lines {
        let _ = writeln!(text, "    | {line}");
    }
    if let Some(words) = &one.observed.refused {
        let _ = writeln!(text, "    refused: {words}");
    }
    for line in one.observed.said.lines().take(12) {
        let _ = writeln!(text, "    said: {line}");
    }
    if let Some(health) = &one.observed.health {
        let _ = writeln!(text, "    health: {} {}", health.status, health.log.trim());
    }
    for finding in &one.findings {
        let _ = writeln!(
            text,
            "    preflight: {} ({}): {}",
            finding.rule,
            finding.severity.words(),
            finding.what
        );
    }
}
