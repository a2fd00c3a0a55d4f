//! What a start comes to: another round, or the end with what was seen.

use super::image::Built;
use super::loopback::alone;
use super::{BUDGET, Rounds};
use crate::adopt::plan::{Decisions, Plan, Topic};
use crate::adopt::repair::{self, Repair, Situation};
use crate::adopt::report::{Outcome, Unmended};
use crate::adopt::trial::{How, Start, Trial};
use policy::UserError;
use std::collections::BTreeSet;

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

/// How a round's start is judged.
pub(super) enum Next {
    Again(Vec<Repair>),
    Over(Outcome, Option<Unmended>),
}

/// What earlier rounds leave behind.
#[derive(Default)]
pub(super) struct Memory {
    /// What has been tried and did not help.
    tried: BTreeSet<String>,
    /// The plan of a program that told how it is used and ended well, before it was told to do
    /// something that may be no service of its.
    as_tool: Option<(Plan, Decisions)>,
    /// The plan of a program that listened, before it was told to listen for others.
    listened: Option<(Plan, Decisions)>,
}

/// Takes back what was to make it listen for others, where it does not come up so.
fn take_back(
    listened: &mut Option<(Plan, Decisions)>,
    output: &str,
    plan: &mut Plan,
    decisions: &mut Decisions,
) -> Option<Repair> {
    (*plan, *decisions) = listened.take()?;
    Some(Repair {
        what: "what was to make it listen for others is taken back".into(),
        why: repair::last(output),
        page: None,
    })
}

