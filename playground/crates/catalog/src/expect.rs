//! A variant's `[variant.expect]`: endings that can be, who can report them, and when.

use super::act::{Act, Deed};
use super::differs::read_differs;
use super::lab::{Expect, Moment, Outcome, Reporter, Role};
use super::reader::{At, Need};
use super::table::Table;
use regex::Regex;

/// What a variant is besides its ending, as far as that decides about endings.
pub(super) struct Part<'v> {
    pub(super) role: Option<Role>,
    pub(super) acts: &'v [Act],
    /// Whether it has a [[variant.probe]].
    pub(super) probed: bool,
}

/// Reads the declared ending of a variant.
pub(super) fn read_expect(table: Table<'_>, part: &Part<'_>) -> Option<Expect> {
    let keys = Keys::read(&table, Need::Required);
    let before = table.reported();
    keys.check(&table, part);
    let unsaid = table.regex("unsaid", Need::Optional);
    check_unsaid(&table, &keys, part.role, unsaid.as_ref());
    let sound = table.reported() == before;
    let moment = moment_of(&keys, part.role);
    let mut expect = keys.outcome.map(|outcome| Expect {
        outcome: outcome.value,
        exit_code: keys.exit_code.map(|code| code.value),
        reporter: keys.reporter.map(|reporter| reporter.value),
        message: keys.message.map(|message| message.value),
        moment,
        unsaid: unsaid.map(|unsaid| unsaid.value),
        differs: Vec::new(),
    });
    // What is wrong with the expectation itself is said once, not again for every difference.
    let declared = expect.as_ref().filter(|_| sound);
    let differs = read_differs(table.tables("differs"), declared, part);
    if let Some(expect) = &mut expect {
        expect.differs = differs;
    }
    table.finish();
    expect
}

/// That nobody reports can only be shown by what is not said.
fn check_unsaid(table: &Table<'_>, keys: &Keys, role: Option<Role>, unsaid: Option<&At<Regex>>) {
    let nobody = keys.reporter.as_ref();
    let nobody = nobody.filter(|reporter| reporter.value == Reporter::Nobody);
    match (nobody, unsaid) {
        (None, Some(unsaid)) => {
            table.report(unsaid.line, "`unsaid` belongs to the reporter `nobody`");
        }
        (Some(nobody), None) if role == Some(Role::Broken) => {
            let text = "where `nobody` reports, `unsaid` must say what a program that had noticed \
                        would write";
            table.report(nobody.line, text);
        }
        _ => {}
    }
}

/// The declared moment, or the only one that the outcome of a broken variant can have.
fn moment_of(keys: &Keys, role: Option<Role>) -> Option<Moment> {
    if let Some(moment) = &keys.moment {
        return Some(moment.value);
    }
    let reporter = keys.reporter.as_ref()?.value;
    if role != Some(Role::Broken) || reporter == Reporter::Nobody {
        return None;
    }
    only_moment(keys.outcome.as_ref()?.value)
}

/// The moment of an outcome that can show at one only.
pub(super) fn only_moment(outcome: Outcome) -> Option<Moment> {
    match outcome {
        Outcome::BuildFails => Some(Moment::Build),
        Outcome::Exits => Some(Moment::Wait),
        Outcome::Serves | Outcome::CannotStart => None,
    }
}

/// What both an expectation and a difference from it may name.
pub(super) struct Keys {
    pub(super) outcome: Option<At<Outcome>>,
    pub(super) exit_code: Option<At<i64>>,
    pub(super) reporter: Option<At<Reporter>>,
    pub(super) message: Option<At<Regex>>,
    pub(super) moment: Option<At<Moment>>,
}

impl Keys {
    pub(super) fn read(table: &Table<'_>, outcome: Need) -> Keys {
        let outcomes = [
            ("serves", Outcome::Serves),
            ("exits", Outcome::Exits),
            ("cannot-start", Outcome::CannotStart),
            ("build-fails", Outcome::BuildFails),
        ];
        let reporters = [
            ("builder", Reporter::Builder),
            ("engine", Reporter::Engine),
            ("program", Reporter::Program),
            ("nobody", Reporter::Nobody),
        ];
        let moments = [
            ("build", Moment::Build),
            ("create", Moment::Create),
            ("start", Moment::Start),
            ("wait", Moment::Wait),
            ("answer", Moment::Answer),
            ("exec", Moment::Exec),
            ("health", Moment::Health),
            ("stop", Moment::Stop),
        ];
        Keys {
            outcome: table.choice("outcome", outcome, &outcomes),
            exit_code: table.integer("exit_code", Need::Optional, 0..=255),
            reporter: table.choice("reporter", Need::Optional, &reporters),
            message: table.regex("message", Need::Optional),
            moment: table.choice("moment", Need::Optional, &moments),
        }
    }

    /// With what an expectation has besides, which stands on no line of its own.
    pub(super) fn or(self, expect: Expect, line: u32) -> Keys {
        fn at<T>(line: u32) -> impl Fn(T) -> At<T> {
            move |value| At { value, line }
        }
        Keys {
            outcome: self.outcome.or(Some(at(line)(expect.outcome))),
            exit_code: self.exit_code.or(expect.exit_code.map(at(line))),
            reporter: self.reporter.or(expect.reporter.map(at(line))),
            message: self.message.or(expect.message.map(at(line))),
            moment: self.moment.or(expect.moment.map(at(line))),
        }
    }

