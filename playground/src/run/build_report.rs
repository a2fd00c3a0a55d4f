//! What the events of a build say, put together: how long it took, and what its cache had.

use crate::event::{Entry, Event, Phase, StepFinished, StepStatus};
use std::collections::BTreeMap;

/// What a build came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct BuildReport {
    /// Milliseconds from the first step to the end of the last; `None` where there was none.
    pub(crate) ms: Option<u64>,
    /// The variant's own steps as they are titled, and whether the cache had them; in the order
    /// in which they ended.
    pub(crate) steps: Vec<(String, bool)>,
}

impl BuildReport {
    /// How many of its steps the cache had, or had not.
    pub(crate) fn count(&self, cached: bool) -> usize {
        self.steps.iter().filter(|(_, was)| *was == cached).count()
    }

    /// Reads the events of a run: of its own image alone, without peers and debug images.
    pub(crate) fn of(entries: &[Entry]) -> BuildReport {
        let mut report = BuildReport::default();
        let mut open: BTreeMap<&str, &str> = BTreeMap::new();
        let mut since = None;
        for Entry { at_ms, event, .. } in entries {
            match event {
                Event::StepStarted {
                    step,
                    phase: Phase::Build,
                    title,
                } if is_own(step) => {
                    open.insert(step, title);
                    since.get_or_insert(*at_ms);
                }
                Event::StepFinished(StepFinished { step, status, .. }) => {
                    let Some(title) = open.get(step.as_str()) else {
                        continue;
                    };
                    if matches!(status, StepStatus::Cached | StepStatus::Done) {
                        let cached = *status == StepStatus::Cached;
                        report.steps.push(((*title).to_owned(), cached));
                    }
                    report.ms = since.map(|since| at_ms - since);
                }
                _ => {}
            }
        }
        report
    }
}

/// Whether a build step is of the variant's own image, `b` and a number; 00 is the sending of
/// its context.
fn is_own(step: &str) -> bool {
    let number = step.strip_prefix('b').and_then(|rest| rest.parse().ok());
    number.is_some_and(|number: u32| number > 0)
}
