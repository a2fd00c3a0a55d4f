//! `file_capabilities = false`: no file that a container sees carries capabilities (`setcap`), also
//! none that are only offered and so keep nothing from starting.

use crate::checks::kind::{Kind, Needs};
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Files that carry capabilities.
#[derive(Clone, Debug, Serialize)]
pub struct FileCapabilities {
    /// Whether there must be any.
    pub file_capabilities: bool,
}

/// Those that were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// Files that carry capabilities.
    FileCapabilities {
        /// Path, and what it carries as `getcap` writes it.
        carried: Vec<(String, String)>,
    },
}

impl Kind for FileCapabilities {
    const KEYS: &'static [&'static str] = &["file_capabilities"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<FileCapabilities> {
        let wanted = table.flag("file_capabilities")?;
        Some(FileCapabilities {
            file_capabilities: wanted.value,
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Image(Box::new(|image| Seen::FileCapabilities {
            carried: image.file_capabilities.clone(),
        }))
    }

    fn expected(&self) -> String {
        match self.file_capabilities {
            true => "a file carries capabilities".into(),
            false => "no file carries capabilities".into(),
        }
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::FileCapabilities { carried } = seen;
        self.file_capabilities != carried.is_empty()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::FileCapabilities { carried } = self;
        match carried.first() {
            None => f.write_str("none does"),
            Some((path, carried)) => write!(f, "{path} carries {carried}"),
        }
    }
}
