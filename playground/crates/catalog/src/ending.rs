//! How a run can end, who says so, and when it shows: each as `lab.toml` writes it and as people
//! read it. Knows no labs.

use serde::{Deserialize, Serialize};

/// How a variant must end.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Answers its probes and keeps running until stopped.
    #[default]
    Serves,
    /// Runs and exits by itself.
    Exits,
    /// The engine created it, but the program never ran: start fails, or the
    /// kernel refuses to exec it.
    CannotStart,
    /// The builder gives up.
    BuildFails,
}

/// Who tells the reader that something is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reporter {
    /// BuildKit, or a tool that a RUN step started.
    Builder,
    /// The engine, its runtime or the kernel, before the program's first line.
    Engine,
    /// The program itself, on stdout or stderr or in an HTTP answer.
    Program,
    /// No one says anything.
    Nobody,
}

/// The call of the engine's API with which the problem shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moment {
    /// The build fails.
    Build,
    /// The engine refuses to create the container.
    Create,
    /// The engine refuses to start it.
    Start,
    /// It had been started; its log and its exit code tell.
    Wait,
    /// It serves; an answer tells.
    Answer,
    /// A command in the running container fails.
    Exec,
    /// The health check's own log tells.
    Health,
    /// Stopping it tells.
    Stop,
}

impl Outcome {
    /// As people read it.
    pub fn shown(self) -> &'static str {
        match self {
            Outcome::Serves => "serves",
            Outcome::Exits => "exits by itself",
            Outcome::CannotStart => "cannot start",
            Outcome::BuildFails => "cannot be built",
        }
    }

    /// The moment of an outcome that can show at one only.
    pub(crate) fn only_moment(self) -> Option<Moment> {
        match self {
            Outcome::BuildFails => Some(Moment::Build),
            Outcome::Exits => Some(Moment::Wait),
            Outcome::Serves | Outcome::CannotStart => None,
        }
    }
}

impl Reporter {
    /// As people read it.
    pub fn shown(self) -> &'static str {
        match self {
            Reporter::Builder => "the builder",
            Reporter::Engine => "the engine",
            Reporter::Program => "the program",
            Reporter::Nobody => "nobody",
        }
    }
}

impl Moment {
    /// As people read it.
    pub fn shown(self) -> &'static str {
        match self {
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
}
