//! Build, read, start, ask, repair; again, within a budget.
//!
//! `image` builds and reads, `judge` says what comes next, `seen` what a start
//! that worked shows, `loopback` speaks of servers that nobody can call.

mod image;
mod judge;
mod loopback;
mod seen;

pub(super) use image::{Built, Text};

use super::decide::{decide_base, not_built};
use super::dockerfile::{dockerfile, dockerignore};
use super::gomod::GoMod;
use super::hints::{Hints, TheirImage};
use super::needs;
use super::plan::{Decisions, Linkage, Plan, Topic};
use super::repair::{self, Repair};
use super::report::{Outcome, Report, Round, Unmended, proof};
use super::tree::WorkingTree;
use super::trial::Start;
use super::verdicts;
use crate::app_state::QUOTED_GO;
use crate::event::Event;
use crate::run::Site;
use analysis::preflight::{Finding, Severity};
use engine::BuildNetwork;
use image::{Laid, Unbuilt};
use judge::{Memory, Next};
use policy::UserError;
use seen::seen;
use std::collections::BTreeMap;
use std::time::Instant;

/// Builds of one adoption.
const BUDGET: usize = 12;

/// All that the rounds need.
pub(super) struct Rounds<'a> {
    pub(super) site: Site<'a>,
    pub(super) id: &'a str,
    /// Whose cache directories the builds fill.
    pub(super) caches: &'a str,
    pub(super) tree: &'a WorkingTree,
    pub(super) hints: &'a Hints,
    pub(super) module: &'a GoMod,
    /// The command's folder from the tree's top.
    pub(super) dir: &'a str,
    /// What the repository's own Dockerfile makes of it.
    pub(super) image: Option<&'a TheirImage>,
    /// Whether code of the repository that it is built of listens.
    pub(super) listens: bool,
    /// Packages with C that it is built of.
    pub(super) with_c: &'a BTreeMap<String, String>,
    /// Pages of the book by lab.
    pub(super) pages: &'a BTreeMap<String, String>,
}

