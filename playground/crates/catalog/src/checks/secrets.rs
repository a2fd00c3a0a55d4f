//! `secrets = false`: no file of any layer looks like a secret, hidden by a later layer or not.

use crate::checks::found_file::FoundFile;
use crate::checks::kind::{Kind, Needs};
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Files that look like secrets.
#[derive(Clone, Debug, Serialize)]
pub struct Secrets {
    /// Whether there must be any.
    pub secrets: bool,
}

/// Those that were found.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// Files of any layer that look like secrets.
    Secrets {
        /// Where they are.
        found: Vec<FoundFile>,
    },
}

impl Kind for Secrets {
    const KEYS: &'static [&'static str] = &["secrets"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<Secrets> {
        let secrets = table.flag("secrets")?;
        Some(Secrets {
            secrets: secrets.value,
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Image(Box::new(|image| Seen::Secrets {
            found: image.secrets.clone(),
        }))
    }

    fn expected(&self) -> String {
        match self.secrets {
            true => "a layer has a file that looks like a secret".into(),
            false => "no layer has a file that looks like a secret".into(),
        }
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::Secrets { found } = seen;
        self.secrets != found.is_empty()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::Secrets { found } = self;
        match found.first() {
            None => f.write_str("none"),
            Some(FoundFile { layer, path, .. }) => write!(f, "layer {layer} has {path}"),
        }
    }
}
