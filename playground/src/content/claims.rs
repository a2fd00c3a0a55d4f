//! Prose held against what variants really said and weighed.

use super::running::Ran;
use crate::bases::BaseState;
use crate::book::{Page, Recorded, Recordings, SizeQuote, Weighed, stands_in};
use catalog::{Diagnostic, Lab};
use std::collections::{BTreeMap, BTreeSet};

/// A quoted size may be this far off: rebuilt bases differ a little from day to day.
const TOLERANCE: f64 = 0.03;

/// What holding prose against runs came to.
#[derive(Clone, Debug, Default)]
pub struct Claims {
    /// What prose says and nobody else.
    pub problems: Vec<Diagnostic>,
    /// Pages whose quotes were left alone, because not all of their labs were there.
    pub skipped: Vec<String>,
    /// Variants whose sizes were left alone: the prose is about rebuilt bases, and these
    /// stand on published ones, which weigh otherwise.
    pub published: BTreeSet<String>,
    /// Quoted lines and sizes that were held against something.
    pub checked: usize,
}

/// Holds pages against runs.
pub fn claims(labs: &[Lab], pages: &[Page], ran: &[Ran]) -> Claims {
    let found = ran.iter().map(|ran| {
        let name = (ran.lab.as_str(), ran.variant.as_str());
        (name, (&ran.recorded, ran.published))
    });
    hold(labs, pages, found, "said in a run")
}

/// Holds pages against what was recorded: nearly the same, in no time and without an engine.
pub fn claims_on_record(labs: &[Lab], pages: &[Page], recordings: &Recordings) -> Claims {
    let found = recordings.iter().flat_map(|(lab, recording)| {
        let published = recording.bases == BaseState::Published.name();
        let variants = recording.variants.iter();
        variants.map(move |(variant, recorded)| {
            ((lab.as_str(), variant.as_str()), (recorded, published))
        })
    });
    hold(labs, pages, found, "recorded")
}

/// Parts what prose says and this engine does not into what is nobody's word, and what is that of
/// the engine that pages quote: there the reader is told what theirs says.
pub fn said_elsewhere(
    claims: &mut Claims,
    labs: &[Lab],
    pages: &[Page],
    recordings: &Recordings,
) -> Vec<Diagnostic> {
    let on_record = claims_on_record(labs, pages, recordings).problems;
    let nobodys = |one: &Diagnostic| {
        let mut all = on_record.iter();
        all.any(|other| (&other.file, other.line) == (&one.file, one.line))
    };
    let (wrong, elsewhere) = claims.problems.drain(..).partition(nobodys);
    claims.problems = wrong;
    elsewhere
}

fn hold<'r>(
    labs: &[Lab],
    pages: &[Page],
    found: impl Iterator<Item = ((&'r str, &'r str), (&'r Recorded, bool))>,
    how: &str,
) -> Claims {
    let found: BTreeMap<(&str, &str), (&Recorded, bool)> = found.collect();
    let mut claims = Claims::default();
    for page in pages {
        let problems = &mut claims.problems;
        let mut report = |line: u32, text: String| {
            problems.push(Diagnostic::at(page.file.clone(), line, text));
        };
        for size in &page.sizes {
            let name = (size.what.lab.as_str(), size.what.variant.as_str());
            match found.get(&name) {
                Some((_, true)) => {
                    claims.published.insert(format!("{}/{}", name.0, name.1));
                }
                Some((recorded, false)) => {
                    claims.checked += 1;
                    if let Err(why) = weigh(&size.what, recorded) {
                        report(size.line, why);
                    }
                }
                None => {}
            }
        }
        if page.labs.is_empty() || page.quotes.is_empty() {
            continue;
        }
        // Labs that do not exist are a problem of their own.
        let of_page = labs
            .iter()
            .filter(|lab| page.labs.iter().any(|on| on.what == lab.id));
        let said: Option<Vec<&Recorded>> = of_page
            .flat_map(|lab| {
                lab.variants
                    .iter()
                    .map(|v| (lab.id.as_str(), v.id.as_str()))
            })
            .map(|name| found.get(&name).map(|(recorded, _)| *recorded))
            .collect();
        let Some(said) = said else {
            claims.skipped.push(page.file.clone());
            continue;
        };
        let lines: Vec<String> = said.iter().flat_map(|recorded| recorded.lines()).collect();
        for quote in &page.quotes {
            claims.checked += 1;
            if !lines.iter().any(|line| stands_in(&quote.what, line)) {
                let text = format!(
                    "`{}` was not {how} of this page's labs; quote what they say, or mark \
                     the fence ```text,elsewhere",
                    quote.what
                );
                report(quote.line, text);
            }
        }
    }
    claims
}

pub(super) fn weigh(size: &SizeQuote, recorded: &Recorded) -> Result<(), String> {
    let name = format!("{}/{}", size.lab, size.variant);
    let Some(bytes) = measured(size, recorded) else {
        return Err(format!("{name} has no size: nothing was built or measured"));
    };
    #[expect(clippy::cast_precision_loss, reason = "three digits are compared")]
    let measured = bytes as f64;
    if (size.bytes - measured).abs() <= TOLERANCE * measured {
        return Ok(());
    }
    Err(format!(
        "{name} weighs {bytes} bytes {}, which is not {} (3 % either way are allowed)",
        size.weighed.word(),
        size.text
    ))
}

/// The bytes that a quoted size is about.
pub(super) fn measured(size: &SizeQuote, recorded: &Recorded) -> Option<u64> {
    let weight = recorded.sizes?;
    Some(match size.weighed {
        Weighed::Unpacked => weight.unpacked_bytes,
        Weighed::Compressed => weight.compressed_bytes,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ellipsis_stands_for_anything_within_a_line() {
        let line = r#"docker: exec: "sh": executable file not found in $PATH: unknown"#;
        for (quote, stands) in [
            ("executable file not found", true),
            (r#"exec: "sh": … not found in $PATH"#, true),
            ("… unknown", true),
            ("unknown … docker", false),
            ("not found in $PATH: unknown …", true),
            ("Executable", false),
        ] {
            assert_eq!(stands_in(quote, line), stands, "{quote}");
        }
    }
}
