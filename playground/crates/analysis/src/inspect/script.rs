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
/// Stand before a command.
const LEADS: [&str; 11] = [
    "if", "then", "else", "elif", "while", "until", "do", "!", "exec", "nohup", "time",
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

/// The program that a script ends with: `exec /app "$@"`, or the same without `exec`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LastCommand {
    /// What stands before, and how a name is looked up.
    pub how: ExecTarget,
    /// The program, and the arguments that are the same at every start.
    pub words: Vec<String>,
    /// Whether the script's own arguments follow them.
    pub passes_on: bool,
}

/// What becomes of the shell that reads a script.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reader {
    /// It becomes the program of the last line: `exec`.
    Becomes,
    /// It starts that program, waits for it, and hears no signal meanwhile.
    Waits,
    /// Another, or what cannot be told: a `trap` may pass signals on.
    #[default]
    Unknown,
}

/// Programs that are kept of a script of which the end cannot be told.
const MAX_NAMED: usize = 8;

/// The programs that a script says itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Commands {
    /// What it surely ends with.
    pub last: Option<LastCommand>,
    /// Where it has no such end: what it runs by an absolute path, or by `exec`, somewhere.
    pub named: Vec<String>,
    /// What becomes of the shell at its end.
    pub reader: Reader,
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
) -> io::Result<(Option<ExecTarget>, Option<Commands>)> {
    let Some(text) = content.whole(MAX_SCRIPT)? else {
        return Ok((None, None));
    };
    let hands_over = last_line(text);
    let last = last_command(text);
    let named = match (hands_over, &last) {
        (None, None) => named(text),
        _ => Vec::new(),
    };
    let reader = reader(text);
    let some = last.is_some() || !named.is_empty() || reader != Reader::Unknown;
    let commands = Commands {
        last,
        named,
        reader,
    };
    Ok((hands_over, some.then_some(commands)))
}

/// What becomes of the shell at the last line, where the script surely comes to it: `exec /app`, or
/// `/app`, or `"$@"`.
fn reader(text: &[u8]) -> Reader {
    let Some((last, _)) = comes_to(text, false) else {
        return Reader::Unknown;
    };
    let mut words = last.split_whitespace();
    let first = words.next().unwrap_or_default();
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-".contains(c);
    let program = first.contains('/') && first.chars().all(plain);
    // What follows a sign may be anything; and whoever sets a trap means to hear.
    let more = last.contains(['&', '|', ';', '(', ')', '`']);
    match () {
        () if first == "exec" && !more => Reader::Becomes,
        () if more || memchr::memmem::find(text, b"trap").is_some() => Reader::Unknown,
        () if program || first == "\"$@\"" => Reader::Waits,
        () => Reader::Unknown,
    }
}

fn last_line(text: &[u8]) -> Option<ExecTarget> {
    let (last, how) = comes_to(text, true)?;
    matches!(last, "exec \"$@\"" | "exec -- \"$@\"").then_some(how)
}

