//! `cases.toml`: which images are built and how one sees what is so, as data; every problem of it is
//! told at once.
//!
//! Owns what a case is, and how an entry that names several bases and programs becomes several
//! cases. Refuses to know engines, and what will come of a case.

use super::reason::pattern;
use super::truth::Truth;
use analysis::preflight::Rule;
use regex::Regex;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// The issue asks for so many; fewer prove less.
const FEWEST: usize = 60;

/// Everything that is built and run.
#[derive(Debug)]
pub(crate) struct Cases {
    /// What the bases are called in ids, and what Dockerfiles call them.
    pub(crate) bases: BTreeMap<String, String>,
    /// In the order of the file.
    pub(crate) cases: Vec<Case>,
    /// How one sees what is so.
    pub(crate) truth: Truth,
}

/// One image.
#[derive(Clone, Debug)]
pub(crate) struct Case {
    /// `tls/scratch/tls`: entry, base, program.
    pub(crate) id: String,
    /// As its Dockerfile names it.
    pub(crate) base: String,
    /// The program at `/app`, where the entry names one.
    pub(crate) program: Option<String>,
    /// Where the program is put.
    pub(crate) at: String,
    /// Lines of its Dockerfile, after FROM and the program's COPY.
    pub(crate) lines: Vec<String>,
    /// Ports below 1024 need the privilege, as they do outside of Docker.
    pub(crate) strict_ports: bool,
    /// Of somebody else's program: what its own words mean.
    pub(crate) service: Option<Service>,
    /// What preflight cannot know.
    pub(crate) known: Vec<Known>,
}

impl Case {
    /// Its Dockerfile; `programs` is the image that holds what may be copied.
    pub(crate) fn dockerfile(&self, programs: &str) -> String {
        let mut lines = vec![
            format!("FROM {programs} AS matrix"),
            format!("FROM {}", self.base),
        ];
        if let Some(program) = &self.program {
            lines.push(format!(
                "COPY --from=matrix /programs/{program} {}",
                self.at
            ));
        }
        lines.extend(self.lines.iter().cloned());
        lines.join("\n") + "\n"
    }

    /// The value of an instruction that it has on a line of its own: `ENV TZ=…`.
    pub(crate) fn value_of(&self, start: &str) -> Option<&str> {
        self.lines.iter().find_map(|line| line.strip_prefix(start))
    }
}

/// What a real service says, in words of its own.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Service {
    /// That it serves.
    #[serde(deserialize_with = "pattern")]
    serves: Regex,
    /// That it has failed, by the rule that tells it.
    #[serde(default)]
    fails: BTreeMap<String, Words>,
}

#[derive(Clone, Debug, Deserialize)]
struct Words(#[serde(deserialize_with = "pattern")] Regex);

impl Service {
    /// Whether it says that it serves, or has failed in a way that is known.
    pub(crate) fn is_told(&self, said: &str) -> bool {
        self.serves.is_match(said) || self.fails.values().any(|words| words.0.is_match(said))
    }

    /// Whether it has failed as this rule tells.
    pub(crate) fn fails(&self, rule: &Rule, said: &str) -> bool {
        let words = self.fails.get(rule.id);
        words.is_some_and(|words| words.0.is_match(said))
    }
}

/// A wrong prediction that is known and explained.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Known {
    /// The rule that is wrong; `None`, written `will-not-start`: whether it starts at all.
    #[serde(deserialize_with = "rule")]
    pub(crate) rule: Option<&'static Rule>,
    /// How it is wrong.
    pub(crate) what: Wrong,
    /// Why it cannot be right.
    pub(crate) why: String,
    /// Only of cases whose id contains this.
    #[serde(default)]
    pub(crate) only: String,
}

/// A prediction and an outcome that do not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Wrong {
    /// It happened, and nothing had been said.
    Miss,
    /// It was said, and did not happen.
    FalseAlarm,
}

#[derive(Deserialize)]
struct File {
    bases: BTreeMap<String, String>,
    case: Vec<Entry>,
    #[serde(flatten)]
    truth: Truth,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    id: String,
    bases: Vec<String>,
    #[serde(default)]
    programs: Vec<String>,
    #[serde(default = "app")]
    at: String,
    lines: Vec<String>,
    #[serde(default)]
    strict_ports: bool,
    service: Option<Service>,
    #[serde(default)]
    known: Vec<Known>,
}

