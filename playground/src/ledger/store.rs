//! What was measured, on disk: a file per lab, and which run of the ledger it is of.
//!
//! Every file is written beside its old version and put in its place whole.

use catalog::claims::{Measurements, Samples};
use catalog::{Diagnostic, Diagnostics};
use policy::UserError;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

/// Where the book keeps what was recorded, from its top folder.
pub const RECORDED: &str = "book/recorded/ledger";

/// A folder of measurements.
#[derive(Clone, Debug)]
pub struct Store {
    dir: PathBuf,
    /// As problems name it.
    shown: String,
}

/// What was measured of a lab, and under which circumstances.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Taken {
    /// The run of the ledger that it is of; not in recordings.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub session: String,
    /// Name and version.
    pub engine: String,
    /// `amd64`, `arm64`.
    pub arch: String,
    /// The processor's name, where it is known.
    pub cpu: String,
    /// How many of its cores there are.
    pub cores: usize,
    /// The bases' Go, where known.
    pub go: Option<String>,
    /// The day, as 2026-11-28.
    pub date: String,
    /// `published` or `rebuilt`.
    pub bases: String,
    /// By variant.
    pub variants: BTreeMap<String, Samples>,
}

/// A run of the ledger.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Session {
    /// Names it.
    pub id: String,
    /// Without timed rounds.
    pub quick: bool,
    /// Only these claims; all where empty.
    pub claims: Vec<String>,
    /// Whether all was measured.
    pub done: bool,
}

impl Store {
    /// What this machine has measured.
    pub fn in_data(data: &Path) -> Store {
        Store {
            dir: data.join("ledger"),
            shown: "ledger".into(),
        }
    }

    /// What the book was recorded with.
    pub fn recorded(root: &Path) -> Store {
        Store {
            dir: root.join(RECORDED),
            shown: RECORDED.into(),
        }
    }

    /// Everything that was measured, by lab.
    ///
    /// # Errors
    /// Every file that is none, by name.
    pub fn load(&self) -> Result<BTreeMap<String, Taken>, Diagnostics> {
        let (mut labs, mut problems) = (BTreeMap::new(), Vec::new());
        for entry in std::fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            let Some(lab) = name.strip_suffix(".json").filter(|lab| *lab != "session") else {
                continue;
            };
            match read(&entry.path()) {
                Ok(taken) => drop(labs.insert(lab.to_owned(), taken)),
                Err(why) => problems.push(Diagnostic::of(
                    format!("{}/{name}", self.shown),
                    format!("holds no measurements: {why}; delete it, then playground ledger run"),
                )),
            }
        }
        Diagnostics::found(problems).map_or(Ok(labs), Err)
    }

    /// The last run of the ledger.
    pub fn session(&self) -> Option<Session> {
        read(&self.dir.join("session.json")).ok()
    }

    /// Notes the run of the ledger that goes on now.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn begin(&self, session: &Session) -> Result<(), UserError> {
        self.write("session", session)
    }

    /// Keeps what was measured of a lab.
    ///
    /// # Errors
    /// The folder cannot be written to.
    pub fn keep(&self, lab: &str, taken: &Taken) -> Result<(), UserError> {
        self.write(lab, taken)
    }

    fn write(&self, name: &str, value: &impl Serialize) -> Result<(), UserError> {
        let write = || -> std::io::Result<()> {
            std::fs::create_dir_all(&self.dir)?;
            let mut file = tempfile::NamedTempFile::new_in(&self.dir)?;
            serde_json::to_writer_pretty(&mut file, value)?;
            file.write_all(b"\n")?;
            file.persist(self.dir.join(format!("{name}.json")))?;
            Ok(())
        };
        write().map_err(|error| UserError {
            what: format!("{} cannot be written to: {error}", self.dir.display()),
            cause: "its disk is full, or it belongs to another user".into(),
            next: "make room, or name another folder with --data, then run it again".into(),
        })
    }
}

/// All samples, for judging.
pub(super) fn measurements(labs: &BTreeMap<String, Taken>) -> Measurements {
    let labs = labs.iter();
    Measurements {
        labs: labs
            .map(|(lab, taken)| (lab.clone(), taken.variants.clone()))
            .collect(),
    }
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<T, String> {
    let text = std::fs::read_to_string(path).map_err(|error| error.to_string())?;
    serde_json::from_str(&text).map_err(|error| error.to_string())
}
