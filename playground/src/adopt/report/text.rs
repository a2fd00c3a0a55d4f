//! The report for a terminal. Names of a strange repository are shown, never obeyed.

use super::{Outcome, Report, compared, stages};
use crate::adopt::plan::Decision;
use crate::adopt::trial::Listening;
use policy::sanitize::{line, visible};
use std::fmt::Write;

/// Columns of a line's text.
const WIDTH: usize = 96;

/// The report as text.
pub fn text(report: &Report) -> String {
    let mut text = String::new();
    head(report, &mut text);
    if !report.decisions.0.is_empty() {
        text.push_str("\nDecided\n");
        for decision in &report.decisions.0 {
            tell(decision, &mut text);
        }
    }
    rounds(report, &mut text);
    if let Some(unmended) = &report.unmended {
        let _ = writeln!(text, "\nNot mended\n  {}", visible(&unmended.what));
        if let Some(page) = &unmended.page {
            let _ = writeln!(text, "  page: {page}");
        }
        let _ = writeln!(text, "  next: {}", visible(&unmended.next));
        for said in &unmended.said {
            let _ = writeln!(text, "  | {}", visible(said));
        }
    }
    if !report.findings.is_empty() {
        text.push_str("\nPreflight says of the image\n");
        for finding in &report.findings {
            let (words, what) = (finding.severity.words(), visible(&finding.what));
            let _ = writeln!(text, "  {words}: {what}");
        }
    }
    if let Some(current) = &report.current {
        compared::text(current, report, &mut text);
    }
    stages::text(&report.journey, &mut text);
    if !report.left_out.is_empty() {
        text.push_str("\nLeft out of the tree\n");
        for left in &report.left_out {
            let _ = writeln!(text, "  {}", visible(left));
        }
    }
    if !report.proof.is_empty() {
        text.push_str("\nSee for yourself, at the top of the repository\n");
        for command in &report.proof {
            let _ = writeln!(text, "  {}", visible(command));
        }
    }
    let lines = text.lines().map(|text| line(text).into_owned());
    lines.collect::<Vec<_>>().join("\n") + "\n"
}

fn head(report: &Report, text: &mut String) {
    let name = report
        .command
        .as_ref()
        .map(|command| match command.dir.as_str() {
            "." => command.name(),
            dir => dir.to_owned(),
        });
    let name = name.unwrap_or_else(|| report.path.clone());
    let _ = writeln!(text, "{} {}.", visible(&name), report.outcome.words());
    for port in report.ports.iter().filter(|port| !port.loopback) {
        let _ = writeln!(text, "  {}", visible(&heard(port)));
    }
    if let (Some(weight), Some(plan)) = (report.weight, &report.plan) {
        let mb = |bytes: u64| {
            #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
            let mb = bytes as f64 / 1e6;
            format!("{mb:.2} MB")
        };
        let _ = writeln!(
            text,
            "  {} on {}, {} compressed; {} in {:.1} s",
            mb(weight.unpacked),
            plan.base(),
            mb(weight.compressed),
            rounds_of(report.rounds.len()),
            report.ms as f64 / 1e3,
        );
    }
    if report.outcome == Outcome::Nothing && report.command.is_none() && report.unmended.is_none() {
        text.push_str("  There is no command in it.\n");
    }
}

pub(super) fn rounds_of(n: usize) -> String {
    match n {
        1 => "1 round".into(),
        n => format!("{n} rounds"),
    }
}

/// `GET :8080/healthz → 200, {"status":"ok"}`
pub(super) fn heard(port: &Listening) -> String {
    match port.best() {
        Some(answer) => {
            let status = answer.status.unwrap_or_default();
            let body: String = answer.body.trim().chars().take(60).collect();
            let body = body.lines().next().unwrap_or_default();
            format!("GET :{}{} → {status} {body}", port.port, answer.get)
                .trim_end()
                .to_owned()
        }
        None => format!("listens on :{} ({})", port.port, port.speaks()),
    }
}

fn tell(decision: &Decision, text: &mut String) {
    let topic = decision.topic.words();
    let page = decision.page.as_deref();
    let page = page.map_or(String::new(), |page| {
        format!("  [{}]", page.trim_end_matches(".html"))
    });
    let value = visible(&decision.value);
    let _ = writeln!(text, "  {topic:<15}{value}{page}");
    for evidence in &decision.evidence {
        let seen: String = visible(evidence).chars().take(WIDTH * 2).collect();
        let _ = writeln!(text, "    because  {seen}");
    }
    let _ = writeln!(text, "    else     {}", visible(&decision.otherwise));
}

fn rounds(report: &Report, text: &mut String) {
    if report.rounds.is_empty() {
        return;
    }
    text.push_str("\nRounds\n");
    for round in &report.rounds {
        let how = visible(&round.how_in_words());
        let seconds = round.build_ms as f64 / 1e3;
        let _ = writeln!(text, "  {}. built in {seconds:.1} s, {how}", round.n);
        if !round.said.is_empty() {
            let _ = writeln!(text, "     | {}", visible(&round.said));
        }
        for repair in &round.repairs {
            let page = repair
                .page
                .as_deref()
                .map(|page| page.trim_end_matches(".html"));
            let page = page.map_or(String::new(), |page| format!("  [{page}]"));
            let _ = writeln!(text, "     → {}{page}", visible(&repair.what));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::Unmended;
    use super::*;
    use crate::adopt::plan::Topic;
    use crate::adopt::repair::Repair;
    use crate::adopt::report::Round;
    use crate::adopt::trial::How;
    use policy::sanitize::testing::{ATTACKS, assert_harmless};

    #[test]
    fn whatever_a_repository_calls_itself_commands_no_terminal() {
        for attack in ATTACKS {
            let mut report = Report::new(attack);
            let said = || attack.to_owned();
            report
                .decisions
                .set(Topic::Cgo, said(), [said()], said(), None);
            report.unmended = Some(Unmended {
                what: said(),
                page: None,
                next: said(),
                said: vec![said()],
            });
            report.left_out.push(said());
            report.proof.push(said());
            report.rounds.push(Round {
                n: 1,
                build_ms: 1,
                how: Some(How::Refused { message: said() }),
                said: said(),
                repairs: vec![Repair {
                    what: said(),
                    why: said(),
                    page: None,
                }],
            });
            assert_harmless(&text(&report));
            assert_harmless(&report.json());
        }
    }
}
