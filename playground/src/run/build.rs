//! From a lab's files to an image on the engine: bases, peers, the builder.
//!
//! One way for all who want a variant's image, whether they run it or only look at it. A build
//! that fails is evidence; only what is not the learner's is an error.

use super::Evidence;
use super::execute::RunContext;
use super::peers::{self, Peers};
use super::prepare::{self, Prepared};
use super::steps::OpenSteps;
use super::{RunLog, checks};
use crate::bases::modules::with_modules;
use crate::event::{Event, Phase, StepError, StepStatus};
use analysis::dockerfile;
use catalog::checks::Observation;
use catalog::{Context, Outcome, Variant};
use engine::{BuildError, BuildEvent, BuildRequest, Patience, Stall};
use policy::UserError;
use policy::limits::MAX_OUTPUT_BYTES;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

/// A build may take this long. Stage 1 on two busy cores takes about one minute.
const BUILD_LIMIT: Duration = Duration::from_secs(15 * 60);

/// A variant after its build, and what was prepared for it.
pub(super) struct BuiltVariant {
    /// The image, or how its build failed.
    pub(super) image: Result<String, Evidence>,
    /// What the build could rely on.
    pub(super) prepared: Prepared,
    /// The containers that run beside it.
    pub(super) peers: Peers,
    /// What was to be seen of its context.
    pub(super) looked: Vec<Observation>,
}

/// Builds the variant, with bases, peers and edits.
pub(super) async fn variant(ctx: &RunContext<'_>) -> Result<BuiltVariant, UserError> {
    let (root, spec) = (&ctx.state.root, ctx.spec);
    let (lab, variant) = (&spec.lab, &spec.variant);
    let own = catalog::context(root, lab, variant, &BTreeMap::new(), &spec.edits)?;
    let mut dockerfiles = vec![ctx.state.dockerfile(own.dockerfile())];
    let mut declared = Vec::new();
    for peer in &lab.peers {
        let context = catalog::peer_context(lab, peer)?;
        dockerfiles.push(ctx.state.dockerfile(context.dockerfile()));
        declared.push((peer, context));
    }
    for (_, context) in debug_contexts(ctx)? {
        dockerfiles.push(ctx.state.dockerfile(context.dockerfile()));
    }
    let prepared = prepare::prepare(ctx, &dockerfiles).await?;

    let mut peers = Peers::default();
    for (peer, context) in declared {
        let image = build(ctx, &context, &tag(ctx, &peer.id), &peer.id, &prepared).await?;
        let image = image.map_err(|evidence| not_built("peer", &peer.id, &evidence))?;
        peers::start_peer(ctx, &mut peers, peer, &image).await?;
    }
    let provided = peers::provided(ctx, &peers).await?;
    let context = match provided.is_empty() {
        true => own,
        false => catalog::context(root, lab, variant, &provided, &spec.edits)?,
    };
    let context = match &spec.touch {
        Some(path) => context.with_comment(path, &spec.id)?,
        None => context,
    };
    let looked = checks::of_context(ctx, &context);
    let image = build(ctx, &context, &tag(ctx, "image"), "", &prepared).await?;
    Ok(BuiltVariant {
        image,
        prepared,
        peers,
        looked,
    })
}

/// Builds the images of debug containers, by folder.
pub(super) async fn tools(
    ctx: &RunContext<'_>,
    prepared: &Prepared,
) -> Result<BTreeMap<String, String>, UserError> {
    let mut tools = BTreeMap::new();
    for (name, context) in debug_contexts(ctx)? {
        let tag = tag(ctx, &format!("debug.{name}"));
        let image = build(ctx, &context, &tag, name, prepared).await?;
        let image = image.map_err(|evidence| not_built("debug image", name, &evidence))?;
        tools.insert(name.to_owned(), image);
    }
    Ok(tools)
}

fn debug_contexts<'a>(ctx: &RunContext<'a>) -> Result<Vec<(&'a str, Context)>, UserError> {
    let images = debug_images(&ctx.spec.variant).into_iter();
    images
        .map(|image| Ok((image, catalog::debug_context(&ctx.spec.lab, image)?)))
        .collect()
}

fn tag(ctx: &RunContext<'_>, what: &str) -> String {
    engine::run_tag(&ctx.state.owner, &format!("{}.{what}", ctx.spec.id))
}

