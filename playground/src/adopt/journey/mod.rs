//! The book's journey with a strange program: every stage built, weighed and started.
//!
//! `stages` writes the Dockerfiles. Each is built with nothing from the builder's cache, so that
//! build times are of a kind; Go's own caches are mounted from stage 3 on. A stage that does not
//! build or start is a result, with the page that shows why. Nothing stays on the engine.

mod stages;

use super::report::{Outcome, Report};
use super::rounds::{Rounds, Text};
use super::trial::{How, Start, Trial};
use super::{repair, verdicts};
use crate::event::Event;
use policy::UserError;
use serde::Serialize;
use stages::{Draft, PROGRAM, drafts};

/// Containers of stages are counted from here, beyond all rounds.
const FIRST: usize = 100;

/// A stage of the journey, made with this code.
#[derive(Clone, Debug, Serialize)]
pub struct Stage {
    /// As the book numbers it.
    pub number: String,
    /// What the book calls it.
    pub title: String,
    /// The book's chapter about it.
    pub page: Option<String>,
    /// What the image stands on.
    pub base: String,
    /// Its Dockerfile.
    pub dockerfile: String,
    /// How long its build took, in milliseconds, with nothing from the builder's cache.
    pub build_ms: u64,
    /// Unpacked, in bytes; `None` where it was not built.
    pub unpacked: Option<u64>,
    /// As blobs of a registry, in bytes; `None` where that was not measured.
    pub compressed: Option<u64>,
    /// What came of it.
    pub outcome: Outcome,
    /// How its start went.
    pub how: Option<How>,
    /// From start to answer, in milliseconds.
    pub answered_ms: Option<u64>,
    /// What was said, where it did not come up.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub said: String,
    /// The page that shows why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

impl Rounds<'_> {
    /// Every stage in order; none where there is no image to compare them with.
    ///
    /// # Errors
    /// The engine cannot build, or does not answer.
    pub(super) async fn journey(&self, report: &Report) -> Result<Vec<Stage>, UserError> {
        let (Some(plan), Some(last)) = (&report.plan, &report.dockerfile) else {
            return Ok(Vec::new());
        };
        if !report.outcome.works() {
            return Ok(Vec::new());
        }
        let mut all = drafts(plan);
        all.push(Draft {
            number: "6",
            base: plan.base().to_owned(),
            dockerfile: last.clone(),
            entrypoint: true,
        });
        let mut stages = Vec::new();
        for (n, draft) in all.into_iter().enumerate() {
            stages.push(self.stage(FIRST + n, draft, report).await?);
        }
        Ok(stages)
    }

    async fn stage(&self, n: usize, draft: Draft, report: &Report) -> Result<Stage, UserError> {
        let labs = &self.site.state.catalog;
        let lab = labs.stages().find(|lab| {
            let stage = lab.stage.as_ref();
            stage.is_some_and(|stage| stage.number == draft.number)
        });
        let title = lab.map_or(String::new(), |lab| lab.title.clone());
        self.site.log.push(Event::Round {
            n: format!("Stage {}", draft.number),
            what: format!("{title}, on {}", draft.base),
        });
        let ignore = report.dockerignore.as_deref().unwrap_or_default();
        let name = format!("s{}", draft.number);
        let text = Text {
            name: &name,
            dockerfile: &draft.dockerfile,
            ignore,
            tree: self.tree,
            no_cache: true,
        };
        let (build_ms, built) = self.build_text(&text).await?;
        let mut stage = Stage {
            number: draft.number.to_owned(),
            title,
            page: lab.and_then(|lab| self.pages.get(&lab.id).cloned()),
            base: draft.base,
            dockerfile: draft.dockerfile,
            build_ms,
            unpacked: None,
            compressed: None,
            outcome: Outcome::Nothing,
            how: None,
            answered_ms: None,
            said: String::new(),
            why: None,
        };
        let image = match built {
            Ok(image) => image,
            Err(said) => {
                let why = verdicts::why_not_built(&said, self.tree, self.hints);
                stage.said = repair::last(&said);
                stage.why = why.page.or_else(|| self.page_about(&said));
                return Ok(stage);
            }
        };
        let built = self.read_any(image).await?;
        stage.unpacked = Some(built.weight().unpacked);
        stage.compressed = built.compressed();
        let program: &[&str] = match draft.entrypoint {
            true => &[],
            false => &[PROGRAM],
        };
        let trial = self.start(n, &built.image, program, report).await?;
        stage.outcome = outcome(&trial, report.outcome);
        stage.answered_ms = (stage.outcome == Outcome::Answers).then_some(trial.ms);
        if !stage.outcome.works() {
            stage.said = repair::last(&trial.output);
            let mut said = trial.output.clone();
            if let How::Refused { message } = &trial.how {
                said.push('\n');
                said.push_str(message);
                if stage.said.is_empty() {
                    stage.said = repair::last(message);
                }
            }
            stage.why = self.page_about(&said);
        }
        stage.how = Some(trial.how);
        // Stages with a workshop in them are large; the next one does not have to wait for the room.
        if let Err(error) = self.site.engine.remove_image(&self.tag(&name)).await {
            log::warn!("an image of a stage stays until the end: {error}");
        }
        Ok(stage)
    }

    /// Starts an image: the service as it is, a tool with a question, in front of which `program`
    /// stands where the image would take the question for a program.
    pub(super) async fn start(
        &self,
        n: usize,
        image: &str,
        program: &[&str],
        report: &Report,
    ) -> Result<Trial, UserError> {
        let Some(plan) = &report.plan else {
            return Ok(Trial::default());
        };
        let start = Start {
            site: self.site,
            id: self.id,
            n,
            image,
            plan,
        };
        match report.outcome {
            Outcome::Tool => start.tool(&[program, &["--help"]].concat()).await,
            _ => start.serve_as_it_is(&self.paths()).await,
        }
    }

    /// The page of the likeliest lab that knows these words.
    pub(super) fn page_about(&self, said: &str) -> Option<String> {
        let explained = self.site.state.catalog.explain_output(said);
        let first = explained.matches.first()?;
        self.pages.get(&first.lab.id).cloned()
    }
}

/// What a start came to, where the adopted image came to `wanted`.
pub(super) fn outcome(trial: &Trial, wanted: Outcome) -> Outcome {
    match &trial.how {
        How::Listens if trial.reachable() => {
            let speaks = trial.ports.iter().map(|port| port.speaks());
            let mut answers = speaks.filter(|speaks| matches!(*speaks, "http" | "https" | "grpc"));
            match answers.next() {
                Some(_) => Outcome::Answers,
                None => Outcome::Listens,
            }
        }
        How::Listens => Outcome::Builds,
        How::Silent if wanted == Outcome::Runs => Outcome::Runs,
        How::Exited { .. } if wanted == Outcome::Tool && repair::told_about_itself(trial) => {
            Outcome::Tool
        }
        _ => Outcome::Builds,
    }
}
