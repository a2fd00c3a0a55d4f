//! The ledger in the book: its table, a claim within prose, a measured figure, and plots.
//!
//! All of it is drawn from the recording; the page's scripts lay the reader's own beside it.

use super::html::escape;
use crate::ledger::{Ledger, Part, Provenance};
use catalog::claims::{Judged, Samples, Verdict, shown};
use catalog::{Catalog, Lab, Metric};
use regex::{Captures, Regex};
use std::fmt::Write;
use std::sync::LazyLock;

/// `{{#claim 03}}` and `{{#measured LAB VARIANT METRIC}}`, anywhere in a line.
static INLINE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{\{\s*#(claim|measured)\b([^{}\n]*)\}\}")
        .unwrap_or_else(|error| unreachable!("{error}"))
});

/// What the book knows of claims and measurements.
#[derive(Clone, Debug, Default)]
pub(super) struct LedgerPart {
    catalog: Catalog,
    ledger: Ledger,
}

impl LedgerPart {
    pub(super) fn new(catalog: &Catalog, ledger: Ledger) -> LedgerPart {
        LedgerPart {
            catalog: catalog.clone(),
            ledger,
        }
    }

    /// The line with its claims and figures written out; what is wrong with them is reported.
    pub(super) fn expand(&self, line: &str, up: &str, mut report: impl FnMut(String)) -> String {
        let text = |found: &Captures<'_>| match self.inline(&found[1], &found[2], up) {
            Ok(text) => text,
            Err(problem) => {
                report(problem);
                found[0].to_owned()
            }
        };
        INLINE.replace_all(line, text).into_owned()
    }

    fn inline(&self, name: &str, words: &str, up: &str) -> Result<String, String> {
        let words: Vec<&str> = words.split_whitespace().collect();
        match (name, words.as_slice()) {
            ("claim", [id]) => self.claim(id, up),
            ("measured", [lab, variant, metric]) => self.measured(lab, variant, metric),
            _ => Err("write `{{#claim ID}}`, or `{{#measured LAB VARIANT METRIC}}`".to_owned()),
        }
    }

    fn claim(&self, id: &str, up: &str) -> Result<String, String> {
        let judged = self.ledger.judged.iter().find(|one| one.claim == id);
        let one = judged.ok_or_else(|| {
            let known = self.ledger.judged.iter().map(|one| one.claim.as_str());
            let hint = policy::suggest::hint(id, known.collect::<Vec<_>>(), "there are");
            format!("there is no claim `{id}` in book/claims.toml{hint}")
        })?;
        let measured = match one.measured.is_empty() {
            true => String::new(),
            false => format!("; measured: {}", inline(&one.measured)),
        };
        Ok(format!(
            r#"<span class="claim" data-claim="{id}" data-verdict="{verdict}">claimed: {claimed} ({source}){measured} – <a href="{up}ledger.md#claim-{id}">{words}</a></span>"#,
            id = escape(id),
            verdict = word(one.verdict),
            claimed = inline(&one.claimed),
            source = inline(&one.source.join(", ")),
            words = one.verdict.words(),
        ))
    }

    fn measured(&self, lab: &str, variant: &str, metric: &str) -> Result<String, String> {
        let (lab, metric) = self.metric(lab, metric)?;
        if lab.variants.iter().all(|one| one.id != variant) {
            return Err(format!("the lab `{}` has no variant `{variant}`", lab.id));
        }
        let samples = self.ledger.measurements.of(&lab.id, variant);
        let value = samples.and_then(|samples| samples.median(&metric.id));
        Ok(match value {
            // A narrow column must not part the number from its unit.
            Some(value) => shown(value, metric.unit).replace(' ', "\u{a0}"),
            None => "(not recorded)".into(),
        })
    }

    fn metric(&self, lab: &str, metric: &str) -> Result<(&Lab, Metric), String> {
        let lab = self.catalog.lab(lab).map_err(|error| error.what)?;
        let found = lab.metric(metric);
        let found =
            found.ok_or_else(|| format!("the lab `{}` has no metric `{metric}`", lab.id))?;
        Ok((lab, found))
    }

    /// The labs and metrics that a page's line shows and that nobody has recorded.
    pub(super) fn unrecorded(&self, line: &str) -> Vec<String> {
        let mut missing = Vec::new();
        for found in INLINE.captures_iter(line) {
            let words: Vec<&str> = found[2].split_whitespace().collect();
            if let ("measured", [lab, variant, metric]) = (&found[1], words.as_slice()) {
                let samples = self.ledger.measurements.of(lab, variant);
                if samples.and_then(|samples| samples.median(metric)).is_none() {
                    missing.push(format!(
                        "`{metric}` of {lab}/{variant} is not recorded; \
                         playground ledger run --record"
                    ));
                }
            }
        }
        missing
    }

    /// The `<figure>` that `{{#plot LAB METRIC}}` stands for.
    pub(super) fn plot(&self, lab: &str, metric: &str) -> Result<String, String> {
        let (lab, metric) = self.metric(lab, metric)?;
        let of = |variant: &str| {
            let samples = self.ledger.measurements.of(&lab.id, variant)?;
            samples.median(&metric.id).map(|value| (value, samples))
        };
        let most = lab.variants.iter().filter_map(|one| of(&one.id));
        let most = most.map(|(value, _)| value.abs()).fold(0.0, f64::max);
        let mut html = format!(
            r#"<figure class="plot" data-plot data-lab="{lab}" data-metric="{metric}"><div class="table-wrapper"><table><caption>{title}</caption><thead><tr><th scope="col">Variant</th><th scope="col">{unit}</th></tr></thead><tbody>"#,
            lab = escape(&lab.id),
            metric = escape(&metric.id),
            title = escape(&metric.title),
            unit = if metric.timed { "Median" } else { "Measured" },
        );
        for variant in &lab.variants {
            let (share, text) = match of(&variant.id) {
                Some((value, samples)) => (
                    if most > 0.0 { value.abs() / most } else { 0.0 },
                    escape(&with_spread(value, samples, &metric)),
                ),
                None => (0.0, "not recorded".into()),
            };
            let _ = write!(
                html,
                r#"<tr data-variant="{id}"><th scope="row">{title}</th><td><svg class="plot-bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect width="{width:.1}" height="10"/></svg><span>{text}</span></td></tr>"#,
                id = escape(&variant.id),
                title = escape(&variant.title),
                width = share * 100.0,
            );
        }
        let _ = write!(
            html,
            "</tbody></table></div><figcaption>{}</figcaption></figure>",
            escape(&self.circumstances(lab, &metric))
        );
        Ok(html)
    }

    /// Where and when what a plot shows was measured; variant by variant where they differ.
    fn circumstances(&self, lab: &Lab, metric: &Metric) -> String {
        let part = match metric.timed {
            true => Part::Rounds,
            false => Part::Look,
        };
        let mut groups: Vec<(String, Vec<&str>)> = Vec::new();
        let taken = self.ledger.labs.get(&lab.id);
        for variant in &lab.variants {
            let measured = taken.filter(|taken| {
                let samples = taken.variants.get(&variant.id);
                samples.is_some_and(|samples| samples.median(&metric.id).is_some())
            });
            let Some(taken) = measured else { continue };
            let told = told(taken.provenance(&variant.id, part));
            match groups.iter_mut().find(|(text, _)| *text == told) {
                Some((_, titles)) => titles.push(&variant.title),
                None => groups.push((told, vec![&variant.title])),
            }
        }
        match groups.as_slice() {
            [] => "Nothing is recorded of it yet.".into(),
            [(told, _)] => format!("Recorded {told}."),
            several => {
                let of_each = several.iter();
                let of_each = of_each
                    .map(|(told, titles)| format!("{}: recorded {told}.", titles.join(", ")));
                of_each.collect::<Vec<_>>().join(" ")
            }
        }
    }

    /// The `<section>` that `{{#ledger}}` stands for; `up` leads to the book's top.
    pub(super) fn table(&self, up: &str) -> String {
        let mut html = String::from(
            r#"<section class="ledger" data-ledger><div class="table-wrapper"><table><caption>Every claim, what was measured when the book was recorded, and what follows.</caption><thead><tr><th scope="col">Claim</th><th scope="col">Claimed</th><th scope="col">Measured</th><th scope="col">Verdict</th></tr></thead><tbody>"#,
        );
        for one in &self.ledger.judged {
            self.push_row(&mut html, one, up);
        }
        html.push_str("</tbody></table></div></section>");
        html
    }

    fn push_row(&self, html: &mut String, one: &Judged, up: &str) {
        let _ = write!(
            html,
            r#"<tr id="claim-{id}" data-claim="{id}" data-verdict="{verdict}" data-source="{source}"><th scope="row"><span class="claim-id">{id}</span> <a href="{up}{page}">{title}</a> <span class="claim-source">{source}</span><details class="claim-tests"><summary>How it was tested</summary>"#,
            id = escape(&one.claim),
            verdict = word(one.verdict),
            source = escape(&one.source.join(", ")),
            page = escape(&one.page),
            title = escape(&one.title),
        );
        if one.tests.is_empty() {
            let _ = write!(html, "<p>{}</p>", escape(&one.reason));
        } else {
            html.push_str("<ul>");
            for test in &one.tests {
                let so = match test.passed {
                    Some(true) => "so",
                    Some(false) => "not so",
                    None => "cannot be told",
                };
                let asked = match &test.metric {
                    Some(_) => format!(" (asked for: {})", escape(&test.asked)),
                    None => String::new(),
                };
                let _ = write!(
                    html,
                    "<li>{title}: {measured}{asked} – {so} <code>{lab}/{variant}</code></li>",
                    title = escape(&test.title),
                    measured = escape(&test.measured),
                    lab = escape(&test.lab),
                    variant = escape(&test.variant),
                );
            }
            html.push_str("</ul>");
        }
        if let Some(note) = &one.note {
            let _ = write!(html, "<p>{}</p>", escape(note));
        }
        let _ = write!(
            html,
            r#"</details></th><td>{claimed}</td><td class="claim-measured">{measured}</td><td class="claim-verdict">{words}</td></tr>"#,
            claimed = escape(&one.claimed),
            measured = escape(&one.measured),
            words = one.verdict.words(),
        );
    }

    /// What `{{#folklore}}` stands for: what does not hold, or not as it stands.
    pub(super) fn folklore(&self, up: &str) -> String {
        let mut html = String::from(r#"<dl class="folklore">"#);
        let wrong = [Verdict::DoesNotHold, Verdict::HoldsWithConditions];
        for verdict in wrong {
            let with = self
                .ledger
                .judged
                .iter()
                .filter(|one| one.verdict == verdict);
            for one in with {
                let note = one.note.as_ref();
                let note = note.map_or(String::new(), |note| format!(" {}", escape(note)));
                let _ = write!(
                    html,
                    r#"<dt data-verdict="{verdict}"><a href="{up}{page}">{title}</a> <span class="claim-source">{source}, {words}</span></dt><dd>Claimed: {claimed}. Measured: {measured}.{note}</dd>"#,
                    verdict = word(verdict),
                    page = escape(&one.page),
                    title = escape(&one.title),
                    source = escape(&one.source.join(", ")),
                    words = verdict.words(),
                    claimed = escape(&one.claimed),
                    measured = escape(&one.measured),
                );
            }
        }
        html.push_str("</dl>");
        html
    }
}