impl Rounds<'_> {
    /// Goes round until it works, nothing more can be repaired, or the budget is spent; hands out the
    /// last image.
    pub(super) async fn carry_out(
        &self,
        mut plan: Plan,
        mut decisions: Decisions,
        report: &mut Report,
    ) -> Result<Option<Built>, UserError> {
        let paths = self.paths();
        let mut memory = Memory::default();
        let mut network = BuildNetwork::Nothing;
        let mut n = 0;
        let mut last = None;
        let mut stood_in = None;
        let mut went_on = false;
        let first = plan.clone();
        let theirs = self.hints.told(self.dir);
        while n < BUDGET {
            n += 1;
            if let Some(named) = repair::by_settings(self.tree, &mut plan, &mut decisions) {
                self.say(&named);
                let before = report.rounds.last_mut();
                before
                    .into_iter()
                    .for_each(|round| round.repairs.push(named.clone()));
            }
            self.site.log.push(Event::Round {
                n: format!("Round {n}"),
                what: self.gist(&plan),
            });
            let since = Instant::now();
            let built = self.build(&plan, n, network, Laid::Apart).await?;
            let build_ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
            let mut round = Round {
                n,
                build_ms,
                how: None,
                said: String::new(),
                repairs: Vec::new(),
            };
            let built = match built {
                Ok(built) => built,
                Err(Unbuilt::InTime) => {
                    let again = verdicts::in_time(!went_on);
                    went_on = true;
                    match again {
                        Ok(repair) => {
                            self.say(&repair);
                            round.repairs.push(repair);
                            report.rounds.push(round);
                            continue;
                        }
                        Err(unmended) => {
                            report.unmended = Some(unmended);
                            report.rounds.push(round);
                            break;
                        }
                    }
                }
                Err(Unbuilt::Said(said)) => {
                    // What the first step fetched was not all: then the compiler may fetch, too.
                    if network == BuildNetwork::Nothing && wants_a_network(&said) {
                        network = BuildNetwork::Engines;
                        continue;
                    }
                    let (tags, go) = (plan.tags.clone(), plan.go_image.clone());
                    let mended = verdicts::mend_build(
                        &said,
                        &mut plan,
                        self.module,
                        self.tree,
                        QUOTED_GO,
                        self.with_c,
                    );
                    round.said = repair::last(&said);
                    let mended = mended.or_else(|| {
                        let (from, told) = theirs.as_ref()?;
                        let theirs = (*from, &told.tags);
                        let taken = verdicts::without_theirs(&said, &first, &mut plan, theirs);
                        let (repair, told) = taken?;
                        stood_in.get_or_insert(told);
                        Some(repair)
                    });
                    let Some(repair) = mended else {
                        report.unmended =
                            Some(verdicts::why_not_built(&said, self.tree, self.hints));
                        report.rounds.push(round);
                        break;
                    };
                    let added: Vec<_> = plan.tags.difference(&tags).cloned().collect();
                    let stand_in = verdicts::stand_in(&said, self.tree);
                    if let Some((tag, file)) = stand_in.filter(|(tag, _)| added.contains(tag)) {
                        let told = verdicts::stood_in(&tag, &file, &said, self.hints);
                        stood_in.get_or_insert(told);
                    }
                    decide_base(&plan, &mut decisions);
                    if !added.is_empty() && plan.linkage == Linkage::Pure {
                        let evidence = [repair.what.clone(), repair.why.clone()];
                        let otherwise =
                            "what is missing, in the tree or in a newer version of the module";
                        decisions.set(Topic::Tags, added.join(","), evidence, otherwise, None);
                    }
                    if plan.go_image != go && plan.linkage == Linkage::Pure {
                        let evidence = [repair.why.clone()];
                        let otherwise = "newer versions of its modules";
                        decisions.set(Topic::Go, &plan.go_image, evidence, otherwise, None);
                    }
                    if repair.page.as_deref() == Some("c/cgo.html") || plan.linkage != Linkage::Pure
                    {
                        let evidence = [repair.why.clone()];
                        let otherwise = "a package that is Go alone";
                        decisions.set(
                            Topic::Cgo,
                            &repair.what,
                            evidence,
                            otherwise,
                            repair.page.as_deref(),
                        );
                    }
                    self.say(&repair);
                    round.repairs.push(repair);
                    report.rounds.push(round);
                    continue;
                }
            };
            let needs = needs::answer(&built.findings, &mut plan, &mut decisions);
            if !needs.is_empty() {
                decide_base(&plan, &mut decisions);
                needs.iter().for_each(|repair| self.say(repair));
                round.repairs = needs;
                report.rounds.push(round);
                last = Some(built);
                continue;
            }
            let start = Start {
                site: self.site,
                id: self.id,
                n,
                image: &built.image,
                plan: &plan,
            };
            let trial = start.serve(&paths).await?;
            let next = self
                .judge(&trial, &built, n, &mut plan, &mut decisions, &mut memory)
                .await?;
            round.how = Some(trial.how.clone());
            if !trial.reachable() {
                round.said = repair::last(&trial.output);
            }
            last = Some(built);
            match next {
                Next::Again(repairs) => {
                    repairs.iter().for_each(|repair| self.say(repair));
                    round.repairs = repairs;
                    report.rounds.push(round);
                }
                Next::Over(outcome, unmended) => {
                    report.rounds.push(round);
                    report.outcome = outcome;
                    report.unmended = unmended;
                    report.answered_ms = (outcome == Outcome::Answers).then_some(trial.ms);
                    if outcome.works() {
                        let named = |port| self.hints.exposes(port) || self.tree.names(port);
                        seen(&trial, &named, &mut plan, &mut decisions);
                    }
                    report.ports = trial.ports;
                    last = self.final_image(&plan, n, network, last).await;
                    break;
                }
            }
        }
        if n == BUDGET && report.unmended.is_none() && report.outcome == Outcome::Nothing {
            report.outcome = if last.is_some() {
                Outcome::Builds
            } else {
                Outcome::Nothing
            };
            report.unmended = Some(Unmended {
                what: format!("After {BUDGET} rounds it still does not come up."),
                page: None,
                next: "see the rounds: the last repair shows where it stands".into(),
                said: Vec::new(),
            });
        }
        // It works, and nobody else would say what is missing.
        if report.outcome.works() && report.unmended.is_none() {
            report.unmended = stood_in;
        }
        self.finish(plan, decisions, last.as_ref(), report);
        Ok(last)
    }

    fn finish(&self, plan: Plan, decisions: Decisions, last: Option<&Built>, report: &mut Report) {
        if let Some(built) = last {
            report.weight = Some(built.weight());
            report.subject = Some(built.subject(&plan.name));
            let told = |finding: &&Finding| finding.severity != Severity::Advice;
            let (sure, advice): (Vec<_>, Vec<_>) = built.findings.iter().partition(told);
            report.findings = sure.into_iter().chain(advice).cloned().collect();
        }
        // It works, and shows nothing: nobody else would say so.
        if report.outcome.works()
            && report.unmended.is_none()
            && let Some(front) = not_built(self.tree)
        {
            report.unmended = Some(Unmended {
                what: format!(
                    "Its front end is not built: {} is not in the tree, so its pages are missing.",
                    front.folder
                ),
                page: Some("museum/files-left-behind.html".into()),
                next: format!(
                    "run the build of {} (its README says how), and adopt the tree with its output",
                    front.package
                ),
                said: vec![front.seen],
            });
        }
        report.decisions = decisions;
        report.dockerfile = Some(dockerfile(&plan));
        report.dockerignore = Some(dockerignore(self.tree, &plan));
        if last.is_some() {
            let name = super::write::dockerfile_name(self.tree.has("Dockerfile"));
            report.proof = proof(&plan, name, report.outcome);
        }
        report.plan = Some(plan);
    }

    fn say(&self, repair: &Repair) {
        self.site.log.push(Event::Repaired {
            what: repair.what.clone(),
            why: repair.why.clone(),
            page: repair.page.clone(),
        });
    }

    fn gist(&self, plan: &Plan) -> String {
        let linked = match plan.linkage {
            Linkage::Pure => "without C",
            Linkage::Musl => "with C, linked against musl",
            Linkage::Glibc => "with C and glibc",
        };
        format!("{} {linked}, on {}", plan.package, plan.base())
    }
}

fn wants_a_network(said: &str) -> bool {
    [
        "dial tcp",
        "no such host",
        "network is unreachable",
        "Temporary failure in name resolution",
    ]
    .iter()
    .any(|words| said.contains(words))
}
