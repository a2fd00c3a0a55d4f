//! The claims held against what a store has, and what of it is written down for readers.

use super::store::{Store, measurements};
use super::taken::Taken;
use catalog::Catalog;
use catalog::Diagnostics;
use catalog::claims::{Claims, Judged, Measurements, Verdict};
use std::collections::BTreeMap;

/// Every claim with its verdict, and what it rests on.
#[derive(Clone, Debug, Default)]
pub struct Ledger {
    /// In the order of `book/claims.toml`.
    pub judged: Vec<Judged>,
    /// By lab.
    pub labs: BTreeMap<String, Taken>,
    /// The same, as claims are judged by it.
    pub measurements: Measurements,
}

/// Judges all claims by what the store has.
///
/// # Errors
/// Every file of it that is none.
pub fn judge(catalog: &Catalog, claims: &Claims, store: &Store) -> Result<Ledger, Diagnostics> {
    let labs = store.load()?;
    let measurements = measurements(&labs);
    let judged = claims.claims.iter();
    Ok(Ledger {
        judged: judged
            .map(|claim| catalog::claims::judge(claim, catalog, &measurements))
            .collect(),
        labs,
        measurements,
    })
}

/// Writes down what one run of the ledger measured: over what was recorded before, which stays
/// where that run did not measure.
///
/// # Errors
/// A file of either store that is none, or one that cannot be written.
pub fn record(
    catalog: &Catalog,
    measured: &Store,
    recorded: &Store,
    session: &str,
) -> anyhow::Result<()> {
    let mut before = recorded.load()?;
    for (id, taken) in measured.load()? {
        let Ok(lab) = catalog.lab(&id) else { continue };
        if taken.is_of(session) {
            let mut known = before.remove(&id).unwrap_or_default();
            known.lay_over(lab, &taken, session);
            recorded.keep(&id, &known)?;
        }
    }
    Ok(())
}

impl Ledger {
    /// How many claims have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        let with = self.judged.iter().filter(|one| one.verdict == verdict);
        with.count()
    }
}
