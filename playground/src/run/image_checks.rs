//! Evidence that takes the image itself, or another build of it: what is in it, what a change of
//! one line costs, whether two builds agree.

use super::RunLog;
use super::build_image::{ImagePlan, NotBuilt, build_image};
use super::build_report::BuildReport;
use super::execute::RunContext;
use super::measure::read_archive;
use super::steps::Step;
use crate::event::Phase;
use analysis::image::config::Config;
use analysis::image::tree::Tree;
use analysis::image::{Compressed, ImageSelector};
use analysis::inspect::{Inspection, Program, inspect};
use analysis::preflight::{Severity, TargetPlatform, preflight};
use analysis::subject::{SubjectKind, SubjectName};
use analysis::xray::{self, Report};
use catalog::checks::{FindingFacts, FoundFile, ImageFacts, ProgramFacts, RebuildFacts};
use catalog::exercise::STARTER;
use engine::in_thread;
use policy::UserError;
use std::collections::BTreeMap;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

/// A larger image is not looked into: that would take longer than the build of a smaller one, and
/// no exercise ends on such an image. In bytes, unpacked.
pub(super) const MAX_BYTES: u64 = 400_000_000;

/// Reads the image whole.
pub(super) async fn facts(ctx: &RunContext<'_>, image: &str) -> Result<ImageFacts, UserError> {
    let step = Step::start(ctx.log, Phase::Measure, "look", "looking into the image");
    let selector = ImageSelector::default();
    let read = read_archive(ctx, image, move |archive| {
        inspect(archive, &selector, Compressed::AsStored)
    });
    let platform = TargetPlatform {
        cpu: Some(ctx.engine.facts().arch.clone()),
        emulates: false,
        executes_with_rights: ctx.engine.facts().executes_with_rights,
    };
    let name = format!("{}/{}", ctx.spec.lab.id, ctx.spec.variant.id);
    let told = async {
        let inspection = read.await?;
        let told = in_thread((), move || image_facts(&inspection, name, &platform));
        told.await.map_err(|error| unreadable(&error.to_string()))?
    };
    let told = told.await;
    step.end_as(&told);
    told
}

fn image_facts(
    inspection: &Inspection,
    name: String,
    platform: &TargetPlatform,
) -> Result<ImageFacts, UserError> {
    let broken = |error: analysis::image::ReadError| unreadable(&error.to_string());
    let tree = Tree::of(&inspection.image).map_err(broken)?;
    let findings = preflight(inspection, platform).map_err(broken)?;
    let kind = SubjectKind::Image;
    let report = xray::image(SubjectName { kind, name }, inspection, &tree);
    let config = &inspection.image.config.runtime;
    let created_by = |layer: u32| {
        let layer = report.layers.iter().find(|one| one.index == layer);
        layer.map(|one| one.created_by.clone()).unwrap_or_default()
    };
    let secrets = report.notable.iter().flat_map(|notable| &notable.secrets);
    let secrets = secrets.map(|secret| FoundFile {
        layer: secret.layer as usize,
        path: secret.path.clone(),
        created_by: created_by(secret.layer),
    });
    let carried = report.notable.iter().flat_map(|it| &it.capabilities);
    let carried = carried.map(|file| (file.path.clone(), file.capabilities.clone()));
    Ok(ImageFacts {
        user: config.user.clone(),
        command: [&config.entrypoint[..], &config.cmd[..]].concat(),
        config: config_lines(&inspection.image.config),
        paths: tree.walk().map(|node| tree.path(node)).collect(),
        linked_directories: linked_directories(&tree),
        program: started(&report),
        secrets: secrets.collect(),
        file_capabilities: carried.collect(),
        findings: findings
            .iter()
            .map(|finding| FindingFacts {
                rule: finding.rule.id.to_owned(),
                fails: finding.severity <= Severity::WillFail,
                what: finding.what.clone(),
            })
            .collect(),
    })
}

/// Links to directories, and where they lead.
fn linked_directories(tree: &Tree<'_>) -> BTreeMap<String, String> {
    let links = tree
        .walk()
        .filter(|node| tree.node(*node).target().is_some());
    let led = links.filter_map(|link| {
        let path = tree.path(link);
        let target = tree.lookup(&path).ok()?;
        tree.node(target)
            .is_directory()
            .then(|| (path, tree.path(target)))
    });
    led.collect()
}

/// What the config says in words where secrets turn up: environment, labels, command, history.
fn config_lines(config: &Config) -> Vec<(String, String)> {
    let runtime = &config.runtime;
    let named = |of: &'static str, texts: Vec<String>| {
        texts.into_iter().map(move |text| (of.to_owned(), text))
    };
    let labels = runtime
        .labels
        .iter()
        .map(|(name, value)| format!("{name}={value}"));
    let command = [&runtime.entrypoint[..], &runtime.cmd[..]].concat();
    let history = config.history.iter().map(|entry| entry.created_by.clone());
    named("environment", runtime.env.clone())
        .chain(named("labels", labels.collect()))
        .chain(named("command", command))
        .chain(named("history", history.collect()))
        .collect()
}

/// The program that the image is there for: of those that its command starts, one of Go where there
/// is any. What only a health check starts is none.
fn started(report: &Report) -> Option<ProgramFacts> {
    let started = || report.programs.iter().filter(|program| program.commanded);
    let go = started().find(|one| one.program.go.is_some());
    let found = go.or_else(|| started().find(|one| one.program.elf.is_some()))?;
    Some(program_facts(&found.path, &found.program))
}