/// Text within a line of Markdown, which would read on in it: programs' messages are quoted.
fn inline(text: &str) -> String {
    let mut safe = String::new();
    for c in escape(text).chars() {
        match c {
            '`' | '*' | '_' | '[' | ']' | '|' | '\\' | '~' => {
                let _ = write!(safe, "&#{};", u32::from(c));
            }
            c => safe.push(c),
        }
    }
    safe
}

/// `with Docker Engine 20.10.24, …, on 2026-11-28`.
fn told(of: &Provenance) -> String {
    let go = of.go.as_ref();
    let go = go.map_or(String::new(), |go| format!(" with Go {go}"));
    let Provenance {
        engine,
        arch,
        cpu,
        cores,
        bases,
        date,
        ..
    } = of;
    format!("with {engine}, {arch}, {cpu} ({cores} cores), {bases} bases{go}, on {date}")
}

/// A verdict as it stands in attributes.
fn word(verdict: Verdict) -> String {
    verdict.words().replace(' ', "-")
}

/// `5.87 MB`, or `12.3 ms (11.8 ms to 14 ms)` where rounds differ.
fn with_spread(value: f64, samples: &Samples, metric: &Metric) -> String {
    let values = samples.values(&metric.id);
    let low = values.iter().copied().fold(f64::INFINITY, f64::min);
    let high = values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let text = shown(value, metric.unit);
    match low < high {
        true => format!(
            "{text} ({} to {})",
            shown(low, metric.unit),
            shown(high, metric.unit)
        ),
        false => text,
    }
}