/// Builds; the inner error is the learner's, as evidence.
async fn build(
    ctx: &RunContext<'_>,
    context: &Context,
    tag: &str,
    prefix: &str,
    prepared: &Prepared,
) -> Result<Result<String, Evidence>, UserError> {
    ctx.cleanup.image(tag);
    let dockerfile = ctx.state.dockerfile(context.dockerfile());
    let with_modules = prepared
        .modules
        .as_deref()
        .map(|image| with_modules(&dockerfile, image));
    let sent = with_modules.as_ref().unwrap_or(&dockerfile);
    let sent = dockerfile::substitute_bases(sent, &prepared.substitutes);
    let request = BuildRequest {
        context: context.with_dockerfile(&sent).to_tar(),
        dockerfile,
        tag: tag.to_owned(),
        aliases: prepared.aliases(),
        labels: vec![(engine::LABEL.to_owned(), "lab".to_owned())],
        cache_namespace: ctx.cache_namespace(),
        no_cache: ctx.spec.fresh && prefix.is_empty(),
        prefix: format!("{prefix}b"),
        limit: BUILD_LIMIT,
        patience: Patience::default(),
        stopped: ctx.cleanup.stopped_builds(),
    };
    // Stop drops this future in the middle: the steps that run are ended all the same.
    let open = OpenSteps::new(ctx.log.clone());
    let mut logs: HashMap<String, String> = HashMap::new();
    let mut failed_log = String::new();
    let mut failed_seen = false;
    let log = ctx.log.clone();
    let mut on = |event: BuildEvent| {
        let event = Event::from(event);
        open.follow(&event);
        match &event {
            Event::StepLog { step, text, .. } => {
                let kept = logs.entry(step.clone()).or_default();
                if kept.len() < MAX_OUTPUT_BYTES {
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
    let mut built = ctx.engine.build(&request, &mut on).await;
    // Between making an image and naming it, another run's clean-up may have taken away
    // the last name of the very same image, and the image with it. The builder remembers.
    for _ in 0..2 {
        let gone = built.is_ok() && matches!(ctx.engine.image(tag).await, Ok(None));
        if !gone {
            break;
        }
        built = ctx.engine.build(&request, &mut on).await;
    }
    match built {
        Ok(built) => Ok(Ok(built.image)),
        Err(BuildError::Failed(error)) => {
            if !failed_seen {
                // The builder failed before its first step: it could not read the file.
                unreadable_dockerfile(ctx.log, prefix, &error);
            }
            if engine::is_disk_full(&error.message) {
                return Err(disk_full(&error.message));
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
        // Neither the learner's fault nor a declared end: where a lab waits, it is for a network.
        Err(BuildError::Stalled(stall)) => Err(stood_still(&stall)),
        Err(error @ BuildError::Engine(_)) => Err(UserError {
            what: error.to_string(),
            cause: "the engine was stopped, or its builder does not work".into(),
            next: "check that `docker version` answers, then press Run again".into(),
        }),
    }
}

fn stood_still(stall: &Stall) -> UserError {
    let next = if stall.download || stall.step.is_none() {
        "see that this machine reaches what it downloads from (a proxy, `GOPROXY`, a VPN), then \
         press Run again: what has come already is kept"
    } else {
        "see that the command ends by itself and that the network answers, then press Run again"
    };
    UserError {
        what: format!("The build stood still: {stall}."),
        cause: format!("it was waiting for {}", stall.waited_for()),
        next: next.into(),
    }
}

/// A step for what no step tells: a Dockerfile that the builder cannot read.
fn unreadable_dockerfile(log: &RunLog, prefix: &str, error: &StepError) {
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

/// Readers cannot edit peers and debug images: that one does not build says nothing of the variant.
fn not_built(what: &str, id: &str, evidence: &Evidence) -> UserError {
    UserError {
        what: format!(
            "The lab's {what} `{id}` cannot be built: {}",
            evidence.builder.trim()
        ),
        cause: "it downloads modules and there is no network, or the lab is broken".into(),
        next: "check the network, then press Run again; if it stays, please report the lab".into(),
    }
}

/// The folders below `debug/` that a variant's actions use, each once.
fn debug_images(variant: &Variant) -> BTreeSet<&str> {
    let actions = variant.actions.iter();
    let images = actions.filter_map(|action| action.kind.debug_image());
    images.collect()
}

/// A full disk looks like a failed step, but no edit of the Dockerfile will mend it.
fn disk_full(message: &str) -> UserError {
    UserError {
        what: format!("The engine's disk is full: {message}"),
        cause: "images and build cache have filled the disk that the engine keeps them on".into(),
        next: "see what takes the room with `docker system df`, free some with \
               `docker builder prune`, then press Run again"
            .into(),
    }
}
