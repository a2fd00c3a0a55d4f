//! The report's nouns. All sizes are in bytes, all layers are numbered from 1 for the base, all
//! paths begin with a slash.

use crate::image::config::Runtime;
use crate::image::notable::{self, Database, Git, InLayer, Secret};
use crate::image::notes::User;
use crate::inspect::Program;
use crate::subject::Subject;
use serde::{Serialize, Serializer};
use std::sync::Arc;

/// Version of the report's JSON.
pub(super) const VERSION: u32 = 1;

/// What is in an image or a binary.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    /// Version of this format: 1.
    pub xray: u32,
    /// What was X-rayed.
    pub subject: Subject,
    /// How big it is.
    pub sizes: Sizes,
    /// What a container of it starts with, in Docker's field names; `None` of a binary.
    pub config: Option<Runtime>,
    /// From the base up; none of a binary.
    pub layers: Vec<Layer>,
    /// What stands out among its files; `None` of a binary.
    #[serde(rename = "stands_out")]
    pub notable: Option<Notable>,
    /// Files that a later layer overwrites or deletes, the largest first.
    pub wasted: Vec<Wasted>,
    /// Programs written in Go, and what the image starts: started ones first, then the largest.
    pub programs: Vec<ProgramIn>,
    /// Other executables and libraries, which are only counted.
    pub other_programs: Sum,
}

/// How big it is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Sizes {
    /// Content of all files of all layers.
    pub unpacked_bytes: u64,
    /// All layers as compressed blobs; `None` where that was not measured for each of them.
    pub compressed_bytes: Option<u64>,
    /// Content of all files that a container sees.
    pub merged_bytes: u64,
    /// Content of files that a later layer hides: unpacked minus merged.
    pub wasted_bytes: u64,
    /// Merged by unpacked, from 0 to 1.
    pub efficiency: f64,
}

/// Files and their content.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Sum {
    /// Files and links, without directories.
    pub files: u64,
    /// Content in bytes; a file with several names counts once.
    pub bytes: u64,
}

impl Sum {
    pub(super) fn add(&mut self, bytes: u64) {
        self.merge(Sum { files: 1, bytes });
    }

    pub(super) fn merge(&mut self, more: Sum) {
        self.files = self.files.saturating_add(more.files);
        self.bytes = self.bytes.saturating_add(more.bytes);
    }
}

/// What one layer did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Layer {
    /// From 1 for the base.
    pub index: u32,
    /// SHA-256 of its plain tar.
    pub diff_id: String,
    /// What made it, as the builder wrote it; empty where the history does not tell.
    pub created_by: String,
    /// The same as an instruction of a Dockerfile, without the builder's additions.
    pub instruction: String,
    /// Content of its files.
    pub unpacked_bytes: u64,
    /// As a compressed blob; `None` where it was stored plain and not measured.
    pub compressed_bytes: Option<u64>,
    /// Files and links in it, without directories and whiteouts.
    pub files: u64,
    /// Paths that were not there before.
    pub added: Sum,
    /// Paths that were: other content or other rights.
    pub changed: Sum,
    /// What it hides of the layers below.
    pub removed: Sum,
    /// Content of its files that later layers hide.
    pub wasted_bytes: u64,
    /// The largest that it adds or changes.
    pub largest: Vec<LayerFile>,
}

/// A file that a layer brings.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LayerFile {
    /// Its path.
    pub path: String,
    /// Its content.
    pub bytes: u64,
    /// Whether it was there before.
    pub what: What,
}

/// What a layer did to a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    /// It was not there before.
    Added,
    /// It was.
    Changed,
}

/// What stands out among an image's files.
#[derive(Clone, Debug, Serialize)]
pub struct Notable {
    /// Shells that can be executed.
    pub shells: Vec<notable::Program>,
    /// Package managers that can be executed.
    pub package_managers: Vec<notable::Program>,
    /// Files that run with their owner's or group's rights.
    pub setuid: Vec<Setuid>,
    /// Files that run with some of root's rights.
    pub capabilities: Vec<Capable>,
    /// Files with an executable bit.
    pub executables: Executables,
    /// Installed packages, by database and name.
    pub packages: Vec<Installed>,
    /// `/etc/passwd`; empty where it is not there.
    pub users: Vec<User>,
    /// CA certificates where Go looks for them.
    pub ca_bundles: Vec<String>,
    /// Time zone data where Go looks for it.
    pub zoneinfo: Vec<String>,
    /// Mode of `/tmp` in octal, such as `1777`; `None` where it is not there.
    pub tmp: Option<String>,
    /// Git's directories in any layer.
    pub git: Vec<InLayer<Git>>,
    /// Files of any layer that look like secrets.
    pub secrets: Vec<InLayer<Secret>>,
}

/// A file that runs with its owner's or group's rights.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Setuid {
    /// Its path.
    pub path: String,
    /// Its mode in octal: `4755`.
    pub mode: String,
    /// Its content.
    pub bytes: u64,
}

/// A file that runs with some of root's rights, as `setcap` gives them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Capable {
    /// Its path.
    pub path: String,
    /// Which, as `getcap` writes them: `cap_net_bind_service=ep`.
    pub capabilities: String,
    /// Its content.
    pub bytes: u64,
}

/// Files with an executable bit.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Executables {
    /// How many.
    pub count: u64,
    /// Their content.
    pub bytes: u64,
}

/// An installed package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Installed {
    /// How that is known.
    pub database: Database,
    /// Its name.
    pub name: String,
    /// Its version.
    pub version: String,
}

/// A file that is moved with the image, and that nobody can reach.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Wasted {
    /// Its path.
    pub path: String,
    /// Its content.
    pub bytes: u64,
    /// The layer that has it.
    pub layer: u32,
    /// The layer that hides it.
    pub by: u32,
}

/// A program of an image, or the binary itself.
#[derive(Clone, Debug, Serialize)]
pub struct ProgramIn {
    /// Its path; of a binary, as it was asked for.
    pub path: String,
    /// The layer that has it; 0 of a binary.
    pub layer: u32,
    /// Whether a container of the image starts it. A binary counts as started.
    pub started: bool,
    /// Whether its command does, rather than only a health check. Not of a binary.
    #[serde(skip)]
    pub commanded: bool,
    /// What it is made of.
    #[serde(flatten, serialize_with = "program")]
    pub program: Arc<Program>,
}

fn program<S: Serializer>(program: &Arc<Program>, serializer: S) -> Result<S::Ok, S::Error> {
    program.as_ref().serialize(serializer)
}
