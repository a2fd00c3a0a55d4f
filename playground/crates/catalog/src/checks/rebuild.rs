//! `rebuild`: what a build costs after one line of a file has changed.

use crate::bound::Bound;
use crate::checks::image_facts::RebuildFacts;
use crate::checks::kind::{Kind, Needs};
use crate::pattern::as_text_option;
use crate::toml::reader::Need;
use crate::toml::table::Table;
use regex::Regex;
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a build costs after one line of a file has changed.
#[derive(Clone, Debug, Serialize)]
pub struct Rebuild {
    /// The file that gets another comment line.
    pub rebuild: String,
    /// Matches the steps that the cache must have.
    #[serde(serialize_with = "as_text_option")]
    pub cached: Option<Regex>,
    /// How many steps may run at the most.
    pub steps_at_most: Option<usize>,
    /// Its time at the most, as a part of what the starter takes after the same change.
    pub ratio_at_most: Option<f64>,
}

/// What it cost.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// The rebuild's time and steps.
    Rebuild {
        /// The file that was changed.
        touched: String,
        /// Milliseconds from the first step to the last.
        ms: u64,
        /// The same of the starter, where it was built beside it.
        starter_ms: Option<u64>,
        /// Steps that had to run, as the Dockerfile writes them.
        run: Vec<String>,
        /// Steps that the cache had.
        cached: Vec<String>,
    },
}

impl Kind for Rebuild {
    const KEYS: &'static [&'static str] = &["rebuild"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<Rebuild> {
        let rebuild = table.text("rebuild", Need::Required);
        let cached = table.regex("cached", Need::Optional);
        let steps = table.integer::<u32>("steps_at_most", Need::Optional, 0..=100);
        let ratio = table.number("ratio_at_most", Need::Optional);
        if let Some(ratio) = &ratio
            && !(0.05..=1.0).contains(&ratio.value)
        {
            ratio.report("`ratio_at_most` is 0.05 to 1.0: a part of the starter's time");
        }
        if cached.is_none() && steps.is_none() && ratio.is_none() {
            table.report("`rebuild` needs `cached`, `steps_at_most` or `ratio_at_most`");
        }
        Some(Rebuild {
            rebuild: rebuild?.value,
            cached: cached.map(|at| at.value),
            steps_at_most: steps.map(|at| at.value as usize),
            ratio_at_most: ratio.map(|at| at.value),
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        let touched = &self.rebuild;
        Needs::Rebuild {
            touch: touched,
            beside_starter: self.ratio_at_most.is_some(),
            then: Box::new(|facts: RebuildFacts| {
                let which = |was| {
                    let steps = facts.steps.iter().filter(move |(_, cached)| *cached == was);
                    steps.map(|(step, _)| step.clone()).collect()
                };
                Seen::Rebuild {
                    touched: touched.clone(),
                    ms: facts.ms,
                    starter_ms: facts.starter_ms,
                    run: which(false),
                    cached: which(true),
                }
            }),
        }
    }

    fn expected(&self) -> String {
        let cached = self.cached.as_ref();
        let cached = cached.map(|step| format!("`{}` comes from the cache", step.as_str()));
        let steps = self.steps_at_most.map(|n| format!("at most {n} steps run"));
        let ratio = self.ratio_at_most;
        let ratio =
            ratio.map(|part| format!("at most {:.0} % of the starter's time", part * 100.0));
        let all: Vec<_> = cached.into_iter().chain(steps).chain(ratio).collect();
        format!("after a change in {}: {}", self.rebuild, all.join(", "))
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::Rebuild {
            ms,
            starter_ms,
            run,
            cached,
            ..
        } = seen;
        let from_cache = |step: &Regex| {
            cached.iter().any(|one| step.is_match(one)) && !run.iter().any(|one| step.is_match(one))
        };
        let quick = |part: f64| starter_ms.is_some_and(|all| *ms as f64 <= part * all as f64);
        self.cached.as_ref().is_none_or(from_cache)
            && self.steps_at_most.is_none_or(|most| run.len() <= most)
            && self.ratio_at_most.is_none_or(quick)
    }

    fn bounds(&self) -> Vec<Bound> {
        let steps = self.steps_at_most.map(|steps| {
            let words = if steps == 1 { "step" } else { "steps" };
            Bound::count("steps_at_most", steps as u64, words)
        });
        let ratio = self.ratio_at_most;
        let ratio = ratio.map(|ratio| Bound::share("ratio_at_most", ratio));
        steps.into_iter().chain(ratio).collect()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::Rebuild {
            ms,
            starter_ms,
            run,
            ..
        } = self;
        let seconds = |ms: u64| ms as f64 / 1000.0;
        write!(f, "{:.1} s", seconds(*ms))?;
        if let Some(starter) = starter_ms {
            write!(f, " (the starter {:.1} s)", seconds(*starter))?;
        }
        match run.is_empty() {
            true => f.write_str(", every step from the cache"),
            false => write!(f, ", run again: {}", run.join("; ")),
        }
    }
}
