//! From `book/claims.toml` to [`Claims`], or to everything wrong with it.

use super::{Asks, Basis, CLAIMS, Claim, Claims, Figure, Form, Test, Verdict};
use crate::catalog::Catalog;
use crate::content_file::{check_variant, read_optional};
use crate::diagnostic::Diagnostics;
use crate::metric::Metric;
use crate::names::is_plain_path;
use crate::toml::reader::{At, Need, Reader};
use crate::toml::rules::{twice, unique};
use crate::toml::table::Table;
use crate::{Diagnostic, Lab};
use policy::suggest::hint;
use std::path::Path;

impl Claims {
    /// Reads `<root>/book/claims.toml`; a book without one claims nothing.
    ///
    /// # Errors
    /// Every problem of the file at once: also labs, variants, metrics and pages that are not there.
    pub fn load(root: &Path, catalog: &Catalog) -> Result<Claims, Diagnostics> {
        read_optional(root, CLAIMS, |text| read(text, root, catalog))
    }
}

fn read(text: &str, root: &Path, catalog: &Catalog) -> (Claims, Vec<Diagnostic>) {
    let reader = Reader::new(CLAIMS, text);
    let mut claims = Vec::new();
    if let Some(document) = reader.parse() {
        let table = Table::root(&reader, &document);
        let mut ids = Vec::new();
        for claim in table.tables("claim") {
            let (id, claim) = read_claim(claim, root, catalog);
            ids.extend(id);
            claims.extend(claim);
        }
        twice("claim", &ids);
        table.finish();
    }
    (Claims { claims }, reader.into_problems())
}

fn read_claim<'r>(
    table: Table<'r>,
    root: &Path,
    catalog: &Catalog,
) -> (Option<At<'r, String>>, Option<Claim>) {
    let id = table.text("id", Need::Required);
    if let Some(id) = &id
        && !id.value.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        id.report(format!(
            "claim id `{id}` is not letters and digits, as 03 or H2"
        ));
    }
    let title = table.text("title", Need::Required);
    let source = table.list("source", Need::Required);
    if let Some(source) = &source {
        unique("source", &source.value);
        if source.value.is_empty() {
            source.report("`source` names nobody");
        }
    }
    let claimed = table.text("claimed", Need::Required);
    let page = table.text("page", Need::Required);
    if let Some(page) = &page {
        let plain = page.value.ends_with(".md") && is_plain_path(&page.value);
        if !plain || !root.join("book/src").join(&page.value).is_file() {
            page.report(format!("there is no page book/src/{page}"));
        }
    }
    let note = table.text("note", Need::Optional);
    let declared = table.choice::<Verdict>("verdict", Need::Optional);
    let basis = read_basis(&table, catalog);
    let line = table.at.line;
    table.finish();
    let claim = (|| {
        Some(Claim {
            id: id.as_ref()?.value.clone(),
            title: title?.value,
            source: source?.value.into_iter().map(|one| one.value).collect(),
            claimed: claimed?.value,
            page: page?.value,
            note: note.map(|note| note.value),
            declared: declared.map(|verdict| verdict.value),
            line,
            basis: basis?,
        })
    })();
    (id, claim)
}

fn read_basis(table: &Table<'_>, catalog: &Catalog) -> Option<Basis> {
    let untested = table.table("untested", Need::Optional);
    let tests = table.tables("test");
    match (&untested, tests.is_empty()) {
        (None, true) => {
            table.report("a claim needs a [[claim.test]], or [claim.untested] that says why not");
        }
        (Some(untested), false) => {
            untested.report("a claim that is tested has no [claim.untested]")
        }
        _ => {}
    }
    // All are read, so that all of their problems are told.
    let tests = tests.into_iter().map(|test| read_test(test, catalog));
    let tests: Vec<Option<Test>> = tests.collect();
    let Some(table) = untested else {
        return tests.into_iter().collect::<Option<_>>().map(Basis::Tests);
    };
    let why = table.text("why", Need::Required);
    let elsewhere = table.text("where", Need::Required);
    table.finish();
    Some(Basis::Untested {
        why: why?.value,
        elsewhere: elsewhere?.value,
    })
}

