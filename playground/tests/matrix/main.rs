//! The proof of preflight: images are built on a real engine, judged, and then really run.
//!
//! What happens is found out by running and looking ([`truth`]), never from what was predicted.
//! Cases are data (`cases.toml`), their programs are Go (`programs/`). The figures are printed
//! whether or not the test passes, so it brings its own `main` instead of libtest's.

mod cases;
mod layers;
mod listing;
mod observe;
mod programs;
mod reason;
mod report;
mod score;
mod stand;
mod truth;

use cases::{Case, Cases};
use engine::{Engine, Owner, discover};
use futures_util::StreamExt;
use libtest_mimic::{Arguments, Failed, Trial};
use programs::Programs;
use score::{Judged, Score};
use std::path::Path;
use std::process::ExitCode;
use std::time::Instant;

/// Cases that are under way at a time: most of a case is waiting for the engine.
const AT_A_TIME: usize = 4;

fn main() -> ExitCode {
    let promise = Trial::test("preflight_predicts_what_happens", || {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(everything()).map_err(Failed::from)
    });
    libtest_mimic::run(&Arguments::from_args(), vec![promise]).exit_code()
}

async fn everything() -> Result<(), String> {
    let since = Instant::now();
    let cases = Cases::load(&folder())?;
    let engine = discover().await.map_err(|none| {
        format!(
            "the matrix needs a Docker engine and found none: {:?}\n\
             next: run script/test, which installs and starts one",
            none.tried
        )
    })?;
    // In one place for good, so that what a killed run left behind is swept by the next.
    let data = Path::new(env!("CARGO_TARGET_TMPDIR")).join("matrix");
    let owner = Owner::register(&data).map_err(|error| error.to_string())?;
    engine.sweep(&owner).await;
    let judged = judge_all(&engine, &owner, &cases).await;
    let left = left(&engine, &owner).await?;
    let (judged, broken) = judged?;
    let score = Score::of(&judged);
    println!(
        "{}",
        report::text(&judged, &score, &cases.truth, since.elapsed())
    );
    if !left.is_empty() {
        return Err(format!("left behind on the engine: {left:?}"));
    }
    let mut problems = score.problems(&cases, &judged);
    problems.extend(broken);
    match problems.is_empty() {
        true => Ok(()),
        false => Err(problems.join("\n")),
    }
}

/// The folder with cases and programs.
fn folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/matrix")
}

/// Every case that could be built and run, and what was wrong with the others.
async fn judge_all(
    engine: &Engine,
    owner: &Owner,
    cases: &Cases,
) -> Result<(Vec<Judged>, Vec<String>), String> {
    let programs = Programs::build(engine, owner, &folder(), &cases.bases).await?;
    let only = std::env::var("MATRIX_ONLY").ok();
    let wanted = |case: &&Case| only.as_ref().is_none_or(|part| case.id.contains(part));
    let chosen = cases.cases.iter().filter(wanted).enumerate();
    let each = chosen.map(|(place, case)| {
        let programs = &programs;
        async move {
            let judged = stand::judge(engine, owner, programs, &cases.truth, case).await;
            let judged = judged.map_err(|error| format!("{}: {error}", case.id));
            (place, judged)
        }
    });
    let mut done: Vec<_> = futures_util::stream::iter(each)
        .buffer_unordered(AT_A_TIME)
        .collect()
        .await;
    done.sort_by_key(|(place, _)| *place);
    programs.remove(engine).await?;
    let mut judged = Vec::new();
    let mut broken = Vec::new();
    for (_, one) in done {
        match one {
            Ok(one) => judged.push(one),
            Err(error) => broken.push(error),
        }
    }
    Ok((judged, broken))
}

/// What still belongs to this run; it is removed, and told.
async fn left(engine: &Engine, owner: &Owner) -> Result<Vec<String>, String> {
    let left = engine.objects_of(owner.id()).await;
    let left = left.map_err(|error| error.to_string())?;
    for name in &left {
        let name = name.trim_start_matches('/');
        let _ = match name.contains(':') {
            true => engine.remove_image(name).await.map_err(drop),
            false => engine.remove(name).await.map_err(drop),
        };
    }
    Ok(left)
}
