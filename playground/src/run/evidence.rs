//! What a run has seen, and what follows from it alone: who spoke up, when, in which words.
//! Pure.

use crate::event::Probed;
use catalog::actions::ActionResult;
use catalog::checks::Observation;
use catalog::{Expect, Moment, Outcome, Reporter};
use regex::Regex;

/// What a run saw, before anybody judges it.
#[derive(Clone, Debug, Default)]
pub struct Evidence {
    /// How the variant ended, where it got so far.
    pub outcome: Option<Outcome>,
    /// The exit code, where there is one.
    pub exit_code: Option<i64>,
    /// What the builder said: its error first, then the failing step's log.
    pub builder: String,
    /// What engine, runtime or kernel said of the container's start.
    pub engine: String,
    /// The call that the engine refused, where it refused one.
    pub refused_at: Option<Moment>,
    /// What the program wrote.
    pub program: String,
    /// Answers to the probes.
    pub probed: Vec<Probed>,
    /// What was done to it, and what came of that.
    pub acted: Vec<ActionResult>,
    /// What was looked at.
    pub looked: Vec<Observation>,
    /// Why it ended as it did, where that is worth a word (`out of memory`).
    pub remark: Option<String>,
    /// Whether a build was stopped because it took too long.
    pub too_long: bool,
}

impl Evidence {
    /// Who spoke up, judged by what happened.
    pub(super) fn reporter(&self, expect: &Expect) -> Option<Reporter> {
        match self.outcome? {
            Outcome::BuildFails => Some(Reporter::Builder),
            Outcome::CannotStart => Some(Reporter::Engine),
            Outcome::Exits
                if self.exit_code.is_some_and(|code| code != 0)
                    && !self.program.trim().is_empty() =>
            {
                Some(Reporter::Program)
            }
            Outcome::Exits | Outcome::Serves => {
                let said = |who, pattern: &Option<Regex>| {
                    let pattern = pattern.as_ref();
                    pattern.is_some_and(|pattern| pattern.is_match(&self.said_by(who)))
                };
                let says = |who| said(who, &expect.message);
                let who = [Reporter::Engine, Reporter::Program];
                if let Some(who) = who.into_iter().find(|who| says(*who)) {
                    return Some(who);
                }
                // Where nobody is to report, nobody may: neither the engine of an action, nor the
                // program in the words of one that has noticed.
                let silent = expect.reporter == Some(Reporter::Nobody);
                if silent && self.acted.iter().any(|action| action.reply.by_engine) {
                    return Some(Reporter::Engine);
                }
                if silent && said(Reporter::Program, &expect.unsaid) {
                    return Some(Reporter::Program);
                }
                Some(Reporter::Nobody)
            }
        }
    }

    /// With which call of the engine it showed.
    pub(super) fn moment(&self, expect: &Expect, reporter: Option<Reporter>) -> Option<Moment> {
        if reporter? == Reporter::Nobody {
            return None;
        }
        match self.outcome? {
            Outcome::BuildFails => Some(Moment::Build),
            Outcome::CannotStart => Some(self.refused_at.unwrap_or(Moment::Wait)),
            Outcome::Exits => Some(Moment::Wait),
            Outcome::Serves => {
                let tells = |text: &str| expect.message.as_ref().is_some_and(|m| m.is_match(text));
                if let Some(action) = self.telling_action(expect) {
                    return Some(action.kind.moment());
                }
                let answered = self.probed.iter().any(|answer| tells(&answer.body));
                Some(if answered {
                    Moment::Answer
                } else {
                    Moment::Wait
                })
            }
        }
    }

    /// The action whose result holds the declared message.
    fn telling_action(&self, expect: &Expect) -> Option<&ActionResult> {
        let message = expect.message.as_ref()?;
        let by_engine = expect.reporter == Some(Reporter::Engine);
        let mut actions = self.acted.iter();
        actions.find(|action| {
            action.reply.by_engine == by_engine && message.is_match(&action.reply.text)
        })
    }

    /// The exit code that tells: the program's own, or that of the command run in it.
    pub(super) fn telling_exit_code(&self, expect: &Expect) -> Option<i64> {
        match self.outcome {
            Some(Outcome::Serves) => self
                .telling_action(expect)
                .and_then(|action| action.reply.exit_code),
            _ => self.exit_code,
        }
    }

    /// Output, answers, and what the program's own commands wrote.
    pub(super) fn said_by_the_program(&self) -> String {
        self.said_by(Reporter::Program)
    }

    pub(super) fn said_by(&self, reporter: Reporter) -> String {
        match reporter {
            Reporter::Builder => self.builder.clone(),
            Reporter::Engine => {
                let refusals = self.acted.iter().filter(|action| action.reply.by_engine);
                lines(
                    &self.engine,
                    refusals.map(|action| action.reply.text.as_str()),
                )
            }
            Reporter::Program => {
                let answers = self.probed.iter().map(|probed| probed.body.as_str());
                let actions = self.acted.iter().filter(|action| !action.reply.by_engine);
                let words = answers.chain(actions.map(|action| action.reply.text.as_str()));
                lines(&self.program, words)
            }
            Reporter::Nobody => String::new(),
        }
    }
}

fn lines<'a>(first: &str, more: impl Iterator<Item = &'a str>) -> String {
    let mut text = first.to_owned();
    for line in more {
        text.push('\n');
        text.push_str(line);
    }
    text
}
