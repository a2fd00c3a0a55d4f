//! The same files again: the image of their last run is taken, where the engine still has it and
//! nothing that decides about a build has changed; else it is built, and may stay.
//!
//! Knows when that cannot be told: then the builder is asked each time.

use super::build::{IMAGE, debug_images, tag};
use super::execute::RunContext;
use super::prepare::Prepared;
use super::prober;
use crate::kept::{self, Decisive, Kept, Key, Seen};
use analysis::dockerfile::{fetched, untold, written_bases};
use catalog::Context;
use std::sync::Arc;

/// The step that sends the context of a variant's own image.
const CONTEXT_STEP: &str = "b00";

/// What decides about the build of a run.
#[derive(Debug)]
pub(super) struct Asked {
    key: Key,
    /// The images that it stands on.
    names: Vec<String>,
}

/// The same with the images as they were before the build.
#[derive(Debug)]
pub(super) struct Keepable {
    asked: Asked,
    seen: Seen,
}

/// The same with the id of what was built.
#[derive(Debug)]
pub(super) struct Confirmed {
    keepable: Keepable,
    id: String,
}

/// What decides about this run's build; none where that cannot be told from here, or where a build
/// is what the run is for.
pub(super) fn asked(ctx: &RunContext<'_>, own: &Context) -> Option<Asked> {
    let (state, spec) = (ctx.state, ctx.spec);
    // A peer hands over files that nobody knows before it is built.
    if !spec.keeps || !spec.lab.peers.is_empty() || !debug_images(&spec.variant).is_empty() {
        return None;
    }
    let dockerfile = state.dockerfile(own.dockerfile());
    if untold(&dockerfile).is_some() || fetched(&dockerfile).is_some() || asks_for_cpu(&dockerfile)
    {
        return None;
    }
    // Any other image is the registry's, which may have another by now.
    let bases = written_bases(&dockerfile);
    let known = bases.iter().map(|name| state.bases.called(name));
    let known: Option<Vec<&str>> = known.collect();
    let carried = state.carried();
    let carried = [&carried.modules, &carried.wheels].into_iter().flatten();
    let names = known?.into_iter().map(str::to_owned);
    let names = names.chain(carried.cloned());
    let facts = ctx.engine.facts();
    Some(Asked {
        key: Key::of(&Decisive {
            context: &own.to_tar(),
            dockerfile: &dockerfile,
            cache_namespace: ctx.cache_namespace().as_deref(),
            engine: [&facts.address, &facts.version, &facts.arch],
        }),
        names: names.collect(),
    })
}

/// Whether a Dockerfile asks for images of a CPU by name: which one the builder takes for it, the
/// engine's list does not tell.
fn asks_for_cpu(dockerfile: &str) -> bool {
    let mut asked = dockerfile.split("--platform=").skip(1);
    asked.any(|cpu| !cpu.starts_with("$BUILDPLATFORM"))
}

/// The image that a run of the very same files has left, where all is as it was then. What the
/// build would tell is told.
pub(super) async fn taken(ctx: &RunContext<'_>, asked: &Asked) -> Option<Arc<Kept>> {
    let kept = ctx.state.kept.find(asked.key)?;
    let mut names = asked.names.clone();
    names.push(kept.tag.clone());
    let prober = (!ctx.spec.variant.probes.is_empty()).then(prober::image);
    names.extend(prober.clone());
    let mut seen = kept::see(&ctx.engine, &names).await.ok()?;
    // It is not there to be built into anything, but to be run.
    if let Some(prober) = prober {
        seen.remove(&prober).flatten()?;
    }
    let id = seen.remove(&kept.tag).flatten();
    if id.as_ref() != Some(&kept.id) || seen != kept.seen {
        ctx.state.kept.retire(&kept);
        return None;
    }
    ctx.cleanup.hold(kept.clone());
    for event in &kept.told {
        ctx.log.push(event.clone());
    }
    Some(kept)
}

/// What a run with this image can rely on.
pub(super) fn prepared(kept: &Kept) -> Prepared {
    Prepared {
        substitutes: kept.substitutes.clone(),
        carried: kept.carried.clone(),
        state: kept.base,
    }
}

/// Looks at the images that a build stands on, before it.
pub(super) async fn seen(ctx: &RunContext<'_>, asked: Option<Asked>) -> Option<Keepable> {
    let asked = asked?;
    let seen = kept::see(&ctx.engine, &asked.names).await.ok()?;
    Some(Keepable { asked, seen })
}

/// Looks at them once more, after it: what has changed meanwhile, nobody knows which of the two the
/// image is made of.
pub(super) async fn confirmed(
    ctx: &RunContext<'_>,
    keepable: Option<Keepable>,
) -> Option<Confirmed> {
    let keepable = keepable?;
    let tag = tag(ctx, IMAGE);
    let mut names = keepable.asked.names.clone();
    names.push(tag.clone());
    let mut seen = kept::see(&ctx.engine, &names).await.ok()?;
    let id = seen.remove(&tag).flatten()?;
    (seen == keepable.seen).then_some(Confirmed { keepable, id })
}

/// Leaves a run's image on the engine, for the next of the very same files.
pub(super) fn keep(ctx: &RunContext<'_>, confirmed: Confirmed, image: String, prepared: &Prepared) {
    let Confirmed { keepable, id } = confirmed;
    let (entries, _) = ctx.log.after(0);
    let told = entries.into_iter().map(|entry| entry.event);
    let tag = tag(ctx, IMAGE);
    let kept = ctx.state.kept.keep(Kept {
        key: keepable.asked.key,
        address: ctx.engine.address().to_string(),
        tag: tag.clone(),
        image,
        id,
        seen: keepable.seen,
        tenant: ctx.cache_namespace(),
        substitutes: prepared.substitutes.clone(),
        carried: prepared.carried.clone(),
        base: prepared.state,
        told: kept::as_cached(told, CONTEXT_STEP),
    });
    if kept {
        ctx.cleanup.leave_image(&tag);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cpu_that_is_asked_for_by_name_is_seen() {
        assert!(!asks_for_cpu(
            "FROM --platform=$BUILDPLATFORM golang:1.23\n"
        ));
        assert!(asks_for_cpu("FROM --platform=linux/arm64 alpine:3.20\n"));
        assert!(!asks_for_cpu("FROM golang:1.23\n"));
    }
}
