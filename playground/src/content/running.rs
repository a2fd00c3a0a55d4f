//! Runs every chosen variant on the real engine and keeps what it did.

use super::foreseen::as_foreseen;
use super::lint::declared_in;
use super::transcript::recorded;
use crate::app_state::AppState;
use crate::bases::BASE_LABEL;
use crate::book::Recorded;
use crate::event::{Ending, Entry, Event, Finished};
use crate::exercises::said;
use crate::run::Runs;
use analysis::dockerfile::dockerfile_bases;
use catalog::{Catalog, Diagnostic, Role, context};
use engine::Engine;
use futures_util::StreamExt;
use policy::UserError;
use std::collections::BTreeMap;

/// A variant to run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chosen {
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
}

/// A variant that was run.
#[derive(Clone, Debug)]
pub struct Ran {
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
    /// The run's id; empty where it was not accepted.
    pub run: String,
    /// Whether it was built on a base from a registry, rather than a rebuilt one.
    pub published: bool,
    /// How it ended.
    pub finished: Finished,
    /// Whether it ended as it does without a network: what prose says of it was not to be seen.
    pub cut_off: bool,
    /// What it did and said.
    pub recorded: Recorded,
    /// What builder, engine and program wrote.
    pub said: String,
}

/// The variants that `names` (`LAB` or `LAB/VARIANT`) mean, each once, in the catalog's
/// order; all where there are no names.
///
/// # Errors
/// A name of nothing.
pub fn choose(catalog: &Catalog, names: &[String]) -> Result<Vec<Chosen>, UserError> {
    for name in names {
        match name.split_once('/') {
            Some((lab, variant)) => drop(catalog.lab_variant(lab, variant)?),
            None => drop(catalog.lab(name)?),
        }
    }
    let exercises = catalog.exercises.iter().map(|exercise| &exercise.lab);
    let all = catalog.labs.iter().chain(exercises).flat_map(|lab| {
        // What nobody has handed in yet is nothing to build.
        let variants = lab.variants.iter();
        let variants = variants.filter(|variant| variant.role != Role::Submission);
        variants.map(|variant| Chosen {
            lab: lab.id.clone(),
            variant: variant.id.clone(),
        })
    });
    let wanted = |Chosen { lab, variant }: &Chosen| {
        let named = |n: &String| n == lab || *n == format!("{lab}/{variant}");
        names.is_empty() || names.iter().any(named)
    };
    Ok(all.filter(wanted).collect())
}

/// Runs the chosen variants, as many at once as this machine and [`Runs`] carry out, and
/// tells `on` of each as it ends. The problems are what labs left behind on the engine.
///
/// Drop the future and close `runs` to stop.
pub async fn carry_out(
    state: &AppState,
    engine: &Engine,
    runs: &Runs,
    chosen: &[Chosen],
    mut on: impl FnMut(&Ran),
) -> (Vec<Ran>, Vec<Diagnostic>) {
    let mut open: BTreeMap<&str, usize> = BTreeMap::new();
    for one in chosen {
        *open.entry(&one.lab).or_default() += 1;
    }
    let (mut all, mut problems) = (Vec::<Ran>::new(), Vec::new());
    {
        // No more than are worked at: what waits in a queue would count as its run's time.
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let running = chosen.iter().map(|one| carry_out_one(runs, one));
        let mut running = futures_util::stream::iter(running).buffer_unordered(cores.min(2));
        while let Some(ran) = running.next().await {
            let ran = judged(&state.catalog, ran);
            on(&ran);
            all.push(ran);
            let Some(lab) = all.last().map(|ran| ran.lab.as_str()) else {
                continue;
            };
            let left = open.get_mut(lab).map(|left| {
                *left -= 1;
                *left
            });
            if left == Some(0) {
                let ids = all.iter().filter(|r| r.lab == lab).map(|r| r.run.as_str());
                let ids: Vec<&str> = ids.filter(|id| !id.is_empty()).collect();
                let ours = |name: &str| ids.iter().any(|id| name.contains(id));
                problems.extend(
                    left_behind(state, engine, &declared_in(&state.catalog, lab), ours).await,
                );
            }
        }
    }
    let published = from_registries(state, engine).await;
    for ran in &mut all {
        let stands_on = bases_of(state, ran);
        ran.published = stands_on.iter().any(|base| published.contains(base));
    }
    if problems.is_empty() {
        problems.extend(left_behind(state, engine, "book/labs", |_| true).await);
    }
    (all, problems)
}

