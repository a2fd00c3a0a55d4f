//! What is wrong with the content as it lies there, all at once, with file and line.

use super::pinning;
use crate::book::{self, Page, Recordings, stands_in};
use crate::ledger::{Store, judge};
use analysis::preflight::Rule;
use catalog::checks::CheckKind;
use catalog::checks::preflight::FAILING;
use catalog::claims::{CLAIMS, Claims};
use catalog::inventory::{INVENTORY, Inventory};
use catalog::{Catalog, Diagnostic, Lab};
use std::collections::BTreeSet;
use std::path::Path;

/// The book's content, and what is wrong with it as far as that shows without an engine.
#[derive(Debug)]
pub struct Content {
    /// All labs.
    pub catalog: Catalog,
    /// All pages.
    pub pages: Vec<Page>,
    /// What was recorded.
    pub recordings: Recordings,
    /// By file and line.
    pub problems: Vec<Diagnostic>,
}

/// Reads and judges the content.
///
/// # Errors
/// The labs cannot be read, so that nothing more can be judged; every problem of every lab.
pub fn read(root: &Path) -> Result<Content, Vec<Diagnostic>> {
    let catalog = Catalog::load(root).map_err(|found| found.iter().cloned().collect::<Vec<_>>())?;
    let (recordings, mut problems) = Recordings::read(root);
    let pages = book::chapters(root).unwrap_or_else(|error| {
        problems.push(Diagnostic::of("book/src/SUMMARY.md", format!("{error:#}")));
        Vec::new()
    });
    // Without them there are no panels; each of their problems has its line.
    match Claims::load(root, &catalog) {
        Ok(claims) => problems.extend(not_as_recorded(root, &catalog, &claims)),
        Err(found) => problems.extend(found.iter().cloned()),
    }
    match book::panels_with(root, &catalog, &recordings) {
        Ok(panels) => {
            problems.extend(panels.problems(&pages));
            problems.extend(panels.unrecorded(&pages));
        }
        Err(error) => problems.push(Diagnostic::of("book/labs", format!("{error:#}"))),
    }
    problems.extend(unused(&catalog, &pages));
    problems.extend(unknown_rules(&catalog));
    match Inventory::load(root, &catalog) {
        Ok(inventory) => problems.extend(unasked(&catalog, &inventory, &pages, &recordings)),
        Err(found) => problems.extend(found.iter().cloned()),
    }
    problems.extend(recorded_of_nothing(&catalog, &recordings));
    for lab in &catalog.labs {
        problems.extend(pinning::unpinned(root, lab));
    }
    problems.sort();
    problems.dedup();
    Ok(Content {
        catalog,
        pages,
        recordings,
        problems,
    })
}

/// The file that declares a lab, as reports call it.
pub(super) fn lab_toml(lab: &str) -> String {
    format!("book/labs/{lab}/lab.toml")
}

/// The same of a lab or an exercise.
pub(super) fn declared_in(catalog: &Catalog, id: &str) -> String {
    match catalog.exercise(id) {
        Ok(exercise) => format!("exercises/{}/exercise.toml", exercise.id),
        Err(_) => lab_toml(id),
    }
}

/// Rules of preflight that an exercise names and that do not exist: they would never be found.
fn unknown_rules(catalog: &Catalog) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for exercise in &catalog.exercises {
        let checks = exercise.lab.variants.first().map(|one| &one.checks);
        for check in checks.into_iter().flatten() {
            let CheckKind::Preflight(preflight) = &check.kind else {
                continue;
            };
            let rules = preflight.findings_absent.iter();
            let unknown = rules.filter(|rule| *rule != FAILING && Rule::named(rule).is_none());
            problems.extend(unknown.map(|rule| {
                let text = format!(
                    "the look `{}` names no rule of preflight: `{rule}`",
                    check.id
                );
                Diagnostic::of(declared_in(catalog, &exercise.id), text)
            }));
        }
    }
    problems
}

fn unused(catalog: &Catalog, pages: &[Page]) -> Vec<Diagnostic> {
    let shown = pages.iter().flat_map(|page| &page.labs);
    let shown: BTreeSet<&String> = shown.map(|lab| &lab.what).collect();
    let ids = catalog.labs.iter().map(|lab| &lab.id);
    let unused = ids.filter(|id| !shown.contains(id)).map(|id| {
        let text = format!(
            "no page of book/src/SUMMARY.md shows this lab; put `{{{{#lab {id}}}}}` on a line of its own"
        );
        Diagnostic::of(lab_toml(id), text)
    });
    unused.collect()
}