impl Rounds<'_> {
    /// What comes after a start. After the last round nothing is tried any more: then it is what it was
    /// before it was told to do something else.
    pub(super) async fn judge(
        &self,
        trial: &Trial,
        built: &Built,
        n: usize,
        plan: &mut Plan,
        decisions: &mut Decisions,
        memory: &mut Memory,
    ) -> Result<Next, UserError> {
        let asked = plan.clone();
        let start = Start {
            site: self.site,
            id: self.id,
            n,
            image: &built.image,
            plan: &asked,
        };
        let next = self.next(trial, &start, plan, decisions, memory).await?;
        if n < BUDGET || matches!(next, Next::Over(..)) {
            return Ok(next);
        }
        let tool = match repair::usage(&trial.output) {
            true => self.tool(&start, plan, decisions).await?,
            false => None,
        };
        let tool = match tool {
            Some(tool) => Some(tool),
            None => {
                let again = self.tool_after_all(&start, plan, decisions, memory);
                again.await?
            }
        };
        Ok(tool.unwrap_or(next))
    }

    /// What comes after a start, with rounds to come.
    async fn next(
        &self,
        trial: &Trial,
        start: &Start<'_>,
        plan: &mut Plan,
        decisions: &mut Decisions,
        memory: &mut Memory,
    ) -> Result<Next, UserError> {
        let asked = start.plan;
        let known = self.known(trial);
        let mut at = Situation {
            trial,
            tree: self.tree,
            hints: self.hints,
            dir: self.dir,
            image: self.image,
            known: &known,
            tried: &mut memory.tried,
        };
        let mut words: Vec<&str> = asked.args.iter().take(1).map(String::as_str).collect();
        words.retain(|word| !word.starts_with('-'));
        words.push("--help");
        if trial.how == How::Listens {
            if let Some(repair) = repair::room_all_the_same(&mut at, plan, decisions) {
                return Ok(Next::Again(vec![repair]));
            }
            let hidden = trial.shut() || trial.answers_itself();
            // A port that only it can call, though its own Dockerfile tells others to.
            let mut within = trial.ports.iter();
            let exposed =
                within.any(|port| port.loopback && !port.udp && self.hints.exposes(port.port));
            if !exposed && (trial.answers() || !hidden) {
                return Ok(Next::Over(listens(trial), None));
            }
            let theirs = repair::as_their_image(&mut at, plan, decisions);
            if let Some(repair) = theirs {
                return Ok(Next::Again(vec![repair]));
            }
            if !trial.shut() && !exposed {
                return Ok(Next::Over(listens(trial), None));
            }
            let help = start.tool(&words).await?;
            let decided = decisions.clone();
            let repair = repair::listens_elsewhere(&mut at, &help.output, plan, decisions);
            return Ok(match repair {
                Some(repair) => {
                    memory.listened = Some((asked.clone(), decided));
                    Next::Again(vec![repair])
                }
                None if !trial.shut() => Next::Over(listens(trial), None),
                None => Next::Over(listens(trial), Some(alone(trial, self.tree, self.dir))),
            });
        }
        let ended = matches!(trial.how, How::Exited { .. } | How::Refused { .. });
        // Nothing of the repository's listens: what it wants to be told is its user's business.
        let tool = ended && !self.listens && repair::wants_words(&trial.output);
        if tool && let Some(next) = self.tool(start, plan, decisions).await? {
            return Ok(next);
        }
        if ended && let Some(repair) = repair::repair(&mut at, plan, decisions) {
            return Ok(Next::Again(vec![repair]));
        }
        let listened = &mut memory.listened;
        if let Some(repair) = take_back(listened, &trial.output, plan, decisions) {
            return Ok(Next::Again(vec![repair]));
        }
        if let How::Silent = trial.how {
            if let Some(next) = self.tool_after_all(start, plan, decisions, memory).await? {
                return Ok(next);
            }
            return Ok(match repair::outside(&trial.output) {
                None => Next::Over(
                    Outcome::Runs,
                    Some(repair::why_not(trial, &known, &asked.args)),
                ),
                Some(_) => Next::Over(
                    Outcome::Builds,
                    Some(repair::why_not(trial, &known, &asked.args)),
                ),
            });
        }
        let lost = repair::outside(&trial.output).is_some();
        if matches!(trial.how, How::Exited { .. }) && !lost {
            let help = start.tool(&words).await?;
            let decided = decisions.clone();
            let told = repair::by_help(&mut at, &help.output, self.listens, plan, decisions);
            let by_help = told.is_some();
            let told = told.or_else(|| match self.listens {
                true => repair::by_example(&mut at, plan, decisions),
                false => None,
            });
            if let Some(repair) = told {
                if repair::may_be_tool(trial, by_help, &plan.args) {
                    memory.as_tool.get_or_insert((asked.clone(), decided));
                }
                return Ok(Next::Again(vec![repair]));
            }
        }
        // A program that tells how it is used, or has nothing to do, may be a tool.
        let quiet = matches!(trial.how, How::Exited { code: 0, .. });
        if (quiet || repair::usage(&trial.output))
            && let Some(next) = self.tool(start, plan, decisions).await?
        {
            return Ok(next);
        }
        if !lost && let Some(next) = self.tool_after_all(start, plan, decisions, memory).await? {
            return Ok(next);
        }
        Ok(Next::Over(
            Outcome::Builds,
            Some(repair::why_not(trial, &known, &asked.args)),
        ))
    }

    /// A tool again, where what it was told to do made no service of it.
    async fn tool_after_all(
        &self,
        start: &Start<'_>,
        plan: &mut Plan,
        decisions: &mut Decisions,
        memory: &mut Memory,
    ) -> Result<Option<Next>, UserError> {
        let Some((was, decided)) = memory.as_tool.take() else {
            return Ok(None);
        };
        (*plan, *decisions) = (was, decided);
        self.tool(start, plan, decisions).await
    }

    /// Asks it about itself, as one asks a tool.
    async fn tool(
        &self,
        start: &Start<'_>,
        plan: &mut Plan,
        decisions: &mut Decisions,
    ) -> Result<Option<Next>, UserError> {
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
                let line = told.output.trim().lines().next().unwrap_or_default();
                let evidence = [format!("{} says: {line}", words.join(" "))];
                let otherwise = "a subcommand that serves: give it after the image's name";
                decisions.set(Topic::Arguments, "none: a tool", evidence, otherwise, None);
                return Ok(Some(Next::Over(Outcome::Tool, None)));
            }
        }
        Ok(None)
    }

    /// Labs that know what was said, the likeliest first.
    fn known(&self, trial: &Trial) -> Vec<(String, Option<String>)> {
        let mut text = trial.output.clone();
        if let How::Refused { message } = &trial.how {
            text.push('\n');
            text.push_str(message);
        }
        let explained = self.site.state.catalog.explain_output(&text);
        let matches = explained.matches.iter().take(3);
        let labs = matches.map(|found| found.lab.id.clone());
        labs.map(|lab| {
            let page = self.pages.get(&lab).cloned();
            (lab, page)
        })
        .collect()
    }

    /// What is asked for: what the sources name like a health endpoint, then what others do.
    pub(in crate::adopt) fn paths(&self) -> Vec<String> {
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

fn listens(trial: &Trial) -> Outcome {
    if trial.answers() {
        Outcome::Answers
    } else {
        Outcome::Listens
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adopt::plan::testing::plan;

    #[test]
    fn a_change_that_did_not_help_is_taken_back_once_with_all_that_was_decided() {
        let (was, mut decided) = (plan(), Decisions::default());
        decided.set(Topic::Arguments, "none", ["seen".to_owned()], "", None);
        let mut listened = Some((was.clone(), decided.clone()));
        let (mut now, mut decisions) = (plan(), decided.clone());
        now.args.push("--host=0.0.0.0".into());
        decisions.set(
            Topic::Arguments,
            "--host=0.0.0.0",
            ["guess".to_owned()],
            "",
            None,
        );
        let repair = take_back(
            &mut listened,
            "fatal: no such address",
            &mut now,
            &mut decisions,
        );
        assert_eq!(repair.expect("taken back").why, "fatal: no such address");
        assert_eq!((&now, &decisions), (&was, &decided));
        assert_eq!(
            take_back(&mut listened, "again", &mut now, &mut decisions),
            None
        );
    }
}
