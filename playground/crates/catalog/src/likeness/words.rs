//! The words of a text: each once, and each pair of neighbours. Knows no weights.

use crate::matching::Pasted;
use std::collections::BTreeSet;

/// So many words of a text are read; whoever describes says it at the beginning.
const MAX_WORDS: usize = 400;
/// A longer one is a token, a hash or a path without separators.
const MAX_LETTERS: usize = 24;
/// Digits that are no version, port or exit code.
const MAX_DIGITS: usize = 4;

/// What a text consists of, as [`Pasted`] reads it: without what tools put in front of lines.
pub(super) fn features(text: &str) -> BTreeSet<String> {
    let words = words(&Pasted::new(text).lines().join(" "));
    let pairs = words.windows(2).map(|pair| pair.join(" "));
    let pairs: Vec<String> = pairs.collect();
    words.into_iter().chain(pairs).collect()
}

/// In small letters. Writing without spaces is cut into pairs of characters.
fn words(text: &str) -> Vec<String> {
    let text: Vec<char> = text.to_lowercase().chars().collect();
    let mut words = Vec::new();
    for run in text.chunk_by(|a, b| Writing::of(*a) == Writing::of(*b)) {
        match Writing::of(run[0]) {
            Writing::None => {}
            Writing::Unspaced if run.len() == 1 => words.push(run.iter().collect()),
            Writing::Unspaced => words.extend(run.windows(2).map(|pair| pair.iter().collect())),
            Writing::Spaced => words.extend(word(run)),
        }
        if words.len() >= MAX_WORDS {
            words.truncate(MAX_WORDS);
            break;
        }
    }
    words
}

/// A word as it is compared; none where it names one thing alone.
fn word(letters: &[char]) -> Option<String> {
    if letters.len() > MAX_LETTERS {
        return None;
    }
    let digits = letters.iter().filter(|c| c.is_ascii_digit()).count();
    let number = digits == letters.len() && digits > MAX_DIGITS;
    let hash = digits > 0 && letters.len() > 7 && letters.iter().all(char::is_ascii_hexdigit);
    Some(match (number, hash) {
        (true, _) => "0".into(),
        (false, true) => "0x".into(),
        (false, false) => letters.iter().collect(),
    })
}

/// How a character parts words.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Writing {
    /// It stands between them.
    None,
    /// As Latin does, with spaces.
    Spaced,
    /// Not at all: Chinese, Japanese, Korean.
    Unspaced,
}

impl Writing {
    pub(super) fn of(c: char) -> Writing {
        match c {
            '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' => {
                Writing::Unspaced
            }
            c if c.is_alphanumeric() => Writing::Spaced,
            _ => Writing::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_in_every_writing_and_names_of_one_thing_are_not() {
        let cases: [(&str, &[&str]); 5] = [
            ("It's /app/Main.go", &["it", "s", "app", "main", "go"]),
            ("容器时区 tz", &["容器", "器时", "时区", "tz"]),
            ("port 8080, pid 1234567", &["port", "8080", "pid", "0"]),
            ("sha 3fa9c1d2e4b5 deadbeef", &["sha", "0x", "deadbeef"]),
            ("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b", &["b"]),
        ];
        for (text, expected) in cases {
            assert_eq!(words(text), expected, "{text}");
        }
    }

    #[test]
    fn what_tools_put_in_front_of_lines_is_no_part_of_a_text() {
        let plain = features("exec /app: no such\nfile");
        let logged = features("app-1  | exec /app: no such\napp-1  | file");
        assert_eq!(plain, logged);
        assert!(plain.contains("such file"), "{plain:?}");
    }

    #[test]
    fn no_more_of_a_text_is_read_than_says_something() {
        assert!(words(&"word ".repeat(5000)).len() <= MAX_WORDS);
        assert!(words(&"容".repeat(5000)).len() <= MAX_WORDS);
    }
}
