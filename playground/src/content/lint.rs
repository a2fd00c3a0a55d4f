//! What is wrong with the content as it lies there, all at once, with file and line.

use super::pinning;
use crate::book::{self, Page, Recordings};
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
    match book::panels_with(root, &catalog, &recordings) {
        Ok(panels) => problems.extend(panels.problems(&pages)),
        Err(error) => problems.push(Diagnostic::of("book/labs", format!("{error:#}"))),
    }
    problems.extend(unused(&catalog, &pages));
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

/// Recordings outlive labs and variants that were renamed.
fn recorded_of_nothing(catalog: &Catalog, recordings: &Recordings) -> Vec<Diagnostic> {
    let mut problems = Vec::new();
    for (id, recording) in recordings.iter() {
        let file = format!("{}/{id}.json", book::RECORDED);
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
