//! Endings that can be: which exit codes, reporters and moments an outcome can have. Holds for
//! an expectation and for what becomes of it on an engine that differs.

use crate::actions::Action;
use crate::ending::{Moment, Outcome, Reporter};
use crate::lab::{Expect, Role};
use crate::toml::reader::{At, Need};
use crate::toml::table::Table;
use regex::Regex;

/// What a variant is besides its ending, as far as that decides about endings.
pub(crate) struct Part<'v> {
    pub(crate) role: Option<Role>,
    pub(crate) actions: &'v [Action],
    /// Whether it has a [[variant.probe]].
    pub(crate) probed: bool,
}

/// What both an expectation and a difference from it may name.
pub(crate) struct Keys<'r> {
    pub(crate) outcome: Option<At<'r, Outcome>>,
    pub(crate) exit_code: Option<At<'r, i64>>,
    pub(crate) reporter: Option<At<'r, Reporter>>,
    pub(crate) message: Option<At<'r, Regex>>,
    pub(crate) moment: Option<At<'r, Moment>>,
}

impl<'r> Keys<'r> {
    pub(crate) fn read(table: &Table<'r>, outcome: Need) -> Keys<'r> {
        Keys {
            outcome: table.choice("outcome", outcome),
            exit_code: table.integer("exit_code", Need::Optional, 0..=255),
            reporter: table.choice("reporter", Need::Optional),
            message: table.regex("message", Need::Optional),
            moment: table.choice("moment", Need::Optional),
        }
    }

    /// With what an expectation has besides, which stands on no line of its own.
    pub(crate) fn or(self, expect: Expect, at: At<'r, ()>) -> Keys<'r> {
        Keys {
            outcome: self.outcome.or(Some(at.with(expect.outcome))),
            exit_code: self
                .exit_code
                .or(expect.exit_code.map(|code| at.with(code))),
            reporter: self.reporter.or(expect.reporter.map(|who| at.with(who))),
            message: self.message.or(expect.message.map(|said| at.with(said))),
            moment: self.moment.or(expect.moment.map(|when| at.with(when))),
        }
    }

    /// Every rule of an ending.
    pub(crate) fn check(&self, table: &Table<'_>, part: &Part<'_>) {
        if let Some(outcome) = &self.outcome {
            check_ending(outcome, self, part.actions);
            check_moment(outcome, self, part);
            if outcome.value == Outcome::Serves && !part.probed {
                let text = "the outcome `serves` needs a [[variant.probe]]: nothing else shows \
                            that it does";
                table.report(text);
            }
        }
        match (&self.reporter, &self.message) {
            (None, Some(message)) => message.report("`message` needs a `reporter`"),
            (Some(reporter), Some(message)) if reporter.value == Reporter::Nobody => {
                message.report("where `nobody` reports there is no `message`");
            }
            (Some(reporter), None) if reporter.value != Reporter::Nobody => {
                reporter.report("a `reporter` needs the `message` that it must give");
            }
            _ => {}
        }
    }
}

/// Which exit codes and reporters an outcome can have.
fn check_ending(outcome: &At<'_, Outcome>, keys: &Keys<'_>, actions: &[Action]) {
    let code = keys.exit_code.as_ref().map(|code| code.value);
    let by_exec = keys
        .moment
        .as_ref()
        .is_some_and(|moment| moment.value == Moment::Exec);
    match (outcome.value, &keys.exit_code) {
        // The exit code of the command that was run in it.
        (Outcome::Serves, Some(_)) if by_exec => {}
        (Outcome::Serves | Outcome::BuildFails, Some(code)) => {
            code.report(
                "`exit_code` belongs to the outcomes `exits` and `cannot-start`, and to the \
                 moment `exec`",
            );
        }
        (Outcome::CannotStart, Some(code)) if code.value == 0 => {
            code.report("what cannot start does not exit with 0");
        }
        _ => {}
    }
    let well =
        outcome.value == Outcome::Serves || (outcome.value == Outcome::Exits && code == Some(0));
    let Some(reporter) = &keys.reporter else {
        if !well {
            outcome.report("this outcome needs a `reporter`: who says what is wrong?");
        }
        return;
    };
    let (possible, text): (&[Reporter], _) = match outcome.value {
        Outcome::BuildFails => (
            &[Reporter::Builder],
            "what goes wrong in a build, the `builder` reports",
        ),
        Outcome::CannotStart => (
            &[Reporter::Engine],
            "what cannot start, the `engine` reports",
        ),
        Outcome::Serves | Outcome::Exits => (
            &[Reporter::Program, Reporter::Nobody],
            "a program that ran reports itself, or `nobody` does",
        ),
    };
    // The engine tells what comes of an act.
    let acted = outcome.value == Outcome::Serves && !actions.is_empty();
    let by_engine = acted && reporter.value == Reporter::Engine;
    if !possible.contains(&reporter.value) && !by_engine {
        reporter.report(text);
    }
}

/// When an outcome can show.
fn check_moment(outcome: &At<'_, Outcome>, keys: &Keys<'_>, part: &Part<'_>) {
    let reporter = keys.reporter.as_ref().map(|reporter| reporter.value);
    let Some(moment) = &keys.moment else {
        let several = matches!(outcome.value, Outcome::Serves | Outcome::CannotStart);
        let reported = reporter.is_some_and(|who| who != Reporter::Nobody);
        if several && reported && part.role == Some(Role::Broken) {
            let text = "this outcome needs a `moment`: with which call of the engine does it show?";
            outcome.report(text);
        }
        return;
    };
    if reporter == Some(Reporter::Nobody) {
        let text = "where `nobody` reports there is no `moment`";
        return moment.report(text);
    }
    let when = moment.value;
    let acted = |action: &Action| action.kind.moment() == when;
    let (possible, text) = match outcome.value {
        Outcome::BuildFails => (
            when == Moment::Build,
            "what cannot be built shows with `build`",
        ),
        Outcome::CannotStart => (
            matches!(when, Moment::Create | Moment::Start | Moment::Wait),
            "what cannot start shows with `create`, `start` or `wait`",
        ),
        Outcome::Exits => (
            when == Moment::Wait,
            "what exits by itself shows with `wait`",
        ),
        Outcome::Serves => (
            when == Moment::Answer || part.actions.iter().any(acted),
            "what serves shows with `answer`, or with an act: `exec`, `health`, `stop`",
        ),
    };
    if !possible {
        moment.report(text);
    }
}