    /// Every rule of an ending.
    pub(super) fn check(&self, table: &Table<'_>, part: &Part<'_>) {
        if let Some(outcome) = &self.outcome {
            check_ending(table, outcome, self, part.acts);
            check_moment(table, outcome, self, part);
            if outcome.value == Outcome::Serves && !part.probed {
                let text = "the outcome `serves` needs a [[variant.probe]]: nothing else shows \
                            that it does";
                table.report(table.line, text);
            }
        }
        match (&self.reporter, &self.message) {
            (None, Some(message)) => table.report(message.line, "`message` needs a `reporter`"),
            (Some(reporter), Some(message)) if reporter.value == Reporter::Nobody => {
                table.report(message.line, "where `nobody` reports there is no `message`");
            }
            (Some(reporter), None) if reporter.value != Reporter::Nobody => {
                table.report(
                    reporter.line,
                    "a `reporter` needs the `message` that it must give",
                );
            }
            _ => {}
        }
    }
}

/// Which exit codes and reporters an outcome can have.
fn check_ending(table: &Table<'_>, outcome: &At<Outcome>, keys: &Keys, acts: &[Act]) {
    let code = keys.exit_code.as_ref().map(|code| code.value);
    let by_exec = keys
        .moment
        .as_ref()
        .is_some_and(|moment| moment.value == Moment::Exec);
    match (outcome.value, &keys.exit_code) {
        // The exit code of the command that was run in it.
        (Outcome::Serves, Some(_)) if by_exec => {}
        (Outcome::Serves | Outcome::BuildFails, Some(code)) => {
            table.report(
                code.line,
                "`exit_code` belongs to the outcomes `exits` and `cannot-start`, and to the \
                 moment `exec`",
            );
        }
        (Outcome::CannotStart, Some(code)) if code.value == 0 => {
            table.report(code.line, "what cannot start does not exit with 0");
        }
        _ => {}
    }
    let well =
        outcome.value == Outcome::Serves || (outcome.value == Outcome::Exits && code == Some(0));
    let Some(reporter) = &keys.reporter else {
        if !well {
            table.report(
                outcome.line,
                "this outcome needs a `reporter`: who says what is wrong?",
            );
        }
        return;
    };
    let possible: &[Reporter] = match outcome.value {
        Outcome::BuildFails => &[Reporter::Builder],
        Outcome::CannotStart => &[Reporter::Engine],
        Outcome::Serves if !acts.is_empty() => {
            &[Reporter::Program, Reporter::Nobody, Reporter::Engine]
        }
        Outcome::Serves | Outcome::Exits => &[Reporter::Program, Reporter::Nobody],
    };
    if !possible.contains(&reporter.value) {
        let text = match outcome.value {
            Outcome::BuildFails => "what goes wrong in a build, the `builder` reports",
            Outcome::CannotStart => "what cannot start, the `engine` reports",
            Outcome::Serves | Outcome::Exits => {
                "a program that ran reports itself, or `nobody` does"
            }
        };
        table.report(reporter.line, text);
    }
}

/// When an outcome can show.
fn check_moment(table: &Table<'_>, outcome: &At<Outcome>, keys: &Keys, part: &Part<'_>) {
    let reporter = keys.reporter.as_ref().map(|reporter| reporter.value);
    let Some(moment) = &keys.moment else {
        let several = matches!(outcome.value, Outcome::Serves | Outcome::CannotStart);
        let reported = reporter.is_some_and(|who| who != Reporter::Nobody);
        if several && reported && part.role == Some(Role::Broken) {
            let text = "this outcome needs a `moment`: with which call of the engine does it show?";
            table.report(outcome.line, text);
        }
        return;
    };
    if reporter == Some(Reporter::Nobody) {
        let text = "where `nobody` reports there is no `moment`";
        return table.report(moment.line, text);
    }
    let has = |wanted: fn(&Deed) -> bool| part.acts.iter().any(|act| wanted(&act.deed));
    let possible = match (outcome.value, moment.value) {
        (Outcome::BuildFails, moment) => moment == Moment::Build,
        (Outcome::CannotStart, moment) => {
            matches!(moment, Moment::Create | Moment::Start | Moment::Wait)
        }
        (Outcome::Exits, moment) => moment == Moment::Wait,
        (Outcome::Serves, Moment::Answer) => true,
        (Outcome::Serves, Moment::Exec) => {
            has(|deed| matches!(deed, Deed::Exec { .. } | Deed::Debug { .. }))
        }
        (Outcome::Serves, Moment::Health) => has(|deed| matches!(deed, Deed::Health { .. })),
        (Outcome::Serves, Moment::Stop) => has(|deed| matches!(deed, Deed::Stop)),
        (Outcome::Serves, _) => false,
    };
    if !possible {
        let text = match outcome.value {
            Outcome::BuildFails => "what cannot be built shows with `build`",
            Outcome::CannotStart => "what cannot start shows with `create`, `start` or `wait`",
            Outcome::Exits => "what exits by itself shows with `wait`",
            Outcome::Serves => {
                "what serves shows with `answer`, or with an act: `exec`, `health`, `stop`"
            }
        };
        table.report(moment.line, text);
    }
}
