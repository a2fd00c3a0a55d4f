//! Whether a script ends by becoming what its arguments name, as entrypoint scripts do:
//! `exec "$@"`.
//!
//! Owns that one question, asked of its text. Refuses to know what else a script does.

use crate::image::Content;
use serde::Serialize;
use std::io;

/// A script larger than this is not read. The official images' entrypoints are below 20 KB.
const MOST_SCRIPT: usize = 64 << 10;
/// First words of lines that start nothing which could take long or end the script.
const PASSING: [&str; 16] = [
    "set", "export", "echo", "printf", "umask", "ulimit", "cd", "unset", "readonly", "if", "then",
    "else", "elif", "fi", "[", ":",
];
/// Where one of these words stands before the last line, the script may never come to it.
const TURNS: [&str; 8] = [
    "exec", "exit", "return", "while", "until", "for", "case", "wait",
];

/// How a script hands over to what its arguments name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum HandsOver {
    /// Nothing that could take long or fail on its own stands before.
    AtOnce,
    /// After commands of its own.
    AfterMore,
}

/// What the text of a script says; `None` where it does not surely end so.
pub(super) fn hands_over(content: &mut Content<'_>) -> io::Result<Option<HandsOver>> {
    Ok(content.whole(MOST_SCRIPT)?.and_then(last_line))
}

fn last_line(text: &[u8]) -> Option<HandsOver> {
    let text = str::from_utf8(text).ok()?;
    let lines = text.lines().skip(1).filter(|line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#')
    });
    let mut lines: Vec<&str> = lines.collect();
    let last = lines.pop()?;
    if !matches!(last.trim_end(), "exec \"$@\"" | "exec -- \"$@\"") {
        return None;
    }
    let words = |line: &'_ str| -> Vec<String> {
        let apart = line.split(|c: char| c.is_whitespace() || ";&|(){}".contains(c));
        let words = apart.filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    let mut passing = true;
    for line in lines {
        // A here-document may hold anything.
        if line.contains("<<") {
            return None;
        }
        let words = words(line);
        if words.iter().any(|word| TURNS.contains(&word.as_str())) {
            return None;
        }
        let calls = line.contains("$(") || line.contains('`') || line.contains(['&', '|', ';']);
        let first = words.first().map_or("", String::as_str);
        passing &= !calls && (PASSING.contains(&first) || assigns(first));
    }
    Some(match passing {
        true => HandsOver::AtOnce,
        false => HandsOver::AfterMore,
    })
}

/// `NAME=value`.
fn assigns(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<HandsOver> {
        last_line(text.as_bytes())
    }

    #[test]
    fn an_entrypoint_that_only_sets_things_hands_over_at_once() {
        for text in [
            "#!/bin/sh\nexec \"$@\"\n",
            "#!/bin/sh\nset -e\n# settings\nexport A=b\nPORT=80\n\nexec \"$@\"",
            "#!/bin/sh\nif [ -n \"$X\" ]\nthen\n  export Y=1\nfi\nexec \"$@\"\n\n",
        ] {
            assert_eq!(of(text), Some(HandsOver::AtOnce), "{text}");
        }
    }

    #[test]
    fn commands_before_it_may_take_their_time() {
        for text in [
            "#!/bin/sh\n/migrate up\nexec \"$@\"\n",
            "#!/bin/sh\nset -e; /serve\nexec \"$@\"\n",
            "#!/bin/sh\nA=$(/serve)\nexec \"$@\"\n",
        ] {
            assert_eq!(of(text), Some(HandsOver::AfterMore), "{text}");
        }
    }

    #[test]
    fn what_may_turn_away_before_says_nothing() {
        for text in [
            "#!/bin/sh\n",
            "#!/bin/sh\necho \"$@\"\n",
            "#!/bin/sh\nif [ \"$1\" = serve ]; then exec /serve; fi\nexec \"$@\"\n",
            "#!/bin/sh\n[ -f /x ] || exit 0\nexec \"$@\"\n",
            "#!/bin/sh\nwhile true\ndo /serve\ndone\nexec \"$@\"\n",
            "#!/bin/sh\ncat <<END\nexec \"$@\"\n",
            "#!/bin/sh\nif [ \"$1\" ]; then\n  exec \"$@\"\nfi\n",
            "#!/bin/sh\n  exec \"$@\"\n",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
        assert_eq!(last_line(b"#!/bin/sh\n\xff\nexec \"$@\"\n"), None);
    }
}
