//! Characters: what tools add to a message or change in it on its way to the clipboard.
//! Knows nothing of lines or labs.

use policy::ansi::without_escapes;
use regex::{Captures, Regex};
use std::borrow::Cow;
use std::sync::LazyLock;

/// JSON, once or several times over: `\"`, `\\\"`, `\n`, `\u003c`, and what Python makes of a text
/// (`\'`). A backslash before anything else is somebody's own.
static JSON: LazyLock<Regex> = LazyLock::new(|| pattern(r#"\\+(?:(["'/ntr])|u([0-9a-fA-F]{4}))"#));

/// A pattern of ours, which compiles.
pub(crate) fn pattern(text: &str) -> Regex {
    Regex::new(text).unwrap_or_else(|error| unreachable!("{error}"))
}

/// What HTML escapes, which forums and trackers show where they should not.
static HTML: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"&(?:(quot|#34|#x22)|(apos|#39|#x27)|(lt)|(gt)|(nbsp)|(?:amp));"));

/// The text as its author wrote it: [`plain`], and without what JSON and HTML escape.
pub(super) fn clean(text: &str) -> String {
    let text = HTML.replace_all(text, |found: &Captures<'_>| {
        let which = (1..=5).find(|group| found.get(*group).is_some());
        which.map_or("&", |group| ["\"", "'", "<", ">", " "][group - 1])
    });
    plain(&JSON.replace_all(&text, |found: &Captures<'_>| unescaped(found)))
}

/// No colours, straight quotes, plain spaces, `\n` alone between lines.
pub(crate) fn plain(text: &str) -> String {
    let text = without_escapes(text);
    let mut plain = String::with_capacity(text.len());
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '\r' if chars.peek() == Some(&'\n') => {}
            // Progress bars write over their line.
            '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}' => plain.push('\n'),
            '“' | '”' | '„' | '‟' | '«' | '»' | '″' | '「' | '」' => plain.push('"'),
            '‘' | '’' | '‚' | '‛' | '′' => plain.push('\''),
            // The wide forms of East Asian keyboards.
            '\u{ff01}'..='\u{ff5e}' => plain.extend(char::from_u32(c as u32 - 0xfee0)),
            '\u{3002}' => plain.push('.'),
            '\u{2010}' | '\u{2011}' => plain.push('-'),
            // Soft hyphens, zero-width characters, marks of direction, byte order.
            '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' => {}
            '\u{2060}'..='\u{2069}' | '\u{feff}' => {}
            c if c.is_whitespace() => plain.push(' '),
            c if c.is_control() => {}
            c => plain.push(c),
        }
    }
    plain
}

fn unescaped(found: &Captures<'_>) -> Cow<'static, str> {
    if let Some(hex) = found.get(2) {
        let code = u32::from_str_radix(hex.as_str(), 16).ok();
        let c = code.and_then(char::from_u32).unwrap_or('\u{fffd}');
        return Cow::Owned(c.to_string());
    }
    Cow::Borrowed(match found.get(1).map(|c| c.as_str()) {
        Some("n" | "r") => "\n",
        Some("t") => " ",
        Some("/") => "/",
        Some("'") => "'",
        _ => "\"",
    })
}

#[cfg(test)]
mod tests {
    use super::clean;

    #[test]
    fn what_tools_add_is_taken_away_again() {
        let cases = [
            ("\x1b[31mexec\x1b[0m /app", "exec /app"),
            ("\x1b]0;title\x07exec\x1b(B /app", "exec /app"),
            ("\x1bPq#0\x1b\\exec\x1b", "exec"),
            (r"\u001b[31mexec\u001b[0m", "exec"),
            (r#"exec: \"sh\": not found"#, r#"exec: "sh": not found"#),
            (r#"exec: \\\"sh\\\": x"#, r#"exec: "sh": x"#),
            (r"exec: \'sh\'", "exec: 'sh'"),
            (r"a\nb\\nc", "a\nb\nc"),
            (r"\u003cnil\u003e \ud800", "<nil> \u{fffd}"),
            (r"C:\app.exe \d", r"C:\app.exe \d"),
            ("exec: “sh”: it’s", "exec: \"sh\": it's"),
            ("a\u{a0}b\u{202f}c\td\u{200b}e\u{feff}", "a b c de"),
            ("a\r\nb\rc\u{7}\0", "a\nb\nc"),
            ("exec：「sh」", "exec:\"sh\""),
            (
                "exec: &quot;sh&#34;: it&#39;s &lt;nil&gt; &amp; so",
                "exec: \"sh\": it's <nil> & so",
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(clean(text), expected, "{text:?}");
        }
    }
}
