//! The nouns of the catalog: what a lab declares, already validated.
//!
//! Pure data. How it is read from disk and every rule it must satisfy is in
//! `load`; how it becomes containers is the run's business.

use super::act::Act;
use super::differs::Difference;
use super::look::Look;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::path::PathBuf;

/// What a lab is for; decides where it is listed and how it is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A station on the journey from 846 MB to 2.5 MB.
    Stage,
    /// One way an empty container breaks, with its repairs.
    Failure,
}

/// A folder under `book/labs`: sources, variants, and what each must do.
#[derive(Clone, Debug, Serialize)]
pub struct Lab {
    /// The directory's name (kebab-case).
    pub id: String,
    /// Stage or failure.
    pub kind: Kind,
    /// Heading of the panel.
    pub title: String,
    /// One sentence: what to watch for.
    pub summary: String,
    /// Present exactly when `kind` is [`Kind::Stage`].
    pub stage: Option<Stage>,
    /// Shared source folders under `book/labs`, laid down first (`_service`).
    pub sources: Vec<String>,
    /// Containers that stand beside the variant's own on a private network.
    pub peers: Vec<Peer>,
    /// What somebody pastes who has this problem; a stage has none.
    pub symptoms: Vec<Symptom>,
    /// Files of random bytes that every variant's build context starts from.
    pub ballast: Vec<Ballast>,
    /// Whether its Dockerfiles may name images without a version: where that is the subject.
    pub unpinned: bool,
    /// In the order of the file; a failure lab starts with a broken one.
    pub variants: Vec<Variant>,
    /// Where the lab lies on disk.
    #[serde(skip)]
    pub dir: PathBuf,
}

/// A lab's place on the journey, and what the source documents claim for it.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// As the book prints it: `1`, `5a`.
    pub number: String,
    /// Position on the chart, ascending.
    pub order: u32,
    /// Claimed size in MB (10⁶ bytes), lower end.
    pub claimed_mb: f64,
    /// Upper end where the source gives a range.
    pub claimed_mb_max: Option<f64>,
    /// Which source document says so (A, B, C or D; see the book's preface).
    pub claimed_by: String,
    /// What the final image stands on, for the chart's legend.
    pub base: String,
}

/// A file that is in the context only for its weight: bytes that do not compress, always the
/// same for the same path, and which no repository has to carry.
#[derive(Clone, Debug, Serialize)]
pub struct Ballast {
    /// Path in the build context.
    pub path: String,
    /// Length in bytes.
    pub bytes: usize,
}

/// A container beside the variant's own: reachable only on the run's private network.
#[derive(Clone, Debug, Serialize)]
pub struct Peer {
    /// Folder under `<lab>/peers/`, holding a `Dockerfile` and its sources.
    pub id: String,
    /// DNS name on the private network.
    pub alias: String,
    /// A line of its output that says it is ready.
    #[serde(serialize_with = "as_text")]
    pub ready: Regex,
}

/// What an error message looks like, wherever it was pasted from.
#[derive(Clone, Debug, Serialize)]
pub struct Symptom {
    /// Found, whatever the case, in what [`crate::matching::Pasted`] makes of the text.
    #[serde(serialize_with = "as_text")]
    pub pattern: Regex,
    /// A real message.
    pub example: String,
    /// One sentence: what it means.
    pub says: String,
}

/// A file taken out of a peer's image and laid into the variant's build context,
/// such as the throwaway CA that the peer's certificate was signed with.
#[derive(Clone, Debug, Serialize)]
pub struct Provide {
    /// Path in the build context.
    pub file: String,
    /// The peer's id.
    pub peer: String,
    /// Absolute path in the peer's image.
    pub path: String,
}

/// Whether a variant shows the problem or a repair.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A stage's image as the book builds it.
    Stage,
    /// Shows the failure.
    Broken,
    /// Shows a repair.
    Fixed,
}

/// One thing to build and run: `<lab>/<id>/Dockerfile` over the lab's sources.
#[derive(Clone, Debug, Serialize)]
pub struct Variant {
    /// Folder under the lab (kebab-case).
    pub id: String,
    /// Label of the tab or button.
    pub title: String,
    /// Stage, broken or fixed.
    pub role: Role,
    /// Context paths shown as tabs, in order (the Dockerfile is `Dockerfile`).
    pub show: Vec<String>,
    /// Those of `show` that a reader may edit.
    pub editable: Vec<String>,
    /// Files out of peers' images.
    pub provides: Vec<Provide>,
    /// How the container is run.
    pub run: RunSettings,
    /// HTTP questions put to the running container, in order.
    pub probes: Vec<Probe>,
    /// What is done to it after that, in order.
    pub acts: Vec<Act>,
    /// Evidence that nobody reports by itself.
    pub looks: Vec<Look>,
    /// What must happen.
    pub expect: Expect,
}

/// What content may ask of the run; limits in code cap every number.
#[derive(Clone, Debug, Default, Serialize)]
pub struct RunSettings {
    /// Arguments instead of the image's CMD.
    pub command: Option<Vec<String>>,
    /// Environment, in the order of the file.
    pub env: Vec<(String, String)>,
    /// TCP port that the program listens on; needed for probes.
    pub port: Option<u16>,
    /// Lower memory limit in MiB.
    pub memory_mib: Option<u32>,
    /// Lower time limit in seconds.
    pub seconds: Option<u32>,
    /// Whether its root file system can only be read.
    pub read_only: bool,
    /// Absolute paths of empty directories in memory.
    pub tmpfs: Vec<String>,
    /// Absolute paths of anonymous volumes, which go with the container.
    pub volumes: Vec<String>,
    /// First port that needs no privilege (`net.ipv4.ip_unprivileged_port_start` in the
    /// container's own network namespace); the engine's default where absent.
    pub unprivileged_port_start: Option<u16>,
}

/// One HTTP GET against the running container, and the answer that must come.
#[derive(Clone, Debug, Serialize)]
pub struct Probe {
    /// Names the check (kebab-case).
    pub id: String,
    /// What a reader sees beside the tick.
    pub title: String,
    /// Path and query.
    pub get: String,
    /// Expected status code.
    pub status: u16,
    /// Pattern that the body must contain.
    #[serde(serialize_with = "as_text_option")]
    pub body: Option<Regex>,
}

/// How a variant must end.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Answers its probes and keeps running until stopped.
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

/// The declared ending, which the real run is held against.
#[derive(Clone, Debug, Serialize)]
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
    /// Where some engines do otherwise; the first that fits replaces what it names.
    pub differs: Vec<Difference>,
}

pub(super) fn as_text<S: serde::Serializer>(regex: &Regex, s: S) -> Result<S::Ok, S::Error> {
    s.serialize_str(regex.as_str())
}

pub(super) fn as_text_option<S: serde::Serializer>(
    regex: &Option<Regex>,
    s: S,
) -> Result<S::Ok, S::Error> {
    match regex {
        Some(regex) => s.serialize_some(regex.as_str()),
        None => s.serialize_none(),
    }
}
