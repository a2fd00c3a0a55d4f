//! Text without what would command a terminal: logs are hostile input.

use regex::Regex;
use std::borrow::Cow;
use std::sync::LazyLock;

/// Colours and cursor movements, titles and other strings, character sets; a lone escape
/// character at last.
static ESCAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let strings = r"[\]PX^_][^\x07\x1b]*(?:\x07|\x1b\\)?";
    Regex::new(&format!(
        r"\x1b(?:\[[0-?]*[ -/]*[@-~]|{strings}|[ -/]*[0-~])?"
    ))
    .ok()
});

/// The text without escape sequences and control characters, but with its lines and tabs.
pub fn plain(text: &str) -> String {
    let visible = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    without_escapes(text).chars().filter(visible).collect()
}

/// The text without escape sequences; other control characters stay.
pub fn without_escapes(text: &str) -> Cow<'_, str> {
    match ESCAPES.as_ref() {
        Some(escapes) => escapes.replace_all(text, ""),
        None => text.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn nothing_that_a_container_writes_commands_the_terminal() {
        for (hostile, harmless) in [
            ("\x1b[31mred\x1b[0m", "red"),
            ("a\x1b]52;c;ZXZpbA==\x07b", "ab"),
            ("a\x1b]0;title\x1b\\b", "ab"),
            ("\x1b[2J\x1b[Hgone", "gone"),
            ("bell\x07 back\x08 cr\r", "bell back cr"),
            ("c1 \u{9b}31m", "c1 31m"),
            ("charset \x1b(B\x1b)0gone", "charset gone"),
            ("private \x1bPq#0\x1b\\gone", "private gone"),
            ("lone \x1bäh \x1b\x08and \x1b", "lone äh and "),
            ("tab\tand ümläut", "tab\tand ümläut"),
        ] {
            assert_eq!(plain(hostile), harmless);
        }
    }
}
