//! The evidence held against the declaration: checks and verdict. Pure.

use super::checks::{act_check, look_check};
use super::evidence::Evidence;
use crate::event::{Check, Ending, Finished, Probed};
use catalog::{Expect, Moment, Outcome, Probe, Reporter, Sight, Variant};
use regex::Regex;

impl Evidence {
    /// Holds the evidence against what the variant declares.
    pub fn judge(&self, variant: &Variant, ms: u64) -> Finished {
        let expect = &variant.expect;
        let reporter = self.reporter(expect);
        let said = reporter.map(|r| self.said_by(r)).unwrap_or_default();
        let moment = self.moment(expect, reporter);
        let telling = expect.message.as_ref().or(expect.unsaid.as_ref());
        let message = telling_line(&said, telling);
        let mut checks = vec![self.outcome_check(expect)];
        let exit_code = self.telling_exit_code(expect);
        if let Some(code) = expect.exit_code {
            checks.push(Check {
                id: "exit-code".into(),
                title: "Exit code".into(),
                expected: code.to_string(),
                seen: exit_code.map_or("none".into(), |c| c.to_string()),
                passed: exit_code == Some(code),
            });
        }
        if let Some(wanted) = expect.reporter {
            checks.push(Check {
                id: "reporter".into(),
                title: "Who says so".into(),
                expected: reporter_name(wanted).into(),
                seen: reporter.map_or("nobody yet", reporter_name).into(),
                passed: reporter == Some(wanted),
            });
        }
        if let Some(pattern) = &expect.message {
            let everywhere = said.clone();
            checks.push(Check {
                id: "message".into(),
                title: "The message".into(),
                expected: pattern.as_str().to_owned(),
                seen: message.clone().unwrap_or_else(|| self.other_words()),
                passed: pattern.is_match(&everywhere),
            });
        }
        if let Some(wanted) = expect.moment {
            checks.push(Check {
                id: "moment".into(),
                title: "When it shows".into(),
                expected: moment_name(wanted).into(),
                seen: moment.map_or("not at all", moment_name).into(),
                passed: moment == Some(wanted),
            });
        }
        // Where this engine is expected not to serve, there is nothing to ask or to act on.
        if expect.outcome == Outcome::Serves {
            checks.extend(variant.probes.iter().map(|probe| self.probe_check(probe)));
            checks.extend(variant.acts.iter().map(|act| act_check(act, &self.acted)));
        }
        let runs = matches!(expect.outcome, Outcome::Serves | Outcome::Exits);
        let looks = variant.looks.iter();
        let looks = looks.filter(|look| runs || !matches!(look.sight, Sight::Clock { .. }));
        checks.extend(looks.map(|look| look_check(look, &self.looked)));
        let as_declared = checks.iter().all(|c| c.passed);
        Finished {
            ending: if as_declared {
                Ending::AsDeclared
            } else {
                Ending::NotAsDeclared
            },
            outcome: self.outcome,
            reporter,
            moment,
            note: None,
            message,
            exit_code,
            checks,
            error: None,
            ms,
        }
    }

    /// What was said where the declared message was not.
    fn other_words(&self) -> String {
        telling_line(&self.said_by_the_program(), None).map_or_else(
            || "nothing was said".into(),
            |words| format!("other words: {words}"),
        )
    }

    fn outcome_check(&self, expect: &Expect) -> Check {
        let mut seen = match self.outcome {
            Some(outcome) => outcome_name(outcome).to_owned(),
            None => "neither served nor exited".to_owned(),
        };
        if let Some(remark) = &self.remark {
            seen = format!("{seen}: {remark}");
        }
        Check {
            id: "outcome".into(),
            title: "What happens".into(),
            expected: outcome_name(expect.outcome).into(),
            seen,
            passed: self.outcome == Some(expect.outcome),
        }
    }

    fn probe_check(&self, probe: &Probe) -> Check {
        let mut expected = probe.status.to_string();
        if let Some(body) = &probe.body {
            expected = format!("{expected}, body has {}", body.as_str());
        }
        let answer = self.probed.iter().find(|p| p.probe == probe.id);
        let passed = answer.is_some_and(|a| {
            a.status == Some(probe.status)
                && probe.body.as_ref().is_none_or(|b| b.is_match(&a.body))
        });
        Check {
            id: probe.id.clone(),
            title: probe.title.clone(),
            expected,
            seen: match answer {
                Some(Probed {
                    status: Some(status),
                    body,
                    ..
                }) => {
                    format!("{status} {}", first_line(body))
                }
                Some(unanswered) => first_line(&unanswered.body),
                None => "was not asked".into(),
            },
            passed,
        }
    }
}

