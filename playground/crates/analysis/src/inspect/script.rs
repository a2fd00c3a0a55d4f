//! Whether a script ends by becoming what its arguments name, as entrypoint scripts do:
//! `exec "$@"`; or a program of its own choice: `exec /app "$@"`.
//!
//! Owns that one question, asked of its text. Refuses to know what else a script does.

use crate::image::EntryContent;
use serde::Serialize;
use std::io;

/// A script larger than this is not read. The official images' entrypoints are below 20 KB.
const MAX_SCRIPT: usize = 64 << 10;
/// First words of lines that start nothing which could take long or end the script.
const PASSING: [&str; 16] = [
    "set", "export", "echo", "printf", "umask", "ulimit", "cd", "unset", "readonly", "if", "then",
    "else", "elif", "fi", "[", ":",
];
/// Where one of these words stands before the last line, the script may never come to it, or
/// come to it with other arguments.
const TURNS: [&str; 12] = [
    "exec", "exit", "return", "while", "until", "for", "case", "wait", "shift", "eval", ".",
    "source",
];
/// They change the directory that a relative path begins at.
const MOVES: [&str; 4] = ["cd", "chdir", "pushd", "popd"];

/// How a script hands over to what its arguments name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct ExecTarget {
    /// What stands before.
    pub when: When,
    /// Where a word leads that is no absolute path.
    pub finds: Finds,
}

/// The program that a script becomes: `exec /app "$@"`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExecLine {
    /// What stands before.
    pub when: When,
    /// An absolute path, and the arguments that are the same at every start.
    pub words: Vec<String>,
    /// Whether the script's own arguments follow them.
    pub passes_on: bool,
}

/// What a script does before it hands over.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// Nothing that could take long or fail on its own.
    AtOnce,
    /// Commands of its own.
    AfterMore,
}

/// How names and relative paths are looked up behind a script's last line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Finds {
    /// As the image says.
    AsTheImage,
    /// The script changes directory or `PATH`: only an absolute path leads to the same file.
    Elsewhere,
}

/// What the text of a script says it becomes: what its arguments name, or a program of its own;
/// nothing where it does not surely end so.
pub(super) fn ends(
    content: &mut EntryContent<'_>,
) -> io::Result<(Option<ExecTarget>, Option<ExecLine>)> {
    let Some(text) = content.whole(MAX_SCRIPT)? else {
        return Ok((None, None));
    };
    Ok((last_line(text), exec_line(text)))
}

fn last_line(text: &[u8]) -> Option<ExecTarget> {
    let (last, how) = comes_to(text, true)?;
    matches!(last, "exec \"$@\"" | "exec -- \"$@\"").then_some(how)
}

/// `exec /app -x "$@"`, with words that no shell has to work out.
fn exec_line(text: &[u8]) -> Option<ExecLine> {
    let (last, how) = comes_to(text, false)?;
    let line = last.strip_prefix("exec ")?;
    let (line, passes_on) = match line.trim().strip_suffix("\"$@\"") {
        Some(line) => (line, true),
        None => (line, false),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:,+@%".contains(c);
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let sound = words.iter().all(|word| word.chars().all(plain));
    // `exec /app"$@"`
    let apart = !passes_on || line.ends_with([' ', '\t']);
    let absolute = words.first().is_some_and(|word| word.starts_with('/'));
    (sound && apart && absolute).then_some(ExecLine {
        when: how.when,
        words,
        passes_on,
    })
}

/// The last line of a script that surely comes to it; `same` arguments, if that matters.
fn comes_to(text: &[u8], same: bool) -> Option<(&str, ExecTarget)> {
    let text = str::from_utf8(text).ok()?;
    let lines = text.lines().skip(1).filter(|line| {
        let line = line.trim_start();
        !line.is_empty() && !line.starts_with('#')
    });
    let mut lines: Vec<&str> = lines.collect();
    let last = lines.pop()?.trim_end();
    // What a backslash ends goes on.
    if !last.starts_with("exec ") || lines.last().is_some_and(|line| line.ends_with('\\')) {
        return None;
    }
    let words = |line: &'_ str| -> Vec<String> {
        let apart = line.split(|c: char| c.is_whitespace() || ";&|(){}".contains(c));
        let words = apart.filter(|word| !word.is_empty());
        words.map(str::to_owned).collect()
    };
    let mut how = ExecTarget {
        when: When::AtOnce,
        finds: Finds::AsTheImage,
    };
    for line in lines {
        // A here-document may hold anything.
        if line.contains("<<") {
            return None;
        }
        let words = words(line);
        let turns = |word: &String| TURNS.contains(&word.as_str()) && (same || word != "shift");
        if words.iter().any(turns) || same && sets_arguments(line) {
            return None;
        }
        let calls = line.contains("$(") || line.contains('`') || line.contains(['&', '|', ';']);
        let first = words.first().map_or("", String::as_str);
        if calls || !(PASSING.contains(&first) || assigns(first)) {
            how.when = When::AfterMore;
        }
        // `export $(cat .env)` may name any variable.
        let exports = calls && words.iter().any(|word| word == "export");
        if exports || words.iter().any(|word| moves(word)) {
            how.finds = Finds::Elsewhere;
        }
    }
    Some((last, how))
}

