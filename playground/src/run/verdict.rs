//! The evidence held against the declaration: what happened, who said so, and the verdict. Pure.
//!
//! Probes, actions and checks judge themselves, in the catalog; here is what belongs to the
//! ending as a whole.

use super::evidence::Evidence;
use crate::event::{CheckResult, Ending, Finished};
use catalog::{Expect, Moment, Outcome, Reporter, Variant};
use regex::Regex;

impl Evidence {
    /// Holds the evidence against what the variant declares.
    pub fn judge(&self, variant: &Variant, ms: u64) -> Finished {
        let expect = &variant.expect;
        let reporter = self.reporter(expect);
        let moment = self.moment(expect, reporter);
        let exit_code = self.telling_exit_code(expect);
        let said = reporter.map(|r| self.said_by(r)).unwrap_or_default();
        let telling = expect.message.as_ref().or(expect.unsaid.as_ref());
        let message = telling_line(&said, telling);
        let mut checks = vec![self.outcome_check(expect)];
        checks.extend(expect.exit_code.map(|wanted| {
            let named = ("exit-code", "Exit code");
            value_check(named, wanted, exit_code, |code| code.to_string(), "none")
        }));
        checks.extend(expect.reporter.map(|wanted| {
            let named = ("reporter", "Who says so");
            value_check(named, wanted, reporter, Reporter::shown, "nobody yet")
        }));
        let pattern = expect.message.as_ref();
        checks
            .extend(pattern.map(|pattern| self.message_check(pattern, &said, message.as_deref())));
        checks.extend(expect.moment.map(|wanted| {
            let named = ("moment", "When it shows");
            value_check(named, wanted, moment, Moment::shown, "not at all")
        }));
        // Where this engine is expected not to serve, there is nothing to ask or to act on.
        if expect.outcome == Outcome::Serves {
            let (probes, actions) = (variant.probes.iter(), variant.actions.iter());
            checks.extend(probes.map(|probe| probe.judge(&self.probed)));
            checks.extend(actions.map(|action| action.judge(&self.acted)));
        }
        let runs = matches!(expect.outcome, Outcome::Serves | Outcome::Exits);
        let possible = variant.checks.iter();
        let possible = possible.filter(|check| runs || !check.kind.needs_output());
        checks.extend(possible.map(|check| check.judge(&self.looked)));
        let as_declared = checks.iter().all(|c| c.passed);
        let ending = match as_declared {
            true => Ending::AsDeclared,
            false => Ending::NotAsDeclared,
        };
        Finished {
            outcome: self.outcome,
            reporter,
            moment,
            message,
            exit_code,
            checks,
            ..Finished::unjudged(ending, None, ms)
        }
    }

    fn outcome_check(&self, expect: &Expect) -> CheckResult {
        let mut seen = match self.outcome {
            Some(outcome) => outcome.shown().to_owned(),
            None => "neither served nor exited".to_owned(),
        };
        if let Some(remark) = &self.remark {
            seen = format!("{seen}: {remark}");
        }
        CheckResult {
            id: "outcome".into(),
            title: "What happens".into(),
            expected: expect.outcome.shown().into(),
            seen,
            passed: self.outcome == Some(expect.outcome),
            unreached: false,
        }
    }

    fn message_check(&self, pattern: &Regex, said: &str, telling: Option<&str>) -> CheckResult {
        let other_words = || match telling_line(&self.said_by_the_program(), None) {
            Some(words) => format!("other words: {words}"),
            None => "nothing was said".into(),
        };
        CheckResult {
            id: "message".into(),
            title: "The message".into(),
            expected: pattern.as_str().to_owned(),
            seen: telling.map_or_else(other_words, str::to_owned),
            passed: pattern.is_match(said),
            unreached: false,
        }
    }
}

/// A value held against the declared one; `none` is shown where there is no value.
fn value_check<T: Copy + PartialEq, S: Into<String>>(
    (id, title): (&str, &str),
    wanted: T,
    seen: Option<T>,
    shown: impl Fn(T) -> S,
    none: &str,
) -> CheckResult {
    CheckResult {
        id: id.into(),
        title: title.into(),
        expected: shown(wanted).into(),
        seen: seen.map_or_else(|| none.into(), |seen| shown(seen).into()),
        passed: seen == Some(wanted),
        unreached: false,
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

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::{Probe, Role};

    fn variant(expect: Expect, probes: Vec<Probe>) -> Variant {
        Variant {
            id: "v".into(),
            title: "v".into(),
            role: Role::Broken,
            probes,
            expect,
            ..Variant::default()
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
