//! `bases`: the only images that the Dockerfile may name, beside `scratch`.

use crate::checks::kind::{Kind, Needs};
use crate::toml::reader::Need;
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The images that a Dockerfile may stand on or copy out of.
#[derive(Clone, Debug, Serialize)]
pub struct Bases {
    /// As the Dockerfile writes them; `scratch` needs no mention.
    pub bases: Vec<String>,
}

/// Those that it names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// The images, without `scratch`.
    Bases {
        /// In the order of the file.
        named: Vec<String>,
    },
}

impl Kind for Bases {
    const KEYS: &'static [&'static str] = &["bases"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<Bases> {
        let bases = table.list("bases", Need::Required)?.value.into_iter();
        Some(Bases {
            bases: bases.map(|base| base.value).collect(),
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Bases(Box::new(|named| Seen::Bases { named }))
    }

    fn expected(&self) -> String {
        format!("only {} and scratch", self.bases.join(", "))
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::Bases { named } = seen;
        named.iter().all(|base| self.bases.contains(base))
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::Bases { named } = self;
        match named.is_empty() {
            true => f.write_str("scratch alone"),
            false => f.write_str(&named.join(", ")),
        }
    }
}
