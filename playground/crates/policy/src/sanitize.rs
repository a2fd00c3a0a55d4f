//! Text that an image or a binary brought along, made harmless wherever it is shown: in reports,
//! on pages of the terminal, in errors, in JSON.
//!
//! Owns what is dangerous: control characters command terminals, `##[` and `##vso[` command CI
//! runners anywhere in a line and `::` at its beginning, and invisible characters make one name
//! look like another. All of them are shown as what they are rather than dropped: they are what
//! gives an attack away. Refuses to know who shows it, and what it is about.

use std::borrow::Cow;

/// Characters of one piece of text that a report shows; what is longer is no use to anybody.
const MAX_CHARS: usize = 1500;

/// The text on one line, with what is dangerous spelt out: `\n`, `\u{1b}`. Of what is harmless
/// already, nothing changes.
pub fn shown(text: &str) -> Cow<'_, str> {
    if !text.contains("##") && !text.contains(commands_or_hides) {
        return text.into();
    }
    let mut shown = String::with_capacity(text.len());
    let mut before = ' ';
    for c in text.chars() {
        match c {
            '\n' | '\r' | '\t' => shown.extend(c.escape_default()),
            c if commands_or_hides(c) => shown.extend(c.escape_unicode()),
            '#' if before == '#' => shown.push_str("\\u{23}"),
            c => shown.push(c),
        }
        before = c;
    }
    shown.into()
}

/// The same, cut where it goes on and on.
pub fn visible(text: &str) -> String {
    match text.char_indices().nth(MAX_CHARS) {
        Some((at, _)) => format!("{}…", shown(&text[..at])),
        None => shown(text).into_owned(),
    }
}

/// The lines of a text, each as [`visible`] shows it.
pub fn visible_lines(text: &str) -> impl Iterator<Item = String> {
    text.lines().map(visible)
}

/// A line put together from what is [`shown`] and our own words, `#####` among them: as a whole,
/// it is no command to a runner either.
pub fn line(line: &str) -> Cow<'_, str> {
    let text = line.trim_start();
    if !text.starts_with("::") && !line.contains("##[") && !line.contains("##vso[") {
        return line.into();
    }
    let quiet = line.replace("##[", "#\\u{23}[");
    let quiet = quiet.replace("##vso[", "#\\u{23}vso[");
    match text.strip_prefix("::") {
        Some(_) => quiet.replacen("::", "\\u{3a}:", 1).into(),
        None => quiet.into(),
    }
}

/// A text of several lines, as errors are; each is [`shown`], and no command.
pub fn lines(text: &str) -> String {
    let lines = text.lines().map(|text| {
        let text = text.replace('\t', "    ");
        line(&shown(&text)).into_owned()
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// JSON with the same characters in JSON's own spelling: it means what it meant.
pub fn quiet_json(json: &str) -> String {
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

/// Hostile texts, and what no text may do.
#[cfg(any(test, feature = "testing"))]
pub mod testing {
    /// What an image could try that was made to deceive.
    pub const ATTACKS: [&str; 8] = [
        "\n::error::owned",
        "::set-output name=x::y",
        "\r\n::add-mask::e",
        "\x1b]0;title\x07\x1b[2J",
        "##[error]owned ##vso[task.setvariable variable=x]y",
        "a|b`c`<script>alert(1)</script>![i](http://evil.test/i.png)[l](http://evil.test)",
        "100%25%0A::warning::x, file=/etc/passwd,line=1::y",
        "\u{202e}\u{9b}31m www.evil.test https://evil.test @everyone",
    ];

    /// Fails where a text commands a terminal or a runner, or hides something.
    pub fn assert_harmless(text: &str) {
        let dangerous = |c: char| c != '\n' && super::commands_or_hides(c);
        assert!(!text.contains(dangerous), "{text:?}");
        for line in text.lines() {
            let command = line.trim_start().starts_with("::");
            let command = command || line.contains("##[") || line.contains("##vso[");
            assert!(!command, "{line:?}");
        }
    }
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
        assert_eq!(visible(&"x".repeat(9999)).chars().count(), MAX_CHARS + 1);
    }

    #[test]
    fn what_is_harmless_already_stays_as_it_is() {
        for text in ["a\x1b[2Jb", "##vso[x]", "\u{3164}", "plain", "# a#b"] {
            let once = shown(text);
            assert_eq!(shown(&once), once);
        }
    }

    #[test]
    fn no_line_is_a_command() {
        for (hostile, harmless) in [
            ("::error::x", "\\u{3a}:error::x"),
            ("  ::error::x", "  \\u{3a}:error::x"),
            ("  ####  ::x", "  ####  ::x"),
            ("####[x] ##vso[y]", "###\\u{23}[x] #\\u{23}vso[y]"),
            ("a::b", "a::b"),
        ] {
            assert_eq!(line(hostile), harmless);
        }
        let error = "a\x1b[2J\n::error::x\n\tcause: ##[y]";
        assert_eq!(
            lines(error),
            "a\\u{1b}[2J\n\\u{3a}:error::x\n    cause: #\\u{23}[y]"
        );
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
