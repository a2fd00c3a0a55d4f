//! A shell's line, read as far as it can be without a shell: which simple commands it has.
//!
//! Understands words, quotes and the signs between commands. What depends on a variable, a
//! substitution or a keyword is said to be not known.

/// Commands of a line that are looked at.
const MOST_COMMANDS: usize = 32;
/// Built into every shell: they start nothing, and the line goes on behind them.
const HARMLESS: [&str; 10] = [
    "export", "set", "cd", "umask", "ulimit", ":", "true", "echo", "unset", "trap",
];
/// Stand before a command, which then may or may not happen.
const LEADS: [&str; 10] = [
    "if", "then", "else", "elif", "while", "until", "do", "!", "{", "(",
];
/// Built into every shell, or a keyword: what follows may or may not happen.
const DECIDES: [&str; 16] = [
    "fi", "for", "done", "case", "esac", "}", "test", "[", "[[", "eval", "exit", "read", "false",
    "wait", ".", "source",
];

/// A simple command of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Command {
    /// Its words, without assignments and `exec` before them. A word that a shell would have to
    /// work out is `None`.
    pub(super) words: Vec<Option<String>>,
    /// Began with `exec`: the shell becomes the program.
    pub(super) exec: bool,
    /// The shell surely comes to it, and has nothing else to do if it fails.
    pub(super) sure: bool,
}

/// The simple commands of a line, in order.
pub(super) fn commands(line: &str) -> Vec<Command> {
    let parts = split(line);
    let mut found: Vec<Command> = Vec::new();
    // Whether what came before lets the shell come to the next command for sure.
    let mut straight = true;
    for (n, part) in parts.iter().enumerate().take(MOST_COMMANDS) {
        let leads = |word: &&Option<String>| LEADS.iter().any(|lead| is(word, lead));
        let words: Vec<_> = part.words.iter().skip_while(leads).collect();
        straight &= words.len() == part.words.len();
        let words: Vec<_> = words.into_iter().skip_while(|word| assigns(word)).collect();
        let exec = words.first().is_some_and(|word| is(word, "exec"));
        let words: Vec<_> = words.into_iter().skip(usize::from(exec)).cloned().collect();
        let Some(first) = words.first() else {
            continue;
        };
        let name = first.as_deref().unwrap_or("");
        if HARMLESS.contains(&name) && matches!(part.then, Then::And | Then::Next | Then::End) {
            continue;
        }
        if DECIDES.contains(&name) || first.is_none() || HARMLESS.contains(&name) {
            straight = false;
            continue;
        }
        let after = parts[n..].iter().map(|part| part.then);
        let ends = after
            .clone()
            .all(|then| matches!(then, Then::And | Then::End));
        let runs_apart = matches!(part.then, Then::Pipe | Then::Background | Then::Or);
        found.push(Command {
            words,
            exec,
            sure: straight && !runs_apart && (ends || exec),
        });
        straight = false;
    }
    found
}

/// What stands between two commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Then {
    And,
    Or,
    Pipe,
    Next,
    Background,
    End,
}

struct Part {
    words: Vec<Option<String>>,
    then: Then,
}

fn is(word: &Option<String>, text: &str) -> bool {
    word.as_deref() == Some(text)
}

