//! What one click does, from top to bottom.
//!
//! prepare (bases, prober) → peers → build → measure ‖ run and probe → verdict → clean up.
//! The learner's failure travels as [`Evidence`]; only ours is an error ([`Trouble`]).

use super::cleanup::Cleanup;
use super::contain::{self, Beside};
use super::prepare::Ready;
use super::steps::OpenSteps;
use super::{Evidence, RunLog, life, looks, measure, prepare};
use crate::bases::BaseState;
use crate::catalog::{self, Context, Deed, Lab, Outcome, Variant};
use crate::engine::{self, BuildError, BuildRequest, Engine};
use crate::event::{Ending, Event, Finished, Phase, Sizes, StepError, StepStatus, Trouble};
use crate::journal::Measurement;
use crate::launch::Launch;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::sync::CancellationToken;

/// A build may take this long. Stage 1 on two busy cores takes about one minute.
const BUILD_LIMIT: Duration = Duration::from_secs(15 * 60);

/// How long the engine may go on naming an image after its build was stopped.
const LATE_EXPORT: Duration = Duration::from_millis(300);

/// One run's inputs.
#[derive(Clone, Debug)]
pub(super) struct Order {
    pub(super) id: String,
    pub(super) lab: Lab,
    pub(super) variant: Variant,
    pub(super) edits: BTreeMap<String, String>,
}

/// What a run hands from phase to phase.
pub(super) struct Bench<'a> {
    pub(super) launch: &'a Arc<Launch>,
    pub(super) engine: Engine,
    pub(super) order: &'a Order,
    pub(super) log: &'a Arc<RunLog>,
    pub(super) cleanup: &'a Cleanup,
}

/// Carries out a run and pushes its events, the terminal one last, always.
pub(super) async fn execute(
    launch: &Arc<Launch>,
    order: &Order,
    log: &Arc<RunLog>,
    stop: &CancellationToken,
) {
    // Finding an engine may take a minute where a private one has to start first.
    let found = tokio::select! {
        biased;
        () = stop.cancelled() => None,
        found = launch.engine() => Some(found),
    };
    let finished = match found {
        None => ended(Ending::Stopped, None, log),
        Some(Err(trouble)) => ended(Ending::Error, Some(trouble), log),
        Some(Ok(engine)) => on_engine(launch, engine, order, log, stop).await,
    };
    log.push(Event::Finished(Box::new(finished)));
}

async fn on_engine(
    launch: &Arc<Launch>,
    engine: Engine,
    order: &Order,
    log: &Arc<RunLog>,
    stop: &CancellationToken,
) -> Finished {
    let cleanup = Cleanup::default();
    let finished = {
        let bench = Bench {
            launch,
            engine: engine.clone(),
            order,
            log,
            cleanup: &cleanup,
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => ended(Ending::Stopped, None, log),
            judged = bench.carry_out() => match judged {
                Ok(finished) => finished,
                Err(trouble) => ended(Ending::Error, Some(trouble), log),
            },
        }
    };
    if finished.ending == Ending::Stopped {
        // An export that was under way may still name its image.
        tokio::time::sleep(LATE_EXPORT).await;
    }
    for left in cleanup.run(&engine).await {
        log::warn!("run {}: could not remove {left}", order.id);
        log.push(Event::Notice {
            text: format!(
                "Could not remove {left}. The next start of the playground will try again."
            ),
        });
    }
    finished
}

fn ended(ending: Ending, error: Option<Trouble>, log: &RunLog) -> Finished {
    Finished {
        ending,
        outcome: None,
        reporter: None,
        moment: None,
        note: None,
        message: None,
        exit_code: None,
        checks: Vec::new(),
        error,
        ms: log.elapsed_ms(),
    }
}

