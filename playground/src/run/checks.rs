//! Gathers the evidence that a lab's checks need: the context, the program's words, a search
//! through every layer.
//!
//! Knows needs, and no kind of check.

use super::evidence::Evidence;
use super::execute::RunContext;
use super::image_checks;
use super::measure::{facts, read_archive};
use super::steps::Step;
use crate::event::{Event, Phase, Sizes};
use analysis::dockerfile::written_bases;
use analysis::image::search::search;
use catalog::checks::{Check, FoundFile, Needs, Observation, Seen};
use catalog::{Context, Outcome};
use policy::UserError;

/// What there is to see of the context, as it is sent.
pub(super) fn of_context(ctx: &RunContext<'_>, context: &Context) -> Vec<Observation> {
    let bytes = context.files.values().map(|file| file.bytes.len() as u64);
    let (bytes, files) = (bytes.sum(), context.files.len());
    let checks = ctx.spec.variant.checks.iter();
    let seen = checks.filter_map(|check| match check.kind.needs() {
        Needs::Context(then) => Some(emit(ctx, check, then(bytes, files))),
        Needs::Bases(then) => {
            // As they are written, whatever takes their place here.
            Some(emit(ctx, check, then(written_bases(context.dockerfile()))))
        }
        _ => None,
    });
    seen.collect()
}

/// What there is to see of the program and its image once it has run.
pub(super) async fn after(
    ctx: &RunContext<'_>,
    image: &str,
    sizes: Result<&Sizes, &UserError>,
    expected: Outcome,
    evidence: &mut Evidence,
) -> Result<(), UserError> {
    let mut facts = None;
    let sizes = match sizes {
        Ok(sizes) => Some(sizes),
        // Nobody can judge a weight that could not be had.
        Err(error) if ctx.spec.variant.checks.iter().any(weighs) => return Err(error.clone()),
        Err(_) => None,
    };
    let too_large = sizes.is_some_and(|sizes| sizes.unpacked_bytes > image_checks::MAX_BYTES);
    let looked_into = |check: &Check| matches!(check.kind.needs(), Needs::Image(_));
    if too_large && ctx.spec.variant.checks.iter().any(looked_into) {
        ctx.log.push(Event::notice(format!(
            "The image is larger than {} MB: what is in it is looked at once it is smaller.",
            image_checks::MAX_BYTES / 1_000_000
        )));
    }
    for check in &ctx.spec.variant.checks {
        let seen = match check.kind.needs() {
            Needs::Context(_) | Needs::Bases(_) => continue,
            Needs::Sizes(then) => match sizes {
                Some(sizes) => then(sizes.unpacked_bytes, sizes.compressed_bytes),
                None => continue,
            },
            Needs::Image(_) if too_large => continue,
            Needs::Image(then) => {
                let facts = match &facts {
                    Some(facts) => facts,
                    None => facts.insert(image_checks::facts(ctx, image).await?),
                };
                then(facts)
            }
            // Each costs a build or two: they wait until the image does what it should.
            Needs::Rebuild { .. } | Needs::TwoBuilds(_) if evidence.outcome != Some(expected) => {
                continue;
            }
            Needs::Rebuild {
                touch,
                beside_starter,
                then,
            } => match image_checks::rebuild(ctx, &check.id, touch, beside_starter).await? {
                Some(rebuilt) => then(rebuilt),
                None => continue,
            },
            Needs::TwoBuilds(then) => match image_checks::two_builds(ctx, &check.id).await? {
                Some((first, second)) => then(first, second),
                None => continue,
            },
            Needs::Output(then) => then(&evidence.said_by_the_program()),
            Needs::Layers { text, then } => {
                let (found, searched) = layers(ctx, image, check, text).await?;
                then(found, searched)
            }
        };
        evidence.looked.push(emit(ctx, check, seen));
    }
    Ok(())
}

/// Whether a check is about what the image weighs.
fn weighs(check: &Check) -> bool {
    matches!(check.kind.needs(), Needs::Sizes(_))
}

fn emit(ctx: &RunContext<'_>, check: &Check, seen: Seen) -> Observation {
    let observation = check.observation(seen);
    ctx.log.push(Event::Looked(observation.clone()));
    observation
}

async fn layers(
    ctx: &RunContext<'_>,
    image: &str,
    check: &Check,
    text: &str,
) -> Result<(Vec<FoundFile>, usize), UserError> {
    let step = Step::start(
        ctx.log,
        Phase::Measure,
        &format!("look:{}", check.id),
        "searching every layer of the image",
    );
    let bytes = text.as_bytes().to_vec();
    let searched = async {
        let diff_ids = facts(ctx, image).await?.diff_ids;
        read_archive(ctx, image, move |archive| {
            search(archive, &diff_ids, &bytes).map(|found| (found, diff_ids.len()))
        })
        .await
    };
    let searched = searched.await;
    step.end_as(&searched);
    let (found, searched) = searched?;
    let found = found.into_iter().map(|file| FoundFile {
        layer: file.layer,
        path: file.path,
        created_by: file.created_by,
    });
    Ok((found.collect(), searched))
}