#[cfg(test)]
pub(super) mod testing {
    use super::LedgerPart;
    use crate::ledger::Ledger;
    use catalog::Catalog;
    use catalog::claims::{Asks, Basis, Claim, Figure, Form, Measurements, Samples, Test, judge};
    use std::collections::BTreeMap;

    /// A claim about stage 1 that does not hold, and one that nobody tests.
    pub(crate) fn part(catalog: &Catalog) -> LedgerPart {
        let claim = |id: &str, basis| Claim {
            id: id.into(),
            title: format!("Claim <{id}>"),
            source: vec!["A".into()],
            claimed: "1 MB".into(),
            page: "journey/stage-1.md".into(),
            note: Some("Keep this.".into()),
            declared: None,
            line: 1,
            basis,
        };
        let figure = Figure {
            metric: "memory".into(),
            against: None,
            form: Form::Value,
            min: None,
            max: Some(1e6),
        };
        let test = Test {
            title: "It holds little".into(),
            lab: "stage-1".into(),
            variant: "image".into(),
            asks: Asks::Figure(figure),
        };
        let untested = Basis::Untested {
            why: "No way.".into(),
            elsewhere: "elsewhere.".into(),
        };
        let claims = [claim("01", Basis::Tests(vec![test])), claim("02", untested)];
        let samples = Samples {
            metrics: BTreeMap::from([("memory".into(), vec![Some(8e6), Some(9e6)])]),
            ..Samples::default()
        };
        let variants = BTreeMap::from([("image".into(), samples)]);
        let measurements = Measurements {
            labs: BTreeMap::from([("stage-1".into(), variants)]),
        };
        let judged = claims.iter();
        let ledger = Ledger {
            judged: judged
                .map(|one| judge(one, catalog, &measurements))
                .collect(),
            labs: BTreeMap::new(),
            measurements,
        };
        LedgerPart::new(catalog, ledger)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ledger::Taken;
    use std::collections::BTreeMap;
    use std::path::Path;

    fn part() -> LedgerPart {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        testing::part(&Catalog::load(&root).expect("the labs"))
    }

    fn expand(line: &str) -> (String, Vec<String>) {
        let mut problems = Vec::new();
        let html = part().expand(line, "../", |problem| problems.push(problem));
        (html, problems)
    }

    #[test]
    fn prose_cites_a_claim_with_its_verdict() {
        let (html, problems) = expand("So {{#claim 01}}, they say.");
        assert_eq!(problems, Vec::<String>::new());
        assert_eq!(
            html,
            "So <span class=\"claim\" data-claim=\"01\" data-verdict=\"does-not-hold\">claimed: 1 MB \
             (A); measured: 8.50 MB (8 MB to 9 MB in 2 rounds) – <a \
             href=\"../ledger.md#claim-01\">does not hold</a></span>, they say."
        );
    }

    #[test]
    fn a_figure_in_prose_is_the_recordings_median() {
        let (text, problems) = expand("It holds {{#measured stage-1 image memory}}.");
        assert_eq!(
            (text.as_str(), problems.len()),
            ("It holds 8.50\u{a0}MB.", 0)
        );
    }

    #[test]
    fn what_nobody_recorded_is_told_and_never_made_up() {
        let line = "{{#measured stage-1 image ready-time}}";
        let (text, problems) = expand(line);
        assert_eq!((text.as_str(), problems.len()), ("(not recorded)", 0));
        assert_eq!(part().unrecorded(line).len(), 1);
        assert_eq!(
            part()
                .unrecorded("{{#measured stage-1 image memory}}")
                .len(),
            0
        );
    }

    #[test]
    fn a_plot_says_of_each_variant_when_it_was_measured() {
        let mut part = part();
        let lab = part.catalog.lab("flags").expect("it is there").clone();
        let mut taken = Taken::default();
        let on = |date: &str| Provenance {
            engine: "E".into(),
            date: date.into(),
            ..Provenance::default()
        };
        let samples = Samples {
            metrics: BTreeMap::from([("layers".into(), vec![Some(1.0)])]),
            ..Samples::default()
        };
        let mut told_of = |variants: &[(&str, &str)]| {
            for (variant, date) in variants {
                taken.put(&lab, variant, (Part::Look, &samples), &on(date));
            }
            part.ledger.labs.insert(lab.id.clone(), taken.clone());
            let layers = lab.metric("layers").expect("every lab has it");
            part.circumstances(&lab, &layers)
        };
        let once = told_of(&[("s", "1st"), ("default", "1st")]);
        assert_eq!(once, "Recorded with E, ,  (0 cores),  bases, on 1st.");
        let twice = told_of(&[("s", "2nd")]);
        let titles = ["default", "s"].map(|id| &*lab.variant(Some(id)).expect("known").title);
        assert_eq!(
            twice,
            format!(
                "{}: recorded with E, ,  (0 cores),  bases, on 1st. \
                 {}: recorded with E, ,  (0 cores),  bases, on 2nd.",
                titles[0], titles[1]
            )
        );
    }

    #[test]
    fn names_of_nothing_are_problems() {
        for (line, problem) in [
            (
                "{{#claim 1}}",
                "there is no claim `1` in book/claims.toml; did you mean `01`?",
            ),
            (
                "{{#claim}}",
                "write `{{#claim ID}}`, or `{{#measured LAB VARIANT METRIC}}`",
            ),
            (
                "{{#measured stage-1 imag memory}}",
                "the lab `stage-1` has no variant `imag`",
            ),
            (
                "{{#measured stage-1 image size}}",
                "the lab `stage-1` has no metric `size`",
            ),
        ] {
            assert_eq!(expand(line).1, [problem], "{line}");
        }
    }
}
