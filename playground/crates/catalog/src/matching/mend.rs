//! A line as it was before it was damaged: spaces that a translator put in, an ending that a column
//! cut off. What comes out is a guess, and counts as one.

use super::clean::pattern;
use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// How messages of the kernel, of Go and of engines end, in the words of each.
const ENDINGS: [&str; 18] = [
    "no such file or directory",
    "permission denied",
    "exec format error",
    "executable file not found in $PATH",
    "read-only file system",
    "operation not permitted",
    "certificate signed by unknown authority",
    "no matching entries in passwd file",
    "cannot open shared object file",
    "no such host",
    ": not found",
    "path escapes from parent",
    "unable to open database file",
    "failed to load system roots and no roots provided",
    "cannot execute: required file not found",
    "symbol not found",
    "microarchitecture support",
    "This is a stub",
];

/// So much of an ending has to be there, in bytes: `: not f`; less behind a colon, in the middle of
/// a word: `open /x: per`.
const MIN_ENDING: usize = 7;
const MIN_BEHIND_COLON: usize = 3;

static BEFORE: LazyLock<Regex> = LazyLock::new(|| pattern(r" +([:;,.)\]])"));
static AFTER: LazyLock<Regex> = LazyLock::new(|| pattern(r"([(\[$]) +"));
/// Quotes around a name; those around a message, which has colons, stay as they are.
static QUOTED: LazyLock<Regex> = LazyLock::new(|| pattern(r#""\s*([^":]*?)\s*""#));
/// A slash with a space behind it is a path's that was taken apart.
static APART: LazyLock<Regex> = LazyLock::new(|| pattern(r"/ (\w)"));
/// One that goes on a path; no cleaned text has the character that stands for it.
static GOES_ON: LazyLock<Regex> = LazyLock::new(|| pattern(r"([/\x01][\w.-]+) \x01"));
static DOT: LazyLock<Regex> = LazyLock::new(|| pattern(r"(/\S+)\. (\w{1,3}\b)"));

/// Without the spaces that a translator or a chat puts around punctuation; `None` where there were
/// none.
pub(super) fn squeezed(line: &str) -> Option<String> {
    if !line.contains(" :") && !line.contains("/ ") && !line.contains("\" ") {
        return None;
    }
    let mut text = APART.replace_all(line, "\u{1}$1").into_owned();
    while let Cow::Owned(joined) = GOES_ON.replace_all(&text, "$1\u{1}") {
        text = joined;
    }
    let text = text.replace('\u{1}', "/");
    let text = DOT.replace_all(&text, "$1.$2");
    let text = BEFORE.replace_all(&text, "$1");
    let text = AFTER.replace_all(&text, "$1");
    let text = QUOTED.replace_all(&text, "\"$1\"");
    let text: Vec<&str> = text.split_whitespace().collect();
    let text = text.join(" ");
    (text != line).then_some(text)
}

/// With the rest of an ending that was cut off; `None` where none was. Where nothing shows the cut
/// (`…`), it has to be in the middle of a word: `signed certificate` is whole.
pub(super) fn completed(line: &str) -> Option<String> {
    let around =
        |c: char| c.is_whitespace() || matches!(c, '.' | '…' | '"' | '\'' | ']' | ')' | '}');
    let text = line.trim_end_matches(around);
    let shown = ["..", "…"]
        .iter()
        .any(|dots| line[text.len()..].contains(dots));
    let lower = text.to_ascii_lowercase();
    ENDINGS.iter().find_map(|ending| {
        let ends_so = |&length: &usize| {
            let (begun, rest) = ending.split_at(length);
            let Some(before) = lower.strip_suffix(&begun.to_ascii_lowercase()) else {
                return false;
            };
            let apart = ending.starts_with(':') || !before.ends_with(char::is_alphanumeric);
            let in_a_word = rest.starts_with(char::is_alphanumeric);
            let enough = length >= MIN_ENDING || (before.ends_with(": ") && in_a_word);
            apart && enough && (shown || !rest.starts_with(' '))
        };
        let length = (MIN_BEHIND_COLON..ending.len()).rev().find(ends_so)?;
        Some(format!("{text}{}", &ending[length..]))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spaces_of_a_translator_go() {
        for (line, mended) in [
            (
                "exec / app : no such file or directory",
                "exec /app: no such file or directory",
            ),
            (
                "exec: \" / bin / sh \" : stat / bin / sh : no such file",
                "exec: \"/bin/sh\": stat /bin/sh: no such file",
            ),
            (
                "caused \"exec: \"bin/sh\" : stat bin/sh: no such file\"",
                "caused \"exec: \"bin/sh\": stat bin/sh: no such file\"",
            ),
            (
                "exec: \" sh \" : executable file not found in $ PATH",
                "exec: \"sh\": executable file not found in $PATH",
            ),
        ] {
            assert_eq!(squeezed(line).as_deref(), Some(mended));
        }
        for sound in ["exec /app: no such file", "a / b", "say \"sh\" aloud"] {
            let mended = squeezed(sound);
            assert!(mended.is_none() || sound == "a / b", "{mended:?}");
        }
    }

    #[test]
    fn endings_that_were_cut_off_are_completed() {
        for (line, mended) in [
            (
                "exec /app: no such file or di...",
                "exec /app: no such file or directory",
            ),
            (
                "exec /app: no such f",
                "exec /app: no such file or directory",
            ),
            ("exec /app: exec form…\"", "exec /app: exec format error"),
            (
                "ref x::y: \"/nginx\": not foun",
                "ref x::y: \"/nginx\": not found",
            ),
            (
                "open /db/shop.db: per",
                "open /db/shop.db: permission denied",
            ),
        ] {
            assert_eq!(completed(line).as_deref(), Some(mended));
        }
        for sound in [
            "exec /app: no such file or directory",
            "no",
            "anno such file",
            "",
            "x509: self-signed certificate",
            "open foo: no such file",
            "failed: read",
        ] {
            assert_eq!(completed(sound), None, "{sound}");
        }
    }
}