/// Failures that nobody asks about, questions that the page of their run does not ask, and messages
/// that the run did not say.
fn unasked(
    catalog: &Catalog,
    inventory: &Inventory,
    pages: &[Page],
    recordings: &Recordings,
) -> Vec<Diagnostic> {
    let mut problems = inventory.missing(catalog);
    for question in &inventory.questions {
        let id = &question.id;
        let shown = pages.iter().filter_map(|page| {
            let lab = page.labs.iter().find(|on| on.what == *id)?;
            Some((page, lab.line))
        });
        let asks = |page: &Page| page.questions.iter().any(|on| on.what == *id);
        if let Some((page, line)) = shown.clone().next()
            && !shown.clone().any(|(page, _)| asks(page))
        {
            let text = format!(
                "shows the failure `{id}` and does not ask why; put `{{{{#question {id}}}}}` on a \
                 line of its own, below the run"
            );
            problems.push(Diagnostic::at(&page.file, line, text));
        }
        let recorded = recordings
            .of(id)
            .and_then(|of| of.variants.get(&question.variant));
        if let (Some(message), Some(recorded)) = (&question.message, recorded)
            && !recorded.lines().iter().any(|line| stands_in(message, line))
        {
            let text = format!(
                "the message of the question `{id}` was not recorded of {}; quote what it says",
                question.run()
            );
            problems.push(Diagnostic::at(INVENTORY, question.line, text));
        }
    }
    problems
}

/// Claims whose verdict, by what was recorded, is not the one that the prose is written for; and
/// records of what is not there any more.
fn not_as_recorded(root: &Path, catalog: &Catalog, claims: &Claims) -> Vec<Diagnostic> {
    let ledger = match judge(catalog, claims, &Store::recorded(root)) {
        Ok(ledger) => ledger,
        Err(found) => return found.iter().cloned().collect(),
    };
    let mut problems = Vec::new();
    for (claim, judged) in claims.claims.iter().zip(&ledger.judged) {
        let declared = claim.declared.unwrap_or(judged.verdict);
        if declared != judged.verdict {
            let text = format!(
                "claim {} is declared to be `{}`, and by what was recorded it is `{}`: {}",
                claim.id,
                declared.words(),
                judged.verdict.words(),
                judged.reason
            );
            problems.push(Diagnostic::at(CLAIMS, claim.line, text));
        }
    }
    for (id, taken) in &ledger.labs {
        let file = format!("{}/{id}.json", crate::ledger::RECORDED);
        let lab = catalog.lab(id).ok();
        for (variant, samples) in &taken.variants {
            let known = lab.is_some_and(|lab| lab.variant(Some(variant)).is_ok());
            let metrics = samples.metrics.keys();
            let unknown = metrics.filter(|id| lab.is_some_and(|lab| lab.metric(id).is_none()));
            let gone: Vec<String> = match known {
                true => unknown.map(|metric| format!("metric `{metric}`")).collect(),
                false => vec![format!("variant `{variant}`")],
            };
            problems.extend(gone.into_iter().map(|what| {
                let text = format!(
                    "holds the {what}, which is not there any more; \
                                    playground ledger run --record"
                );
                Diagnostic::of(&file, text)
            }));
        }
    }
    problems
}

/// Recordings outlive labs and variants that were renamed.
fn recorded_of_nothing(catalog: &Catalog, recordings: &Recordings) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    let quoted = recordings.iter().map(|of| (book::RECORDED.to_owned(), of));
    let columns = recordings.columns().iter().flat_map(|(go, labs)| {
        let dir = format!("{}/{}", book::RECORDED, book::column_folder(go));
        labs.iter().map(move |of| (dir.clone(), of))
    });
    let engines = recordings.engines().iter().flat_map(|(family, labs)| {
        let dir = format!("{}/{family}", book::ENGINES);
        labs.iter().map(move |of| (dir.clone(), of))
    });
    for (dir, (id, recording)) in quoted.chain(columns).chain(engines) {
        let file = format!("{dir}/{id}.json");
        let Some(lab) = catalog.labs.iter().find(|lab| &lab.id == id) else {
            problems.push(Diagnostic::of(&file, "is a recording of no lab; remove it"));
            continue;
        };
        let known = |lab: &Lab, variant: &String| lab.variants.iter().any(|v| &v.id == variant);
        for variant in recording.variants.keys().filter(|v| !known(lab, v)) {
            let text = format!(
                "holds the variant `{variant}`, which the lab has not; \
                 next: playground check-content --record {id}"
            );
            problems.push(Diagnostic::of(&file, text));
        }
    }
    problems
}
