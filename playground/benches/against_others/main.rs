//! The playground against the docker CLI, dive and go-size-analyzer, in one run, as ratios.
//!
//! `cargo bench` starts a private engine of its own (it empties the build cache between
//! journeys, which nobody wants on theirs), so it needs root and an installed `dockerd`. The
//! CLI gets the very context that we send. Each pair is measured in turn, A B A B …, so that
//! a machine whose speed drifts does not favour one side; medians are printed.
//!
//! `cargo bench -- failures` measures only the museum (`failures missing-libc x509` these), `builds`
//! only builds, `inside` only X-ray and preflight, `exercises` only a re-check, `adoption` a strange
//! repository's way to its first answer; without a word, all of them and the journey, which takes
//! ten minutes. `DOCKER_CLI`
//! names the CLI to compare with (default: the first `docker` in PATH that builds with BuildKit, as
//! Debian's docker.io does by itself). It is named, and what it does must be what the lab declares:
//! else nothing is compared.

mod adoption;
mod alone;
mod cli;
mod exercises;
mod failures;
mod inside;
mod outcome;
mod pairs;
mod process;

use cli::Cli;
use engine::{BuildRequest, Engine, LABEL, Patience, PrivateEngine, StoppedBuilds};
use pairs::Pairs;
use playground::app_state::AppState;
use playground::bases;
use playground::event::{Ending, Event};
use playground::run::{Run, Runs};
use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

const ROUNDS: usize = 11;
const EDIT_ROUNDS: usize = 5;
/// The file of stage 6 that the one-line edit goes into.
const EDITED: &str = "routes.go";
/// What our builds are called.
const IMAGE: &str = "empty-room/bench:ours";
const JOURNEYS: usize = 2;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    if std::env::args().any(|arg| arg == "--test") {
        return Ok(()); // `cargo test --benches` only wants to know that it compiles.
    }
    let cache = std::env::home_dir()
        .unwrap_or_default()
        .join(".cache/empty-room/bench");
    let private = PrivateEngine::start(&cache.join("engine")).await?;
    let socket = private.engine().address().to_string();
    let outcome = benchmark(private.engine(), &socket, &cache).await;
    private.stop().await;
    outcome
}

async fn benchmark(engine: &Engine, socket: &str, cache: &Path) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let state = Arc::new(AppState::open_on(
        &root,
        &cache.join("data"),
        engine.clone(),
    )?);
    let cli = Cli::find(socket)?;
    let facts = engine.facts();
    println!(
        "{} {} ({}), {} cores; CLI: {}",
        facts.name,
        facts.version,
        facts.arch,
        std::thread::available_parallelism()?,
        cli.describe()?
    );
    for name in state.bases.names() {
        let state = state.bases.ensure(engine, name, &|_| {}).await?;
        println!("base {name}: {}", state.name());
    }
    let bench = Bench {
        substitutes: substitutes(&state, engine).await?,
        state,
        engine: engine.clone(),
        cli,
    };
    const PARTS: [&str; 6] = [
        "exercises",
        "failures",
        "builds",
        "inside",
        "adoption",
        "journey",
    ];
    let asked: Vec<String> = std::env::args()
        .filter(|arg| PARTS.contains(&arg.as_str()))
        .collect();
    let wanted = |part: &str| asked.is_empty() || asked.iter().any(|asked| asked == part);
    if wanted("exercises") {
        bench.exercises().await?;
    }
    if wanted("failures") {
        bench.failures().await?;
    }
    if wanted("builds") {
        bench.builds().await?;
    }
    if wanted("inside") {
        bench.inside().await?;
    }
    if wanted("adoption") {
        bench.adoption().await?;
    }
    if wanted("journey") {
        bench.journey().await?;
    }
    bench.state.close().await;
    Ok(())
}

/// Company CAs: both sides build on the same bases.
async fn substitutes(state: &AppState, engine: &Engine) -> anyhow::Result<HashMap<String, String>> {
    let mut substitutes = HashMap::new();
    for name in state
        .bases
        .names()
        .filter(|name| name.starts_with("golang:"))
    {
        if let Some(trusted) = bases::trusted(engine, name).await? {
            substitutes.insert(name.to_owned(), trusted);
        }
    }
    Ok(substitutes)
}

struct Bench {
    state: Arc<AppState>,
    engine: Engine,
    cli: Cli,
    substitutes: HashMap<String, String>,
}

