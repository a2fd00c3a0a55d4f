//! One round of a variant: a run like any other, with what it measured picked out of its events.

use super::plan::Planned;
use crate::event::{Ending, Entry, Event, Finished, Phase, Sizes};
use crate::run::{BuildReport, Runs};
use catalog::{BuiltIn, Lab, MetricKind, Outcome, Variant};
use policy::UserError;
use std::collections::BTreeMap;

/// Modelled bandwidth of a pull, in bytes a second: 100 Mbit/s.
const BANDWIDTH: f64 = 100e6 / 8.0;

/// What a round came to.
#[derive(Clone, Debug)]
pub(super) struct Round {
    /// How the run ended.
    pub(super) finished: Finished,
    /// By metric.
    pub(super) metrics: BTreeMap<String, f64>,
}

impl Round {
    /// Why nothing can be said of the variant here; `None` where something can.
    pub(super) fn missing(&self, variant: &Variant) -> Option<String> {
        let unbuilt = self.finished.outcome == Some(Outcome::BuildFails)
            && variant.expect.outcome != Outcome::BuildFails;
        let said = self.finished.message.as_deref().unwrap_or_default();
        match (self.finished.ending, &self.finished.error) {
            (Ending::Error, Some(error)) => Some(error.what.clone()),
            (Ending::Error | Ending::Stopped, _) => Some("it could not be run".into()),
            _ if unbuilt => Some(format!("it cannot be built here: {said}")),
            _ => None,
        }
    }
}

/// What a reader would change before this round, so that nothing of it comes from a cache that
/// should not: a line in the file that is touched, and the value of `ARG ROUND`.
pub(super) fn edits(
    state: &crate::app_state::AppState,
    lab: &Lab,
    variant: &Variant,
    round: &str,
) -> Result<BTreeMap<String, String>, UserError> {
    let (provided, none) = (BTreeMap::new(), BTreeMap::new());
    let context = catalog::context(&state.root, lab, variant, &provided, &none)?;
    let mut edits = BTreeMap::new();
    if let Some(path) = &variant.touch
        && let Some(text) = context.text(path)
    {
        let comment = match path.ends_with(".go") {
            true => "//",
            false => "#",
        };
        edits.insert(path.clone(), format!("{text}\n{comment} round {round}\n"));
    }
    let dockerfile = "Dockerfile".to_owned();
    if variant.editable.contains(&dockerfile)
        && let Some(text) = context.text(&dockerfile)
        && text.lines().any(|line| line == "ARG ROUND")
    {
        let set = format!("ARG ROUND={round}");
        let lines = text.lines().map(|line| match line {
            "ARG ROUND" => set.as_str(),
            line => line,
        });
        let mut text = lines.collect::<Vec<_>>().join("\n");
        text.push('\n');
        edits.insert(dockerfile, text);
    }
    Ok(edits)
}

/// Carries a round out, for the metrics that are timed or for those that are exact.
pub(super) async fn round(
    runs: &Runs,
    planned: &Planned,
    timed: bool,
    edits: BTreeMap<String, String>,
) -> Result<Round, UserError> {
    let run = runs.start(&planned.lab, &planned.variant, edits)?;
    let mut entries: Vec<Entry> = Vec::new();
    let finished = loop {
        entries.extend(run.log.next(entries.len() as u64).await);
        if let Some(Event::Finished(finished)) = entries.last().map(|entry| &entry.event) {
            break (**finished).clone();
        }
    };
    let seen = Seen::of(&entries);
    let metrics = planned
        .metrics
        .iter()
        .filter(|metric| metric.timed == timed);
    let metrics = metrics.filter_map(|metric| {
        let value = seen.value(&metric.kind)?;
        value.is_finite().then(|| (metric.id.clone(), value))
    });
    Ok(Round {
        metrics: metrics.collect(),
        finished,
    })
}

/// What the events of a run say, put together.
#[derive(Debug, Default)]
struct Seen {
    sizes: Option<Sizes>,
    output: String,
    memory: Option<u64>,
    started_ms: Option<u64>,
    answered_ms: Option<u64>,
    build: BuildReport,
}

impl Seen {
    fn of(entries: &[Entry]) -> Seen {
        let mut seen = Seen {
            build: BuildReport::of(entries),
            ..Seen::default()
        };
        for Entry { at_ms, event, .. } in entries {
            match event {
                // Peers have steps of this phase, too.
                Event::StepStarted {
                    step,
                    phase: Phase::Run,
                    ..
                } if step == "run" => {
                    seen.started_ms.get_or_insert(*at_ms);
                }
                Event::Sizes(sizes) => seen.sizes = Some(sizes.clone()),
                Event::Output { text, .. } => seen.output.push_str(text),
                Event::Memory { bytes } => seen.memory = Some(*bytes),
                Event::Probed(probed) if probed.status.is_some() => {
                    seen.answered_ms.get_or_insert(*at_ms);
                }
                _ => {}
            }
        }
        seen
    }

    fn value(&self, kind: &MetricKind) -> Option<f64> {
        let sizes = self.sizes.as_ref();
        let which = match kind {
            MetricKind::Output { pattern } => {
                return pattern
                    .captures(&self.output)?
                    .get(1)?
                    .as_str()
                    .parse()
                    .ok();
            }
            MetricKind::BuiltIn { which } => which,
            _ => return None,
        };
        Some(match which {
            BuiltIn::UnpackedSize => sizes?.unpacked_bytes as f64,
            BuiltIn::CompressedSize => sizes?.compressed_bytes as f64,
            BuiltIn::Layers => sizes?.layers.len() as f64,
            BuiltIn::PullTime => sizes?.compressed_bytes as f64 / BANDWIDTH,
            BuiltIn::ReadyTime => self.answered_ms?.saturating_sub(self.started_ms?) as f64,
            BuiltIn::Memory => self.memory? as f64,
            BuiltIn::BuildTime => self.build.ms? as f64,
            BuiltIn::CachedSteps => self.build.count(true) as f64,
            BuiltIn::RunSteps => self.build.count(false) as f64,
            BuiltIn::Packages
            | BuiltIn::Executables
            | BuiltIn::Setuid
            | BuiltIn::Shells
            | BuiltIn::Modules
            | BuiltIn::DistinctBuilds => return None,
        })
    }
}