fn program_facts(path: &str, program: &Program) -> ProgramFacts {
    let build = program.build();
    let dynamic = program.elf.as_ref();
    ProgramFacts {
        path: path.to_owned(),
        loader: dynamic.and_then(|elf| elf.interpreter.clone()),
        libraries: dynamic.map(|elf| elf.needed.clone()).unwrap_or_default(),
        module: build
            .and_then(|build| build.main.as_ref())
            .map(|module| module.path.clone())
            .unwrap_or_default(),
        settings: build
            .map(|build| build.settings.iter().cloned().collect())
            .unwrap_or_default(),
    }
}

/// Builds once more after a file has got another line; `None` where that does not build.
pub(super) async fn rebuild(
    ctx: &RunContext<'_>,
    check: &str,
    touch: &str,
    beside_starter: bool,
) -> Result<Option<RebuildFacts>, UserError> {
    let title = format!("building again, with a line more in {touch}");
    let id = format!("look:{check}");
    let step = Step::start(ctx.log, Phase::Measure, &id, &title);
    let built = async {
        let touched = |variant: &str, edits: &BTreeMap<String, String>| ImagePlan {
            lab: ctx.spec.lab.id.clone(),
            variant: variant.to_owned(),
            edits: edits.clone(),
            fresh: false,
            touch: Some(touch.to_owned()),
        };
        let mine = || build(ctx, touched(&ctx.spec.variant.id, &ctx.spec.edits));
        let Some((report, _)) = mine().await? else {
            return Ok(None);
        };
        let (mut ms, mut starter_ms) = (report.ms, None);
        if beside_starter {
            // As it is, so that nothing but the changed line is compared.
            let as_it_is = ImagePlan {
                touch: None,
                ..touched(STARTER, &BTreeMap::new())
            };
            build(ctx, as_it_is).await?;
            // In turn, and the better of two: what else the machine does only ever slows down.
            let starter = || build(ctx, touched(STARTER, &BTreeMap::new()));
            let first = starter().await?.and_then(|(report, _)| report.ms);
            let again = mine().await?.and_then(|(report, _)| report.ms);
            let second = starter().await?.and_then(|(report, _)| report.ms);
            ms = ms.into_iter().chain(again).min();
            starter_ms = first.into_iter().chain(second).min();
        }
        Ok(Some(RebuildFacts {
            ms: ms.unwrap_or(0),
            starter_ms,
            steps: report
                .steps
                .into_iter()
                .filter(|(title, _)| is_written(title))
                .collect(),
        }))
    };
    let built = built.await;
    step.end_as(&built);
    built
}

/// Whether somebody has written a step: `[build 3/5] RUN …`, not what the builder does besides.
fn is_written(title: &str) -> bool {
    title.starts_with('[') && !title.starts_with("[internal]")
}

/// The layers of two builds without a cache; `None` where it does not build.
pub(super) async fn two_builds(
    ctx: &RunContext<'_>,
    check: &str,
) -> Result<Option<(Vec<String>, Vec<String>)>, UserError> {
    let title = "building twice without a cache";
    let id = format!("look:{check}");
    let step = Step::start(ctx.log, Phase::Measure, &id, title);
    let plan = ImagePlan {
        lab: ctx.spec.lab.id.clone(),
        variant: ctx.spec.variant.id.clone(),
        edits: ctx.spec.edits.clone(),
        fresh: true,
        touch: None,
    };
    let built = async {
        let first = build(ctx, plan.clone()).await?;
        let second = build(ctx, plan).await?;
        Ok(first.zip(second).map(|((_, one), (_, other))| (one, other)))
    };
    let built = built.await;
    step.end_as(&built);
    built
}

/// A build beside the run's own: what it came to, and the digests of its layers. `None` where the
/// Dockerfile does not build this time. Where the run is stopped, so is the build, and the run's
/// clean-up waits for its.
async fn build(
    ctx: &RunContext<'_>,
    plan: ImagePlan,
) -> Result<Option<(BuildReport, Vec<String>)>, UserError> {
    let stop = CancellationToken::new();
    let stopped_with_us = stop.clone().drop_guard();
    let (state, run) = (ctx.state.clone(), ctx.spec.id.clone());
    let building = async move {
        let log = Arc::new(RunLog::default());
        let image = match build_image(&state, &plan, &log, &stop).await {
            Ok(image) => image,
            Err(NotBuilt::Stopped) => return Ok(None),
            Err(NotBuilt::Dockerfile(said)) => {
                log::info!("run {run}: another build failed: {said}");
                return Ok(None);
            }
            Err(NotBuilt::Failed(error)) => return Err(error),
        };
        let facts = image.engine.readable_image(&image.id).await;
        let facts = facts.map_err(|error| error.user_error(&plan.variant));
        image.remove(&log).await;
        let report = BuildReport::of(&log.next(0).await);
        Ok(Some((report, facts?.diff_ids)))
    };
    let built = ctx.cleanup.to_the_end(building).await;
    drop(stopped_with_us);
    built.map_err(|error| unreadable(&error.to_string()))?
}

fn unreadable(why: &str) -> UserError {
    UserError {
        what: format!("The image could not be looked into: {why}"),
        cause: "it was made in a way that this playground does not know".into(),
        next: "please report it, with the Dockerfile".into(),
    }
}
