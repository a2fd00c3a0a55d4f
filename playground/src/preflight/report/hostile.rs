//! Text that an image brought along, made harmless wherever it is shown.
//!
//! Owns what is dangerous: control characters command terminals, `##[` and `##vso[` command CI
//! runners anywhere in a line, and invisible characters make one name look like another. All of
//! them are shown as what they are rather than dropped: they are what gives an attack away.

/// Characters of one piece of text that are shown; what is longer is no use to anybody.
const MOST_CHARS: usize = 1500;

/// The text on one line, with what is dangerous spelt out: `\n`, `\u{1b}`.
pub(super) fn visible(text: &str) -> String {
    let mut shown = String::with_capacity(text.len().min(MOST_CHARS));
    let mut before = ' ';
    for (i, c) in text.chars().enumerate() {
        if i == MOST_CHARS {
            shown.push('…');
            break;
        }
        match c {
            '\n' | '\r' | '\t' => shown.extend(c.escape_default()),
            c if commands_or_hides(c) => shown.extend(c.escape_unicode()),
            '#' if before == '#' => shown.push_str("\\u{23}"),
            c => shown.push(c),
        }
        before = c;
    }
    shown
}

/// The lines of a text, each as [`visible`] shows it.
pub(super) fn visible_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(visible)
}

/// JSON with the same characters in JSON's own spelling: it means what it meant.
pub(super) fn quiet_json(json: &str) -> String {
    let mut quiet = String::with_capacity(json.len());
    let mut before = ' ';
    for c in json.chars() {
        // All of these stand in strings only, but for the line breaks between them.
        if (c != '\n' && commands_or_hides(c)) || (c == '#' && before == '#') {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                quiet.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            quiet.push(c);
        }
        before = c;
    }
    quiet
}

/// Control characters, and those that reorder or hide what stands beside them.
fn commands_or_hides(c: char) -> bool {
    c.is_control()
        || matches!(
            c,
            '\u{ad}'
                | '\u{61c}'
                | '\u{115f}'..='\u{1160}'
                | '\u{180e}'
                | '\u{200b}'..='\u{200f}'
                | '\u{2028}'..='\u{202e}'
                | '\u{2060}'..='\u{206f}'
                | '\u{3164}'
                | '\u{feff}'
                | '\u{fff9}'..='\u{fffb}'
                | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_commands_a_terminal_or_a_runner_and_nothing_is_hidden() {
        for (hostile, shown) in [
            ("a\x1b[2Jb", "a\\u{1b}[2Jb"),
            ("a\u{9b}31mb", "a\\u{9b}31mb"),
            ("a\nb\rc\td", "a\\nb\\rc\\td"),
            ("bell\x07", "bell\\u{7}"),
            ("safe\u{202e}gpj.exe", "safe\\u{202e}gpj.exe"),
            ("a\u{200b}b", "a\\u{200b}b"),
            ("##[error]x", "#\\u{23}[error]x"),
            ("##vso[task.x]", "#\\u{23}vso[task.x]"),
            ("###", "#\\u{23}\\u{23}"),
            ("# plain ümläut 時", "# plain ümläut 時"),
        ] {
            assert_eq!(visible(hostile), shown);
        }
        assert_eq!(visible(&"x".repeat(9999)).chars().count(), MOST_CHARS + 1);
    }

    #[test]
    fn quiet_json_means_the_same() -> serde_json::Result<()> {
        let hostile = "\u{9b}31m \u{7f} \u{202e} \u{e0041} ##[x] ### \n \x1b ümläut";
        let loud = serde_json::to_string_pretty(&[hostile])?;
        let quiet = quiet_json(&loud);
        assert!(!quiet.chars().any(|c| c != '\n' && commands_or_hides(c)));
        assert!(!quiet.contains("##") && quiet.contains("ümläut"));
        let back: Vec<String> = serde_json::from_str(&quiet)?;
        assert_eq!(back, [hostile]);
        Ok(())
    }
}
