//! Sees to it that a run's bases and the prober are there before anything is built.

use super::own_image::OwnImage;
use super::site::Site;
use super::steps::Step;
use crate::bases::modules::Carried;
use crate::bases::{self, BaseState, Progress};
use crate::event::{Event, Phase, StepLog, StepProgress, Stream};
use analysis::dockerfile;
use policy::UserError;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// Whether containers will be asked questions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Probing {
    Asked,
    Never,
}

/// What a run can rely on.
#[derive(Debug, Default)]
pub(crate) struct Prepared {
    /// `FROM` references that are built on another image than the one they name.
    pub(crate) substitutes: HashMap<String, String>,
    /// The images that hold what builds download, as far as the engine has them.
    pub(crate) carried: Carried,
    /// Rebuilt as soon as one of the bases is.
    pub(crate) state: Option<BaseState>,
}

impl Prepared {
    /// Substitutes the other way round: (built on, named by the Dockerfile).
    pub(crate) fn aliases(&self) -> Vec<(String, String)> {
        let pairs = self.substitutes.iter();
        pairs
            .map(|(named, built_on)| (built_on.clone(), named.clone()))
            .collect()
    }
}

/// The bases of these Dockerfiles, and the prober where something is to be asked.
///
/// # Errors
/// A base cannot be come by, or the prober cannot be built.
pub(crate) async fn prepare(
    site: &Site<'_>,
    dockerfiles: &[String],
    probing: Probing,
) -> Result<Prepared, UserError> {
    let mut wanted: BTreeSet<String> = dockerfiles
        .iter()
        .flat_map(|text| dockerfile::dockerfile_bases(text))
        .collect();
    // Once it is built (or came out of a kit), nothing of what it was built on is needed.
    let prober = OwnImage::prober();
    let lacks_prober = probing == Probing::Asked && !prober.is_on(site.engine).await;
    if lacks_prober {
        wanted.extend(dockerfile::dockerfile_bases(&prober.dockerfile));
    }
    let mut prepared = Prepared::default();
    for name in wanted {
        let Some(base) = site.state.bases.called(&name) else {
            // A reader's own FROM: BuildKit pulls it, or says that it cannot.
            continue;
        };
        let state = ensure(site, base).await?;
        if prepared.state != Some(BaseState::Rebuilt) {
            prepared.state = Some(state);
        }
        if !base.starts_with("golang:") {
            // Only Go bases fetch anything over TLS during a build.
            continue;
        }
        let trusted = bases::trusted(site.engine, base).await?;
        if let Some(trusted) = trusted {
            prepared.substitutes.insert(name, trusted);
        }
    }
    if lacks_prober {
        let _one_at_a_time = site.state.preparing.lock().await;
        ensure_prober(site, &prober, &prepared).await?;
    }
    Ok(prepared)
}

async fn ensure(site: &Site<'_>, name: &str) -> Result<BaseState, UserError> {
    let id = format!("base:{name}");
    let step: Mutex<Option<Step<'_>>> = Mutex::new(None);
    let on_progress = |progress: Progress| {
        let mut step = step.lock().unwrap_or_else(PoisonError::into_inner);
        // Nothing is said of a base that is simply there.
        step.get_or_insert_with(|| {
            Step::start(site.log, Phase::Prepare, &id, &format!("base image {name}"))
        });
        site.log.push(match progress.total {
            None => Event::StepLog(StepLog {
                step: id.clone(),
                stream: Stream::Stdout,
                text: format!("{}\n", progress.text),
            }),
            total => Event::StepProgress(StepProgress {
                step: id.clone(),
                what: progress.text,
                current: progress.current,
                total,
            }),
        });
    };
    let outcome = site
        .state
        .bases
        .ensure(site.engine, name, &on_progress)
        .await;
    let step = step.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(step) = step {
        step.end_as(&outcome);
    }
    outcome
}

/// Builds the prober's image where the engine lacks it. It stays: it is keyed by its sources.
async fn ensure_prober(
    site: &Site<'_>,
    prober: &OwnImage,
    prepared: &Prepared,
) -> Result<(), UserError> {
    // Whoever had the turn before may have built it.
    if prober.is_on(site.engine).await {
        return Ok(());
    }
    let step = Step::start(
        site.log,
        Phase::Prepare,
        "prober",
        "building the prober, which asks containers their questions (once)",
    );
    let not_built = |what: String| UserError {
        what: format!("The prober could not be built: {what}"),
        cause: "the Go base image is incomplete, or the engine's builder does not work".into(),
        next: "run `playground bases status`, then press Run again".into(),
    };
    let stopped = site.cleanup.stopped_builds();
    let request = prober.request(prepared, Duration::from_secs(300), stopped);
    let request = request.map_err(|error| not_built(error.to_string()))?;
    let log = site.log.clone();
    let mut on = move |event: engine::BuildEvent| match event {
        engine::BuildEvent::StepStarted { title, .. } => log.push(Event::StepLog(StepLog {
            step: "prober".into(),
            stream: Stream::Stdout,
            text: format!("{title}\n"),
        })),
        engine::BuildEvent::StepLog(StepLog { stream, text, .. }) => {
            log.push(Event::StepLog(StepLog {
                step: "prober".into(),
                stream,
                text,
            }))
        }
        _ => {}
    };
    match site.engine.build(&request, &mut on).await {
        Ok(_) => {
            step.done();
            Ok(())
        }
        Err(error) => {
            step.failed(&error.to_string());
            Err(not_built(error.to_string()))
        }
    }
}
