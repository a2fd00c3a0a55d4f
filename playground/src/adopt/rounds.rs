//! Build, read, start, ask, repair; again, within a budget.

use super::decide::decide_base;
use super::dockerfile::{dockerfile, dockerignore};
use super::gomod::GoMod;
use super::hints::Hints;
use super::needs;
use super::plan::{Decisions, Linkage, Plan, Topic};
use super::repair::{self, Repair, Situation};
use super::report::{Outcome, Report, Round, Unmended, Weight, proof};
use super::tree::WorkingTree;
use super::trial::{How, Start, Trial};
use super::verdicts;
use crate::app_state::QUOTED_GO;
use crate::event::Event;
use crate::run::{Build, Probing, Site, prepare};
use analysis::image::Compressed;
use analysis::inspect::Inspection;
use analysis::preflight::{Finding, Severity, TargetPlatform, preflight};
use catalog::Ignore;
use engine::{BuildNetwork, Transfer, unreadable};
use policy::UserError;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

/// Builds of one adoption.
const BUDGET: usize = 12;
/// Bytes of an image that are read.
const MAX_IMAGE: u64 = 2 << 30;
/// Paths that are asked for, beside those that the sources name.
const HEALTH: [&str; 10] = [
    "/healthz",
    "/health",
    "/readyz",
    "/ready",
    "/livez",
    "/-/healthy",
    "/ping",
    "/api/health",
    "/status",
    "/metrics",
];

/// All that the rounds need.
pub(super) struct Rounds<'a> {
    pub(super) site: Site<'a>,
    pub(super) id: &'a str,
    pub(super) tree: &'a WorkingTree,
    pub(super) hints: &'a Hints,
    pub(super) module: &'a GoMod,
    /// The command's folder from the tree's top.
    pub(super) dir: &'a str,
    /// Pages of the book by lab.
    pub(super) pages: &'a BTreeMap<String, String>,
}

/// An image of a round.
struct Built {
    image: String,
    inspection: Inspection,
    findings: Vec<Finding>,
}

/// How a round's start is judged.
enum Next {
    Again(Vec<Repair>),
    Over(Outcome, Option<Unmended>),
}

