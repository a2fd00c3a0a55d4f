//! A pasted text as what it may say: every line by itself, and lines joined where a
//! terminal or a YAML file may have broken one message into several.
//!
//! Pure, and bounded in what it reads. Knows no labs.

use crate::matching::clean::{clean, pattern, plain};
use crate::matching::locale::in_english;
use crate::matching::mend::{completed, squeezed};
use crate::matching::quotes::alike;
use regex::Regex;
use serde::Serialize;
use std::borrow::Cow;
use std::collections::BTreeSet;
use std::sync::LazyLock;

/// How much of a text is read.
pub const MAX_BYTES: usize = 8 << 10;
/// Of a longer one, so much of its beginning; the rest from its end, where logs tell most.
const HEAD_BYTES: usize = 2 << 10;
/// Lines that are read, of the beginning and of the end.
const MAX_LINES: (usize, usize) = (100, 300);
/// A message is broken into so many lines at most.
const WINDOW: usize = 8;

/// What log drivers and tools write in front of a line, with a time: a message begins.
static STAMP: LazyLock<Regex> = LazyLock::new(|| {
    let stamps = [
        // RFC 3339 and its relatives: docker logs -t, kubectl --timestamps, CRI's log files.
        r"\[?\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(?:[.,]\d+)?(?:Z|[+-]\d\d:?\d\d)?\]?(?: (?:stdout|stderr) [FP])? +",
        // Go's log package.
        r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d(?:\.\d+)? ",
        // journald and syslog.
        r"[A-Z][a-z]{2} {1,2}\d{1,2} \d\d:\d\d:\d\d(?:\.\d+)? \S+ [\w./@-]+(?:\[\d+\])?: ",
        // klog, which the kubelet writes.
        r"[IWEF]\d{4} \d\d:\d\d:\d\d\.\d+ +\d+ [\w.-]+:\d+\] ",
        // dockerd and containerd.
        r#"time="[^"]*" level=\w+ msg="?"#,
    ];
    pattern(&format!(r"^\s*(?:{})", stamps.join("|")))
});
/// The same without a time: docker compose, kubectl --prefix, BuildKit's steps, quoted mail.
static NAME: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"^\s*(?:[A-Za-z0-9][\w.@-]*\s*\|(?:\s|$)|\[pod/[^\]]+\]\s|#\d+\s|>\s)")
});

/// Texts that a pattern is held against at most: every line as it is and mended in both ways, and
/// the windows that begin at each in the three ways of joining lines.
#[cfg(test)]
pub(super) const MAX_TEXTS: usize = 6 * (MAX_LINES.0 + MAX_LINES.1);
/// Their bytes together, at most: a byte stands on one line and in `WINDOW` windows of each way.
/// A mended line is no longer than the line and the longest ending.
#[cfg(test)]
pub(super) const MAX_COMPARED: usize =
    (3 + 3 * WINDOW) * MAX_BYTES + (MAX_LINES.0 + MAX_LINES.1) * 64;

/// A text that somebody pasted, in its readings.
#[derive(Debug, Default)]
pub struct Pasted {
    lines: Vec<String>,
    /// Lines joined, and lines mended.
    likely: BTreeSet<String>,
}

/// Where a pattern was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Hit {
    /// How many characters of the text it is about.
    pub length: usize,
    /// Whether it stands there, or only once lines are joined or mended.
    pub confidence: Confidence,
}

/// How sure a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    /// One line says it.
    Exact,
    /// Several lines do that may have been one, or one that was damaged on its way.
    Likely,
}

/// One line without what stands in front of it.
struct Line<'t> {
    rest: &'t str,
    /// Characters of the whole line: where it was broken, the terminal's width.
    width: usize,
    begins: bool,
}

impl Pasted {
    /// Reads a text of any length and content.
    pub fn new(text: &str) -> Pasted {
        let text = cut(text);
        // English may be longer.
        let text = in_english(&text);
        let text = cut(&text);
        let mut pasted = Pasted::default();
        let lines = clean(&text);
        for group in lines_of(&lines).chunk_by(in_one) {
            let texts = group.iter().map(|line| folded([line.rest]));
            pasted.lines.extend(texts.filter(|text| !text.is_empty()));
            for window in windows(group) {
                let fold = folded(window.iter().map(|line| line.rest));
                pasted.likely.insert(fold);
                let tight: String = window.iter().map(|line| line.rest.trim()).collect();
                pasted.likely.insert(folded([tight.as_str()]));
            }
        }
        for line in &pasted.lines {
            pasted.likely.extend(squeezed(line));
            pasted.likely.extend(completed(line));
        }
        // Terminals count escapes, too, and part them from what they escape.
        let lines = plain(&text);
        for group in lines_of(&lines).chunk_by(in_one) {
            let width = group.iter().map(|line| line.width).max().unwrap_or(0);
            for window in windows(group) {
                let wrap = clean(&wrapped(window, width));
                pasted.likely.insert(folded([wrap.as_str()]));
            }
        }
        pasted
    }