/// The line that matches, else the last one that says anything.
fn telling_line(said: &str, pattern: Option<&Regex>) -> Option<String> {
    let lines = || said.lines().map(str::trim).filter(|l| !l.is_empty());
    pattern
        .and_then(|p| lines().find(|l| p.is_match(l)))
        .or_else(|| lines().next_back())
        .map(|line| line.chars().take(600).collect())
}

pub(super) fn first_line(text: &str) -> String {
    text.lines()
        .next()
        .unwrap_or("")
        .chars()
        .take(200)
        .collect()
}

/// How a reader sees an outcome.
fn outcome_name(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Serves => "serves",
        Outcome::Exits => "exits by itself",
        Outcome::CannotStart => "cannot start",
        Outcome::BuildFails => "cannot be built",
    }
}

fn moment_name(moment: Moment) -> &'static str {
    match moment {
        Moment::Build => "when the image is built",
        Moment::Create => "when the container is created",
        Moment::Start => "when the container is started",
        Moment::Wait => "after the start, in its log",
        Moment::Answer => "in its answers",
        Moment::Exec => "when a command is run in it",
        Moment::Health => "in its health check",
        Moment::Stop => "when it is stopped",
    }
}

fn reporter_name(reporter: Reporter) -> &'static str {
    match reporter {
        Reporter::Builder => "the builder",
        Reporter::Engine => "the engine",
        Reporter::Program => "the program",
        Reporter::Nobody => "nobody",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::{Role, RunSettings};

    fn variant(expect: Expect, probes: Vec<Probe>) -> Variant {
        Variant {
            id: "v".into(),
            title: "v".into(),
            role: Role::Broken,
            show: Vec::new(),
            editable: Vec::new(),
            provides: Vec::new(),
            run: RunSettings::default(),
            probes,
            acts: Vec::new(),
            looks: Vec::new(),
            expect,
        }
    }

    fn expect(outcome: Outcome, message: Option<&str>) -> Expect {
        Expect {
            outcome,
            exit_code: None,
            reporter: None,
            message: message.and_then(|m| Regex::new(m).ok()),
            moment: None,
            unsaid: None,
            differs: Vec::new(),
        }
    }

    #[test]
    fn a_declared_failure_that_happens_is_as_declared() {
        let evidence = Evidence {
            outcome: Some(Outcome::CannotStart),
            exit_code: Some(1),
            engine: "exec /app: no such file or directory".into(),
            ..Evidence::default()
        };
        let wanted = Expect {
            exit_code: Some(1),
            reporter: Some(Reporter::Engine),
            ..expect(Outcome::CannotStart, Some("no such file"))
        };
        let finished = evidence.judge(&variant(wanted, Vec::new()), 1);
        assert_eq!(finished.ending, Ending::AsDeclared);
        assert_eq!(finished.checks.len(), 4);
    }

    #[test]
    fn the_right_end_with_the_wrong_words_is_not_as_declared() {
        let evidence = Evidence {
            outcome: Some(Outcome::Exits),
            exit_code: Some(1),
            program: "something else".into(),
            ..Evidence::default()
        };
        let wanted = expect(Outcome::Exits, Some("x509"));
        let finished = evidence.judge(&variant(wanted, Vec::new()), 1);
        assert_eq!(finished.ending, Ending::NotAsDeclared);
        assert_eq!(finished.message.as_deref(), Some("something else"));
    }

    #[test]
    fn an_unasked_probe_fails_its_check() {
        let probe = Probe {
            id: "health".into(),
            title: "Healthy".into(),
            get: "/healthz".into(),
            status: 200,
            body: None,
        };
        let evidence = Evidence {
            outcome: Some(Outcome::Serves),
            ..Evidence::default()
        };
        let finished = evidence.judge(&variant(expect(Outcome::Serves, None), vec![probe]), 1);
        assert_eq!(finished.ending, Ending::NotAsDeclared);
    }
}