impl Bench<'_> {
    async fn carry_out(&self) -> Result<Finished, Trouble> {
        let Order { lab, variant, .. } = self.order;
        let root = &self.launch.root;
        let own = catalog::context(root, lab, variant, &BTreeMap::new(), &self.order.edits)?;
        let mut dockerfiles = vec![own.dockerfile().to_owned()];
        let mut peers = Vec::new();
        for peer in &lab.peers {
            let context = catalog::peer_context(lab, peer)?;
            dockerfiles.push(context.dockerfile().to_owned());
            peers.push((peer, context));
        }
        let mut debug = Vec::new();
        for image in debug_images(variant) {
            let context = catalog::debug_context(lab, image)?;
            dockerfiles.push(context.dockerfile().to_owned());
            debug.push((image, context));
        }
        let ready = prepare::prepare(self, &dockerfiles).await?;
        let declared = self.declared().await?;

        let mut beside = Beside::default();
        for (peer, context) in peers {
            let tag = self.tag(&peer.id);
            let image = self.build(&context, &tag, &peer.id, &ready).await?;
            let image = image.map_err(|evidence| not_built("peer", &peer.id, &evidence))?;
            contain::start_peer(self, &mut beside, peer, &image).await?;
        }
        let provided = contain::provided(self, &beside).await?;
        let context = match provided.is_empty() {
            true => own,
            false => catalog::context(root, lab, variant, &provided, &self.order.edits)?,
        };
        let tag = self.tag("image");
        let looked = looks::at_context(self, &context);
        let image = match self.build(&context, &tag, "", &ready).await? {
            Ok(image) => image,
            Err(mut evidence) => {
                evidence.looked = looked;
                return Ok(self.judge(&evidence, &declared));
            }
        };
        let mut tools = BTreeMap::new();
        for (name, context) in debug {
            let tag = self.tag(&format!("debug.{name}"));
            let image = self.build(&context, &tag, name, &ready).await?;
            let image = image.map_err(|evidence| not_built("debug image", name, &evidence))?;
            tools.insert(name.to_owned(), image);
        }
        let (sizes, evidence) = tokio::join!(
            measure::measure(self, &image),
            life::live(self, &image, &beside, &tools)
        );
        let mut evidence = evidence?;
        evidence.looked = looked;
        looks::after(self, &image, &mut evidence).await?;
        let finished = self.judge(&evidence, &declared);
        match sizes {
            Ok(sizes) => self.remember(&image, ready.state, &sizes, &finished),
            // What the container did is worth telling without its weight.
            Err(trouble) => self.log.push(Event::Notice {
                text: trouble.to_string(),
            }),
        }
        Ok(finished)
    }

    /// What this engine is to do: the declaration, with the difference that fits it.
    async fn declared(&self) -> Result<Declared, Trouble> {
        let expect = &self.order.variant.expect;
        let mut emulates = false;
        if expect.asks_for_emulation() {
            let (engine, owner) = (self.engine.clone(), self.launch.owner.clone());
            // To the end, so that a Stop leaves nothing of the attempt behind.
            let tried = async move { engine.emulates(&owner).await };
            emulates = self.cleanup.to_the_end(tried).await.unwrap_or(false);
        }
        let (expect, note) = expect.on(self.engine.kind(emulates));
        let mut variant = self.order.variant.clone();
        variant.expect = expect;
        Ok(Declared { variant, note })
    }

    fn judge(&self, evidence: &Evidence, declared: &Declared) -> Finished {
        let mut finished = evidence.judge(&declared.variant, self.log.elapsed_ms());
        finished.note.clone_from(&declared.note);
        finished
    }

    fn tag(&self, what: &str) -> String {
        engine::run_tag(&self.launch.owner, &format!("{}.{what}", self.order.id))
    }

    /// Builds; the inner error is the learner's, as evidence.
    async fn build(
        &self,
        context: &Context,
        tag: &str,
        prefix: &str,
        ready: &Ready,
    ) -> Result<Result<String, Evidence>, Trouble> {
        self.cleanup.image(tag);
        let dockerfile = context.dockerfile();
        let sent = catalog::substitute_bases(dockerfile, &ready.substitutes);
        let request = BuildRequest {
            context: context.with_dockerfile(&sent).to_tar(),
            dockerfile: dockerfile.to_owned(),
            tag: tag.to_owned(),
            target: None,
            aliases: ready.aliases(),
            labels: vec![(engine::LABEL.to_owned(), "lab".to_owned())],
            prefix: format!("{prefix}b"),
            limit: BUILD_LIMIT,
        };
        // Stop drops this future in the middle: the steps that run are ended all the same.
        let open = OpenSteps::new(self.log.clone());
        let mut logs: HashMap<String, String> = HashMap::new();
        let mut failed_log = String::new();
        let mut failed_seen = false;
        let log = self.log.clone();
        let log_after = self.log.clone();
        let mut on = |event: Event| {
            open.see(&event);
            match &event {
                Event::StepLog { step, text, .. } => {
                    let kept = logs.entry(step.clone()).or_default();
                    if kept.len() < engine::limits().output_bytes {
                        kept.push_str(text);
                    }
                }
                Event::StepFinished {
                    step,
                    status: StepStatus::Failed,
                    ..
                } => {
                    failed_seen = true;
                    failed_log = logs.remove(step).unwrap_or_default();
                }
                _ => {}
            }
            log.push(event);
        };
        let mut built = self.engine.build(&request, &mut on).await;
        // Between making an image and naming it, another run's clean-up may have taken away
        // the last name of the very same image, and the image with it. The builder remembers.
        for _ in 0..2 {
            let gone = built.is_ok() && matches!(self.engine.image(tag).await, Ok(None));
            if !gone {
                break;
            }
            built = self.engine.build(&request, &mut on).await;
        }
        match built {
            Ok(built) => Ok(Ok(built.image)),
            Err(BuildError::Failed(error)) => {
                if !failed_seen {
                    // The builder failed before its first step: it could not read the file.
                    refused_to_begin(&log_after, prefix, &error);
                }
                if let Some(trouble) = no_space(&error.message) {
                    return Err(trouble);
                }
                Ok(Err(Evidence {
                    outcome: Some(Outcome::BuildFails),
                    builder: format!("{}\n{failed_log}", error.message),
                    ..Evidence::default()
                }))
            }
            Err(error @ BuildError::TooLong(_)) => Ok(Err(Evidence {
                outcome: Some(Outcome::BuildFails),
                builder: error.to_string(),
                remark: Some("over its time limit".into()),
                ..Evidence::default()
            })),
            Err(error @ BuildError::Engine(_)) => Err(Trouble {
                what: error.to_string(),
                cause: "the engine was stopped, or its builder does not work".into(),
                next: "check that `docker version` answers, then press Run again".into(),
            }),
        }
    }

    fn remember(&self, image: &str, base: Option<BaseState>, sizes: &Sizes, finished: &Finished) {
        let facts = self.engine.facts();
        let measurement = Measurement {
            lab: self.order.lab.id.clone(),
            variant: self.order.variant.id.clone(),
            engine: format!("{} {}", facts.name, facts.version),
            arch: facts.arch.clone(),
            base_state: base.map(|b| b.name().to_owned()),
            image_id: image.to_owned(),
            unpacked_bytes: sizes.unpacked_bytes,
            compressed_bytes: sizes.compressed_bytes,
            engine_bytes: sizes.engine_bytes,
            edited: !self.order.edits.is_empty(),
            ending: finished.ending,
            ms: finished.ms,
        };
        if let Err(error) = self.launch.journal.record(&measurement) {
            log::warn!("the measurement was not remembered: {error}");
        }
    }
}

