//! `present`, `absent`: paths that a container sees, or must not.

use crate::checks::kind::{Kind, Needs};
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Paths that a container sees, or must not.
#[derive(Clone, Debug, Serialize)]
pub struct Paths {
    /// Must be there.
    pub present: Vec<String>,
    /// Must not be there.
    pub absent: Vec<String>,
}

/// What was there of those that were asked for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// Those that are not as they must be.
    Paths {
        /// Missing.
        missing: Vec<String>,
        /// There, and should not be.
        unwanted: Vec<String>,
    },
}

impl Kind for Paths {
    const KEYS: &'static [&'static str] = &["present", "absent"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<Paths> {
        let read = |key| {
            let paths = table.texts(key);
            for path in &paths {
                if !path.value.starts_with('/') || path.value.ends_with('/') {
                    path.report(format!(
                        "`{path}` is not an absolute path such as /etc/passwd"
                    ));
                }
            }
            paths.into_iter().map(|path| path.value).collect()
        };
        Some(Paths {
            present: read("present"),
            absent: read("absent"),
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Image(Box::new(|image| {
            let there = |path: &&String| image.has(path);
            Seen::Paths {
                missing: self.present.iter().filter(|p| !there(p)).cloned().collect(),
                unwanted: self.absent.iter().filter(there).cloned().collect(),
            }
        }))
    }

    fn expected(&self) -> String {
        let said = |paths: &[String], word| match paths {
            [] => None,
            paths => Some(format!("{word} {}", paths.join(", "))),
        };
        let both = [
            said(&self.present, "there:"),
            said(&self.absent, "not there:"),
        ];
        both.into_iter().flatten().collect::<Vec<_>>().join("; ")
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::Paths { missing, unwanted } = seen;
        missing.is_empty() && unwanted.is_empty()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::Paths { missing, unwanted } = self;
        match (missing.is_empty(), unwanted.is_empty()) {
            (true, true) => f.write_str("as it must be"),
            (false, true) => write!(f, "missing: {}", missing.join(", ")),
            (true, false) => write!(f, "there: {}", unwanted.join(", ")),
            (false, false) => write!(
                f,
                "missing: {}; there: {}",
                missing.join(", "),
                unwanted.join(", ")
            ),
        }
    }
}