fn read_test(table: Table<'_>, catalog: &Catalog) -> Option<Test> {
    let title = table.text("title", Need::Required);
    let lab = table.text("lab", Need::Required);
    let variant = table.text("variant", Need::Required);
    let found = lab.as_ref().and_then(|lab| find_lab(lab, catalog));
    if let (Some(found), Some(variant)) = (found, &variant) {
        check_variant(found, variant);
    }
    let behaves = table.flag("behaves");
    let metric = table.text("metric", Need::Optional);
    let asks = match (behaves, metric) {
        (Some(behaves), None) => Some(Asks::Behaves(behaves.value)),
        (None, Some(metric)) => read_figure(&table, &metric, lab.as_ref(), found, catalog),
        (_, other) => {
            let at = other.map_or(table.at, |metric| metric.with(()));
            at.report("a test has either `behaves` or a `metric`");
            None
        }
    };
    table.finish();
    Some(Test {
        title: title?.value,
        lab: lab?.value,
        variant: variant?.value,
        asks: asks?,
    })
}

fn read_figure(
    table: &Table<'_>,
    metric: &At<'_, String>,
    lab: Option<&At<'_, String>>,
    found: Option<&Lab>,
    catalog: &Catalog,
) -> Option<Asks> {
    if let Some(found) = found {
        check_metric(found, metric);
    }
    let against = table.text("against", Need::Optional);
    let form = table.choice::<Form>("as", Need::Optional);
    let compares = form.as_ref().is_some_and(|form| form.value != Form::Value);
    match (&against, compares) {
        (Some(against), false) => {
            against.report("`against` needs `as`: percent, ratio or difference");
        }
        (None, true) => {
            let at = form.as_ref().map_or(table.at, |form| form.with(()));
            at.report("a comparison needs `against`: with which variant?");
        }
        _ => {}
    }
    let (min, max) = (table.signed("min"), table.signed("max"));
    match (&min, &max) {
        (None, None) => table.report("a figure needs `min`, `max` or both"),
        (Some(min), Some(max)) if min.value > max.value => max.report("`max` is below `min`"),
        _ => {}
    }
    let against = against.and_then(|at| {
        let own = lab.map(|lab| lab.value.as_str())?;
        let (lab, variant) = at.value.split_once('/').unwrap_or((own, &at.value));
        let part = |text: &str| at.with(text.to_owned());
        let other = match lab == own {
            true => found,
            false => find_lab(&part(lab), catalog),
        };
        if let Some(other) = other {
            check_variant(other, &part(variant));
            if lab != own {
                check_metric(other, metric);
            }
        }
        Some((lab.to_owned(), variant.to_owned()))
    });
    Some(Asks::Figure(Figure {
        metric: metric.value.clone(),
        against,
        form: form.map_or(Form::Value, |form| form.value),
        min: min.map(|min| min.value),
        max: max.map(|max| max.value),
    }))
}

fn find_lab<'c>(id: &At<'_, String>, catalog: &'c Catalog) -> Option<&'c Lab> {
    let found = catalog.labs.iter().find(|lab| lab.id == id.value);
    if found.is_none() {
        let labs = catalog.labs.iter().map(|lab| lab.id.as_str());
        let hint = hint(&id.value, labs, "there are");
        id.report(format!("there is no lab `{id}`{hint}"));
    }
    found
}

fn check_metric(lab: &Lab, id: &At<'_, String>) {
    if lab.metric(&id.value).is_none() {
        let own = lab.metrics.iter().map(|metric| metric.id.as_str());
        let mut known: Vec<&str> = own.collect();
        Metric::built_in_ids().for_each(|built_in| known.push(built_in));
        let hint = hint(&id.value, known, "there are");
        id.report(format!("the lab `{}` has no metric `{id}`{hint}", lab.id));
    }
}