impl Rounds<'_> {
    /// Goes round until it works, nothing more can be repaired, or the budget is spent.
    pub(super) async fn carry_out(
        &self,
        mut plan: Plan,
        mut decisions: Decisions,
        report: &mut Report,
    ) -> Result<(), UserError> {
        let paths = self.paths();
        let mut tried = BTreeSet::new();
        let mut network = BuildNetwork::Nothing;
        let mut n = 0;
        let mut last = None;
        while n < BUDGET {
            n += 1;
            self.site
                .log
                .push(Event::notice(format!("Round {n}: {}", self.gist(&plan))));
            let since = Instant::now();
            let built = self.build(&plan, n, network).await?;
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
                Err(said) => {
                    // What the first step fetched was not all: then the compiler may fetch, too.
                    if network == BuildNetwork::Nothing && wants_a_network(&said) {
                        network = BuildNetwork::Engines;
                        continue;
                    }
                    let mended = verdicts::mend_build(&said, &mut plan, self.module, QUOTED_GO);
                    round.said = repair::last(&said);
                    let Some(repair) = mended else {
                        report.unmended =
                            Some(verdicts::why_not_built(&said, self.tree, self.hints));
                        report.rounds.push(round);
                        break;
                    };
                    decide_base(&plan, &mut decisions);
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
                .judge(&trial, &built, n, &mut plan, &mut decisions, &mut tried)
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
                        seen(&trial, &mut plan, &mut decisions);
                    }
                    report.ports = trial.ports;
                    last = self.final_image(&plan, n, network, last).await?;
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
        self.finish(plan, decisions, last, report);
        Ok(())
    }

    fn finish(&self, plan: Plan, decisions: Decisions, last: Option<Built>, report: &mut Report) {
        if let Some(built) = &last {
            let layers = built.inspection.image.layers.iter();
            let sum = |weigh: fn(&analysis::image::Layer) -> u64| layers.clone().map(weigh).sum();
            report.weight = Some(Weight {
                unpacked: sum(|layer| layer.unpacked_bytes),
                compressed: sum(|layer| layer.compressed_bytes.unwrap_or_default()),
            });
            let told = |finding: &&Finding| finding.severity != Severity::Advice;
            let (sure, advice): (Vec<_>, Vec<_>) = built.findings.iter().partition(told);
            report.findings = sure.into_iter().chain(advice).cloned().collect();
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
        self.site.log.push(Event::notice(format!(
            "{} (because: {})",
            repair.what, repair.why
        )));
    }

    fn gist(&self, plan: &Plan) -> String {
        let linked = match plan.linkage {
            Linkage::Pure => "without C",
            Linkage::Musl => "with C, linked against musl",
            Linkage::Glibc => "with C and glibc",
        };
        format!("{} {linked}, on {}", plan.package, plan.base())
    }

    /// Builds, and reads what was built; the inner error is what the builder said.
    async fn build(
        &self,
        plan: &Plan,
        n: usize,
        network: BuildNetwork,
    ) -> Result<Result<Built, String>, UserError> {
        let text = dockerfile(plan);
        let ignored = dockerignore(self.tree, plan);
        let ignore = Ignore::parse(&ignored).unwrap_or_default();
        let prepared = prepare(&self.site, std::slice::from_ref(&text), Probing::Asked).await?;
        let context = |sent: &str| {
            let over = [("Dockerfile", sent), (".dockerignore", ignored.as_str())];
            self.tree.to_tar(&over, &|path| {
                ignore.holds_back(path) || path == "Dockerfile" || path == ".dockerignore"
            })
        };
        let tag = engine::run_tag(&self.site.state.owner, &format!("{}.r{n}", self.id));
        let build = Build {
            dockerfile: text,
            context: &context,
            tag: &tag,
            prefix: &format!("r{n}"),
            no_cache: false,
            // A C compiler is a package that has to come from somewhere.
            network: match plan.linkage {
                Linkage::Musl => BuildNetwork::Engines,
                _ => network,
            },
        };
        let image = match build.carry_out(&self.site, &prepared).await? {
            Ok(image) => image,
            Err(evidence) => return Ok(Err(evidence.builder)),
        };
        Ok(Ok(self.read(image, Compressed::AsStored).await?))
    }

    async fn read(&self, image: String, compressed: Compressed) -> Result<Built, UserError> {
        let transfer = Transfer::quiet(MAX_IMAGE);
        let inspected = self
            .site
            .engine
            .inspect_image(&image, None, compressed, transfer);
        let inspection = inspected
            .await
            .map_err(|error| error.user_error("the new image"))?;
        let facts = self.site.engine.facts();
        let target = TargetPlatform {
            cpu: Some(facts.arch.clone()).filter(|cpu| !cpu.is_empty()),
            emulates: facts.surely_emulates(),
        };
        let findings = preflight(&inspection, &target);
        let findings = findings.map_err(|error| unreadable("the new image", &error))?;
        Ok(Built {
            image,
            inspection,
            findings,
        })
    }

    /// The image as the files say it in the end, weighed.
    async fn final_image(
        &self,
        plan: &Plan,
        n: usize,
        network: BuildNetwork,
        last: Option<Built>,
    ) -> Result<Option<Built>, UserError> {
        match self.build(plan, n + 1, network).await? {
            Ok(built) => Ok(Some(self.read(built.image, Compressed::Measured).await?)),
            Err(_) => Ok(last),
        }
    }

    async fn judge(
        &self,
        trial: &Trial,
        built: &Built,
        n: usize,
        plan: &mut Plan,
        decisions: &mut Decisions,
        tried: &mut BTreeSet<String>,
    ) -> Result<Next, UserError> {
        let asked = plan.clone();
        let start = Start {
            site: self.site,
            id: self.id,
            n,
            image: &built.image,
            plan: &asked,
        };
        let known = self.known(trial);
        let mut at = Situation {
            trial,
            tree: self.tree,
            hints: self.hints,
            dir: self.dir,
            known: &known,
            tried,
        };
        if trial.how == How::Listens {
            if trial.reachable() {
                return Ok(Next::Over(listens(trial), None));
            }
            let mut words: Vec<&str> = asked.args.iter().take(1).map(String::as_str).collect();
            words.push("--help");
            let help = start.tool(&words).await?;
            let repair = repair::listens_elsewhere(&mut at, &help.output, plan, decisions);
            return Ok(match repair {
                Some(repair) => Next::Again(vec![repair]),
                None => Next::Over(listens(trial), Some(alone(trial))),
            });
        }
        let ended = matches!(trial.how, How::Exited { .. } | How::Refused { .. });
        if ended && let Some(repair) = repair::repair(&mut at, plan, decisions) {
            return Ok(Next::Again(vec![repair]));
        }
        if let How::Silent = trial.how {
            return Ok(Next::Over(
                Outcome::Runs,
                Some(repair::why_not(trial, &known)),
            ));
        }
        // A program that tells how it is used, or has nothing to do, may be a tool.
        let quiet = matches!(trial.how, How::Exited { code: 0, .. });
        if quiet || repair::usage(&trial.output) {
            let asks: [&[&str]; 5] = [
                &["--help"],
                &["help"],
                &["-h"],
                &["--version"],
                &["version"],
            ];
            for words in asks {
                let told = start.tool(words).await?;
                if repair::told_about_itself(&told) {
                    plan.args.clear();
                    let line = told
                        .output
                        .trim()
                        .lines()
                        .next()
                        .unwrap_or_default()
                        .to_owned();
                    let evidence = [format!("{} says: {line}", words.join(" "))];
                    let otherwise = "a subcommand that serves: give it after the image's name";
                    decisions.set(Topic::Arguments, "none: a tool", evidence, otherwise, None);
                    return Ok(Next::Over(Outcome::Tool, None));
                }
            }
        }
        Ok(Next::Over(
            Outcome::Builds,
            Some(repair::why_not(trial, &known)),
        ))
    }

    /// Labs that know what was said, the likeliest first.
    fn known(&self, trial: &Trial) -> Vec<(String, Option<String>)> {
        let mut text = trial.output.clone();
        if let How::Refused { message } = &trial.how {
            text.push('\n');
            text.push_str(message);
        }
        let explained = self.site.state.catalog.explain(&text);
        let matches = explained.matches.iter().take(3);
        let labs = matches.map(|found| found.lab.id.clone());
        labs.map(|lab| {
            let page = self.pages.get(&lab).cloned();
            (lab, page)
        })
        .collect()
    }

    /// What is asked for: what the sources name like a health endpoint, then what others do.
    fn paths(&self) -> Vec<String> {
        let mut paths: Vec<String> = Vec::new();
        for (path, text) in self.tree.go_sources() {
            if path.contains("testdata/") || path.contains("vendor/") {
                continue;
            }
            for quoted in text
                .split('"')
                .skip(1)
                .step_by(2)
                .filter(|quoted| quoted.starts_with('/'))
            {
                let lower = quoted.to_ascii_lowercase();
                let health = ["health", "ready", "live", "ping", "status", "alive"];
                let plain = quoted.len() < 40
                    && quoted
                        .bytes()
                        .all(|b| b.is_ascii_alphanumeric() || b"/-_.".contains(&b));
                let ends = health.iter().any(|word| {
                    lower
                        .rsplit('/')
                        .next()
                        .is_some_and(|last| last.contains(word))
                });
                if plain && ends && !paths.iter().any(|known| known == quoted) {
                    paths.push(quoted.to_owned());
                }
            }
        }
        paths.sort_by_key(|path| (path.matches('/').count(), path.len()));
        paths.truncate(5);
        let more = HEALTH.iter().map(|path| (*path).to_owned());
        let more: Vec<_> = more.filter(|path| !paths.contains(path)).collect();
        paths.extend(more);
        // The top is asked first: it also tells whether it is HTTP at all.
        paths.insert(0, "/".into());
        paths
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

fn listens(trial: &Trial) -> Outcome {
    let answers = trial
        .ports
        .iter()
        .any(|port| matches!(port.speaks(), "http" | "https" | "grpc"));
    if answers {
        Outcome::Answers
    } else {
        Outcome::Listens
    }
}

fn alone(trial: &Trial) -> Unmended {
    let ports: Vec<String> = trial
        .ports
        .iter()
        .map(|port| port.port.to_string())
        .collect();
    Unmended {
        what: format!(
            "It listens on 127.0.0.1 alone (port {}): it answers inside of its container, and nobody outside can call.",
            ports.join(", ")
        ),
        page: Some("museum/loopback-bind.html".into()),
        next: "find the flag, variable or configuration that has the address, and let it be :PORT"
            .into(),
        said: Vec::new(),
    }
}

/// What a trial that worked shows of port, health and signals.
fn seen(trial: &Trial, plan: &mut Plan, decisions: &mut Decisions) {
    let reachable = trial.ports.iter().filter(|port| !port.loopback);
    let tcp = reachable.clone().filter(|port| !port.udp);
    plan.ports = tcp.clone().map(|port| port.port).collect();
    if trial.how == How::Listens {
        let value: Vec<String> = reachable
            .clone()
            .map(|port| format!("{} ({})", port.port, port.speaks()))
            .collect();
        let evidence =
            ["the sockets of its network namespace (/proc/net/tcp), after it came up".to_owned()];
        let low = plan.ports.iter().any(|port| *port < 1024);
        let page = low.then_some("museum/privileged-port.html");
        decisions.set(
            Topic::Port,
            value.join(", "),
            evidence,
            "its own flag or variable",
            page,
        );
    }
    let health = reachable.filter_map(|port| Some((port, port.best()?)));
    if let Some((port, best)) = health
        .clone()
        .find(|(_, best)| best.get != "/")
        .or(health.clone().next())
    {
        let status = best.status.unwrap_or_default();
        let evidence = [format!(
            "GET :{}{} answers {status} after {} ms",
            port.port, best.get, best.ms
        )];
        let value = format!("GET {} on {}", best.get, port.port);
        let otherwise = "a probe of the orchestrator's; the image has no HEALTHCHECK, as it has no shell or curl";
        decisions.set(
            Topic::Health,
            value,
            evidence,
            otherwise,
            Some("museum/no-shell-health.html"),
        );
    }
    if trial.how == How::Listens || trial.how == How::Silent {
        let (value, evidence) = match trial.stopped_ms {
            Some(ms) => (
                "SIGTERM ends it".to_owned(),
                format!("it ended {ms} ms after SIGTERM"),
            ),
            None => (
                "SIGTERM does not end it in ten seconds".to_owned(),
                "it was still there ten seconds after SIGTERM: docker stop kills it".to_owned(),
            ),
        };
        let otherwise = "signal.NotifyContext in the program";
        decisions.set(
            Topic::Signals,
            value,
            [evidence],
            otherwise,
            Some("museum/pid1-signals.html"),
        );
    }
}