/// `NAME=value`. The value may be anything, but the name is plain text.
fn assigns(word: &Option<String>) -> bool {
    let Some((name, _)) = word.as_deref().and_then(|word| word.split_once('=')) else {
        return false;
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    !name.is_empty() && name.chars().all(plain) && !name.starts_with(|c: char| c.is_ascii_digit())
}

fn split(line: &str) -> Vec<Part> {
    let mut parts = Vec::new();
    let mut words: Vec<Option<String>> = Vec::new();
    let mut word = Word::default();
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        let then = match c {
            '\\' => {
                // A line that goes on.
                match rest.next() {
                    Some('\n') | None => {}
                    Some(c) => word.push(c),
                }
                continue;
            }
            '\'' => {
                word.there = true;
                word.text.extend(rest.by_ref().take_while(|c| *c != '\''));
                continue;
            }
            '"' => {
                word.there = true;
                while let Some(c) = rest.next().filter(|c| *c != '"') {
                    match c {
                        '\\' => word.text.extend(rest.next()),
                        '$' | '`' => word.unknown |= !word.assigns(),
                        c => word.text.push(c),
                    }
                }
                continue;
            }
            '#' if !word.there => {
                while rest.next_if(|c| *c != '\n').is_some() {}
                continue;
            }
            '$' | '`' | '*' | '?' | '~' => {
                word.there = true;
                word.unknown |= !word.assigns();
                if c == '$' && rest.next_if_eq(&'(').is_some() {
                    while rest.next_if(|c| *c != ')').is_some() {}
                }
                continue;
            }
            '>' | '<' => {
                // The number before it and the file behind it are no words of the command.
                word = Word::default();
                while rest.next_if(|c| "<>&| ".contains(*c)).is_some() {}
                while rest.next_if(|c| !" \t\n;&|".contains(*c)).is_some() {}
                continue;
            }
            ' ' | '\t' => {
                words.extend(word.take());
                continue;
            }
            '&' if rest.next_if_eq(&'&').is_some() => Then::And,
            '&' => Then::Background,
            '|' if rest.next_if_eq(&'|').is_some() => Then::Or,
            '|' => Then::Pipe,
            ';' | '\n' => Then::Next,
            '(' => {
                words.push(Some("(".into()));
                continue;
            }
            ')' => Then::Next,
            c => {
                word.push(c);
                continue;
            }
        };
        words.extend(word.take());
        if !words.is_empty() {
            let words = std::mem::take(&mut words);
            parts.push(Part { words, then });
        }
    }
    words.extend(word.take());
    if !words.is_empty() {
        let then = Then::End;
        parts.push(Part { words, then });
    }
    // `app;` ends there.
    if let Some(last) = parts.last_mut().filter(|last| last.then == Then::Next) {
        last.then = Then::End;
    }
    parts
}

#[derive(Default)]
struct Word {
    text: String,
    there: bool,
    unknown: bool,
}

impl Word {
    fn push(&mut self, c: char) {
        self.there = true;
        self.text.push(c);
    }

    /// What follows cannot change that this word is an assignment.
    fn assigns(&self) -> bool {
        assigns(&Some(self.text.clone()))
    }

    fn take(&mut self) -> Option<Option<String>> {
        let Word {
            text,
            there,
            unknown,
        } = std::mem::take(self);
        there.then(|| (!unknown).then_some(text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `sure:` or `perhaps:`, and the words, with `?` for what is not known.
    fn read(line: &str) -> Vec<String> {
        let said = |command: Command| {
            let words: Vec<_> = command
                .words
                .iter()
                .map(|word| word.as_deref().unwrap_or("?"))
                .collect();
            let sure = if command.sure { "sure" } else { "perhaps" };
            format!("{sure}: {}", words.join(" "))
        };
        commands(line).into_iter().map(said).collect()
    }

    #[test]
    fn a_single_command_is_sure_however_it_is_dressed() {
        for line in [
            "/app -x",
            "exec /app -x",
            "A=b C=\"$D\" exec /app -x",
            "  /app -x ;",
            "cd /srv && export A=$B && exec '/app' \"-x\"",
            "set -e; umask 022; /app -x >/log 2>&1",
            "echo starting; /app -x # and a word",
            "/app \\\n -x",
        ] {
            assert_eq!(read(line), ["sure: /app -x"], "{line}");
        }
    }

    #[test]
    fn what_hangs_on_something_else_is_not_sure() {
        assert_eq!(
            read("/migrate && /app"),
            ["sure: /migrate", "perhaps: /app"]
        );
        assert_eq!(
            read("/migrate; /app"),
            ["perhaps: /migrate", "perhaps: /app"]
        );
        assert_eq!(read("wget -q x || exit 1"), ["perhaps: wget -q x"]);
        assert_eq!(read("[ -f /x ] && /app"), ["perhaps: /app"]);
        assert_eq!(read("if true; then /app; fi"), ["perhaps: /app"]);
        assert_eq!(
            read("/app | tee /log"),
            ["perhaps: /app", "perhaps: tee /log"]
        );
        assert_eq!(read("/app & wait"), ["perhaps: /app"]);
        assert_eq!(read("(/app)"), ["perhaps: /app"]);
        assert_eq!(read("$APP --x"), [""; 0]);
        assert_eq!(read("/app $ARGS \"$@\""), ["sure: /app ? ?"]);
    }

    #[test]
    fn odd_lines_end() {
        for line in ["", "'", "\"", "\\", "$(", "&&&&||;;", ">", "a>", "<<<"] {
            commands(line);
        }
        assert!(commands(&"a;".repeat(10_000)).len() <= 32);
    }
}
