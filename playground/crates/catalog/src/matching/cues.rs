//! What people tell in words of their own: cues, which are things and states that have many names,
//! and the passages of a text in which several of them stand, in whatever order.
//!
//! Pure. Knows no labs: which cues together tell of a failure is for their symptoms to say.

use super::clean::pattern;
use crate::lab::Telling;
use regex::Regex;
use std::cell::OnceCell;
use std::fmt::Write;
use std::sync::LazyLock;

/// Cues further apart than so many bytes are about different things: two or three sentences.
const REACH: usize = 320;
/// So much of a text is read as a description; those who describe say it at the beginning.
const MAX_PROSE: usize = 3 << 10;

/// Lines that are no prose: instructions of a Dockerfile, commands at a prompt, steps of a build.
static NO_PROSE: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"^(?:(?:(?:COPY|ADD) \S*[./-]|(?:FROM|RUN|ENV|ARG|WORKDIR|EXPOSE|USER|VOLUME|LABEL|CMD|ENTRYPOINT|MAINTAINER|STOPSIGNAL|HEALTHCHECK) \S)|(?:=> |Step |STEP |--->|\$ |[/~]\S* [#$] ))",
    )
});
/// What takes back the words behind it: "not a DNS problem", "nothing to do with certificates".
static DENIED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?i)(?:\b(?:not|n.t|never) (?:an?|the|about|due to|because of|caused by|related to|a matter of)|\bnothing to do with|\bunrelated to|\brather than|\bruled out) (?:[\w/.-]+ ){0,2}$",
    )
});

/// A thing or a state, and the words that people have for it.
#[derive(Clone, Debug)]
pub(crate) struct Cue {
    pub(crate) name: String,
    pub(crate) words: Regex,
}

/// Every cue of the book; symptoms name them by their place.
#[derive(Clone, Debug, Default)]
pub struct Vocabulary {
    cues: Vec<Cue>,
}

/// Where the cues of a vocabulary stand in one text; looked for when they are asked for.
#[derive(Debug)]
pub(crate) struct Told<'v> {
    cues: &'v [Cue],
    prose: String,
    places: Vec<OnceCell<Vec<(usize, usize)>>>,
}

impl Vocabulary {
    pub(crate) fn new(cues: Vec<Cue>) -> Vocabulary {
        Vocabulary { cues }
    }

    /// The cue's place.
    pub(crate) fn place(&self, name: &str) -> Option<usize> {
        self.cues.iter().position(|cue| cue.name == name)
    }

    /// Every cue's name.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> + Clone {
        self.cues.iter().map(|cue| cue.name.as_str())
    }

    /// The lines of a text, to look for cues in.
    pub(crate) fn told(&self, lines: &[String]) -> Told<'_> {
        let prose = match self.cues.is_empty() {
            true => String::new(),
            false => prose(lines).to_lowercase(),
        };
        Told {
            cues: &self.cues,
            prose,
            places: vec![OnceCell::new(); self.cues.len()],
        }
    }
}

impl Told<'_> {
    fn places(&self, cue: usize) -> &[(usize, usize)] {
        let Some((places, cue)) = self.places.get(cue).zip(self.cues.get(cue)) else {
            return &[];
        };
        places.get_or_init(|| {
            let found = cue.words.find_iter(&self.prose);
            found
                .filter(|found| !DENIED.is_match(before(&self.prose, found.start())))
                .map(|found| (found.start(), found.end()))
                .collect()
        })
    }

    /// How many bytes of the text tell it, where they do within [`REACH`] of each other.
    pub(crate) fn find(&self, telling: &Telling) -> Option<usize> {
        let stands = |cue: &usize| !self.places(*cue).is_empty();
        if !telling.cues.iter().all(stands) || telling.without.iter().any(stands) {
            return None;
        }
        let mut all: Vec<(usize, usize, usize)> = Vec::new();
        for (which, cue) in telling.cues.iter().enumerate() {
            all.extend(
                self.places(*cue)
                    .iter()
                    .map(|&(from, to)| (from, to, which)),
            );
        }
        all.sort_unstable();
        let from = |first: usize| {
            let mut length = vec![0; telling.cues.len()];
            for &(start, end, which) in &all[first..] {
                if end > all[first].0 + REACH {
                    break;
                }
                length[which] = length[which].max(end - start);
            }
            (!length.contains(&0)).then(|| length.iter().sum())
        };
        (0..all.len()).filter_map(from).max()
    }
}

/// Whether a line is an instruction or a command: nobody tells anything in it.
pub(crate) fn is_no_prose(line: &str) -> bool {
    NO_PROSE.is_match(line)
}

/// The lines that somebody wrote, as one; of a text's beginning.
fn prose(lines: &[String]) -> String {
    let mut prose = String::new();
    for line in lines.iter().filter(|line| !is_no_prose(line)) {
        if prose.len() + line.len() > MAX_PROSE {
            let left = MAX_PROSE.saturating_sub(prose.len());
            prose.push_str(&line[..line.floor_char_boundary(left)]);
            break;
        }
        prose.push_str(line);
        prose.push(' ');
    }
    prose
}

