//! Predictions held against outcomes: per rule, how often it was right.
//!
//! Pure. Refuses to know how either came about.

use super::cases::{Case, Cases, Wrong, name};
use super::observe::Observed;
use super::truth::Truths;
use analysis::preflight::{Finding, Rule, Severity};
use std::collections::BTreeMap;

/// A case with both sides.
#[derive(Clone, Debug)]
pub(crate) struct Judged {
    /// What was built.
    pub(crate) case: Case,
    /// What preflight said.
    pub(crate) findings: Vec<Finding>,
    /// What is so.
    pub(crate) truths: Truths,
    /// What that was read from, for whoever has to find out.
    pub(crate) observed: Observed,
}

/// How often something was said, and how often it was so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    /// Said, and so.
    pub(crate) right: u32,
    /// Said, and not so.
    pub(crate) false_alarms: u32,
    /// So, and only asked about: advice of a rule about failing.
    pub(crate) asked: u32,
    /// So, and neither said nor asked about.
    pub(crate) misses: u32,
    /// Not so, and asked about.
    pub(crate) asked_in_vain: u32,
    /// Neither said nor so.
    pub(crate) quiet: u32,
}

/// One prediction that was wrong.
#[derive(Clone, Debug)]
pub(crate) struct Mistake {
    /// Of the case.
    pub(crate) id: String,
    /// The rule; `None` for whether it starts at all.
    pub(crate) rule: Option<&'static Rule>,
    /// How.
    pub(crate) what: Wrong,
    /// Why it is known to be wrong, where it is.
    pub(crate) known: Option<String>,
}

/// Everything in figures.
#[derive(Clone, Debug, Default)]
pub(crate) struct Score {
    /// Whether it starts, whatever the reason.
    pub(crate) start: Tally,
    /// By rule.
    pub(crate) rules: BTreeMap<&'static Rule, Tally>,
    /// All that was wrong, in the order of the cases.
    pub(crate) mistakes: Vec<Mistake>,
}

impl Tally {
    fn count(&mut self, said: Said, so: bool) -> Option<Wrong> {
        let (count, wrong) = match (said, so) {
            (Said::ForSure, true) => (&mut self.right, None),
            (Said::ForSure, false) => (&mut self.false_alarms, Some(Wrong::FalseAlarm)),
            (Said::Asked, true) => (&mut self.asked, None),
            (Said::Asked, false) => (&mut self.asked_in_vain, None),
            (Said::Nothing, true) => (&mut self.misses, Some(Wrong::Miss)),
            (Said::Nothing, false) => (&mut self.quiet, None),
        };
        *count += 1;
        wrong
    }

    /// Of what was said, how much is so; `None` where nothing was said.
    pub(crate) fn precision(&self) -> Option<f64> {
        share(self.right, self.right + self.false_alarms)
    }

    /// Of what is so, how much was said for sure; `None` where nothing was so.
    pub(crate) fn recall(&self) -> Option<f64> {
        share(self.right, self.so())
    }

    /// The same of what was said or asked about.
    pub(crate) fn recall_with_questions(&self) -> Option<f64> {
        share(self.right + self.asked, self.so())
    }

    /// Both together.
    pub(crate) fn with(self, other: &Tally) -> Tally {
        Tally {
            right: self.right + other.right,
            false_alarms: self.false_alarms + other.false_alarms,
            asked: self.asked + other.asked,
            misses: self.misses + other.misses,
            asked_in_vain: self.asked_in_vain + other.asked_in_vain,
            quiet: self.quiet + other.quiet,
        }
    }

    /// How often it was so.
    pub(crate) fn so(&self) -> u32 {
        self.right + self.asked + self.misses
    }

    /// In how many cases it could be seen.
    pub(crate) fn seen(&self) -> u32 {
        self.so() + self.false_alarms + self.asked_in_vain + self.quiet
    }
}

fn share(part: u32, of: u32) -> Option<f64> {
    (of > 0).then(|| f64::from(part) / f64::from(of))
}

impl Score {
    /// Holds every prediction against its outcome.
    pub(crate) fn of(judged: &[Judged]) -> Score {
        let mut score = Score::default();
        for one in judged {
            let said = one.findings.iter();
            let will_not = said.clone().any(|f| f.severity == Severity::WillNotStart);
            let will_not = if will_not {
                Said::ForSure
            } else {
                Said::Nothing
            };
            let wrong = score.start.count(will_not, !one.truths.started);
            score.note(one, None, wrong);
            for (&rule, so) in &one.truths.of {
                let said = said.clone().filter(|f| f.rule == rule).map(how).max();
                let said = said.unwrap_or(Said::Nothing);
                let wrong = score.rules.entry(rule).or_default().count(said, *so);
                score.note(one, Some(rule), wrong);
            }
        }
        score
    }

    fn note(&mut self, one: &Judged, rule: Option<&'static Rule>, what: Option<Wrong>) {
        let Some(what) = what else { return };
        let known = one.case.known.iter();
        let mut known = known
            .filter(|known| known.rule == rule && known.what == what)
            .map(|known| known.why.clone());
        self.mistakes.push(Mistake {
            id: one.case.id.clone(),
            rule,
            what,
            known: known.next(),
        });
    }

    /// What must not be: a mistake that nobody explained, an explanation that nothing needs,
    /// an outcome that nobody can read.
    pub(crate) fn problems(&self, cases: &Cases, judged: &[Judged]) -> Vec<String> {
        let mut problems = Vec::new();
        for mistake in self.mistakes.iter().filter(|m| m.known.is_none()) {
            problems.push(format!("{}: {}", mistake.id, mistake.words()));
        }
        for one in judged {
            if !one.truths.started && one.truths.reason.is_none() {
                let observed = &one.observed;
                problems.push(format!(
                    "{}: it did not start, and nobody can tell why: {:?} {:?}",
                    one.case.id, observed.refused, observed.said
                ));
            }
        }
        // Only a whole matrix tells that an explanation is not needed.
        if judged.len() < cases.cases.len() {
            return problems;
        }
        for one in judged {
            for known in &one.case.known {
                let needed = self.mistakes.iter().any(|mistake| {
                    mistake.id == one.case.id
                        && mistake.rule == known.rule
                        && mistake.what == known.what
                });
                if !needed {
                    let id = &one.case.id;
                    let rule = name(known.rule);
                    problems.push(format!("{id}: {rule} is right; take its `known` away"));
                }
            }
        }
        problems
    }
}

impl Mistake {
    /// What was wrong, in words.
    pub(crate) fn words(&self) -> String {
        let what = match self.what {
            Wrong::Miss => "missed",
            Wrong::FalseAlarm => "a false alarm",
        };
        format!("{}: {what}", name(self.rule))
    }
}

/// How sure a rule's findings are; the surest counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Said {
    Nothing,
    Asked,
    ForSure,
}

/// Of a rule about failing, advice is a question, and no prediction.
fn how(finding: &Finding) -> Said {
    match finding.severity == Severity::Advice && finding.rule.severity != Severity::Advice {
        true => Said::Asked,
        false => Said::ForSure,
    }
}
