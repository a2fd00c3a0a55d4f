//! `[[variant.expect.differs]]`: engines on which a variant ends otherwise, as data.

use super::expect::{Keys, Part, only_moment};
use super::lab::{Expect, Moment, Outcome, Reporter, as_text_option};
use super::reader::Need;
use super::table::Table;
use regex::Regex;
use serde::{Serialize, Serializer};

/// How an engine of a certain kind differs; what is absent stays as declared.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// Which engines.
    pub on: Condition,
    /// One sentence for the reader: why.
    pub note: String,
    /// How it ends there.
    pub outcome: Option<Outcome>,
    /// The exit code there.
    pub exit_code: Option<i64>,
    /// Who reports there.
    pub reporter: Option<Reporter>,
    /// What they say there.
    #[serde(serialize_with = "as_text_option")]
    pub message: Option<Regex>,
    /// When it shows there.
    pub moment: Option<Moment>,
}

/// A kind of engine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Condition {
    /// Docker of this major version and newer.
    DockerFrom(u32),
    /// Docker older than this major version.
    DockerBefore(u32),
    /// Podman behind Docker's API.
    Podman,
    /// It runs programs for other CPUs, through an emulator registered with its kernel.
    Emulation,
}

/// What decides about differences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EngineTraits {
    /// Docker's major version (20, 28); `None` for Podman and what cannot be read.
    pub docker: Option<u32>,
    /// Whether it is a Podman.
    pub podman: bool,
    /// Whether it runs programs for other CPUs.
    pub emulates: bool,
}

impl Condition {
    fn parse(text: &str) -> Option<Condition> {
        match text.split_whitespace().collect::<Vec<_>>()[..] {
            ["podman"] => Some(Condition::Podman),
            ["emulation"] => Some(Condition::Emulation),
            ["docker", ">=", version] => version.parse().ok().map(Condition::DockerFrom),
            ["docker", "<", version] => version.parse().ok().map(Condition::DockerBefore),
            _ => None,
        }
    }

    /// Whether every engine of the other kind is of this one.
    fn covers(self, other: Condition) -> bool {
        match (self, other) {
            (Condition::DockerFrom(this), Condition::DockerFrom(other)) => this <= other,
            (Condition::DockerBefore(this), Condition::DockerBefore(other)) => this >= other,
            _ => self == other,
        }
    }

    /// Whether the engine is of this kind.
    pub fn fits(self, engine: EngineTraits) -> bool {
        match self {
            Condition::DockerFrom(version) => engine.docker.is_some_and(|have| have >= version),
            Condition::DockerBefore(version) => engine.docker.is_some_and(|have| have < version),
            Condition::Podman => engine.podman,
            Condition::Emulation => engine.emulates,
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(&match self {
            Condition::DockerFrom(version) => format!("docker >= {version}"),
            Condition::DockerBefore(version) => format!("docker < {version}"),
            Condition::Podman => "podman".into(),
            Condition::Emulation => "emulation".into(),
        })
    }
}

impl Expect {
    /// Whether any difference hangs on emulation, which takes a container to find out.
    pub fn asks_for_emulation(&self) -> bool {
        self.differs
            .iter()
            .any(|difference| difference.on == Condition::Emulation)
    }

    /// The expectation as it stands for this engine, and the note of the difference, if any.
    pub fn on(&self, engine: EngineTraits) -> (Expect, Option<String>) {
        let found = self.differs.iter().find(|one| one.on.fits(engine));
        let mut expect = self.clone();
        expect.differs.clear();
        match found {
            Some(found) => (expect.changed_by(found), Some(found.note.clone())),
            None => (expect, None),
        }
    }

    /// What the difference names replaces what was declared; what cannot go with it is dropped.
    fn changed_by(mut self, found: &Difference) -> Expect {
        let expect = &mut self;
        if found
            .outcome
            .is_some_and(|outcome| outcome != expect.outcome)
        {
            // The moment was another outcome's.
            let outcome = found.outcome.and_then(only_moment);
            expect.moment = expect.moment.and(outcome);
        }
        expect.outcome = found.outcome.unwrap_or(expect.outcome);
        expect.exit_code = found.exit_code.or(expect.exit_code);
        expect.reporter = found.reporter.or(expect.reporter);
        expect.message = found.message.clone().or(expect.message.take());
        expect.moment = found.moment.or(expect.moment);
        if expect.reporter == Some(Reporter::Nobody) {
            expect.message = None;
            expect.moment = None;
        } else {
            expect.unsaid = None;
        }
        let by_exec = expect.moment == Some(Moment::Exec);
        if expect.outcome == Outcome::BuildFails || (expect.outcome == Outcome::Serves && !by_exec)
        {
            expect.exit_code = None;
        }
        self
    }
}

/// Reads the differences from what a variant with this part declares, each held against the
/// rules of an expectation as it stands once it is applied.
pub(super) fn read_differs(
    tables: Vec<Table<'_>>,
    declared: Option<&Expect>,
    part: &Part<'_>,
) -> Vec<Difference> {
    let mut all: Vec<(u32, Difference)> = Vec::new();
    for table in tables {
        let line = table.line;
        let Some(found) = read_difference(table, declared, part, &all) else {
            continue;
        };
        all.push((line, found));
    }
    all.into_iter().map(|(_, difference)| difference).collect()
}

fn read_difference(
    table: Table<'_>,
    declared: Option<&Expect>,
    part: &Part<'_>,
    earlier: &[(u32, Difference)],
) -> Option<Difference> {
    let on = table.text("on", Need::Required);
    let condition = on.as_ref().and_then(|on| Condition::parse(&on.value));
    if let (Some(on), None) = (&on, condition) {
        let text = format!(
            "`on` cannot be `{}`; it is `docker >= 28`, `docker < 23`, `podman` or `emulation`",
            on.value
        );
        table.report(on.line, text);
    }
    if let (Some(on), Some(condition)) = (&on, condition)
        && let Some((line, _)) = earlier.iter().find(|(_, one)| one.on.covers(condition))
    {
        let text = format!("never comes about: the difference on line {line} fits first");
        table.report(on.line, text);
    }
    let note = table.text("note", Need::Required);
    let keys = Keys::read(&table, Need::Optional);
    let changes = keys.outcome.is_some()
        || keys.exit_code.is_some()
        || keys.reporter.is_some()
        || keys.message.is_some()
        || keys.moment.is_some();
    if !changes {
        table.report(
            table.line,
            "a difference that changes nothing: name what differs",
        );
    }
    let difference = condition.zip(note).map(|(on, note)| Difference {
        on,
        note: note.value,
        outcome: keys.outcome.as_ref().map(|at| at.value),
        exit_code: keys.exit_code.as_ref().map(|at| at.value),
        reporter: keys.reporter.as_ref().map(|at| at.value),
        message: keys.message.as_ref().map(|at| at.value.clone()),
        moment: keys.moment.as_ref().map(|at| at.value),
    });
    if let (Some(declared), Some(difference)) = (declared, &difference) {
        let there = declared.clone().changed_by(difference);
        // What it names itself is judged even where it would be dropped.
        keys.or(there, table.line).check(&table, part);
    }
    table.finish();
    difference
}