    /// The longest stretch that matches, in a text that does not say what `unless` does. Lines
    /// come first: a message is looked for across them, and in mended ones, only where no line
    /// has it.
    pub fn find(&self, pattern: &Regex, unless: Option<&Regex>) -> Option<Hit> {
        self.find_unless(pattern, unless.as_slice())
    }

    /// The same for a text that says none of several things.
    pub(crate) fn find_unless(&self, pattern: &Regex, unless: &[&Regex]) -> Option<Hit> {
        let length = |text: &String| {
            let found = pattern.find(text)?;
            let vetoed = unless.iter().any(|unless| unless.is_match(text));
            (!vetoed).then(|| found.as_str().chars().count())
        };
        let hit = |confidence| move |length| Hit { length, confidence };
        let exact = self.lines.iter().filter_map(length).max();
        exact.map(hit(Confidence::Exact)).or_else(|| {
            let likely = self.likely.iter().filter_map(length).max();
            likely.map(hit(Confidence::Likely))
        })
    }

    /// How many texts a pattern is held against, and their bytes together.
    #[cfg(test)]
    pub(super) fn compared(&self) -> (usize, usize) {
        let texts = || self.lines.iter().chain(&self.likely);
        (texts().count(), texts().map(String::len).sum())
    }

    /// The lines as they are compared with patterns.
    pub fn lines(&self) -> &[String] {
        &self.lines
    }
}

/// Whether something stands in front of the line that log drivers and tools write there.
pub(crate) fn is_logged(line: &str) -> bool {
    STAMP.is_match(line) || NAME.is_match(line)
}

impl<'t> Line<'t> {
    fn new(line: &'t str) -> Line<'t> {
        let mut rest = line;
        let mut begins = line.trim().is_empty();
        loop {
            let stamp = STAMP.find(rest);
            begins |= stamp.is_some();
            match stamp.or_else(|| NAME.find(rest)) {
                Some(found) => rest = &rest[found.end()..],
                None => break,
            }
        }
        Line {
            rest,
            width: line.chars().count(),
            begins,
        }
    }
}

/// The lines that are read of a text.
fn lines_of(text: &str) -> Vec<Line<'_>> {
    let mut lines: Vec<Line<'_>> = text.lines().map(Line::new).collect();
    let (head, tail) = MAX_LINES;
    if lines.len() > head + tail {
        lines.drain(head..lines.len() - tail);
    }
    lines
}

/// Whether one message may stand on both lines.
fn in_one(_: &Line<'_>, next: &Line<'_>) -> bool {
    !next.begins
}

/// Lines that may be one message, where there are several.
fn windows<'g, 't>(group: &'g [Line<'t>]) -> impl Iterator<Item = &'g [Line<'t>]> {
    let windows = group.windows(WINDOW.min(group.len()));
    windows.filter(|window| window.len() > 1)
}

/// The text, or the beginning and the end of one that is too long, at ends of lines where
/// there are any.
pub(crate) fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_BYTES {
        return Cow::Borrowed(text);
    }
    let head = &text[..text.floor_char_boundary(HEAD_BYTES)];
    let tail = &text[text.ceil_char_boundary(text.len() - (MAX_BYTES - HEAD_BYTES - 2))..];
    let head = head.rfind('\n').map_or(head, |end| &head[..end]);
    let tail = tail.find('\n').map_or(tail, |end| &tail[end + 1..]);
    // A blank line keeps the two from being read as one message.
    Cow::Owned(format!("{head}\n\n{tail}"))
}

/// Lines that were broken at spaces, joined by them; runs of spaces become one, and so do runs of
/// quotation marks, whichever they are.
fn folded<'t>(lines: impl IntoIterator<Item = &'t str>) -> String {
    let mut folded = String::new();
    for word in lines.into_iter().flat_map(|line| {
        // A YAML scalar may end its lines with a backslash.
        line.trim_end_matches('\\').split_whitespace()
    }) {
        if !folded.is_empty() {
            folded.push(' ');
        }
        folded.push_str(word);
    }
    alike(&folded)
}