/// Names of the bases that the engine has from a registry: those without our label, which
/// images that were built on a rebuilt one have, too.
async fn from_registries(state: &AppState, engine: &Engine) -> Vec<String> {
    let mut names = Vec::new();
    for name in state.bases.names() {
        if let Ok(Some(facts)) = engine.image(name).await
            && !facts.labels.contains_key(BASE_LABEL)
        {
            names.push(name.to_owned());
        }
    }
    names
}

/// The images that a variant's Dockerfile names.
fn bases_of(state: &AppState, ran: &Ran) -> Vec<String> {
    let Ok((lab, variant)) = state.catalog.lab_variant(&ran.lab, &ran.variant) else {
        return Vec::new();
    };
    // The Dockerfile that the builder gets, whichever folder it comes from.
    let nothing = BTreeMap::new();
    let context = context(&state.root, lab, variant, &nothing, &BTreeMap::new());
    context.map_or_else(
        |_| Vec::new(),
        |context| dockerfile_bases(&state.dockerfile(context.dockerfile())),
    )
}

async fn carry_out_one(runs: &Runs, one: &Chosen) -> Ran {
    let mut ran = Ran {
        lab: one.lab.clone(),
        variant: one.variant.clone(),
        run: String::new(),
        published: false,
        finished: Finished::unjudged(Ending::Error, None, 0),
        cut_off: false,
        recorded: Recorded::default(),
        said: String::new(),
    };
    let run = match runs.start(&one.lab, &one.variant, BTreeMap::new()) {
        Ok(run) => run,
        Err(error) => {
            ran.finished.error = Some(error);
            return ran;
        }
    };
    ran.run = run.id().to_owned();
    let mut entries = Vec::new();
    while !matches!(
        entries.last().map(|entry: &Entry| &entry.event),
        Some(Event::Finished(_))
    ) {
        entries.extend(run.log.next(entries.len() as u64).await);
    }
    ran.recorded = recorded(&entries);
    ran.said = said(&entries);
    if let Some(Event::Finished(finished)) = entries.pop().map(|entry| entry.event) {
        ran.finished = *finished;
    }
    ran
}

/// Of an exercise's starter and mistakes, the ending tells whether they fail as foreseen; of what
/// downloads, the note tells whether it could.
fn judged(catalog: &Catalog, mut ran: Ran) -> Ran {
    let finished = &mut ran.finished;
    if let Ok((_, variant)) = catalog.lab_variant(&ran.lab, &ran.variant) {
        ran.cut_off = finished.ending == Ending::AsDeclared
            && variant.expect.was_cut_off(finished.note.as_deref());
    }
    let judged = matches!(finished.ending, Ending::AsDeclared | Ending::NotAsDeclared);
    if let Ok(exercise) = catalog.exercise(&ran.lab)
        && judged
        && let Some(check) = as_foreseen(exercise, &ran.variant, &finished.checks, &ran.said)
    {
        finished.ending = match check.passed {
            true => Ending::AsDeclared,
            false => Ending::NotAsDeclared,
        };
        finished.checks = vec![check];
    }
    ran
}

/// What is still on the engine and should not be.
async fn left_behind(
    state: &AppState,
    engine: &Engine,
    file: &str,
    ours: impl Fn(&str) -> bool,
) -> Vec<Diagnostic> {
    let report = |text: String| Diagnostic::of(file, text);
    match engine.objects_of(state.owner.id()).await {
        Ok(objects) => {
            let left = objects.iter().filter(|name| ours(name));
            left.map(|name| report(format!("left {name} behind on the engine")))
                .collect()
        }
        Err(error) => vec![report(format!(
            "the engine does not say what is left on it: {error}"
        ))],
    }
}
