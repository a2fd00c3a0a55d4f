//! What is in a variant's image: built once more, out of the builder's cache, and read.

use super::plan::Planned;
use crate::run::{ImagePlan, Runs};
use analysis::image::Compressed;
use analysis::image::tree::Tree;
use analysis::inspect::Program;
use analysis::subject::{SubjectKind, SubjectName};
use analysis::xray::{self, Notable, Report};
use catalog::{BuiltIn, MetricKind};
use engine::{Engine, Transfer, in_thread, unreadable};
use policy::UserError;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// Bytes of an image that are read at the most, as of a run's.
const MAX_ARCHIVE: u64 = 5 << 30;

/// Reads what the image of a variant holds, as far as its metrics ask for that.
///
/// # Errors
/// The image cannot be built or read.
pub(super) async fn contents(
    runs: &Runs,
    planned: &Planned,
) -> Result<BTreeMap<String, f64>, UserError> {
    let name = SubjectName {
        kind: SubjectKind::Image,
        name: format!("{}/{}", planned.lab, planned.variant),
    };
    let metrics = planned.metrics.clone();
    let read = |engine: Engine, id: String| async move {
        let transfer = Transfer::quiet(MAX_ARCHIVE);
        let inspected = engine.inspect_image(&id, None, Compressed::AsStored, transfer);
        let inspection = inspected.await;
        let inspection = inspection.map_err(|error| error.user_error(&name.name))?;
        let read = in_thread((), move || {
            let tree =
                Tree::of(&inspection.image).map_err(|error| unreadable(&name.name, &error))?;
            let report = xray::image(name, &inspection, &tree);
            let values = metrics.iter().filter_map(|metric| {
                let value =
                    value(&metric.kind, &report, &tree).filter(|value| value.is_finite())?;
                Some((metric.id.clone(), value))
            });
            Ok(values.collect())
        });
        read.await.unwrap_or_else(|error| {
            Err(UserError {
                what: format!("The image could not be read: {error}"),
                cause: "a thread of ours broke off".into(),
                next: "run it again; if it stays, please report it".into(),
            })
        })
    };
    runs.with_image(image(planned, BTreeMap::new()), read).await
}

/// A hash over the layers of what a round has built.
///
/// # Errors
/// The image cannot be built, or the engine does not answer.
pub(super) async fn layers_hash(
    runs: &Runs,
    planned: &Planned,
    edits: BTreeMap<String, String>,
) -> Result<String, UserError> {
    let name = planned.variant.clone();
    let hash = |engine: Engine, id: String| async move {
        let facts = engine.readable_image(&id).await;
        let facts = facts.map_err(|error| error.user_error(&name))?;
        let hash = Sha256::digest(facts.diff_ids.join("\n"));
        Ok(engine::hex(&hash[..8]))
    };
    runs.with_image(image(planned, edits), hash).await
}

fn image(planned: &Planned, edits: BTreeMap<String, String>) -> ImagePlan {
    ImagePlan {
        lab: planned.lab.clone(),
        variant: planned.variant.clone(),
        edits,
        fresh: false,
        touch: None,
    }
}

fn value(kind: &MetricKind, report: &Report, tree: &Tree<'_>) -> Option<f64> {
    match kind {
        MetricKind::FileSize { path } => Some(tree.node(tree.lookup(path).ok()?).bytes as f64),
        MetricKind::SectionSize { path, sections } => {
            Some(section_bytes(program(report, path)?, sections)? as f64)
        }
        MetricKind::SectionShare { path, sections } => {
            let program = program(report, path)?;
            let bytes = section_bytes(program, sections)?;
            Some(bytes as f64 / program.bytes as f64 * 100.0)
        }
        MetricKind::BuiltIn { which } => counted(*which, report),
        MetricKind::Output { .. } => None,
    }
}

fn program<'r>(report: &'r Report, path: &str) -> Option<&'r Program> {
    let path = path.trim_start_matches('/');
    let mut programs = report.programs.iter();
    let found = programs.find(|one| one.path.trim_start_matches('/') == path)?;
    Some(&found.program)
}

fn section_bytes(program: &Program, names: &[String]) -> Option<u64> {
    let sections = program.elf.as_ref()?.sections.as_ref()?;
    let named = sections.iter().filter(|one| names.contains(&one.name));
    Some(named.map(|one| one.file_bytes).sum())
}

fn counted(which: BuiltIn, report: &Report) -> Option<f64> {
    let notable: &Notable = report.notable.as_ref()?;
    let count = match which {
        BuiltIn::Executables => notable.executables.count as usize,
        BuiltIn::Setuid => notable.setuid.len(),
        BuiltIn::Shells => notable.shells.len(),
        BuiltIn::Modules => modules(report).len(),
        // A scanner counts the standard library as a package, too.
        BuiltIn::Packages => {
            let modules = modules(report).len();
            notable.packages.len() + modules + usize::from(modules > 0)
        }
        _ => return None,
    };
    Some(count as f64)
}

/// The Go modules that the image's programs were built of, their own included.
fn modules(report: &Report) -> BTreeSet<&str> {
    let programs = report.programs.iter();
    let builds = programs.filter_map(|one| one.program.go.as_ref()?.build.as_ref());
    builds
        .flat_map(|build| build.main.iter().chain(&build.modules))
        .map(|module| module.path.as_str())
        .collect()
}
