//! `linked`: whether the program that the image starts needs a loader and libraries.

use crate::checks::kind::{Kind, Needs};
use crate::toml::reader::Need;
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether the image's program needs a loader.
#[derive(Clone, Debug, Serialize)]
pub struct Linkage {
    /// How it must be linked.
    pub linked: Linked,
}

/// How a program is linked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Linked {
    /// It names neither a loader nor libraries.
    Static,
    /// It names at least one of them.
    Dynamic,
}

/// What the program names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// Its loader and its libraries.
    Linkage {
        /// The program; `None` where the image starts none that could be read.
        path: Option<String>,
        /// Its loader.
        loader: Option<String>,
        /// Libraries that it names.
        libraries: Vec<String>,
    },
}

impl Kind for Linkage {
    const KEYS: &'static [&'static str] = &["linked"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<Linkage> {
        let linked = table.choice("linked", Need::Required)?;
        Some(Linkage {
            linked: linked.value,
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Image(Box::new(|image| {
            let program = image.program.clone();
            Seen::Linkage {
                path: program.as_ref().map(|program| program.path.clone()),
                loader: program.as_ref().and_then(|program| program.loader.clone()),
                libraries: program.map(|one| one.libraries).unwrap_or_default(),
            }
        }))
    }

    fn expected(&self) -> String {
        match self.linked {
            Linked::Static => "linked statically: no loader, no libraries".into(),
            Linked::Dynamic => "linked dynamically".into(),
        }
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::Linkage {
            path,
            loader,
            libraries,
        } = seen;
        let needs_none = loader.is_none() && libraries.is_empty();
        path.is_some() && needs_none == (self.linked == Linked::Static)
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::Linkage {
            path,
            loader,
            libraries,
        } = self;
        match (path, loader) {
            (None, _) => f.write_str("the image starts no program that could be read"),
            (Some(path), Some(loader)) => {
                write!(f, "{path} asks for {loader}")?;
                match libraries.is_empty() {
                    true => Ok(()),
                    false => write!(f, " and {}", libraries.join(", ")),
                }
            }
            (Some(path), None) if libraries.is_empty() => write!(f, "{path} asks for nothing"),
            (Some(path), None) => write!(f, "{path} asks for {}", libraries.join(", ")),
        }
    }
}
