//! From a lab's files to an image on the engine: bases, peers, the builder.
//!
//! One way for all who want a variant's image, whether they run it or only look at it. A build
//! that fails is evidence; only what is not the learner's is an error.

use super::Evidence;
use super::checks;
use super::execute::RunContext;
use super::keeping::{self, Keepable};
use super::one_build::{Build, Pace};
use super::peers::{self, Peers};
use super::prepare::{self, Prepared, Probing};
use crate::bases::modules::Carried;
use catalog::checks::Observation;
use catalog::{Context, Variant};
use engine::BuildNetwork;
use policy::UserError;
use std::collections::{BTreeMap, BTreeSet};

/// What the variant's own image is called among those of its run.
pub(super) const IMAGE: &str = "image";

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
    /// What decides whether it may stay; none where it may not, or has stayed.
    pub(super) keepable: Option<Keepable>,
}

/// Builds the variant, with bases, peers and edits.
pub(super) async fn variant(ctx: &RunContext<'_>) -> Result<BuiltVariant, UserError> {
    let (root, spec) = (&ctx.state.root, ctx.spec);
    let (lab, variant) = (&spec.lab, &spec.variant);
    let own = catalog::context(root, lab, variant, &BTreeMap::new(), &spec.edits)?;
    let asked = keeping::asked(ctx, &own);
    if let Some(asked) = &asked
        && let Some(kept) = keeping::taken(ctx, asked).await
    {
        return Ok(BuiltVariant {
            image: Ok(kept.image.clone()),
            prepared: keeping::prepared(&kept),
            peers: Peers::default(),
            looked: checks::of_context(ctx, &own),
            keepable: None,
        });
    }
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
    let probing = match variant.probes.is_empty() {
        true => Probing::Never,
        false => Probing::Asked,
    };
    let site = ctx.site();
    let (prepared, carried, keepable) = tokio::join!(
        prepare::prepare(&site, &dockerfiles, probing),
        carried(ctx),
        keeping::seen(ctx, asked)
    );
    let mut prepared = prepared?;
    prepared.carried = carried;

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
    let image = build(ctx, &context, &tag(ctx, IMAGE), "", &prepared).await?;
    Ok(BuiltVariant {
        image,
        prepared,
        peers,
        looked,
        keepable,
    })
}

/// The images with what builds download that the engine has.
async fn carried(ctx: &RunContext<'_>) -> Carried {
    let mut carried = ctx.state.carried().clone();
    for name in [&mut carried.modules, &mut carried.wheels] {
        let there = match name {
            Some(name) => matches!(ctx.engine.image_id(name).await, Ok(Some(_))),
            None => false,
        };
        if !there {
            *name = None;
        }
    }
    carried
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

/// The name of an image of this run.
pub(super) fn tag(ctx: &RunContext<'_>, what: &str) -> String {
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
    let build = Build {
        dockerfile: ctx.state.dockerfile(context.dockerfile()),
        context: &|sent| context.with_dockerfile(sent).to_tar(),
        tag,
        prefix,
        cache_namespace: ctx.cache_namespace(),
        carried: prepared.carried.clone(),
        no_cache: ctx.spec.fresh && prefix.is_empty(),
        network: BuildNetwork::Engines,
        pace: Pace::Known,
    };
    build.carry_out(&ctx.site(), prepared).await
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
pub(super) fn debug_images(variant: &Variant) -> BTreeSet<&str> {
    let actions = variant.actions.iter();
    let images = actions.filter_map(|action| action.kind.debug_image());
    images.collect()
}
