//! The claims held against what a store has.

use super::store::{Store, Taken, measurements};
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

impl Ledger {
    /// How many claims have this verdict.
    pub fn count(&self, verdict: Verdict) -> usize {
        let with = self.judged.iter().filter(|one| one.verdict == verdict);
        with.count()
    }
}
