//! What one click does, from top to bottom.
//!
//! prepare (bases, prober) → peers → build → measure ‖ run and probe → verdict → clean up.
//! The learner's failure travels as [`Evidence`]; only ours is an error ([`UserError`]).

use super::build::{self, BuiltVariant};
use super::cleanup::Cleanup;
use super::{Evidence, RunLog, checks, container, keeping, measure};
use crate::app_state::AppState;
use crate::bases::BaseState;
use crate::event::{Ending, Entry, Event, Finished, Sizes};
use crate::exercises::Verdict;
use crate::exercises::progress::Detail;
use crate::journal::Measurement;
use catalog::{Lab, Role, Variant};
use engine::Engine;
use policy::UserError;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// One run's inputs.
#[derive(Clone, Debug)]
pub(super) struct RunSpec {
    pub(super) id: String,
    pub(super) lab: Lab,
    pub(super) variant: Variant,
    pub(super) edits: BTreeMap<String, String>,
    /// Whether its image may stay for the next click, or be one that has stayed.
    pub(super) keeps: bool,
    /// Whether the builder is to do without its cache.
    pub(super) fresh: bool,
    /// A file that gets another comment line before it is built.
    pub(super) touch: Option<String>,
}

/// What a run hands from phase to phase.
pub(super) struct RunContext<'a> {
    pub(super) state: &'a Arc<AppState>,
    pub(super) engine: Engine,
    pub(super) spec: &'a RunSpec,
    pub(super) log: &'a Arc<RunLog>,
    pub(super) cleanup: &'a Cleanup,
}

/// Carries out a run and pushes its events, the terminal one last, always.
pub(super) async fn execute(
    state: &Arc<AppState>,
    spec: &RunSpec,
    log: &Arc<RunLog>,
    stop: &CancellationToken,
) {
    // Finding an engine may take a minute where a private one has to start first.
    let found = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        found = state.engine() => Some(found),
    };
    let finished = match found {
        None => unjudged(Ending::Stopped, None, log),
        Some(Err(error)) => unjudged(Ending::Error, Some(error), log),
        Some(Ok(engine)) => on_engine(state, engine, spec, log, stop).await,
    };
    if spec.variant.role == Role::Submission {
        remember_submission(state, spec, log, &finished).await;
    }
    log.push(Event::Finished(Box::new(finished)));
}

/// Keeps what was handed in, and what came of it, where that could be judged.
async fn remember_submission(state: &AppState, spec: &RunSpec, log: &RunLog, finished: &Finished) {
    if !matches!(finished.ending, Ending::AsDeclared | Ending::NotAsDeclared) {
        return;
    }
    let mut entries = log.next(0).await;
    let sizes = entries.iter().find_map(|entry| match &entry.event {
        Event::Sizes(sizes) => Some(sizes.unpacked_bytes),
        _ => None,
    });
    // It is not in the log yet: whoever sees it there finds progress up to date.
    entries.push(Entry {
        seq: entries.len() as u64 + 1,
        at_ms: finished.ms,
        event: Event::Finished(Box::new(finished.clone())),
    });
    let exercise = state.catalog.exercise(&spec.lab.id).ok();
    let verdict = exercise
        .and_then(|exercise| Verdict::of_run(&state.catalog, exercise, &entries, &BTreeMap::new()));
    let detail = Detail {
        cause: verdict.and_then(|verdict| verdict.advice?.cause),
        unpacked_bytes: sizes,
        ms: Some(finished.ms),
        files: spec.edits.clone(),
        ..Detail::default()
    };
    let kept = state
        .progress
        .graded(&spec.lab.id, &finished.checks, detail);
    if let Err(error) = kept {
        log.push(Event::notice(error.to_string()));
    }
}

async fn on_engine(
    state: &Arc<AppState>,
    engine: Engine,
    spec: &RunSpec,
    log: &Arc<RunLog>,
    stop: &CancellationToken,
) -> Finished {
    let cleanup = Cleanup::default();
    let finished = {
        let ctx = RunContext {
            state,
            engine: engine.clone(),
            spec,
            log,
            cleanup: &cleanup,
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => unjudged(Ending::Stopped, None, log),
            judged = ctx.carry_out() => match judged {
                Ok(finished) => finished,
                Err(error) => unjudged(Ending::Error, Some(error), log),
            },
        }
    };
    clean_up(state, cleanup, &engine, spec, log).await;
    finished
}

