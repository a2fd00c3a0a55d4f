//! `output_has`: whether the program's output has a line that matches.

use crate::checks::kind::{Kind, Needs};
use crate::pattern::as_text;
use crate::toml::reader::Need;
use crate::toml::rules::required_flag;
use crate::toml::table::Table;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What the program writes.
#[derive(Clone, Debug, Serialize)]
pub struct OutputText {
    /// Matches a line of it.
    #[serde(serialize_with = "as_text")]
    pub output_has: Regex,
    /// Whether one must.
    pub found: bool,
}

/// What it wrote.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// A line that matched, or the last one.
    OutputText {
        /// Whether one matched.
        found: bool,
        /// It, or the last line of all.
        line: String,
    },
}

impl Kind for OutputText {
    const KEYS: &'static [&'static str] = &["output_has"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<OutputText> {
        let pattern = table.regex("output_has", Need::Required);
        let found = required_flag(table, "found", "`output_has`");
        Some(OutputText {
            output_has: pattern?.value,
            found: found?,
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Output(Box::new(|said| {
            let mut lines = said.lines().map(str::trim).filter(|line| !line.is_empty());
            let found = lines.clone().find(|line| self.output_has.is_match(line));
            let line = found.or_else(|| lines.next_back()).unwrap_or_default();
            Seen::OutputText {
                found: found.is_some(),
                line: line.chars().take(200).collect(),
            }
        }))
    }

    fn expected(&self) -> String {
        match self.found {
            true => format!("a line with {}", self.output_has.as_str()),
            false => format!("no line with {}", self.output_has.as_str()),
        }
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::OutputText { found, .. } = seen;
        *found == self.found
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::OutputText { found, line } = self;
        match (found, line.as_str()) {
            (_, "") => f.write_str("nothing was written"),
            (true, line) => write!(f, "{line}"),
            (false, line) => write!(f, "no such line; the last is: {line}"),
        }
    }
}
