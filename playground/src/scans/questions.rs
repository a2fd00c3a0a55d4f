//! Questions to X-rays that are ready: a map, a difference, findings. Each is answered in a thread
//! of its own, one at a time, since a tree may take as much memory as what was read.

use super::xray::{Scan, State, Status, Xray};
use super::{Listed, Scans, images};
use analysis::image::ReadError;
use analysis::image::tree::Tree;
use analysis::preflight::{Finding, TargetPlatform, depend_on_emulation, preflight};
use analysis::xray::map::{self, Map, MapError, MapRequest};
use analysis::xray::{Comparand, Difference, Files, difference};
use engine::{ImageReadError, unreadable};
use policy::UserError;
use std::sync::Arc;

/// Why a question is not answered.
#[derive(Clone, Debug)]
pub enum QuestionError {
    /// There is no such X-ray, or no such place in it.
    Unknown(UserError),
    /// It is not ready.
    NotReady(UserError),
    /// It is no sensible question.
    Wrong(UserError),
    /// Ours.
    Failed(UserError),
}

impl Scans {
    /// The engine's images, named ones first.
    ///
    /// # Errors
    /// No engine answers.
    pub async fn images(&self) -> Result<Vec<Listed>, UserError> {
        images::list(&self.state).await
    }

    /// How far an X-ray is, and what it found.
    ///
    /// # Errors
    /// There is no such X-ray.
    pub fn status(&self, id: &str) -> Result<Status, QuestionError> {
        Ok(self.xray(id)?.status())
    }

    /// Asks an X-ray to stop; what is ready stays.
    ///
    /// # Errors
    /// There is no such X-ray.
    pub fn stop(&self, id: &str) -> Result<(), QuestionError> {
        self.xray(id)?.stop();
        Ok(())
    }

    /// A treemap of a place of an X-ray.
    ///
    /// # Errors
    /// As [`QuestionError`] lists them.
    pub async fn map(&self, id: &str, request: MapRequest) -> Result<Map, QuestionError> {
        let scan = self.scan(id)?;
        self.answer(move || {
            let tree = tree(&scan)?;
            map::map(files(&scan, &tree), &request).map_err(map_error)
        })
        .await
    }

    /// What differs on the way from one X-ray to another.
    ///
    /// # Errors
    /// As [`QuestionError`] lists them.
    pub async fn difference(&self, from: &str, to: &str) -> Result<Difference, QuestionError> {
        let (from, to) = (self.scan(from)?, self.scan(to)?);
        self.answer(move || {
            let (before, after) = (tree(&from)?, tree(&to)?);
            let from = Comparand {
                report: &from.report,
                files: Some(files(&from, &before)),
            };
            let to = Comparand {
                report: &to.report,
                files: Some(files(&to, &after)),
            };
            Ok(difference(from, to))
        })
        .await
    }

    /// How it will fail before it runs, on the engine that it was read from.
    ///
    /// # Errors
    /// As [`QuestionError`] lists them.
    pub async fn preflight(&self, id: &str) -> Result<Vec<Finding>, QuestionError> {
        let scan = self.scan(id)?;
        let mut platform = TargetPlatform {
            cpu: Some(scan.engine.facts().arch.clone()).filter(|cpu| !cpu.is_empty()),
            emulates: false,
            executes_with_rights: scan.engine.facts().executes_with_rights,
        };
        let found = self.findings(&scan, platform.clone()).await?;
        if !depend_on_emulation(&found) {
            return Ok(found);
        }
        // To the end, so that whoever goes away leaves nothing of it behind.
        let state = self.state.clone();
        let engine = scan.engine.clone();
        let tried = async move { engine.emulates(&state.owner).await };
        platform.emulates = self.jobs.to_the_end(tried).await.unwrap_or_default();
        match platform.emulates {
            true => self.findings(&scan, platform).await,
            false => Ok(found),
        }
    }

    async fn findings(
        &self,
        scan: &Arc<Scan>,
        platform: TargetPlatform,
    ) -> Result<Vec<Finding>, QuestionError> {
        let scan = scan.clone();
        self.answer(move || {
            let name = &scan.report.subject.name;
            preflight(&scan.inspection, &platform).map_err(|error| failed(name, &error))
        })
        .await
    }

    fn scan(&self, id: &str) -> Result<Arc<Scan>, QuestionError> {
        let xray = self.xray(id)?;
        match xray.state() {
            State::Ready(ready) => Ok(ready),
            other => Err(QuestionError::NotReady(UserError {
                what: format!("The X-ray {id} is not ready: it is {}.", other.name()),
                cause: "it is still being taken, or did not come to its end".into(),
                next: "wait until it is ready, or X-ray the image again".into(),
            })),
        }
    }

    fn xray(&self, id: &str) -> Result<Arc<Xray>, QuestionError> {
        self.get(id).ok_or_else(|| {
            let shown: String = id.chars().take(32).collect();
            QuestionError::Unknown(UserError {
                what: format!("There is no X-ray {shown}."),
                cause: "newer ones took its room, or the playground was started anew".into(),
                next: "X-ray the image again".into(),
            })
        })
    }

    async fn answer<T: Send + 'static>(
        &self,
        question: impl FnOnce() -> Result<T, QuestionError> + Send + 'static,
    ) -> Result<T, QuestionError> {
        let turn = self.answering.clone().acquire_owned().await;
        let answer = tokio::task::spawn_blocking(move || {
            // Until it is over, even when whoever asked has gone away.
            let _turn = turn;
            question()
        });
        let answer = self.jobs.track(answer).await;
        answer.unwrap_or_else(|error| {
            let error = ImageReadError::BrokenOff(error.into());
            Err(QuestionError::Failed(error.user_error("the image")))
        })
    }
}

fn tree(scan: &Scan) -> Result<Tree<'_>, QuestionError> {
    Tree::of(&scan.inspection.image).map_err(|error| failed(&scan.report.subject.name, &error))
}

fn files<'a>(scan: &'a Scan, tree: &'a Tree<'a>) -> Files<'a> {
    Files {
        inspection: &scan.inspection,
        tree,
    }
}

fn failed(name: &str, error: &ReadError) -> QuestionError {
    QuestionError::Failed(unreadable(name, error))
}

fn map_error(why: MapError) -> QuestionError {
    let error = UserError {
        what: format!("There is no map: {why}."),
        cause: "the address was put together by hand, or comes from another image".into(),
        next: "start at / and click your way down".into(),
    };
    match why {
        MapError::Sides | MapError::Long => QuestionError::Wrong(error),
        MapError::NotThere(_) | MapError::Closed(_) => QuestionError::Unknown(error),
    }
}