/// `exec /app -x "$@"`, with words that no shell has to work out.
fn last_command(text: &[u8]) -> Option<LastCommand> {
    let (last, how) = comes_to(text, false)?;
    let exec = last.strip_prefix("exec ");
    let (line, passes_on) = match exec.unwrap_or(last).trim().strip_suffix("\"$@\"") {
        Some(line) => (line, true),
        None => (exec.unwrap_or(last).trim(), false),
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-=:,+@%".contains(c);
    let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
    let sound = words.iter().all(|word| word.chars().all(plain));
    // `exec /app"$@"`
    let apart = !passes_on || line.ends_with([' ', '\t']);
    let first = words.first()?;
    // A name alone may be a function's or the shell's own, but not behind `exec`.
    let program = first.contains('/') || exec.is_some() && !first.starts_with('-');
    let same = first.starts_with('/') || how.finds == Finds::AsTheImage;
    (sound && apart && program && same && !first.contains('=')).then_some(LastCommand {
        how,
        words,
        passes_on,
    })
}

/// What stands where a command does, and is an absolute path or follows `exec`.
fn named(text: &[u8]) -> Vec<String> {
    let Ok(text) = str::from_utf8(text) else {
        return Vec::new();
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+".contains(c);
    let mut found: Vec<String> = Vec::new();
    let lines = text.lines().skip(1).map(str::trim_start);
    let lines = lines.filter(|line| !line.starts_with('#'));
    for command in lines.flat_map(|line| line.split([';', '&', '|', '(', ')', '{', '}'])) {
        let mut words = command.split_whitespace();
        let mut exec = false;
        let first = words.find(|word| {
            exec |= *word == "exec";
            !(LEADS.contains(word) || assigns(word))
        });
        let Some(first) = first.filter(|word| word.chars().all(plain)) else {
            continue;
        };
        let program = first.starts_with('/') || exec && !first.starts_with('-');
        if program && !found.iter().any(|known| known == first) {
            found.push(first.to_owned());
        }
        if found.len() >= MAX_NAMED {
            break;
        }
    }
    found
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
    // What a backslash ends goes on, and what is indented belongs to something.
    let indented = last.starts_with([' ', '\t']);
    if indented || lines.last().is_some_and(|line| line.ends_with('\\')) {
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
        let of = |text: &str| last_command(text.as_bytes());
        let line = |when, words: &[&str], passes_on| {
            let words = words.iter().map(|word| (*word).to_owned()).collect();
            let how = ExecTarget {
                when,
                finds: Finds::AsTheImage,
            };
            Some(LastCommand {
                how,
                words,
                passes_on,
            })
        };
        let at_once = When::AtOnce;
        for (text, words, passes_on) in [
            ("#!/bin/sh\nexec /app \"$@\"\n", &["/app"][..], true),
            (
                "#!/bin/sh\nset -e\nexec /app -x=1",
                &["/app", "-x=1"],
                false,
            ),
            (
                "#!/bin/sh\nexec app serve \"$@\"\n",
                &["app", "serve"],
                true,
            ),
            ("#!/bin/sh\n/app \"$@\"\n", &["/app"], true),
            ("#!/bin/sh\n./app\n", &["./app"], false),
        ] {
            assert_eq!(of(text), line(at_once, words, passes_on), "{text}");
        }
        let later = "#!/bin/sh\nset -- a\nshift\n/migrate\nexec /app \"$@\"\n";
        assert_eq!(of(later), line(When::AfterMore, &["/app"], true));
        for text in [
            "#!/bin/sh\nmain \"$@\"\n",
            "#!/bin/sh\ncd /srv\nexec app \"$@\"\n",
            "#!/bin/sh\ncd /srv\n./app \"$@\"\n",
            "#!/bin/sh\nexec /app\"$@\"\n",
            "#!/bin/sh\nexec /app $ARGS\n",
            "#!/bin/sh\nexec $APP\n",
            "#!/bin/sh\nexec /app || /other\n",
            "#!/bin/sh\nexec -a name /app\n",
            "#!/bin/sh\nA=/app\n",
            "#!/bin/sh\nif false; then exit; fi\nexec /app\n",
            "#!/bin/sh\nrun() {\n  /app\n",
            "#!/bin/sh\necho \\\nexec /app\n",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }

    #[test]
    fn a_shell_without_exec_stays_and_waits() {
        let of = |text: &str| reader(text.as_bytes());
        for text in [
            "#!/bin/sh\n/app \"$@\"\n",
            "#!/bin/sh\nset -e\n\"$@\"\n",
            "#!/bin/sh\nset -- a\ncd /srv\n./app $ARGS >/log\n",
        ] {
            assert_eq!(of(text), Reader::Waits, "{text}");
        }
        for text in [
            "#!/bin/sh\nexec /app\n",
            "#!/bin/sh\nset -- /app \"$@\"\nexec \"$@\"\n",
        ] {
            assert_eq!(of(text), Reader::Becomes, "{text}");
        }
        for text in [
            "#!/bin/sh\ntrap 'kill %1' TERM\n/app\n",
            "#!/bin/sh\n/app &\nwait\n",
            "#!/bin/sh\n/app &\n",
            "#!/bin/sh\n/app || exec /other\n",
            "#!/bin/sh\necho done\n",
            "#!/bin/sh\nif true; then\n  /app\nfi\n",
            "#!/bin/sh\nmain \"$@\"\n",
        ] {
            assert_eq!(of(text), Reader::Unknown, "{text}");
        }
    }

    #[test]
    fn what_a_script_may_start_is_named() {
        let of = |text: &str| named(text.as_bytes());
        let text = "#!/bin/sh\n# /no\nif [ \"$1\" = serve ]; then\n  A=b exec /app serve\nfi\n\
            /migrate && exec other \"$@\"\ncase $1 in x) /app;; esac\necho /word\n\"$APP\"\n";
        assert_eq!(of(text), ["/app", "/migrate", "other"]);
        let many: String = (0..99).map(|n| format!("/p{n}\n")).collect();
        assert_eq!(of(&format!("#!/bin/sh\n{many}")).len(), MAX_NAMED);
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
