//! Why a container did not start, from the words that were said and the file they are about.
//!
//! Which words mean what is data (`[[refusal]]` in `cases.toml`). The same words may mean several
//! things: "no such file or directory" is said of a file that is there when its loader is not. The
//! file's own bytes tell.

use super::listing::Listing;
use super::observe::Observed;
use analysis::preflight::Rule;
use regex::Regex;
use serde::{Deserialize, Deserializer, de::Error};
use std::collections::BTreeMap;

/// Words of kernel, engine, loader or shell.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Refusal {
    /// A pattern; its group `path` is what they are about, else that is the case's program.
    #[serde(deserialize_with = "pattern")]
    words: Regex,
    /// Only of a program that was killed by a signal.
    #[serde(default)]
    killed: bool,
    means: Meaning,
}

/// The rule that tells it, if that hangs on the file also by what the file is.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Meaning {
    Always(#[serde(deserialize_with = "rule")] &'static Rule),
    ByFile(BTreeMap<FileIs, Named>),
}

#[derive(Debug, Deserialize)]
struct Named(#[serde(deserialize_with = "rule")] &'static Rule);

/// What a file may be; the first that is named and holds counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum FileIs {
    /// By its name, there or not.
    AShell,
    Absent,
    /// A script whose `#!` names what is not there.
    AScriptAlone,
    /// An ELF file for another CPU.
    ForAnotherCpu,
    AnythingElse,
}

/// A pattern whose `^` and `$` are those of lines.
pub(super) fn pattern<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Regex, D::Error> {
    let text = String::deserialize(deserializer)?;
    Regex::new(&format!("(?m){text}")).map_err(Error::custom)
}

pub(super) fn some_pattern<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Regex>, D::Error> {
    pattern(deserializer).map(Some)
}

fn rule<'de, D: Deserializer<'de>>(deserializer: D) -> Result<&'static Rule, D::Error> {
    let id = String::deserialize(deserializer)?;
    Rule::named(&id).ok_or_else(|| Error::custom(format!("there is no rule `{id}`")))
}

impl Refusal {
    /// The rules that it may be about.
    pub(super) fn rules(&self) -> Vec<&'static Rule> {
        match &self.means {
            Meaning::Always(rule) => vec![*rule],
            Meaning::ByFile(rules) => rules.values().map(|named| named.0).collect(),
        }
    }

    fn rule(&self, observed: &Observed, app: &str, cpu: &str) -> Option<&'static Rule> {
        if self.killed && observed.exit.is_none_or(|code| code <= 128) {
            return None;
        }
        let words = observed.refused.as_deref().unwrap_or(&observed.said);
        let found = self.words.captures(words)?;
        let path = found.name("path").map_or(app, |path| path.as_str());
        match &self.means {
            Meaning::Always(rule) => Some(rule),
            Meaning::ByFile(rules) => {
                let mut rules = rules.iter();
                let holds = rules.find(|(is, _)| is.holds(&observed.files, path, cpu));
                holds.map(|(_, named)| named.0)
            }
        }
    }
}

/// Why it did not start; `None` where nobody can tell. The first words that fit decide.
pub(super) fn reason(
    refusals: &[Refusal],
    observed: &Observed,
    app: &str,
    cpu: &str,
) -> Option<&'static Rule> {
    let mut refusals = refusals.iter();
    refusals.find_map(|refusal| refusal.rule(observed, app, cpu))
}

impl FileIs {
    fn holds(self, files: &Listing, path: &str, cpu: &str) -> bool {
        let file = files.behind(path);
        let head = file.map(|file| file.head.as_slice());
        match self {
            FileIs::AShell => matches!(
                path.rsplit('/').next(),
                Some("sh" | "bash" | "ash" | "dash")
            ),
            FileIs::Absent => file.is_none(),
            FileIs::AScriptAlone => head.is_some_and(|head| {
                head.starts_with(b"#!") && files.behind(&interpreter(head)).is_none()
            }),
            FileIs::ForAnotherCpu => head.is_some_and(|head| {
                // e_machine: 62 is x86-64, 183 is AArch64.
                let ours: u16 = if cpu == "arm64" { 183 } else { 62 };
                head.starts_with(b"\x7fELF") && machine(head) != Some(ours)
            }),
            FileIs::AnythingElse => true,
        }
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

fn machine(head: &[u8]) -> Option<u16> {
    let bytes = head.get(18..20)?;
    Some(u16::from_le_bytes([bytes[0], bytes[1]]))
}
