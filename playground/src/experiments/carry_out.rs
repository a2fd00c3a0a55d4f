//! Carries a plan out: first every variant once, two at a time, for what is exact and to warm the
//! builder's cache; then timed rounds, one run at a time, all variants in turn.
//!
//! After every run what is known is on disk, so that a ledger that was stopped goes on there.

use super::keeper::Keeper;
use super::plan::{Plan, Planned};
use super::round::{Round, edits, round};
use super::{ROUNDS, image};
use crate::app_state::AppState;
use crate::ledger::{Part, Session, Store};
use crate::run::Runs;
use catalog::claims::Samples;
use catalog::{BuiltIn, MetricKind, Outcome};
use futures_util::StreamExt;
use policy::UserError;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// How far a run of the ledger is.
#[derive(Clone, Debug)]
pub struct Progress {
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
    /// The timed round, from 1; 0 is the first look.
    pub round: u32,
    /// Why nothing can be said of the variant here.
    pub missing: Option<String>,
    /// Runs that are over.
    pub done: usize,
    /// Runs in all.
    pub total: usize,
    /// How long the rest may take; an estimate by what the runs so far took.
    pub left: Duration,
}

/// Carries out what is left of a session's plan, and tells `on` of every run as it ends. That the
/// session is done is for the caller to note, who may have more to do.
///
/// # Errors
/// No engine answers, or what was measured cannot be kept.
pub async fn carry_out(
    state: &Arc<AppState>,
    runs: &Runs,
    plan: &Plan,
    store: &Store,
    session: &Session,
    mut on: impl FnMut(Progress),
) -> Result<(), UserError> {
    let mut keeper = Keeper::open(state, store, session).await?;
    let mut clock = Clock::of(&keeper, plan, session);
    {
        let first: Vec<&Planned> = plan.variants.iter().collect();
        let first = first.into_iter().filter(|one| !keeper.has_first(one));
        let looks: Vec<_> = first.map(|one| first_look(state, runs, one)).collect();
        let mut looks = futures_util::stream::iter(looks).buffer_unordered(2);
        while let Some((planned, samples)) = looks.next().await {
            let missing = samples.missing.clone();
            keeper.put(planned, Part::Look, &samples)?;
            on(clock.tick(planned, 0, missing));
        }
    }
    if !session.asked.quick {
        let timed = plan.variants.iter().filter(|one| keeper.is_to_time(one));
        let timed: Vec<&Planned> = timed.collect();
        for number in 1..=ROUNDS {
            for planned in &timed {
                if keeper.rounds(planned) >= number {
                    continue;
                }
                let missing = timed_round(state, runs, planned, session, number, &mut keeper);
                let missing = missing.await?;
                on(clock.tick(planned, number, missing));
            }
        }
    }
    Ok(())
}

/// What is exact of a variant.
async fn first_look<'p>(
    state: &Arc<AppState>,
    runs: &Runs,
    planned: &'p Planned,
) -> (&'p Planned, Samples) {
    let look = async {
        let (_, variant) = state.catalog.lab_variant(&planned.lab, &planned.variant)?;
        let done = round(runs, planned, false, BTreeMap::new()).await?;
        let missing = done.missing(variant);
        let Round { finished, metrics } = done;
        // A build that fails, as some must, leaves nothing to read.
        let built = finished.outcome != Some(Outcome::BuildFails);
        let mut samples = Samples {
            behaves: finished.ending == crate::event::Ending::AsDeclared,
            message: finished.message,
            missing,
            metrics: metrics
                .into_iter()
                .map(|(id, value)| (id, vec![Some(value)]))
                .collect(),
            ..Samples::default()
        };
        if samples.missing.is_none() && built && planned.reads_image() {
            let contents = image::contents(runs, planned).await?;
            let contents = contents.into_iter();
            let contents = contents.map(|(id, value)| (id, vec![Some(value)]));
            samples.metrics.extend(contents);
        }
        Ok::<_, UserError>(samples)
    };
    let samples = look.await.unwrap_or_else(|error| Samples {
        missing: Some(error.what),
        ..Samples::default()
    });
    (planned, samples)
}

/// One timed round of a variant; says why nothing can be said of it, where that is so.
async fn timed_round(
    state: &Arc<AppState>,
    runs: &Runs,
    planned: &Planned,
    session: &Session,
    number: u32,
    keeper: &mut Keeper<'_>,
) -> Result<Option<String>, UserError> {
    let (lab, variant) = state.catalog.lab_variant(&planned.lab, &planned.variant)?;
    let edits = edits(state, lab, variant, &format!("{}-{number}", session.id))?;
    let done = round(runs, planned, true, edits.clone()).await?;
    let mut missing = done.missing(variant);
    let wants_builds = planned.metrics.iter().any(|metric| {
        matches!(
            metric.kind,
            MetricKind::BuiltIn {
                which: BuiltIn::DistinctBuilds
            }
        )
    });
    let mut build = None;
    if wants_builds && missing.is_none() {
        match image::layers_hash(runs, planned, edits).await {
            Ok(hash) => build = Some(hash),
            Err(error) => missing = Some(error.what),
        }
    }
    let mut samples = keeper.rounds_so_far(planned);
    // A round that failed adds nothing, and takes nothing away from the others.
    if missing.is_none() {
        for (id, value) in done.metrics {
            samples.add(&id, number, value);
        }
    }
    if let Some(build) = build {
        samples.builds.push(build);
        // One build alone would pass for a reproducible one.
        if samples.builds.len() > 1 {
            let distinct: BTreeSet<_> = samples.builds.iter().collect();
            let count = distinct.len() as f64;
            let metric = "distinct-builds".to_owned();
            samples.metrics.insert(metric, vec![Some(count)]);
        }
    }
    samples.rounds = number;
    keeper.put(planned, Part::Rounds, &samples)?;
    Ok(missing)
}

/// How many runs there are, and how long the rest may take.
struct Clock {
    since: Instant,
    total: usize,
    before: usize,
    done: usize,
}

impl Clock {
    fn of(keeper: &Keeper<'_>, plan: &Plan, session: &Session) -> Clock {
        let rounds = if session.asked.quick {
            0
        } else {
            ROUNDS as usize
        };
        let timed = plan.variants.iter().filter(|one| one.is_timed()).count();
        let known = plan.variants.iter().filter(|one| keeper.has_first(one));
        let before = known
            .map(|one| {
                1 + if one.is_timed() {
                    keeper.rounds(one) as usize
                } else {
                    0
                }
            })
            .sum();
        Clock {
            since: Instant::now(),
            total: plan.variants.len() + timed * rounds,
            before,
            done: before,
        }
    }

    fn tick(&mut self, planned: &Planned, round: u32, missing: Option<String>) -> Progress {
        self.done += 1;
        let ours = u32::try_from(self.done - self.before).unwrap_or(1).max(1);
        let left = u32::try_from(self.total.saturating_sub(self.done)).unwrap_or(0);
        Progress {
            lab: planned.lab.clone(),
            variant: planned.variant.clone(),
            round,
            missing,
            done: self.done,
            total: self.total,
            left: self.since.elapsed() / ours * left,
        }
    }
}