fn app() -> String {
    "/app".to_owned()
}

fn rule<'de, D: serde::Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<&'static Rule>, D::Error> {
    let id = String::deserialize(deserializer)?;
    match Rule::named(&id) {
        None if id != "will-not-start" => {
            let what = format!("there is no rule `{id}`");
            Err(serde::de::Error::custom(what))
        }
        rule => Ok(rule),
    }
}

/// A rule's id, or what stands for all that is about starting.
pub(crate) fn name(rule: Option<&Rule>) -> &'static str {
    rule.map_or("will-not-start", |rule| rule.id)
}

impl Cases {
    /// Reads `cases.toml` of a folder, and holds it against the programs beside it.
    pub(crate) fn load(folder: &Path) -> Result<Cases, String> {
        let path = folder.join("cases.toml");
        let text = std::fs::read_to_string(&path)
            .map_err(|error| format!("{}: {error}", path.display()))?;
        let file: File = toml::from_str(&text).map_err(|error| format!("cases.toml: {error}"))?;
        let mut problems = file.truth.problems();
        let mut cases = Vec::new();
        for entry in &file.case {
            problems.extend(entry.problems(&file.bases, folder));
            cases.extend(entry.cases(&file.bases));
        }
        let mut ids = BTreeSet::new();
        let twice = cases.iter().filter(|case| !ids.insert(&case.id));
        problems.extend(twice.map(|case| format!("`{}` is there twice", case.id)));
        if cases.len() < FEWEST {
            problems.push(format!(
                "{} cases; at least {FEWEST} are wanted",
                cases.len()
            ));
        }
        match problems.is_empty() {
            true => Ok(Cases {
                bases: file.bases,
                cases,
                truth: file.truth,
            }),
            false => Err(format!("cases.toml: {}", problems.join("\n  "))),
        }
    }
}

impl Entry {
    fn problems(&self, bases: &BTreeMap<String, String>, folder: &Path) -> Vec<String> {
        let mut problems = Vec::new();
        let mut wrong = |what: String| problems.push(format!("`{}`: {what}", self.id));
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if self.id.is_empty() || !self.id.chars().all(plain) {
            wrong("an id has small letters, digits and hyphens".to_owned());
        }
        if self.bases.is_empty() {
            wrong("it names no base".to_owned());
        }
        for base in self.bases.iter().filter(|base| !bases.contains_key(*base)) {
            wrong(format!("there is no base `{base}` in [bases]"));
        }
        let fails = self.service.iter().flat_map(|service| service.fails.keys());
        for id in fails.filter(|id| Rule::named(id).is_none()) {
            wrong(format!("there is no rule `{id}`"));
        }
        for program in self.programs.iter().filter(|_| self.service.is_none()) {
            let source = program.split('+').next().unwrap_or_default();
            if !folder.join("programs/cmd").join(source).is_dir() {
                wrong(format!("there is no programs/cmd/{source}"));
            }
        }
        for known in &self.known {
            if known.why.trim().is_empty() {
                wrong(format!("why is {} known to be wrong?", name(known.rule)));
            }
            let ids = self.cases(bases);
            if !ids.iter().any(|case| case.id.contains(&known.only)) {
                wrong(format!("no case of it contains `{}`", known.only));
            }
        }
        problems
    }

    /// Every base with every program.
    fn cases(&self, bases: &BTreeMap<String, String>) -> Vec<Case> {
        let programs: Vec<Option<&String>> = match self.programs.as_slice() {
            [] => vec![None],
            programs => programs.iter().map(Some).collect(),
        };
        let mut cases = Vec::new();
        for base in &self.bases {
            for program in &programs {
                let mut id = format!("{}/{base}", self.id);
                if let Some(program) = program {
                    id = format!("{id}/{program}");
                }
                let known = self.known.iter();
                cases.push(Case {
                    base: bases.get(base).unwrap_or(base).clone(),
                    program: program.cloned(),
                    at: self.at.clone(),
                    lines: self.lines.clone(),
                    strict_ports: self.strict_ports,
                    service: self.service.clone(),
                    known: known.filter(|k| id.contains(&k.only)).cloned().collect(),
                    id,
                });
            }
        }
        cases
    }
}