/// Removes all that was created for a run, and says what could not be removed.
/// What an engine that went away kept is tried again after the next run.
pub(super) async fn clean_up(
    state: &AppState,
    cleanup: Cleanup,
    engine: &Engine,
    spec: &RunSpec,
    log: &RunLog,
) {
    let mut earlier = state.take_unremoved();
    earlier.extend(state.kept.take_idle(&engine.address().to_string()));
    let left = cleanup.run(engine, earlier).await;
    for (object, error) in &left {
        log::warn!("run {}: could not remove {object}: {error}", spec.id);
        log.push(Event::notice(format!(
            "Could not remove {object}: {error}. It is tried again after the next run, and at the \
             next start of the playground."
        )));
    }
    state.keep_unremoved(left.into_iter().map(|(object, _)| object));
}

fn unjudged(ending: Ending, error: Option<UserError>, log: &RunLog) -> Finished {
    Finished::unjudged(ending, error, log.elapsed_ms())
}

impl RunContext<'_> {
    async fn carry_out(&self) -> Result<Finished, UserError> {
        let BuiltVariant {
            image,
            prepared,
            peers,
            looked,
            keepable,
        } = build::variant(self).await?;
        let cut_off = image.as_ref().err();
        let cut_off = cut_off.is_some_and(|failed| engine::is_cut_off(&failed.builder));
        let declared = self.declared(cut_off).await?;
        let image = match image {
            Ok(image) => image,
            Err(mut evidence) => {
                evidence.looked = looked;
                return Ok(self.judge(&evidence, &declared));
            }
        };
        let tools = build::tools(self, &prepared).await?;
        let (sizes, evidence, keepable) = tokio::join!(
            measure::measure(self, &image),
            container::run(self, &image, &peers, &tools),
            keeping::confirmed(self, keepable)
        );
        let mut evidence = evidence?;
        evidence.looked = looked;
        let expected = declared.variant.expect.outcome;
        checks::after(self, &image, sizes.as_ref(), expected, &mut evidence).await?;
        let finished = self.judge(&evidence, &declared);
        if let Some(keepable) = keepable {
            keeping::keep(self, keepable, image.clone(), &prepared);
        }
        match sizes {
            Ok(sizes) => self.remember(&image, prepared.state, &sizes, &finished),
            // What the container did is worth telling without its weight.
            Err(error) => self.log.push(Event::notice(error.to_string())),
        }
        Ok(finished)
    }

    /// What this engine is to do: the declaration, with the difference that fits it; and where its
    /// build found no way to a network, the one that is declared for that.
    async fn declared(&self, cut_off: bool) -> Result<Declared, UserError> {
        let expect = &self.spec.variant.expect;
        let mut emulates = false;
        if expect.asks_for_emulation() {
            let (engine, owner) = (self.engine.clone(), self.state.owner.clone());
            // To the end, so that a Stop leaves nothing of the attempt behind.
            let tried = async move { engine.emulates(&owner).await };
            emulates = self.cleanup.to_the_end(tried).await.unwrap_or(false);
        }
        let traits = catalog::EngineTraits {
            cut_off,
            ..engine_traits(&self.engine, emulates, self.state.go())
        };
        let (variant, note) = self.spec.variant.on(traits);
        Ok(Declared { variant, note })
    }

    fn judge(&self, evidence: &Evidence, declared: &Declared) -> Finished {
        let mut finished = evidence.judge(&declared.variant, self.log.elapsed_ms());
        finished.note.clone_from(&declared.note);
        finished
    }

    fn remember(&self, image: &str, base: Option<BaseState>, sizes: &Sizes, finished: &Finished) {
        let facts = self.engine.facts();
        let measurement = Measurement {
            lab: self.spec.lab.id.clone(),
            variant: self.spec.variant.id.clone(),
            engine: format!("{} {}", facts.name, facts.version),
            arch: facts.arch.clone(),
            base_state: base.map(|b| b.name().to_owned()),
            image_id: image.to_owned(),
            unpacked_bytes: sizes.unpacked_bytes,
            compressed_bytes: sizes.compressed_bytes,
            engine_bytes: sizes.engine_bytes,
            go: self.state.column().to_owned(),
            edited: !self.spec.edits.is_empty(),
            ending: finished.ending,
            ms: finished.ms,
        };
        if let Err(error) = self.state.journal.record(&measurement) {
            log::warn!("the measurement was not remembered: {error}");
        }
    }
}

/// The variant as it must end on this engine.
struct Declared {
    variant: Variant,
    note: Option<String>,
}

/// What decides about the lab's declared differences.
fn engine_traits(engine: &Engine, emulates: bool, go: &str) -> catalog::EngineTraits {
    let (docker, podman) = match engine.kind() {
        engine::EngineKind::Docker { major } => (major, false),
        engine::EngineKind::Podman => (None, true),
    };
    catalog::EngineTraits {
        docker,
        podman,
        emulates,
        go: catalog::go_version(go).unwrap_or_default(),
        cut_off: false,
    }
}