/// The variant as it must end on this engine.
struct Declared {
    variant: Variant,
    note: Option<String>,
}

/// A step for what no step tells: a Dockerfile that the builder cannot read.
fn refused_to_begin(log: &RunLog, prefix: &str, error: &StepError) {
    let step = format!("{prefix}read");
    log.push(Event::StepStarted {
        step: step.clone(),
        phase: Phase::Build,
        title: "reading the Dockerfile".into(),
    });
    log.push(Event::StepFinished {
        step,
        status: StepStatus::Failed,
        ms: 0,
        error: Some(error.clone()),
    });
}

/// Readers cannot edit what stands beside: that it does not build says nothing of the variant.
fn not_built(what: &str, id: &str, evidence: &Evidence) -> Trouble {
    Trouble {
        what: format!(
            "The lab's {what} `{id}` cannot be built: {}",
            evidence.builder.trim()
        ),
        cause: "it downloads modules and there is no network, or the lab is broken".into(),
        next: "check the network, then press Run again; if it stays, please report the lab".into(),
    }
}

/// The folders below `debug/` that a variant's acts use, each once.
fn debug_images(variant: &Variant) -> BTreeSet<&str> {
    let images = variant.acts.iter().filter_map(|act| match &act.deed {
        Deed::Debug { image, .. } => Some(image.as_str()),
        _ => None,
    });
    images.collect()
}

/// A full disk looks like a failed step, but no edit of the Dockerfile will mend it.
fn no_space(message: &str) -> Option<Trouble> {
    message
        .contains("no space left on device")
        .then(|| Trouble {
            what: format!("The engine's disk is full: {message}"),
            cause: "images and build cache have filled the disk that the engine keeps them on"
                .into(),
            next: "see what takes the room with `docker system df`, free some with \
               `docker builder prune`, then press Run again"
                .into(),
        })
}