/// `set -- memcached "$@"`, `set x`: `set` with more than options replaces the arguments.
fn sets_arguments(line: &str) -> bool {
    line.split(|c: char| ";&|(){}".contains(c)).any(|command| {
        let mut rest = command.split_whitespace().skip_while(|word| *word != "set");
        rest.next();
        while let Some(word) = rest.next() {
            match word.strip_prefix(['-', '+']) {
                // `-o pipefail`, `-eo pipefail`: the option's name is a word.
                Some(letters) if letters.ends_with('o') => drop(rest.next()),
                Some(letters) if letters.starts_with(|c: char| c.is_ascii_alphabetic()) => {}
                _ => return true,
            }
        }
        false
    })
}

/// `cd`, `PATH=…`, `export PATH`: it may be looked up elsewhere from here on.
fn moves(word: &str) -> bool {
    let path = word.strip_prefix("PATH");
    MOVES.contains(&word)
        || path.is_some_and(|rest| rest.is_empty() || rest.starts_with(['=', '+', ':']))
}

/// `NAME=value`.
fn assigns(word: &str) -> bool {
    let name = word.split_once('=').map_or("", |(name, _)| name);
    !name.is_empty() && name.chars().all(|c| c == '_' || c.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Option<ExecTarget> {
        last_line(text.as_bytes())
    }

    fn at(when: When, finds: Finds) -> Option<ExecTarget> {
        Some(ExecTarget { when, finds })
    }

    #[test]
    fn an_entrypoint_that_only_sets_things_hands_over_at_once() {
        for text in [
            "#!/bin/sh\nexec \"$@\"\n",
            "#!/bin/sh\nset -e\n# settings\nexport A=b\nPORT=80\n\nexec \"$@\"",
            "#!/bin/sh\nset -eu -o pipefail\nset -eo pipefail\nexec \"$@\"\n",
            "#!/bin/sh\nif [ -n \"$X\" ]\nthen\n  export Y=1\nfi\nexec \"$@\"\n\n",
        ] {
            assert_eq!(of(text), at(When::AtOnce, Finds::AsTheImage), "{text}");
        }
    }

    #[test]
    fn a_script_may_become_a_program_of_its_own() {
        let of = |text: &str| exec_line(text.as_bytes());
        let line = |when, words: &[&str], passes_on| {
            let words = words.iter().map(|word| (*word).to_owned()).collect();
            Some(ExecLine {
                when,
                words,
                passes_on,
            })
        };
        let at_once = When::AtOnce;
        assert_eq!(
            of("#!/bin/sh\nexec /app \"$@\"\n"),
            line(at_once, &["/app"], true)
        );
        assert_eq!(
            of("#!/bin/sh\nset -e\nexec /app -x=1"),
            line(at_once, &["/app", "-x=1"], false)
        );
        let later = "#!/bin/sh\nset -- a\nshift\n/migrate\nexec /app \"$@\"\n";
        assert_eq!(of(later), line(When::AfterMore, &["/app"], true));
        for text in [
            "#!/bin/sh\nexec app \"$@\"\n",
            "#!/bin/sh\nexec /app\"$@\"\n",
            "#!/bin/sh\nexec /app $ARGS\n",
            "#!/bin/sh\nexec $APP\n",
            "#!/bin/sh\nexec /app || /other\n",
            "#!/bin/sh\nexec -a name /app\n",
            "#!/bin/sh\n/app \"$@\"\n",
            "#!/bin/sh\nif false; then exit; fi\nexec /app\n",
            "#!/bin/sh\necho \\\nexec /app\n",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn commands_before_it_may_take_their_time() {
        for text in [
            "#!/bin/sh\n/migrate up\nexec \"$@\"\n",
            "#!/bin/sh\nset -e; /serve\nexec \"$@\"\n",
            "#!/bin/sh\nA=$(/serve)\nexec \"$@\"\n",
        ] {
            assert_eq!(of(text), at(When::AfterMore, Finds::AsTheImage), "{text}");
        }
    }

    #[test]
    fn a_script_that_changes_its_arguments_says_nothing() {
        for text in [
            "#!/bin/sh\nif [ \"${1#-}\" != \"$1\" ]; then\n\tset -- memcached \"$@\"\nfi\nexec \"$@\"\n",
            "#!/bin/sh\nif [ -z \"$1\" ]; then set -- /app; fi\nexec \"$@\"\n",
            "#!/bin/sh\nset -e -- /app\nexec \"$@\"\n",
            "#!/bin/sh\nset x\nexec \"$@\"\n",
            "#!/bin/sh\nset /app -v\nexec \"$@\"\n",
            "#!/bin/sh\n[ \"$1\" = a ] && shift\nexec \"$@\"\n",
            "#!/bin/sh\n. /settings\nexec \"$@\"\n",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn behind_another_directory_or_path_names_lead_elsewhere() {
        for text in [
            "#!/bin/sh\ncd /srv\nexec \"$@\"\n",
            "#!/bin/sh\nPATH=/opt/bin:$PATH\nexec \"$@\"\n",
            "#!/bin/sh\nexport A=b PATH=\"$PATH:/opt\"\nexec \"$@\"\n",
            "#!/bin/sh\nunset PATH\nexec \"$@\"\n",
        ] {
            assert_eq!(of(text), at(When::AtOnce, Finds::Elsewhere), "{text}");
        }
        for text in [
            "#!/bin/sh\nset -e; cd /srv\nexec \"$@\"\n",
            "#!/bin/sh\nexport $(cat /env)\nexec \"$@\"\n",
        ] {
            assert_eq!(of(text), at(When::AfterMore, Finds::Elsewhere), "{text}");
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
