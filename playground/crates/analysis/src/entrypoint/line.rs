//! A shell's line, read as far as it can be without a shell: which simple commands it has.
//!
//! Understands words, quotes and the signs between commands. What depends on a variable, a
//! substitution or a keyword is said to be not known.

#[cfg(test)]
mod tests;

use super::Certainty;

/// Commands of a line that are looked at.
const MAX_COMMANDS: usize = 32;
/// Built into every shell: they start nothing, and the line goes on behind them.
const HARMLESS: [&str; 24] = [
    "export", "set", "cd", "umask", "ulimit", ":", "true", "echo", "unset", "trap", "printf",
    "readonly", "alias", "hash", "pwd", "shopt", "type", "pushd", "popd", "chdir", "dirs",
    "unalias", "times", "disown",
];
/// They change the directory that a relative path begins at.
const MOVES: [&str; 4] = ["cd", "chdir", "pushd", "popd"];
/// They may change `PATH`.
const SETS: [&str; 5] = ["export", "readonly", "unset", "declare", "typeset"];
/// They run lines that are not here.
const READS: [&str; 3] = [".", "source", "eval"];
/// Stand before a command, which then may or may not happen.
const LEADS: [&str; 11] = [
    "if", "then", "else", "elif", "while", "until", "do", "!", "{", "(", "time",
];
/// Built into shells, or keywords: what follows may or may not happen.
const DECIDES: [&str; 33] = [
    "fi", "for", "done", "case", "esac", "}", "test", "[", "[[", "eval", "exit", "read", "false",
    "wait", ".", "source", "kill", "return", "shift", "break", "continue", "command", "builtin",
    "local", "declare", "typeset", "let", "getopts", "select", "function", "jobs", "bg", "fg",
];

/// A simple command of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Command {
    /// Its words, without assignments and `exec` before them. A word that a shell would have to
    /// work out is `None`.
    pub(crate) words: Vec<Option<String>>,
    /// Began with `exec`: the shell becomes the program.
    pub(crate) exec: bool,
    /// The line changes directory or `PATH` before, so that its first word may lead elsewhere.
    pub(crate) lost: bool,
    /// Whether the shell comes to it, and whether all ends with it.
    pub(crate) certainty: Certainty,
}

/// Where a shell looks names up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Names {
    /// Along the image's `PATH`.
    Image,
    /// Perhaps elsewhere: the shell reads a profile first, or the line sets `PATH`.
    Elsewhere,
}

/// The simple commands of a line, in order.
pub(crate) fn commands(line: &str, mut names: Names) -> Vec<Command> {
    let parts = split(line);
    let mut found: Vec<Command> = Vec::new();
    let mut moved = false;
    // Whether what came before lets the shell come to the next command for sure.
    let mut straight = true;
    for (n, part) in parts.iter().enumerate().take(MAX_COMMANDS) {
        let leads = |word: &&Option<String>| LEADS.iter().any(|lead| is(word, lead));
        let words: Vec<_> = part.words.iter().skip_while(leads).collect();
        straight &= words.len() == part.words.len();
        let set = words.iter().take_while(|word| assigns(word));
        // `PATH=/opt app` is for that command alone, but then it hardly matters who comes next.
        if set.into_iter().any(|word| sets_path(word)) {
            names = Names::Elsewhere;
        }
        let words: Vec<_> = words.into_iter().skip_while(|word| assigns(word)).collect();
        let exec = words.first().is_some_and(|word| is(word, "exec"));
        let words: Vec<_> = words.into_iter().skip(usize::from(exec)).cloned().collect();
        let words = match exec {
            true => behind_options(words, &mut straight),
            false => words,
        };
        let Some(first) = words.first() else {
            continue;
        };
        let name = first.as_deref().unwrap_or("");
        moved |= MOVES.contains(&name);
        if SETS.contains(&name) && words.iter().any(sets_path) {
            names = Names::Elsewhere;
        }
        // `. /opt/settings` may do both.
        if READS.contains(&name) {
            (moved, names) = (true, Names::Elsewhere);
        }
        if HARMLESS.contains(&name) && matches!(part.then, Then::And | Then::Next | Then::End) {
            continue;
        }
        if DECIDES.contains(&name) || first.is_none() || HARMLESS.contains(&name) {
            straight = false;
            continue;
        }
        let lost = match (name.starts_with('/'), name.contains('/')) {
            (true, _) => false,
            (false, true) => moved,
            (false, false) => names == Names::Elsewhere,
        };
        found.push(Command {
            words,
            exec,
            lost,
            certainty: match (straight && !lost, exec || ends_with(&parts[n..])) {
                (false, _) => Certainty::Possible,
                (true, true) => Certainty::Required,
                (true, false) => Certainty::Certain,
            },
        });
        // Both ends of a pipe are started.
        straight &= part.then == Then::Pipe;
    }
    found
}

/// What becomes of a shell that reads a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shell {
    /// It becomes a program: the line says `exec`.
    Becomes,
    /// It has nothing to do once it has started the last program, and most shells become it.
    Waits,
    /// It has something left to do, and stays.
    Stays,
    /// It starts nothing that could be told.
    Unknown,
}

/// What becomes of the shell that reads this line.
pub(crate) fn shell_of(line: &str) -> Shell {
    let found = commands(line, Names::Image);
    let parts = split(line);
    let (Some(last), Some(end)) = (found.last(), parts.last()) else {
        return Shell::Unknown;
    };
    let is_last = end.words.ends_with(&last.words);
    let plain = |part: &Part| matches!(part.then, Then::And | Then::Next | Then::End);
    match () {
        () if found.iter().any(|command| command.exec) => Shell::Becomes,
        () if is_last && parts.iter().all(plain) => Shell::Waits,
        () => Shell::Stays,
    }
}

/// What follows `exec -a web`, `exec -cl`, `exec --`.
fn behind_options(words: Vec<Option<String>>, straight: &mut bool) -> Vec<Option<String>> {
    let mut rest = words.into_iter().peekable();
    while let Some(option) = rest.next_if(|word| word.as_ref().is_some_and(|w| w.starts_with('-')))
    {
        let letters = option.as_deref().unwrap_or("-").trim_start_matches('-');
        match letters.strip_suffix('a') {
            Some(letters) if letters.chars().all(|c| "cl".contains(c)) => drop(rest.next()),
            _ if letters.is_empty() => break,
            _ => *straight &= letters.chars().all(|c| "cl".contains(c)),
        }
    }
    rest.collect()
}

/// `PATH=…`, `PATH`, or a word that only a shell can tell.
fn sets_path(word: &Option<String>) -> bool {
    match word.as_deref() {
        Some(word) => word == "PATH" || word.starts_with("PATH=") || word.starts_with("PATH+="),
        None => true,
    }
}

/// Whether nothing else happens if the first of these cannot be started: `app && more`,
/// `app || exit 1`.
fn ends_with(parts: &[Part]) -> bool {
    let gives_up = |part: &Part| {
        let first = part.words.first().and_then(Option::as_deref);
        matches!(first, Some("exit" | "false"))
    };
    match parts {
        [only] => only.then == Then::End,
        [first, rest @ ..] if first.then == Then::And => ends_with(rest),
        [first, last] => first.then == Then::Or && gives_up(last),
        _ => false,
    }
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
                let number = word.text.chars().all(|c| c.is_ascii_digit());
                let word = std::mem::take(&mut word).take();
                words.extend(word.filter(|word| !number || word.is_none()));
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
