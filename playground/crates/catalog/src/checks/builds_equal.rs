//! `builds_equal`: whether two builds without a cache make the same layers.

use crate::checks::kind::{Kind, Needs};
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Whether two builds make the same layers.
#[derive(Clone, Debug, Serialize)]
pub struct BuildsEqual {
    /// Whether they must.
    pub builds_equal: bool,
}

/// What the two builds made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// Digests of the plain layers, from the base up.
    BuildsEqual {
        /// Of the one build.
        first: Vec<String>,
        /// Of the other.
        second: Vec<String>,
    },
}

impl Kind for BuildsEqual {
    const KEYS: &'static [&'static str] = &["builds_equal"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<BuildsEqual> {
        let equal = table.flag("builds_equal")?;
        Some(BuildsEqual {
            builds_equal: equal.value,
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::TwoBuilds(Box::new(|first, second| Seen::BuildsEqual {
            first,
            second,
        }))
    }

    fn expected(&self) -> String {
        match self.builds_equal {
            true => "two builds without a cache make the same layers".into(),
            false => "two builds without a cache make different layers".into(),
        }
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::BuildsEqual { first, second } = seen;
        (first == second) == self.builds_equal
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::BuildsEqual { first, second } = self;
        let differ = first
            .iter()
            .zip(second)
            .position(|(one, other)| one != other);
        match differ {
            Some(at) => write!(f, "layer {} of {} differs", at + 1, first.len()),
            None if first.len() != second.len() => {
                write!(f, "{} layers, then {}", first.len(), second.len())
            }
            None => write!(f, "{} equal layers", first.len()),
        }
    }
}
