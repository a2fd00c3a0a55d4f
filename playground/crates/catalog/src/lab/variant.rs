//! A variant: what is built and run, what is done to it, and what must come of it.

use crate::actions::{Action, ActionName};
use crate::checks::Check;
use crate::lab::expect::{EngineTraits, Expect};
use crate::probe::Probe;
use serde::{Deserialize, Serialize};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// A stage's image as the book builds it.
    #[default]
    Stage,
    /// Shows the failure.
    Broken,
    /// Shows a repair.
    Fixed,
    /// One of an experiment's cases.
    Case,
    /// What a learner hands in.
    #[serde(skip_deserializing)]
    Submission,
    /// What a learner begins with.
    #[serde(skip_deserializing)]
    Starter,
    /// What passes.
    #[serde(skip_deserializing)]
    Solution,
    /// A foreseen mistake.
    #[serde(skip_deserializing)]
    Wrong,
}

/// One thing to build and run: `<lab>/<id>/Dockerfile` over the lab's sources.
#[derive(Clone, Debug, Default, Serialize)]
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
    /// The file that gets a new comment line before every timed round, as an edit would.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub touch: Option<String>,
    /// Folders below the lab's that are laid over its sources, in order; of a lab, the variant's.
    #[serde(skip)]
    pub layers: Vec<String>,
    /// Files out of peers' images.
    pub provides: Vec<Provide>,
    /// How the container is run.
    pub run: RunSettings,
    /// HTTP questions put to the running container, in order.
    pub probes: Vec<Probe>,
    /// What is done to it after that, in order.
    #[serde(rename = "acts")]
    pub actions: Vec<Action>,
    /// Evidence that nobody reports by itself.
    #[serde(rename = "looks")]
    pub checks: Vec<Check>,
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
    /// Lower share of CPU time, in cores.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cpus: Option<f64>,
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

impl Variant {
    /// The variant as it must end on this engine, and why that differs, where it does.
    pub fn on(&self, engine: EngineTraits) -> (Variant, Option<String>) {
        let (expect, difference) = self.expect.on(engine);
        let mut there = self.clone();
        there.expect = expect;
        if let Some(code) = difference.and_then(|found| found.stop_exit_code) {
            let stops = there.actions.iter_mut();
            let stops = stops.filter(|action| action.kind.name() == ActionName::Stop);
            stops.for_each(|stop| stop.exit_code = Some(code));
        }
        (there, difference.map(|found| found.note.clone()))
    }
}
