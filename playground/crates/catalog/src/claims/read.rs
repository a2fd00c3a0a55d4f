//! From `book/claims.toml` to [`Claims`], or to everything wrong with it.

use super::{Asks, Basis, CLAIMS, Claim, Claims, Figure, Form, Test, Verdict};
use crate::catalog::Catalog;
use crate::diagnostic::Diagnostics;
use crate::metric::Metric;
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
        let text = match std::fs::read_to_string(root.join(CLAIMS)) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                return Ok(Claims::default());
            }
            Err(error) => {
                let problem = Diagnostic::of(CLAIMS, format!("cannot be read: {error}"));
                return Diagnostics::found(vec![problem]).map_or(Ok(Claims::default()), Err);
            }
        };
        let (claims, problems) = read(&text, root, catalog);
        Diagnostics::found(problems).map_or(Ok(claims), Err)
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
        twice(&reader, "claim", &ids);
        table.finish();
    }
    (Claims { claims }, reader.into_problems())
}

fn read_claim(
    table: Table<'_>,
    root: &Path,
    catalog: &Catalog,
) -> (Option<At<String>>, Option<Claim>) {
    let id = table.text("id", Need::Required);
    if let Some(id) = &id
        && !id.value.bytes().all(|b| b.is_ascii_alphanumeric())
    {
        let text = format!(
            "claim id `{}` is not letters and digits, as 03 or H2",
            id.value
        );
        table.report(id.line, text);
    }
    let title = table.text("title", Need::Required);
    let source = table.list("source", Need::Required);
    if let Some(source) = &source {
        unique(&table, "source", &source.value);
        if source.value.is_empty() {
            table.report(source.line, "`source` names nobody");
        }
    }
    let claimed = table.text("claimed", Need::Required);
    let page = table.text("page", Need::Required);
    if let Some(page) = &page {
        let plain = page.value.ends_with(".md") && crate::names::is_plain_path(&page.value);
        if !plain || !root.join("book/src").join(&page.value).is_file() {
            table.report(
                page.line,
                format!("there is no page book/src/{}", page.value),
            );
        }
    }
    let note = table.text("note", Need::Optional);
    let verdicts = [
        ("holds", Verdict::Holds),
        ("holds-with-conditions", Verdict::HoldsWithConditions),
        ("does-not-hold", Verdict::DoesNotHold),
        ("not-tested-here", Verdict::NotTestedHere),
    ];
    let declared = table.choice("verdict", Need::Optional, &verdicts);
    let untested = table.table("untested", Need::Optional);
    let tests = table.tables("test");
    match (&untested, tests.is_empty()) {
        (None, true) => {
            let text = "a claim needs a [[claim.test]], or [claim.untested] that says why not";
            table.report(table.line, text);
        }
        (Some(untested), false) => {
            table.report(
                untested.line,
                "a claim that is tested has no [claim.untested]",
            );
        }
        _ => {}
    }
    let count = tests.len();
    let tests: Vec<Test> = tests
        .into_iter()
        .filter_map(|test| read_test(test, catalog))
        .collect();
    let whole = tests.len() == count;
    let basis = match untested {
        Some(table) => {
            let (why, elsewhere) = (
                table.text("why", Need::Required),
                table.text("where", Need::Required),
            );
            table.finish();
            why.zip(elsewhere).map(|(why, elsewhere)| Basis::Untested {
                why: why.value,
                elsewhere: elsewhere.value,
            })
        }
        None => whole.then_some(Basis::Tests(tests)),
    };
    let line = table.line;
    table.finish();
    let claim = (|| {
        Some(Claim {
            id: id.clone()?.value,
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

fn read_test(table: Table<'_>, catalog: &Catalog) -> Option<Test> {
    let title = table.text("title", Need::Required);
    let lab = table.text("lab", Need::Required);
    let variant = table.text("variant", Need::Required);
    let found = lab.as_ref().and_then(|lab| find_lab(&table, lab, catalog));
    if let (Some(found), Some(variant)) = (found, &variant) {
        check_variant(&table, found, variant);
    }
    let behaves = table.flag("behaves");
    let metric = table.text("metric", Need::Optional);
    let asks = match (behaves, metric) {
        (Some(behaves), None) => Some(Asks::Behaves(behaves.value)),
        (None, Some(metric)) => read_figure(&table, &metric, lab.as_ref(), found, catalog),
        (_, other) => {
            let line = other.map_or(table.line, |metric| metric.line);
            table.report(line, "a test has either `behaves` or a `metric`");
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
    metric: &At<String>,
    lab: Option<&At<String>>,
    found: Option<&Lab>,
    catalog: &Catalog,
) -> Option<Asks> {
    if let Some(found) = found {
        check_metric(table, found, metric);
    }
    let against = table.text("against", Need::Optional);
    let form = table.choice(
        "as",
        Need::Optional,
        &[
            ("value", Form::Value),
            ("percent", Form::Percent),
            ("ratio", Form::Ratio),
            ("difference", Form::Difference),
        ],
    );
    let form_value = form.as_ref().map_or(Form::Value, |form| form.value);
    match (&against, form_value) {
        (Some(against), Form::Value) => {
            let text = "`against` needs `as`: percent, ratio or difference";
            table.report(against.line, text);
        }
        (None, Form::Percent | Form::Ratio | Form::Difference) => {
            let line = form.map_or(table.line, |form| form.line);
            table.report(line, "a comparison needs `against`: with which variant?");
        }
        _ => {}
    }
    let (min, max) = (table.signed("min"), table.signed("max"));
    match (&min, &max) {
        (None, None) => table.report(table.line, "a figure needs `min`, `max` or both"),
        (Some(min), Some(max)) if min.value > max.value => {
            table.report(max.line, "`max` is below `min`");
        }
        _ => {}
    }
    let against = against.and_then(|at| {
        let own = lab.map(|lab| lab.value.as_str())?;
        let (lab, variant) = at.value.split_once('/').unwrap_or((own, &at.value));
        let part = |text: &str| At {
            value: text.to_owned(),
            line: at.line,
        };
        let found = match lab == own {
            true => found,
            false => find_lab(table, &part(lab), catalog),
        };
        if let Some(found) = found {
            check_variant(table, found, &part(variant));
            if lab != own {
                check_metric(table, found, metric);
            }
        }
        Some((lab.to_owned(), variant.to_owned()))
    });
    Some(Asks::Figure(Figure {
        metric: metric.value.clone(),
        against,
        form: form_value,
        min: min.map(|min| min.value),
        max: max.map(|max| max.value),
    }))
}

fn find_lab<'c>(table: &Table<'_>, id: &At<String>, catalog: &'c Catalog) -> Option<&'c Lab> {
    let found = catalog.labs.iter().find(|lab| lab.id == id.value);
    if found.is_none() {
        let labs = catalog.labs.iter().map(|lab| lab.id.as_str());
        let hint = hint(&id.value, labs, "there are");
        table.report(id.line, format!("there is no lab `{}`{hint}", id.value));
    }
    found
}

fn check_variant(table: &Table<'_>, lab: &Lab, id: &At<String>) {
    if lab.variants.iter().all(|variant| variant.id != id.value) {
        let known = lab.variants.iter().map(|variant| variant.id.as_str());
        let hint = hint(&id.value, known, "there are");
        let text = format!("the lab `{}` has no variant `{}`{hint}", lab.id, id.value);
        table.report(id.line, text);
    }
}

fn check_metric(table: &Table<'_>, lab: &Lab, id: &At<String>) {
    if lab.metric(&id.value).is_none() {
        let own = lab.metrics.iter().map(|metric| metric.id.as_str());
        let mut known: Vec<&str> = own.collect();
        Metric::built_in_ids().for_each(|built_in| known.push(built_in));
        let hint = hint(&id.value, known, "there are");
        let text = format!("the lab `{}` has no metric `{}`{hint}", lab.id, id.value);
        table.report(id.line, text);
    }
}
