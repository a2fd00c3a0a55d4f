//! The declared ending of a variant, and where it is another: with some engines, some versions of Go, or
//! without a network.

use crate::ending::{Moment, Outcome, Reporter};
use crate::pattern::as_text_option;
use regex::Regex;
use serde::{Serialize, Serializer};

/// The declared ending, which the real run is held against.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Expect {
    /// How it ends.
    pub outcome: Outcome,
    /// Exit code, where it exits or cannot start.
    pub exit_code: Option<i64>,
    /// Who reports.
    pub reporter: Option<Reporter>,
    /// Pattern that must appear in what the reporter says.
    #[serde(serialize_with = "as_text_option")]
    pub message: Option<Regex>,
    /// When it shows.
    pub moment: Option<Moment>,
    /// Where `nobody` reports: what a program that had noticed would say, and this one does not.
    #[serde(serialize_with = "as_text_option")]
    pub unsaid: Option<Regex>,
    /// Where some engines or versions of Go do otherwise; the first that fits replaces what it names.
    pub differs: Vec<Difference>,
}

/// How an engine of a certain kind, or a newer Go, differs; what is absent stays as declared.
#[derive(Clone, Debug, Serialize)]
pub struct Difference {
    /// Which engines, or which Go.
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
    /// The exit code of the program that is stopped there.
    pub stop_exit_code: Option<i64>,
}

/// A kind of engine, of Go, or of place.
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
    /// Built with this Go (major, minor) or a newer one.
    GoFrom(u32, u32),
    /// Its build finds no way to what it downloads. What others download is in a kit; this one is about
    /// downloading.
    NoNetwork,
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
    /// The Go that labs are taken with, major and minor; not the engine's, but it decides as well.
    pub go: (u32, u32),
    /// Whether its build found no way out, as the builder said of it.
    pub cut_off: bool,
}

/// Major and minor of a version as people write it, such as 1.27.
pub fn go_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}

impl Condition {
    /// Reads what `on` says.
    pub(crate) fn parse(text: &str) -> Option<Condition> {
        match text.split_whitespace().collect::<Vec<_>>()[..] {
            ["podman"] => Some(Condition::Podman),
            ["emulation"] => Some(Condition::Emulation),
            ["no", "network"] => Some(Condition::NoNetwork),
            ["docker", ">=", version] => version.parse().ok().map(Condition::DockerFrom),
            ["docker", "<", version] => version.parse().ok().map(Condition::DockerBefore),
            ["go", ">=", version] => {
                go_version(version).map(|(major, minor)| Condition::GoFrom(major, minor))
            }
            _ => None,
        }
    }

    /// Whether every engine of the other kind is of this one.
    pub(crate) fn covers(self, other: Condition) -> bool {
        match (self, other) {
            (Condition::DockerFrom(this), Condition::DockerFrom(other)) => this <= other,
            (Condition::DockerBefore(this), Condition::DockerBefore(other)) => this >= other,
            (Condition::GoFrom(major, minor), Condition::GoFrom(other_major, other_minor)) => {
                (major, minor) <= (other_major, other_minor)
            }
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
            Condition::GoFrom(major, minor) => engine.go >= (major, minor),
            Condition::NoNetwork => engine.cut_off,
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
            Condition::NoNetwork => "no network".into(),
            Condition::GoFrom(major, minor) => format!("go >= {major}.{minor}"),
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

    /// Whether a run that is told with this note ended as it does without a network: then what the
    /// variant is about was not to be seen.
    pub fn was_cut_off(&self, note: Option<&str>) -> bool {
        let mut cut_off = self
            .differs
            .iter()
            .filter(|one| one.on == Condition::NoNetwork);
        cut_off.any(|one| Some(&*one.note) == note)
    }

    /// The expectation as it stands for this engine, and the difference that fits it, if any.
    pub(crate) fn on(&self, engine: EngineTraits) -> (Expect, Option<&Difference>) {
        let found = self.differs.iter().find(|one| one.on.fits(engine));
        let mut expect = self.clone();
        expect.differs.clear();
        match found {
            Some(found) => (expect.changed_by(found), Some(found)),
            None => (expect, None),
        }
    }

    /// What the difference names replaces what was declared; what cannot go with it is dropped.
    pub(crate) fn changed_by(mut self, found: &Difference) -> Expect {
        let expect = &mut self;
        if found
            .outcome
            .is_some_and(|outcome| outcome != expect.outcome)
        {
            // The moment was another outcome's.
            let outcome = found.outcome.and_then(Outcome::only_moment);
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
