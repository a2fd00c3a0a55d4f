//! What is known so far, and its way to disk.
//!
//! A session counts as known what it has measured itself, and what a run that began after it has
//! measured again meanwhile. Rounds of two runs are never mixed.

use super::ROUNDS;
use super::plan::Planned;
use crate::app_state::AppState;
use crate::content::circumstances;
use crate::ledger::{Part, Provenance, Session, Store, Taken};
use catalog::Catalog;
use catalog::claims::Samples;
use policy::UserError;
use std::collections::{BTreeMap, BTreeSet};

/// What is known so far, and its way to disk.
pub(super) struct Keeper<'a> {
    store: &'a Store,
    catalog: &'a Catalog,
    labs: BTreeMap<String, Taken>,
    /// What is measured now is of this.
    here: Provenance,
    /// The runs whose measurements are no older than the session.
    since: BTreeSet<String>,
}

impl<'a> Keeper<'a> {
    /// With all that was measured before.
    pub(super) async fn open(
        state: &'a AppState,
        store: &'a Store,
        session: &Session,
    ) -> Result<Keeper<'a>, UserError> {
        let engine = state.engine().await?;
        let around = circumstances(state, &engine).await.recording;
        let here = Provenance {
            session: session.id.clone(),
            engine: format!("{} {}", around.engine, around.version),
            arch: around.arch,
            cpu: cpu(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            go: around.go,
            date: around.date,
            bases: around.bases,
        };
        let mut labs = store.load().map_err(|problems| problems.error())?;
        for lab in &state.catalog.labs {
            if let Some(taken) = labs.get_mut(&lab.id) {
                taken.forget_all_but(lab);
            }
        }
        Ok(Keeper {
            store,
            catalog: &state.catalog,
            labs,
            here,
            since: store.since(session),
        })
    }

    /// Whether the session need not look at a variant any more.
    pub(super) fn has_first(&self, planned: &Planned) -> bool {
        let known = self.part(planned, Part::Look);
        known.is_some_and(|(samples, of)| samples.missing.is_none() && self.is_of_now(of))
    }

    /// Whether a variant needs rounds, and can have some.
    pub(super) fn is_to_time(&self, planned: &Planned) -> bool {
        planned.is_timed() && self.has_first(planned)
    }

    /// How many rounds of a variant the session need not make any more.
    pub(super) fn rounds(&self, planned: &Planned) -> u32 {
        match self.part(planned, Part::Rounds) {
            Some((samples, of)) if self.is_of_now(of) => {
                let whole = samples.rounds >= ROUNDS;
                match of.session == self.here.session || whole {
                    true => samples.rounds,
                    false => 0,
                }
            }
            _ => 0,
        }
    }

    /// The session's own rounds of a variant.
    pub(super) fn rounds_so_far(&self, planned: &Planned) -> Samples {
        let known = self.part(planned, Part::Rounds);
        let ours = known.filter(|(_, of)| of.session == self.here.session && self.is_of_now(of));
        ours.map(|(samples, _)| samples.clone()).unwrap_or_default()
    }

    /// Replaces what is known of a part of a variant.
    pub(super) fn put(
        &mut self,
        planned: &Planned,
        part: Part,
        samples: &Samples,
    ) -> Result<(), UserError> {
        let lab = self.catalog.lab(&planned.lab)?;
        let taken = self.labs.entry(planned.lab.clone()).or_default();
        taken.put(lab, &planned.variant, (part, samples), &self.here);
        self.store.keep(&planned.lab, taken)
    }

    fn part(&self, planned: &Planned, part: Part) -> Option<(&Samples, &Provenance)> {
        let taken = self.labs.get(&planned.lab)?;
        let samples = taken.variants.get(&planned.variant)?;
        Some((samples, taken.provenance(&planned.variant, part)))
    }

    /// Since the session began, and on the same machine, engine and Go.
    fn is_of_now(&self, of: &Provenance) -> bool {
        self.since.contains(&of.session) && of.is_like(&self.here)
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
