//! One case from its Dockerfile to what was said and what happened.
//!
//! Owns the order: built, saved, judged by preflight, run, removed, whatever comes in between.

use super::cases::Case;
use super::layers::Layers;
use super::observe::{self, Observed};
use super::programs::Programs;
use super::score::Judged;
use super::truth::{Observation, Truth};
use analysis::image::{Compressed, ImageSelector};
use analysis::inspect::inspect;
use analysis::preflight::{Finding, TargetPlatform, preflight};
use engine::{BuildRequest, Engine, LABEL, Owner, Patience, StoppedBuilds, build_context, run_tag};
use futures_util::TryStreamExt;
use std::fs::File;
use std::io::{BufReader, Seek, Write};
use std::time::{Duration, Instant};

/// Until the engine is asked again.
const AGAIN: Duration = Duration::from_millis(200);

/// A case only copies files.
const LIMIT: Duration = Duration::from_secs(120);

/// Builds, predicts, runs, and removes what it made.
pub(crate) async fn judge(
    engine: &Engine,
    owner: &Owner,
    programs: &Programs,
    truth: &Truth,
    case: &Case,
) -> Result<Judged, String> {
    let tag = run_tag(owner, &format!("matrix.{}", plain(&case.id)));
    let made = build(engine, programs, case, &tag).await;
    let judged = match made {
        Ok(()) => judge_image(engine, owner, programs, truth, case, &tag).await,
        Err(error) => Err(error),
    };
    until_gone(|| async { engine.remove_image(&tag).await.map_err(|e| e.to_string()) }).await?;
    judged
}

/// An id as part of a name on the engine.
fn plain(id: &str) -> String {
    id.replace(['/', '+'], "-")
}

async fn build(engine: &Engine, programs: &Programs, case: &Case, tag: &str) -> Result<(), String> {
    let dockerfile = case.dockerfile(&programs.image);
    let context = build_context([("Dockerfile", 0o644, dockerfile.as_bytes())])
        .map_err(|error| error.to_string())?;
    let request = BuildRequest {
        context: context.into(),
        dockerfile,
        tag: tag.to_owned(),
        aliases: Vec::new(),
        // Its own id, so that no two cases share an image: removing one would take both.
        labels: vec![
            (LABEL.to_owned(), "lab".to_owned()),
            (format!("{LABEL}.matrix"), case.id.clone()),
        ],
        cache_namespace: None,
        no_cache: false,
        network: engine::BuildNetwork::Engines,
        prefix: String::new(),
        limit: LIMIT,
        patience: Patience::default(),
        stopped: StoppedBuilds::default(),
    };
    let built = engine.build(&request, &mut |_| {}).await;
    built
        .map(drop)
        .map_err(|error| format!("it cannot be built: {error}"))
}

async fn judge_image(
    engine: &Engine,
    owner: &Owner,
    programs: &Programs,
    truth: &Truth,
    case: &Case,
    tag: &str,
) -> Result<Judged, String> {
    let archive = saved(engine, tag)
        .await
        .map_err(|error| error.to_string())?;
    let target = TargetPlatform {
        cpu: Some(engine.facts().arch.clone()),
        emulates: engine.emulates(owner).await,
        executes_with_rights: engine.facts().executes_with_rights,
    };
    let read = tokio::task::spawn_blocking(move || looked_at(archive, &target));
    let (findings, layers) = read.await.map_err(|error| error.to_string())??;
    let name = format!("empty-room-{}-{}", owner.id(), plain(&case.id));
    let observed: Observed = observe::observe(engine, owner, case, tag, &name).await?;
    if case.service.is_some() && !observed.told {
        return Err(format!(
            "it says neither that it serves nor that it failed:\n{}",
            observed.said
        ));
    }
    let truths = truth.of(&Observation {
        case,
        observed: &observed,
        layers: &layers,
        programs,
        cpu: &engine.facts().arch,
    });
    Ok(Judged {
        case: case.clone(),
        findings,
        truths,
        observed,
    })
}

/// The image in a file that is gone as soon as it is closed: it is read twice.
async fn saved(engine: &Engine, tag: &str) -> std::io::Result<File> {
    let mut file = tempfile::tempfile()?;
    let mut stream = Box::pin(engine.save(tag).map_err(std::io::Error::other));
    while let Some(piece) = stream.try_next().await? {
        file.write_all(&piece)?;
    }
    file.rewind()?;
    Ok(file)
}

/// What preflight says of an archive, and what it holds by another look.
fn looked_at(mut archive: File, target: &TargetPlatform) -> Result<(Vec<Finding>, Layers), String> {
    let inspection = inspect(
        BufReader::new(&archive),
        &ImageSelector::default(),
        Compressed::AsStored,
    );
    let inspection = inspection.map_err(|error| error.to_string())?;
    let findings = preflight(&inspection, target).map_err(|error| error.to_string())?;
    archive.rewind().map_err(|error| error.to_string())?;
    let layers = Layers::read(archive).map_err(|error| error.to_string())?;
    Ok((findings, layers))
}

/// Asks again for a while: an engine that is still asking for a container's health neither removes
/// it at once nor lets go of its image.
pub(crate) async fn until_gone<F>(mut remove: impl FnMut() -> F) -> Result<(), String>
where
    F: Future<Output = Result<(), String>>,
{
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        match remove().await {
            Err(_) if Instant::now() < until => tokio::time::sleep(AGAIN).await,
            end => return end,
        }
    }
}