impl Bench {
    /// A lab's context, as we send it and as a folder for the CLI.
    fn context(
        &self,
        lab: &str,
        extra: &str,
    ) -> anyhow::Result<(bytes::Bytes, String, tempfile::TempDir)> {
        let (lab, variant) = self.state.catalog.resolve(lab)?;
        let edits = match extra {
            "" => BTreeMap::new(),
            comment => {
                let plain = catalog::context(
                    &self.state.root,
                    lab,
                    variant,
                    &BTreeMap::new(),
                    &BTreeMap::new(),
                )?;
                let main = plain.text(EDITED).unwrap_or_default();
                BTreeMap::from([(EDITED.to_owned(), format!("{main}\n// {comment}\n"))])
            }
        };
        let context = catalog::context(&self.state.root, lab, variant, &BTreeMap::new(), &edits)?;
        let dockerfile =
            analysis::dockerfile::substitute_bases(context.dockerfile(), &self.substitutes);
        let tar = context.with_dockerfile(&dockerfile).to_tar();
        let folder = tempfile::tempdir()?;
        tar::Archive::new(tar.as_ref()).unpack(folder.path())?;
        Ok((tar, dockerfile, folder))
    }

    /// Builds once by ourselves: (first event, all of it).
    async fn ours(
        &self,
        tar: bytes::Bytes,
        dockerfile: String,
    ) -> anyhow::Result<(Duration, Duration)> {
        let request = BuildRequest {
            context: tar,
            dockerfile,
            tag: IMAGE.into(),
            aliases: Vec::new(),
            labels: vec![(LABEL.into(), "bench".into())],
            cache_namespace: None,
            no_cache: false,
            network: engine::BuildNetwork::Engines,
            prefix: "b".into(),
            limit: Duration::from_secs(900),
            patience: Patience::default(),
            stopped: StoppedBuilds::default(),
        };
        let since = Instant::now();
        let mut first = None;
        let mut on = |_: engine::BuildEvent| {
            first.get_or_insert_with(|| since.elapsed());
        };
        self.engine.build(&request, &mut on).await?;
        let all = since.elapsed();
        Ok((first.unwrap_or(all), all))
    }

    async fn builds(&self) -> anyhow::Result<()> {
        let (tar, dockerfile, folder) = self.context("stage-6", "")?;
        self.ours(tar.clone(), dockerfile.clone()).await?;
        self.cli.build(folder.path(), "empty-room/bench:cli")?;
        let (mut warm, mut first) = (Pairs::default(), Pairs::default());
        for _ in 0..ROUNDS {
            let (our_first, ours) = self.ours(tar.clone(), dockerfile.clone()).await?;
            let (cli_first, cli) = self.cli.build(folder.path(), "empty-room/bench:cli")?;
            warm.push(ours, cli);
            first.push(our_first, cli_first);
        }
        warm.print("warm build (stage 6)", "≤ 0.6");
        first.print("first event (stage 6, warm)", "≤ 0.5");

        let mut edit = Pairs::default();
        for round in 0..EDIT_ROUNDS {
            let (tar, dockerfile, _folder) = self.context("stage-6", &format!("ours {round}"))?;
            let (_, ours) = self.ours(tar, dockerfile).await?;
            let (_, _, folder) = self.context("stage-6", &format!("cli {round}"))?;
            let (_, cli) = self.cli.build(folder.path(), "empty-room/bench:cli")?;
            edit.push(ours, cli);
        }
        edit.print("one-line edit (stage 6)", "≤ 1.0");
        Ok(())
    }

    /// All stages with empty caches: ours as `playground journey` does it, the CLI's one
    /// after another, each built, started, and waited for until it logs that it listens.
    async fn journey(&self) -> anyhow::Result<()> {
        let stages = self.state.catalog.stages().map(|lab| lab.id.clone());
        let stages: Vec<String> = stages.collect();
        let mut pairs = Pairs::default();
        for _ in 0..JOURNEYS {
            self.cli.prune()?;
            let since = Instant::now();
            let runs = Runs::new(self.state.clone());
            let mut started = Vec::new();
            for stage in &stages {
                started.push(runs.start(stage, "image", BTreeMap::new())?);
            }
            for run in started {
                as_declared(&run).await?;
            }
            runs.close().await;
            let ours = since.elapsed();

            self.cli.prune()?;
            let contexts: Vec<_> = stages
                .iter()
                .map(|s| self.context(s, ""))
                .collect::<Result<_, _>>()?;
            let since = Instant::now();
            for (_, _, folder) in &contexts {
                self.cli.build(folder.path(), "empty-room/bench:cli")?;
                self.cli.run_until_it_listens("empty-room/bench:cli")?;
            }
            pairs.push(ours, since.elapsed());
        }
        pairs.print("whole journey (bases there, caches empty)", "≤ 0.7");
        Ok(())
    }
}

/// Waits for a run's end, which must be the declared one.
async fn as_declared(run: &Run) -> anyhow::Result<()> {
    let mut seen = 0;
    loop {
        let entries = run.log.next(seen).await;
        let Some(last) = entries.last() else {
            anyhow::bail!("the run has no end");
        };
        seen = last.seq;
        if let Event::Finished(finished) = &last.event {
            anyhow::ensure!(finished.ending == Ending::AsDeclared, "{finished:?}");
            return Ok(());
        }
    }
}
