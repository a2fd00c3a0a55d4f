//! `findings_absent`: rules of preflight that find nothing. The word `failing` stands for all that
//! say that the image will not start or will fail.

use crate::checks::kind::{Kind, Needs};
use crate::toml::reader::Need;
use crate::toml::table::Table;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Stands for every finding that is more than advice.
pub const FAILING: &str = "failing";

/// What preflight must not find.
#[derive(Clone, Debug, Serialize)]
pub struct Preflight {
    /// Ids of rules, or `failing`.
    pub findings_absent: Vec<String>,
}

/// What it found of that.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// Findings, as (rule, what is so).
    Preflight {
        /// In preflight's order.
        found: Vec<(String, String)>,
    },
}

impl Kind for Preflight {
    const KEYS: &'static [&'static str] = &["findings_absent"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<Preflight> {
        let rules = table.list("findings_absent", Need::Required)?;
        if rules.value.is_empty() {
            rules.report("`findings_absent` names no rule");
        }
        let rules = rules.value.into_iter().map(|rule| rule.value);
        Some(Preflight {
            findings_absent: rules.collect(),
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Image(Box::new(|image| {
            let named = |rule: &str| self.findings_absent.iter().any(|one| one == rule);
            let found = image.findings.iter();
            let found = found.filter(|one| named(&one.rule) || (one.fails && named(FAILING)));
            let found = found.map(|one| (one.rule.clone(), one.what.clone()));
            Seen::Preflight {
                found: found.collect(),
            }
        }))
    }

    fn expected(&self) -> String {
        let rules = self.findings_absent.iter().map(|rule| match rule.as_str() {
            FAILING => "anything that keeps it from starting or working",
            rule => rule,
        });
        let rules: Vec<_> = rules.collect();
        format!("preflight does not find {}", rules.join(", "))
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::Preflight { found } = seen;
        found.is_empty()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::Preflight { found } = self;
        match found.first() {
            None => f.write_str("nothing of that"),
            Some((rule, what)) => write!(f, "{rule}: {what}"),
        }
    }
}
