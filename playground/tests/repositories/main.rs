//! `adopt` on public repositories that nobody wrote for it: found, built, started, asked.
//!
//! `repositories.toml` lists them, each with what adopt should come to; the trees come through the
//! Go module proxy, fetched inside the engine. `cargo test --test repositories` takes the few that
//! are marked; `script/adopt-matrix` takes all, measures ko beside each, and writes
//! `book/recorded/adopt/repositories.json`. Nothing in it was typed by anybody.

mod ko;
mod list;
mod row;
mod tree;

use engine::{Engine, Owner, discover};
use libtest_mimic::{Arguments, Failed, Trial};
use list::{List, Repository};
use playground::adopt::{Request, adopt};
use playground::app_state::AppState;
use playground::run::RunLog;
use row::Row;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    let promise = Trial::test("strange_repositories_become_what_was_foretold", || {
        let runtime = tokio::runtime::Runtime::new()?;
        runtime.block_on(everything()).map_err(Failed::from)
    });
    libtest_mimic::run(&Arguments::from_args(), vec![promise]).exit_code()
}

/// What is asked for: `REPOSITORIES` is `all`, or ids with commas; `REPOSITORIES_RECORD` is set
/// where it is to be written down, `REPOSITORIES_KO` where ko builds the same command, too.
struct Asked {
    list: List,
    record: bool,
    ko: bool,
}

impl Asked {
    fn read() -> Result<Asked, String> {
        let mut list = List::load(&folder())?;
        let wanted = std::env::var("REPOSITORIES").unwrap_or_default();
        let ids: Vec<&str> = wanted.split(',').filter(|id| !id.is_empty()).collect();
        for id in ids.iter().filter(|id| **id != "all") {
            if !list.repository.iter().any(|one| one.id == *id) {
                return Err(format!("repositories.toml has no {id}"));
            }
        }
        list.repository.retain(|one| match ids.as_slice() {
            [] => one.suite,
            ["all"] => true,
            ids => ids.contains(&&*one.id),
        });
        Ok(Asked {
            list,
            record: std::env::var_os("REPOSITORIES_RECORD").is_some(),
            ko: std::env::var_os("REPOSITORIES_KO").is_some(),
        })
    }
}

async fn everything() -> Result<(), String> {
    let asked = Asked::read()?;
    let engine = discover().await.map_err(|none| {
        format!(
            "adopt needs a Docker engine and found none: {:?}\n\
             next: run script/test, which installs and starts one",
            none.tried
        )
    })?;
    let work = Path::new(env!("CARGO_TARGET_TMPDIR")).join("repositories");
    std::fs::create_dir_all(&work).map_err(|error| error.to_string())?;
    let state = AppState::open_on(&root(), &work.join("data"), engine.clone());
    let state = Arc::new(state.map_err(|error| error.to_string())?);
    let owner = Owner::register(&work).map_err(|error| error.to_string())?;
    engine.sweep(&owner).await;
    let mut wrong = Vec::new();
    for repository in &asked.list.repository {
        let row = one(&asked, &engine, &owner, &state, repository, &work).await?;
        println!("{}", row.line());
        if !row.as_foretold(repository) {
            wrong.push(format!(
                "{}: foretold {:?}, came to {}: {}",
                row.id,
                repository.foretold,
                row.outcome,
                row.why.as_deref().unwrap_or("-")
            ));
        }
        if asked.record {
            row::record(&root(), &row)?;
        }
    }
    match wrong.is_empty() {
        true => Ok(()),
        false => Err(wrong.join("\n")),
    }
}

async fn one(
    asked: &Asked,
    engine: &Engine,
    owner: &Owner,
    state: &Arc<AppState>,
    repository: &Repository,
    work: &Path,
) -> Result<Row, String> {
    // Builds' caches go by the tree's place: one for all, or they fill the disk.
    let at = work.join("tree");
    let tar = tree::fetch(engine, owner, &state.bases, repository).await?;
    tree::lay_down(&tar, &at)?;
    let before = tree::fingerprint(&at)?;
    let since = Instant::now();
    let log: Arc<RunLog> = Arc::default();
    let request = Request {
        path: at.clone(),
        main: None,
    };
    let report = adopt(state, &request, &log, &CancellationToken::new()).await;
    let report = report.map_err(|error| format!("{}: {error}", repository.id))?;
    let seconds = since.elapsed().as_secs_f64();
    if tree::fingerprint(&at)? != before {
        return Err(format!("{}: its tree was changed", repository.id));
    }
    if std::env::var_os("REPOSITORIES_TELL").is_some() {
        println!("{}", playground::adopt::report::text::text(&report));
        println!("{}", report.dockerfile.as_deref().unwrap_or_default());
    }
    let mut row = Row::of(repository, &report, seconds);
    let pure = report
        .plan
        .as_ref()
        .is_some_and(|plan| plan.linkage == playground::adopt::Linkage::Pure);
    if asked.ko && pure && row.unpacked.is_some() {
        let plan = report.plan.as_ref().expect("there is an image");
        match ko::bytes(engine, owner, &state.bases, &tar, plan).await {
            Ok(bytes) => row.ko_bytes = Some(bytes),
            Err(why) => row.ko_why = Some(why),
        }
    }
    Ok(row)
}

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/repositories")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}
