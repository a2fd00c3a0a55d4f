//! What has to be run: which variants, and which of their metrics need several rounds.

use catalog::claims::{Asks, Claim, Claims};
use catalog::{BuiltIn, Catalog, Kind, Lab, Metric, MetricKind, Variant};
use policy::UserError;
use policy::suggest::known;
use std::collections::{BTreeMap, BTreeSet};

/// What has to be run, in the catalog's order.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// One a variant.
    pub variants: Vec<Planned>,
}

/// A variant and what is measured of it.
#[derive(Clone, Debug)]
pub struct Planned {
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
    /// What is measured of it.
    pub metrics: Vec<Metric>,
}

impl Planned {
    /// Whether it needs more than one round.
    pub fn is_timed(&self) -> bool {
        self.metrics.iter().any(|metric| metric.timed)
    }

    /// Whether its image has to be read file by file.
    pub fn reads_image(&self) -> bool {
        self.metrics.iter().any(|metric| match &metric.kind {
            MetricKind::FileSize { .. }
            | MetricKind::SectionShare { .. }
            | MetricKind::SectionSize { .. } => true,
            MetricKind::BuiltIn { which } => matches!(
                which,
                BuiltIn::Packages
                    | BuiltIn::Executables
                    | BuiltIn::Setuid
                    | BuiltIn::Shells
                    | BuiltIn::Modules
            ),
            MetricKind::Output { .. } => false,
        })
    }
}

/// What the claims need; with `only`, what these of them need (by id), and without, every
/// experiment besides.
///
/// # Errors
/// There is no such claim; the error names the nearest.
pub fn plan(catalog: &Catalog, claims: &Claims, only: &[String]) -> Result<Plan, UserError> {
    for id in only {
        if claims.claims.iter().all(|claim| claim.id != *id) {
            let ids = claims.claims.iter().map(|claim| claim.id.as_str());
            return Err(UserError {
                what: format!("there is no claim `{id}`"),
                cause: known(id, ids, "there are").unwrap_or_else(|| "no claims".into()),
                next: "playground ledger show".into(),
            });
        }
    }
    let chosen = claims.claims.iter();
    let chosen = chosen.filter(|claim| only.is_empty() || only.contains(&claim.id));
    let needed: BTreeSet<(&str, &str)> = chosen.flat_map(Claim::variants).collect();
    // By lab and variant, the ids of metrics that tests name: those of all claims, since what is
    // measured of a variant replaces what was known of it.
    let mut named: BTreeMap<(&str, &str), BTreeSet<&str>> = BTreeMap::new();
    for test in claims.claims.iter().flat_map(Claim::tests) {
        if let Asks::Figure(figure) = &test.asks {
            let own = (test.lab.as_str(), test.variant.as_str());
            let against = figure.against.as_ref();
            let against = against.map(|(lab, variant)| (lab.as_str(), variant.as_str()));
            for key in [own].into_iter().chain(against) {
                named.entry(key).or_default().insert(&figure.metric);
            }
        }
    }
    let mut variants = Vec::new();
    for lab in &catalog.labs {
        for variant in &lab.variants {
            let key = (lab.id.as_str(), variant.id.as_str());
            let experiment = only.is_empty() && lab.kind != Kind::Failure;
            if !needed.contains(&key) && !experiment {
                continue;
            }
            variants.push(Planned {
                lab: lab.id.clone(),
                variant: variant.id.clone(),
                metrics: metrics_of(lab, variant, named.get(&key)),
            });
        }
    }
    Ok(Plan { variants })
}

/// Sizes of all, what is in it of stages, its own metrics of an experiment, and what tests name.
fn metrics_of(lab: &Lab, variant: &Variant, named: Option<&BTreeSet<&str>>) -> Vec<Metric> {
    let mut ids = vec!["unpacked-size", "compressed-size", "layers", "pull-time"];
    if lab.kind == Kind::Stage {
        ids.extend(["packages", "executables", "setuid", "shells", "modules"]);
        ids.extend(["ready-time", "memory"]);
    }
    if variant.touch.is_some() {
        ids.extend(["build-time", "cached-steps", "run-steps"]);
    }
    ids.extend(named.into_iter().flatten());
    let mut seen = BTreeSet::new();
    let built_in = ids.into_iter().filter(|id| seen.insert(*id));
    let built_in: Vec<Metric> = built_in.filter_map(Metric::built_in).collect();
    lab.metrics.iter().cloned().chain(built_in).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use catalog::claims::Basis;
    use std::path::Path;

    #[test]
    fn one_claim_has_all_measured_that_any_claim_names_of_its_variants() {
        let book = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/ledger");
        let catalog = Catalog::load(&book).expect("sound");
        let mut claims = Claims::load(&book, &catalog).expect("sound");
        // The third names `distinct-builds` of `timed`; let the first name the same variant.
        let Basis::Tests(tests) = &mut claims.claims[0].basis else {
            panic!("it is tested");
        };
        tests[0].variant = "timed".into();
        let plan = plan(&catalog, &claims, &["01".to_owned()]).expect("a plan");
        let variants: Vec<_> = plan.variants.iter().map(|one| &*one.variant).collect();
        assert_eq!(variants, ["small", "timed"]);
        let metrics = plan.variants[1].metrics.iter();
        let metrics: Vec<_> = metrics.map(|metric| &*metric.id).collect();
        assert!(metrics.contains(&"distinct-builds"), "{metrics:?}");
        assert!(metrics.contains(&"text"), "{metrics:?}");
    }
}
