//! `context_at_least`, `context_at_most`: what the build context weighs as it is sent.

use crate::bound::Bound;
use crate::checks::kind::{Kind, Needs};
use crate::limits::MAX_CONTEXT_BYTES;
use crate::toml::rules::bounds;
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// The build context as it was sent.
#[derive(Clone, Debug, Serialize)]
pub struct ContextSize {
    /// Bytes of its files, at least.
    pub at_least: Option<u64>,
    /// Bytes of its files, at most.
    pub at_most: Option<u64>,
}

/// What it weighed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// The build context as it was sent.
    Context {
        /// Bytes of its files.
        bytes: u64,
        /// How many.
        files: usize,
    },
}

impl Kind for ContextSize {
    const KEYS: &'static [&'static str] = &["context_at_least", "context_at_most"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<ContextSize> {
        let keys = ["context_at_least", "context_at_most"];
        let [at_least, at_most] = bounds(table, keys, MAX_CONTEXT_BYTES);
        Some(ContextSize {
            at_least: at_least.map(|bytes| bytes.value),
            at_most: at_most.map(|bytes| bytes.value),
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Context(Box::new(|bytes, files| Seen::Context { bytes, files }))
    }

    fn expected(&self) -> String {
        let least = self.at_least.map(|bytes| format!("at least {bytes} bytes"));
        let most = self.at_most.map(|bytes| format!("at most {bytes} bytes"));
        let both: Vec<String> = least.into_iter().chain(most).collect();
        both.join(", ")
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::Context { bytes, .. } = seen;
        self.at_least.is_none_or(|least| *bytes >= least)
            && self.at_most.is_none_or(|most| *bytes <= most)
    }

    fn bounds(&self) -> Vec<Bound> {
        let of = |key, bytes: Option<u64>| bytes.map(|bytes| Bound::bytes(key, bytes));
        let least = of("context_at_least", self.at_least);
        least
            .into_iter()
            .chain(of("context_at_most", self.at_most))
            .collect()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::Context { bytes, files } = self;
        write!(f, "{bytes} bytes in {files} files")
    }
}
