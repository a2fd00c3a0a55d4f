//! Text without what would command a terminal: logs are hostile input.

use regex::Regex;
use std::sync::LazyLock;

/// The text without escape sequences and control characters, but with its lines and tabs.
pub(crate) fn plain(text: &str) -> String {
    static ESCAPES: LazyLock<Option<Regex>> = LazyLock::new(|| {
        Regex::new("\x1b(\\[[0-?]*[ -/]*[@-~]|[\\]PX^_][^\x07\x1b]*(\x07|\x1b\\\\)?|.)?").ok()
    });
    let plain = match ESCAPES.as_ref() {
        Some(escapes) => escapes.replace_all(text, ""),
        None => text.into(),
    };
    let visible = |c: &char| !c.is_control() || matches!(c, '\n' | '\t');
    plain.chars().filter(visible).collect()
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
            ("tab\tand ümläut", "tab\tand ümläut"),
        ] {
            assert_eq!(plain(hostile), harmless);
        }
    }
}
