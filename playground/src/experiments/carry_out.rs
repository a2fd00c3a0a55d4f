//! Carries a plan out: first every variant once, two at a time, for what is exact and to warm the
//! builder's cache; then timed rounds, one run at a time, all variants in turn.
//!
//! After every run what is known is on disk, so that a ledger that was stopped goes on there.

use super::plan::{Plan, Planned};
use super::round::{Round, edits, round};
use super::{ROUNDS, image};
use crate::app_state::AppState;
use crate::content::circumstances;
use crate::ledger::{Session, Store, Taken};
use crate::run::Runs;
use catalog::claims::Samples;
use catalog::{BuiltIn, MetricKind, Outcome};
use futures_util::StreamExt;
use policy::UserError;
use std::collections::BTreeMap;
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

/// Carries out what is left of a session's plan, and tells `on` of every run as it ends.
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
    let mut keeper = Keeper::open(state, plan, store, session).await?;
    let mut clock = Clock::of(&keeper, plan, session);
    {
        let first: Vec<&Planned> = plan.variants.iter().collect();
        let first = first.into_iter().filter(|one| !keeper.has_first(one));
        let looks: Vec<_> = first.map(|one| first_look(state, runs, one)).collect();
        let mut looks = futures_util::stream::iter(looks).buffer_unordered(2);
        while let Some((planned, samples)) = looks.next().await {
            let missing = samples.missing.clone();
            keeper.put(planned, samples)?;
            on(clock.tick(planned, 0, missing));
        }
    }
    if !session.quick {
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
    store.begin(&Session {
        done: true,
        ..session.clone()
    })
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
                .map(|(id, value)| (id, vec![value]))
                .collect(),
            ..Samples::default()
        };
        if samples.missing.is_none() && built && planned.reads_image() {
            let contents = image::contents(state, planned).await?;
            let contents = contents.into_iter().map(|(id, value)| (id, vec![value]));
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
        match image::layers_hash(state, planned, edits).await {
            Ok(hash) => build = Some(hash),
            Err(error) => missing = Some(error.what),
        }
    }
    let mut samples = keeper.samples(planned);
    // A round that failed adds nothing, and takes nothing away from the others.
    if missing.is_none() {
        for (id, value) in done.metrics {
            samples.metrics.entry(id).or_default().push(value);
        }
    }
    if let Some(build) = build {
        samples.builds.insert(build);
        let count = samples.builds.len() as f64;
        samples
            .metrics
            .insert("distinct-builds".into(), vec![count]);
    }
    samples.rounds = number;
    keeper.put(planned, samples)?;
    Ok(missing)
}

/// What is known so far, and its way to disk.
struct Keeper<'a> {
    store: &'a Store,
    labs: BTreeMap<String, Taken>,
    blank: Taken,
}

impl<'a> Keeper<'a> {
    /// With what an unfinished run of the same session has left.
    async fn open(
        state: &AppState,
        plan: &Plan,
        store: &'a Store,
        session: &Session,
    ) -> Result<Keeper<'a>, UserError> {
        let engine = state.engine().await?;
        let around = circumstances(state, &engine).await.recording;
        let blank = Taken {
            session: session.id.clone(),
            engine: format!("{} {}", around.engine, around.version),
            arch: around.arch,
            cpu: cpu(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            go: around.go,
            date: around.date,
            bases: around.bases,
            variants: BTreeMap::new(),
        };
        let mut labs = store.load().map_err(|problems| problems.error())?;
        labs.retain(|lab, taken| {
            let is_ours = taken.session == session.id;
            let planned = |variant: &str| {
                let mut variants = plan.variants.iter();
                variants.any(|one| one.lab == *lab && one.variant == variant)
            };
            if !is_ours {
                // Of some claims alone: what else is known of their labs stays known.
                taken.variants.retain(|variant, _| !planned(variant));
                taken.session.clone_from(&session.id);
            }
            let of_plan = plan.variants.iter().any(|one| one.lab == *lab);
            of_plan && (is_ours || !session.claims.is_empty())
        });
        Ok(Keeper { store, labs, blank })
    }

    fn get(&self, planned: &Planned) -> Option<&Samples> {
        self.labs.get(&planned.lab)?.variants.get(&planned.variant)
    }

    fn samples(&self, planned: &Planned) -> Samples {
        self.get(planned).cloned().unwrap_or_default()
    }

    fn has_first(&self, planned: &Planned) -> bool {
        self.get(planned)
            .is_some_and(|samples| samples.missing.is_none())
    }

    fn is_to_time(&self, planned: &Planned) -> bool {
        planned.is_timed() && self.has_first(planned)
    }

    fn rounds(&self, planned: &Planned) -> u32 {
        self.get(planned).map_or(0, |samples| samples.rounds)
    }

    fn put(&mut self, planned: &Planned, samples: Samples) -> Result<(), UserError> {
        let blank = || self.blank.clone();
        let taken = self.labs.entry(planned.lab.clone()).or_insert_with(blank);
        taken.variants.insert(planned.variant.clone(), samples);
        self.store.keep(&planned.lab, taken)
    }
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
        let rounds = if session.quick { 0 } else { ROUNDS as usize };
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

/// The processor's name, where the system tells it.
fn cpu() -> String {
    let text = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let mut names = text
        .lines()
        .filter_map(|line| line.strip_prefix("model name"));
    let name = names
        .next()
        .map(|rest| rest.trim_start_matches([' ', '\t', ':']));
    name.unwrap_or("unknown").trim().to_owned()
}
