//! What really is so with an image: per rule yes, no, or not to be seen in this case.
//!
//! How one sees it is data (`[truth.<rule>]` in `cases.toml`, and `[[refusal]]` for what does not
//! start). Everything comes from a run or from a look of its own, never from preflight.

use super::cases::Case;
use super::layers::Layers;
use super::observe::Observed;
use super::programs::Programs;
use super::reason::{Refusal, pattern, reason, some_pattern};
use analysis::preflight::{Rule, Severity};
use regex::Regex;
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// How the truth about the rules is seen.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Truth {
    refusal: Vec<Refusal>,
    truth: BTreeMap<String, Evidence>,
}

/// How one sees whether a rule is right, without asking preflight.
#[derive(Debug, Deserialize)]
#[serde(tag = "by", rename_all = "kebab-case", deny_unknown_fields)]
enum Evidence {
    /// By a line that the program says: the rest of it fits a pattern.
    Line(LineEvidence),
    /// By the log of the engine's health check, where that ends in `unhealthy`.
    Health {
        #[serde(deserialize_with = "pattern")]
        fits: Regex,
        /// Not where this fits as well.
        #[serde(default, deserialize_with = "some_pattern")]
        but_not: Option<Regex>,
    },
    /// SIGTERM does not end it within a few seconds.
    DeafToSigterm,
    /// `readelf` finds symbols or debug information in the program.
    Unstripped,
    /// One of these is a program of the image, in one of the usual places.
    Programs { names: Vec<String> },
    /// A file runs with its owner's rights.
    Setuid,
    /// A layer holds what the matrix planted as a secret.
    PlantedSecret,
    /// A layer holds a repository's `.git/HEAD`.
    GitHead,
    /// Later layers replace or remove so many bytes of earlier ones.
    Waste { bytes: u64 },
    /// Nobody but preflight can tell, for this reason: it is not scored.
    Nothing { why: String },
}

/// See [`Evidence::Line`].
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct LineEvidence {
    /// The line begins with it, and a colon.
    line: String,
    #[serde(deserialize_with = "pattern")]
    fits: Regex,
    /// It is not to be seen where the line did not come; else that means no.
    #[serde(default)]
    only_where_said: bool,
    /// It is not to be seen in cases whose id does not contain this.
    #[serde(default)]
    only: String,
    /// It cannot be so where no line of the case's Dockerfile fits.
    #[serde(default, deserialize_with = "some_pattern")]
    dockerfile: Option<Regex>,
}

/// What is known of a case.
#[derive(Clone, Debug, Default)]
pub(crate) struct Truths {
    /// Whether the program's first line came.
    pub(crate) started: bool,
    /// Why not, where anybody can tell.
    pub(crate) reason: Option<&'static Rule>,
    /// Whether it happened, for every rule that could be observed.
    pub(crate) of: BTreeMap<&'static Rule, bool>,
}

/// Everything that was looked at in a case.
pub(crate) struct Observation<'a> {
    pub(crate) case: &'a Case,
    pub(crate) observed: &'a Observed,
    pub(crate) layers: &'a Layers,
    pub(crate) programs: &'a Programs,
    /// The engine's.
    pub(crate) cpu: &'a str,
}

impl Truth {
    /// What is wrong with it: every rule has one truth, or a reason for having none.
    pub(super) fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for id in self.truth.keys().filter(|id| Rule::named(id).is_none()) {
            problems.push(format!("[truth.{id}]: there is no such rule"));
        }
        let start = self.start();
        for rule in Rule::ALL {
            match (self.truth.get(rule.id), start.contains(rule)) {
                (None, false) => problems.push(format!(
                    "{rule}: how does one see that it is right? Write [truth.{rule}], if need be \
                     with by = \"nothing\" and why"
                )),
                (Some(_), true) => problems.push(format!(
                    "{rule}: a [[refusal]] tells it, and [truth.{rule}] too"
                )),
                (Some(Evidence::Nothing { why }), _) if why.trim().is_empty() => {
                    problems.push(format!("[truth.{rule}]: why?"));
                }
                _ => {}
            }
        }
        problems
    }

    /// The rules that tell why a container does not start.
    fn start(&self) -> BTreeSet<&'static Rule> {
        self.refusal.iter().flat_map(Refusal::rules).collect()
    }

    /// Why a rule is not scored.
    pub(crate) fn unseen(&self, rule: &Rule) -> Option<&str> {
        match self.truth.get(rule.id)? {
            Evidence::Nothing { why } => Some(why),
            _ => None,
        }
    }

    /// Everything that was observed, as answers to what the rules say.
    pub(crate) fn of(&self, observation: &Observation<'_>) -> Truths {
        let observed = observation.observed;
        let started = observed.started();
        let reason = match started {
            true => None,
            false => reason(
                &self.refusal,
                observed,
                &observation.case.at,
                observation.cpu,
            ),
        };
        let mut of = BTreeMap::new();
        if started || reason.is_some() {
            let start = self.start().into_iter();
            of.extend(start.map(|rule| (rule, reason == Some(rule))));
        }
        for (id, evidence) in &self.truth {
            of.extend(Rule::named(id).zip(evidence.holds(observation)));
        }
        if let Some(service) = observation.case.service.as_ref().filter(|_| observed.told) {
            // What it does not complain of did not fail.
            let failing = Rule::ALL
                .iter()
                .filter(|rule| rule.severity == Severity::WillFail);
            of.extend(failing.map(|rule| (*rule, service.fails(rule, &observed.said))));
        }
        Truths {
            started,
            reason,
            of,
        }
    }
}

impl Evidence {
    /// Whether it is so; `None` where that cannot be seen.
    fn holds(&self, observation: &Observation<'_>) -> Option<bool> {
        let observed = observation.observed;
        match self {
            Evidence::Line(_) | Evidence::Health { .. } if !observed.started() => None,
            Evidence::Line(evidence) => evidence.holds(observation.case, observed),
            Evidence::Health { fits, but_not } => match &observed.health {
                None => Some(false),
                Some(health) if health.status == "healthy" => Some(false),
                Some(health) if health.status == "unhealthy" => {
                    let not = but_not
                        .as_ref()
                        .is_some_and(|not| not.is_match(&health.log));
                    Some(fits.is_match(&health.log) && !not)
                }
                Some(_) => None,
            },
            Evidence::DeafToSigterm => observed.heard.map(|heard| !heard),
            Evidence::Unstripped => {
                let program = observation.case.program.as_ref()?;
                Some(observation.programs.unstripped.contains(program))
            }
            Evidence::Programs { names } => Some(observed.files.has_program(names)),
            Evidence::Setuid => Some(observed.files.has_setuid()),
            Evidence::PlantedSecret => Some(observation.layers.secret),
            Evidence::GitHead => Some(observation.layers.git),
            Evidence::Waste { bytes } => Some(observation.layers.wasted >= *bytes),
            Evidence::Nothing { .. } => None,
        }
    }
}

impl LineEvidence {
    fn holds(&self, case: &Case, observed: &Observed) -> Option<bool> {
        if !case.id.contains(&self.only) {
            return None;
        }
        let came = observed.line(&self.line);
        if came.is_none() && self.only_where_said {
            return None;
        }
        let fits = |dockerfile: &Regex| case.lines.iter().any(|line| dockerfile.is_match(line));
        let could = self.dockerfile.as_ref().is_none_or(fits);
        Some(could && came.is_some_and(|line| self.fits.is_match(line)))
    }
}
