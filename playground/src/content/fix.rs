//! Prose brought up to date: quotes and sizes as the last run has them.
//!
//! A size gets the digits that it had, of the measured number. A quote that nobody said any more
//! becomes the line that is nearest to it, where one is near enough to be the same message.

use super::claims::{measured, weigh};
use super::running::Ran;
use crate::book::{Page, stands_in};
use catalog::Lab;
use std::collections::BTreeMap;
use std::io;
use std::path::Path;

/// Below this likeness (1 is equal) a line is another message, and the quote is left alone.
const LIKENESS: f64 = 0.6;

/// Rewrites the pages below `root` whose quotes and sizes are not as `ran` has them; the pages
/// that were changed.
///
/// # Errors
/// A page that cannot be written.
pub fn fix(root: &Path, labs: &[Lab], pages: &[Page], ran: &[Ran]) -> io::Result<Vec<String>> {
    let found: BTreeMap<(&str, &str), &Ran> = ran
        .iter()
        .map(|ran| ((ran.lab.as_str(), ran.variant.as_str()), ran))
        .collect();
    let mut changed = Vec::new();
    for page in pages {
        let mut lines: Vec<String> = page.markdown.lines().map(str::to_owned).collect();
        for size in &page.sizes {
            let name = (size.what.lab.as_str(), size.what.variant.as_str());
            let Some(ran) = found.get(&name).filter(|ran| !ran.published) else {
                continue;
            };
            if weigh(&size.what, &ran.recorded).is_ok() {
                continue;
            }
            let number = size.what.text.split('\u{a0}').next().unwrap_or_default();
            let unit = if size.what.text.ends_with("MB") {
                1e6
            } else {
                1e3
            };
            if let (Some(bytes), Some(line)) = (
                measured(&size.what, &ran.recorded),
                lines.get_mut(size.line as usize - 1),
            ) {
                let digits = number.split_once('.').map_or(0, |(_, digits)| digits.len());
                let now = format!("{:.digits$}", bytes as f64 / unit);
                let weighed = size.what.weighed.word();
                let [was, is] = [number, &now]
                    .map(|number| format!("{}/{} {weighed} {number}", name.0, name.1));
                *line = line.replace(&was, &is);
            }
        }
        let of_page = labs
            .iter()
            .filter(|lab| page.labs.iter().any(|on| on.what == lab.id));
        let of_page = of_page.flat_map(|lab| {
            let variants = lab.variants.iter();
            variants.map(move |v| (lab.id.as_str(), v.id.as_str()))
        });
        // Where a lab of the page was not run, its quotes are nobody's to judge.
        let all: Option<Vec<&Ran>> = of_page.map(|name| found.get(&name).copied()).collect();
        let said = all.into_iter().flatten();
        let said: Vec<String> = said.flat_map(|ran| ran.recorded.lines()).collect();
        for quote in &page.quotes {
            if said.iter().any(|line| stands_in(&quote.what, line)) {
                continue;
            }
            let likeness = |line: &str| strsim::normalized_levenshtein(line, &quote.what);
            let nearest = said.iter().map(|line| (likeness(line.trim()), line.trim()));
            let nearest = nearest.max_by(|(a, _), (b, _)| a.total_cmp(b));
            if let (Some((_, line)), Some(on_page)) = (
                nearest.filter(|(likeness, _)| *likeness >= LIKENESS),
                lines.get_mut(quote.line as usize - 1),
            ) {
                *on_page = on_page.replace(&quote.what, line);
            }
        }
        let text = lines.join("\n") + "\n";
        if text != page.markdown && text.trim_end() != page.markdown.trim_end() {
            std::fs::write(root.join(&page.file), text)?;
            changed.push(page.file.clone());
        }
    }
    Ok(changed)
}