/// A little of what stands in front of a place.
fn before(text: &str, at: usize) -> &str {
    &text[text.ceil_char_boundary(at.saturating_sub(60))..at]
}

/// How English takes back the verb that follows, with a few words between: "doesn't seem to run".
const NOT: &str = r#"(?:(?-u:\b)(?:not|cannot|never|no longer|unable to|fail(?:s|ed|ing)? to|refuses? to|(?:do|does|did|is|are|was|were|wo|would|ca|could|should|has|have)n["'’]?t)[\s"*_]+(?:[a-z/-]+[\s"*_]+){0,4}?)"#;

/// The pattern for words: a space stands for whatever parts two of them, a `*` for any ending, a `!`
/// in front for a denial, and words of Latin letters are whole ones, also where the writing around
/// them parts none. For texts in small letters.
pub(crate) fn words_pattern<'w>(words: impl IntoIterator<Item = &'w str>) -> String {
    let mut any = String::from("(?:");
    for (nth, word) in words.into_iter().enumerate() {
        any.push_str(if nth > 0 { "|" } else { "" });
        let denied = word.strip_prefix('!');
        any.push_str(if denied.is_some() { NOT } else { "" });
        let word = denied.unwrap_or(word);
        if word.starts_with(|c: char| c.is_ascii_alphanumeric()) {
            any.push_str(r"(?-u:\b)");
        }
        for c in word.to_lowercase().chars() {
            match c {
                ' ' => any.push_str(r#"[\s"*_.,()-]{1,3}"#),
                '*' => any.push_str("[0-9a-zà-ÿа-яё]*"),
                '.' | '/' | '-' | '=' | ':' | '\'' | '+' | '(' | ')' | '$' | '\\' => {
                    // A text's quotation marks are all alike.
                    let _ = match c {
                        '\'' => any.write_str("[\"'’]?"),
                        c => write!(any, "\\{c}"),
                    };
                }
                c => any.push(c),
            }
        }
        if word.ends_with(|c: char| c.is_ascii_alphanumeric()) {
            any.push_str(r"(?-u:\b)");
        }
    }
    any.push(')');
    any
}

#[cfg(test)]
mod tests {
    use super::*;

    fn vocabulary() -> Vocabulary {
        let cue = |name: &str, words: &[&str]| Cue {
            name: name.into(),
            words: Regex::new(&words_pattern(words.iter().copied())).expect("a pattern"),
        };
        Vocabulary::new(vec![
            cue("image", &["alpine", "scratch image", "空镜像"]),
            cue("zones", &["tzdata", "time zone*", "时区"]),
            cue(
                "absent",
                &["missing", "doesn't have", "does not have", "没有"],
            ),
            cue("python", &["python"]),
        ])
    }

    fn tells(text: &str) -> bool {
        let vocabulary = vocabulary();
        let lines: Vec<String> = text.lines().map(super::super::quotes::alike).collect();
        let telling = Telling {
            cues: vec![0, 1, 2],
            without: vec![3],
        };
        vocabulary.told(&lines).find(&telling).is_some()
    }

    #[test]
    fn cues_tell_in_any_order_and_across_lines() {
        for text in [
            "Alpine doesn't have time zones",
            "`tzdata` is missing\n\nin our scratch-image",
            "空镜像没有tzdata",
            "**Time-zones** missing: ALPINE",
        ] {
            assert!(tells(text), "{text}");
        }
    }

    #[test]
    fn a_cue_that_is_missing_denied_or_far_away_tells_nothing() {
        let far = format!(
            "alpine has no zone {} tzdata is missing",
            "and so on ".repeat(40)
        );
        for text in [
            "alpine has no tzdata",
            "missing in alpine, but it is not a time zone problem",
            "alpine: something is missing; nothing to do with tzdata",
            "tzdata is missing in alpine, says python",
            "FROM alpine\nRUN apk add tzdata\nsomething is missing",
            &far,
        ] {
            assert!(!tells(text), "{text}");
        }
    }

    #[test]
    fn a_verb_may_be_denied_in_many_ways() {
        let pattern = Regex::new(&words_pattern(["!run*", "!start"])).expect("a pattern");
        for (text, known) in [
            ("it doesn't run", true),
            ("it doesn\"t seem to run", true),
            ("cannot be running", true),
            ("it might not run on systems", true),
            ("fails to start", true),
            ("it runs", false),
            ("current run", false),
            ("not only here, but it does always run", false),
        ] {
            assert_eq!(pattern.is_match(text), known, "{text}");
        }
    }

    #[test]
    fn words_are_whole_ones_also_between_characters() {
        let pattern = words_pattern(["tz", "zone*", "/tmp", "/etc/x.y"]);
        let pattern = Regex::new(&pattern).expect("a pattern");
        for (text, known) in [
            ("a tz b", true),
            ("用tz包", true),
            ("tzx", false),
            ("zones", true),
            ("in /tmp", true),
            ("/etc/x.y", true),
            ("/etc/xzy", false),
        ] {
            assert_eq!(pattern.is_match(text), known, "{text}");
        }
    }
}
