//! Sizes that prose quotes from a run: `{{#mb LAB/VARIANT unpacked 6.34}}`.
//!
//! They render as the number with its unit; `playground check-content` holds them
//! against what the variant's image really weighs.

use regex::{Captures, Regex};
use std::sync::LazyLock;

static DIRECTIVE: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"\{\{\s*#([mk]b)\b([^{}\n]*)(\}\})?")
        .unwrap_or_else(|error| unreachable!("{error}"))
});

/// Which of an image's sizes is quoted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weighed {
    /// Content of all files in all layers.
    Unpacked,
    /// The layers as gzip blobs.
    Compressed,
}

impl Weighed {
    /// As it is written on a page.
    pub fn word(self) -> &'static str {
        match self {
            Weighed::Unpacked => "unpacked",
            Weighed::Compressed => "compressed",
        }
    }
}

/// A size in the prose.
#[derive(Clone, Debug, PartialEq)]
pub struct SizeQuote {
    /// The lab's id.
    pub lab: String,
    /// The variant's id.
    pub variant: String,
    /// Unpacked or compressed.
    pub weighed: Weighed,
    /// What the prose says, in bytes.
    pub bytes: f64,
    /// As a reader sees it: `6.34 MB`.
    pub text: String,
}

/// What is wrong with one, for whoever writes the page.
const GRAMMAR: &str = "write `{{#mb LAB/VARIANT unpacked 6.34}}`, or `compressed`, or `{{#kb …}}`";

/// The sizes that a line quotes, in order.
pub(super) fn sizes(line: &str) -> Vec<Result<SizeQuote, String>> {
    let found = DIRECTIVE.captures_iter(line);
    found.map(|found| read(&found)).collect()
}

/// The line with its sizes written out; malformed ones stay as they are.
pub(super) fn expand(line: &str) -> String {
    let text = |found: &Captures<'_>| match read(found) {
        Ok(size) => size.text,
        Err(_) => found[0].to_owned(),
    };
    DIRECTIVE.replace_all(line, text).into_owned()
}

fn read(found: &Captures<'_>) -> Result<SizeQuote, String> {
    let malformed = || format!("`{}` is not a size; {GRAMMAR}", found[0].trim());
    let words: Vec<&str> = found[2].split_whitespace().collect();
    let (Some(_), [name, weighed, number]) = (found.get(3), words.as_slice()) else {
        return Err(malformed());
    };
    let (lab, variant) = name.split_once('/').ok_or_else(malformed)?;
    let weighed = match *weighed {
        "unpacked" => Weighed::Unpacked,
        "compressed" => Weighed::Compressed,
        _ => return Err(malformed()),
    };
    let plain = number.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let value: Option<f64> = number.parse().ok().filter(|_| plain);
    let value = value.ok_or_else(malformed)?;
    let (unit, bytes) = match &found[1] {
        "mb" => ("MB", 1e6),
        _ => ("kB", 1e3),
    };
    Ok(SizeQuote {
        lab: lab.to_owned(),
        variant: variant.to_owned(),
        weighed,
        bytes: value * bytes,
        // A narrow column must not part the number from its unit.
        text: format!("{number}\u{a0}{unit}"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_stand_anywhere_in_a_line() {
        let line = "| a | {{#mb stage-5a/image unpacked 6.34}} | {{ #kb x/y compressed 402 }} |";
        assert_eq!(expand(line), "| a | 6.34\u{a0}MB | 402\u{a0}kB |");
        let found: Vec<SizeQuote> = sizes(line).into_iter().flatten().collect();
        assert_eq!(found.len(), 2);
        assert_eq!(
            (found[0].lab.as_str(), found[0].weighed),
            ("stage-5a", Weighed::Unpacked)
        );
        assert!((found[0].bytes - 6_340_000.0).abs() < 1.0);
        assert!((found[1].bytes - 402_000.0).abs() < 1.0);
    }

    #[test]
    fn malformed_sizes_are_told_and_left() {
        for wrong in [
            "{{#mb}}",
            "{{#mb stage-1 unpacked 6}}",
            "{{#mb a/b packed 6}}",
            "{{#mb a/b unpacked 6,3}}",
            "{{#mb a/b unpacked inf}}",
            "{{#kb a/b unpacked 1 2}}",
            "{{#kb a/b unpacked 1",
        ] {
            assert!(matches!(sizes(wrong).as_slice(), [Err(_)]), "{wrong}");
            assert_eq!(expand(wrong), wrong);
        }
        assert!(sizes("{{#mbx a/b}} {{#lab x}}").is_empty());
    }
}
