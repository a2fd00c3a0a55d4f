//! Why a container did not start, from the words that were said and the file they are about.
//!
//! The same words may mean several things: "no such file or directory" is said of a file that
//! is there when its loader is not. The file's own bytes tell.

use super::listing::Listing;
use super::observe::Observed;
use analysis::preflight::Rule;
use regex::Regex;

/// Words of kernel, engine, loader, shell; the first that fit decide. `path` is what they are about.
const WORDS: [(&str, Words); 18] = [
    ("No command specified", Words::Mean(Rule::NoCommand)),
    (
        "unable to find (user|group) ",
        Words::Mean(Rule::UnknownUser),
    ),
    (
        "uids and gids must be in range",
        Words::Mean(Rule::UnknownUser),
    ),
    (
        r#"exec: "(?<path>[^"]+)": executable file not found in \$PATH"#,
        Words::Absent,
    ),
    (
        r#"exec: "(?<path>[^"]+)": (stat .+: )?(no such file or directory|not a directory)"#,
        Words::Absent,
    ),
    (
        r#"exec: "[^"]+": .*too many levels of symbolic links"#,
        Words::Mean(Rule::CommandMissing),
    ),
    (
        r#"exec: "[^"]+": (stat \S+: )?(permission denied|is a directory)"#,
        Words::Mean(Rule::CommandNotExecutable),
    ),
    (
        "version `[^']+' not found",
        Words::Mean(Rule::LibraryTooOld),
    ),
    ("Error relocating ", Words::Mean(Rule::LibraryTooOld)),
    (
        "(?i)error (while )?loading shared (library|libraries)",
        Words::Mean(Rule::LibraryMissing),
    ),
    // env looks for a command like a shell does.
    (
        "env: .*No such file or directory",
        Words::Mean(Rule::CommandMissing),
    ),
    ("(line 1|sh: 1): .?ELF", Words::Garbled),
    (
        r"exec (?<path>\S+)( failed)?: no such file or directory",
        Words::Unloaded,
    ),
    (
        r"(?i)exec (?<path>\S+)( failed)?: exec format error",
        Words::Unreadable,
    ),
    (
        r"(?i)(^|: )(?<path>[^\s:]+): (not found|no such file)",
        Words::Unloaded,
    ),
    (
        r"(?i)(^|: )(?<path>/\S+|\./\S+): exec format error",
        Words::Unreadable,
    ),
    (
        r"(?i)permission denied",
        Words::Mean(Rule::CommandNotExecutable),
    ),
    (
        r"(?i)syntax error|not found|SIGSEGV|segmentation fault",
        Words::Garbled,
    ),
];

/// What words say.
#[derive(Clone, Copy)]
enum Words {
    /// This, whatever the file.
    Mean(Rule),
    /// The file is not there.
    Absent,
    /// The file, or what it needs to be loaded, is not there.
    Unloaded,
    /// The kernel cannot execute such a file.
    Unreadable,
    /// A shell took a program for a script.
    Garbled,
}

/// Why it did not start; `None` where nobody can tell.
pub(super) fn reason(observed: &Observed, app: &str, cpu: &str) -> Option<Rule> {
    // Killed by a signal before it could say a word: its own pages are not there.
    if observed.said.is_empty() && observed.exit.is_some_and(|code| code > 128) {
        return Some(Rule::NotAnExecutable);
    }
    let words = observed.refused.as_deref().unwrap_or(&observed.said);
    let files = &observed.files;
    WORDS.into_iter().find_map(|(pattern, meaning)| {
        let pattern = Regex::new(&format!("(?m){pattern}")).ok()?;
        let found = pattern.captures(words)?;
        let path = found.name("path").map_or(app, |path| path.as_str());
        Some(match meaning {
            Words::Mean(rule) => rule,
            Words::Absent if is_shell(path) => Rule::NoShell,
            Words::Absent => Rule::CommandMissing,
            Words::Unloaded => unloaded(files, path),
            Words::Unreadable | Words::Garbled => unreadable(files, path, cpu),
        })
    })
}

fn is_shell(path: &str) -> bool {
    matches!(
        path.rsplit('/').next(),
        Some("sh" | "bash" | "ash" | "dash")
    )
}

fn unloaded(files: &Listing, path: &str) -> Rule {
    match files.behind(path) {
        None => Rule::CommandMissing,
        Some(file) if file.head.starts_with(b"#!") => {
            match files.behind(&interpreter(&file.head)) {
                // It is there, so what is missing is what it needs itself.
                Some(_) => Rule::LoaderMissing,
                None => Rule::ScriptInterpreterMissing,
            }
        }
        Some(_) => Rule::LoaderMissing,
    }
}

/// What the kernel takes from a `#!` line; a carriage return belongs to it.
fn interpreter(head: &[u8]) -> String {
    let line = String::from_utf8_lossy(head);
    let line = line.split('\n').next().unwrap_or_default();
    let words = line.trim_start_matches("#!").trim_start_matches(' ');
    words
        .split([' ', '\t'])
        .next()
        .unwrap_or_default()
        .to_owned()
}

fn unreadable(files: &Listing, path: &str, cpu: &str) -> Rule {
    // e_machine: 62 is x86-64, 183 is AArch64.
    let ours: u16 = if cpu == "arm64" { 183 } else { 62 };
    match files.behind(path) {
        Some(file) if file.head.starts_with(b"\x7fELF") && machine(&file.head) != Some(ours) => {
            Rule::WrongCpu
        }
        _ => Rule::NotAnExecutable,
    }
}

fn machine(head: &[u8]) -> Option<u16> {
    let bytes = head.get(18..20)?;
    Some(u16::from_le_bytes([bytes[0], bytes[1]]))
}