/// Lines that a terminal broke in the middle of a word: those that fill its width.
fn wrapped(lines: &[Line<'_>], width: usize) -> String {
    let mut wrapped = String::new();
    for line in lines {
        wrapped.push_str(line.rest);
        // Shorter by one is where a space at the margin was lost.
        if line.width < width {
            wrapped.push(' ');
        }
    }
    wrapped
}

#[cfg(test)]
mod tests {
    use super::*;

    const MESSAGE: &str = r#"exec: "sh": executable file not found in $PATH: unknown"#;

    fn says(text: &str, pattern: &str) -> bool {
        let pattern = Regex::new(pattern).expect("a pattern");
        Pasted::new(text).find(&pattern, None).is_some()
    }

    #[test]
    fn what_stands_in_front_of_a_line_is_no_part_of_it() {
        for front in [
            "app-1  | ",
            "app_1 | ",
            "shop.1.x3f9@node-2    | ",
            "2024-05-01T12:00:00.123456789Z ",
            "2024-05-01T12:00:00.123456789+02:00 stderr F ",
            "app-1  | 2024/05/01 12:00:00 ",
            "May  1 12:00:00 node-2 dockerd[812]: ",
            "May 01 12:00:00 node-2 kubelet[812]: E0501 12:00:00.123456     812 remote_runtime.go:251] ",
            r#"time="2024-05-01T12:00:00Z" level=error msg=""#,
            "[pod/shop-7d9c-x2/app] ",
            "#12 0.345 ",
            "> > ",
            "    ",
        ] {
            let pasted = Pasted::new(&format!("{front}{MESSAGE}"));
            let line = pasted.lines()[0].replacen("0.345 ", "", 1);
            assert_eq!(line, MESSAGE, "{front:?}");
        }
    }

    #[test]
    fn messages_are_read_across_the_breaks_of_a_terminal() {
        let json = MESSAGE.replace('"', "\\\"");
        for whole in [
            format!("docker: Error response from daemon: {MESSAGE}. Done"),
            format!("level=error msg=\"{json}\" id=1f0c"),
        ] {
            read_across_breaks(&whole);
        }
    }

    fn read_across_breaks(whole: &str) {
        for width in 8..=whole.len() {
            let chars: Vec<char> = whole.chars().collect();
            let lines: Vec<String> = chars.chunks(width).map(|c| c.iter().collect()).collect();
            if lines.len() > WINDOW {
                continue;
            }
            let kept = lines.join("\n");
            let trimmed: Vec<&str> = lines.iter().map(|line| line.trim_end()).collect();
            let wanted = regex::escape(MESSAGE);
            assert!(says(&kept, &wanted), "{kept}");
            // Terminals lose the spaces at their margin.
            assert!(says(&trimmed.join("\n"), &wanted), "{trimmed:?}");
        }
    }

    #[test]
    fn messages_are_read_out_of_folded_yaml() {
        let yaml = "    message: 'failed to create task: exec: \"sh\": executable\n      \
                    file not found in $PATH:\n      unknown'\n";
        assert!(says(yaml, &regex::escape(MESSAGE)));
        let yaml = "message: \"failed: exec: \\\"sh\\\": executable\\\n  \\ file not found in $PATH: unknown\"";
        assert!(says(
            &yaml.replace("\\ file", "file"),
            &regex::escape(MESSAGE)
        ));
    }

    #[test]
    fn lines_of_a_log_are_not_read_as_one_message() {
        let log =
            "2024-05-01T12:00:00Z listen tcp :80 tried\n2024-05-01T12:00:01Z permission denied\n";
        assert!(!says(log, "listen .* denied"));
        assert!(!says(
            "listen tcp :80\n\npermission denied",
            "listen .* denied"
        ));
        let far = format!("listen tcp :80\n{}permission denied", "so\n".repeat(WINDOW));
        assert!(!says(&far, "listen .* denied"));
    }

    #[test]
    fn a_line_counts_before_what_is_joined() {
        let pattern = Regex::new("no such .*").expect("a pattern");
        let pasted = Pasted::new("no such file\nor something\n");
        let hit = Hit {
            length: "no such file".len(),
            confidence: Confidence::Exact,
        };
        assert_eq!(pasted.find(&pattern, None), Some(hit));
        let pasted = Pasted::new("no\nsuch file\n");
        let hit = Hit {
            confidence: Confidence::Likely,
            ..hit
        };
        assert_eq!(pasted.find(&pattern, None), Some(hit));
    }

    #[test]
    fn of_a_long_log_the_beginning_and_the_end_are_read() {
        let filler = "2024-05-01T12:00:00Z GET /healthz 200\n".repeat(1000);
        for log in [
            format!("{MESSAGE}\n{filler}"),
            format!("{filler}{MESSAGE}\n"),
            format!("{}{MESSAGE}", "é".repeat(20_000)),
            format!("{}{MESSAGE}\n", "\n".repeat(20_000)),
        ] {
            assert!(says(&log, &regex::escape(MESSAGE)));
            assert!(cut(&log).len() <= MAX_BYTES);
        }
        assert!(!says(
            &format!("{filler}{MESSAGE}\n{filler}"),
            &regex::escape(MESSAGE)
        ));
    }
}
