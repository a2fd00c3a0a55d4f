//! A service of one's own: from a Go repository to an image that answers, with the reasons shown.
//!
//! The way: the tree is read ([`tree`], [`gomod`], [`hints`]); Go's own tool tells about it, inside
//! the engine ([`facts`]); the command is chosen ([`mains`]); a first plan is made ([`decide`]); it is
//! written down ([`dockerfile`], [`quoting`]), built, read by preflight ([`needs`]), started locked down
//! ([`trial`]), and repaired by what was seen ([`repair`], [`verdicts`]) until it works or the rounds
//! are over ([`rounds`]). Where that is asked for, the repository's own Dockerfile is held against it
//! ([`current`]), and the book's journey is made with its code ([`journey`]). All of it is told
//! ([`report`]), and held against a budget ([`check`]).
//!
//! A strange repository is hostile code. Nothing of it runs on this machine: the Go tool works in
//! builds without a network, the program in containers as locked down as a lab's. `go generate`,
//! tests and tools are never run. The tree itself is only read; [`write`] is another step, and never
//! writes over anything of the repository's.

pub mod check;
mod current;
mod decide;
mod dockerfile;
mod facts;
mod gomod;
mod hints;
mod journey;
mod mains;
mod needs;
mod nothing;
mod plan;
mod quoting;
mod repair;
pub mod report;
mod rounds;
mod tree;
mod trial;
mod verdicts;
pub mod write;

pub use current::{Current, Untold};
pub use journey::Stage;
pub use mains::{Command, Reason};
pub use plan::{Decision, Decisions, Linkage, Plan, Topic};
pub use repair::Repair;
pub use report::{Outcome, Report, Unmended};
pub use trial::{Answer, How, Listening};

use crate::app_state::AppState;
use crate::book::lab_pages;
use crate::event::{Ending, Event, Finished};
use crate::jobs::{closing, new_id};
use crate::run::{Cleanup, Probing, RunLog, Site, prepare};
use facts::Facts;
use facts::listing::Asking;
use gomod::GoMod;
use hints::Hints;
use nothing::{library, no_command, no_module, no_such_command};
use policy::UserError;
use rounds::Rounds;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_util::sync::CancellationToken;
use tree::WorkingTree;

/// What is to be adopted.
#[derive(Clone, Debug)]
pub struct Request {
    /// The working tree.
    pub path: PathBuf,
    /// The folder of the command that is the service, where somebody knows better.
    pub main: Option<String>,
}

/// How much is found out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Extent {
    /// An image that works.
    #[default]
    Image,
    /// The repository's own Dockerfile besides, built as it is and held against the book.
    Current,
    /// The stages of the journey besides, built and run.
    Journey,
}

/// Adopts a repository; all that happens is told to `log`, whose last event is its end.
///
/// A repository that cannot be built is a report that says why.
///
/// # Errors
/// The tree cannot be read or is too large, there is no engine, or `stop` was asked for.
pub async fn adopt(
    state: &Arc<AppState>,
    request: &Request,
    log: &Arc<RunLog>,
    stop: &CancellationToken,
) -> Result<Report, UserError> {
    adopt_as(state, request, Extent::Image, log, stop, |_| {}).await
}

/// The same to this extent; `kept` gets the report before the log ends, so that whoever reads the
/// end finds it.
///
/// # Errors
/// As [`adopt`].
pub async fn adopt_as(
    state: &Arc<AppState>,
    request: &Request,
    extent: Extent,
    log: &Arc<RunLog>,
    stop: &CancellationToken,
    kept: impl FnOnce(&Report) + Send,
) -> Result<Report, UserError> {
    let path = request.path.clone();
    let read = tokio::task::spawn_blocking(move || {
        let mut tree = WorkingTree::read(&path)?;
        gomod::leave_broken_workspace(&mut tree);
        let hints = Hints::of(&tree);
        Ok::<_, UserError>((tree, hints))
    });
    let done = async {
        let (tree, hints) = read.await.unwrap_or_else(|error| {
            Err(UserError {
                what: format!("The tree could not be read: {error}"),
                cause: "a task of ours broke off".into(),
                next: "run it again; if it stays, please report it".into(),
            })
        })?;
        let asked = (request, extent);
        on_engine(state, asked, &tree, &hints, log, stop).await
    };
    let done = done.await;
    if let Ok(report) = &done {
        kept(report);
    }
    let ending = match &done {
        Ok(_) => Ending::AsDeclared,
        Err(_) if stop.is_cancelled() => Ending::Stopped,
        Err(_) => Ending::Error,
    };
    let finished = Finished::unjudged(ending, done.as_ref().err().cloned(), log.elapsed_ms());
    log.push(Event::Finished(Box::new(finished)));
    done
}

async fn on_engine(
    state: &Arc<AppState>,
    (request, extent): (&Request, Extent),
    tree: &WorkingTree,
    hints: &Hints,
    log: &Arc<RunLog>,
    stop: &CancellationToken,
) -> Result<Report, UserError> {
    let engine = tokio::select! {
        biased;
        () = stop.cancelled() => return Err(closing()),
        engine = state.engine() => engine?,
    };
    let cleanup = Cleanup::default();
    let done = {
        let site = Site {
            state,
            engine: &engine,
            log,
            cleanup: &cleanup,
        };
        let adopting = Adopting {
            site,
            request,
            extent,
            tree,
            hints,
            id: new_id()?,
            caches: caches_of(&request.path),
        };
        tokio::select! {
            biased;
            () = stop.cancelled() => Err(closing()),
            done = adopting.carry_out() => done,
        }
    };
    let left = cleanup.run(&engine, state.take_unremoved()).await;
    for (object, error) in &left {
        log.push(Event::notice(format!(
            "Could not remove {object}: {error}. The next start of the playground will try again."
        )));
    }
    state.keep_unremoved(left.into_iter().map(|(object, _)| object));
    done
}

/// One adoption under way.
struct Adopting<'a> {
    site: Site<'a>,
    request: &'a Request,
    extent: Extent,
    tree: &'a WorkingTree,
    hints: &'a Hints,
    id: String,
    /// Whose cache directories the builds fill: what one tree's builds write there reaches no other's.
    caches: String,
}

/// The same for a tree whenever it is adopted, so that a second time is quick.
fn caches_of(path: &Path) -> String {
    let path = path.canonicalize().unwrap_or_else(|_| path.to_owned());
    let digest = Sha256::digest(path.as_os_str().as_encoded_bytes());
    format!("adopt-{}", engine::hex(&digest[..8]))
}

/// What Go says of a tree.
struct Told {
    facts: Facts,
    /// The image that holds Go.
    go_image: String,
    /// Why nothing is known of one of its modules.
    unfetched: Option<Unmended>,
}

impl Adopting<'_> {
    async fn carry_out(&self) -> Result<Report, UserError> {
        let mut report = Report::new(&self.request.path.display().to_string());
        report.left_out.clone_from(&self.tree.left_out);
        let found = match self.facts().await? {
            Ok(found) => found,
            Err(unmended) => return Ok(self.without_image(report, unmended)),
        };
        let Told {
            facts,
            go_image,
            unfetched,
        } = found;
        let mut commands = mains::commands(&facts.modules, self.hints);
        if let Some(wanted) = &self.request.main {
            let wanted = wanted.trim_start_matches("./").trim_end_matches('/');
            let wanted = if wanted.is_empty() { "." } else { wanted };
            let Some(at) = commands.iter().position(|command| command.dir == wanted) else {
                let unmended = no_such_command(wanted, &commands);
                return Ok(self.without_image(report, unmended));
            };
            let chosen = commands.remove(at);
            commands.insert(0, chosen);
        } else if !commands.is_empty()
            && commands.iter().all(|command| command.aside)
            && mains::is_library(&facts.modules)
        {
            let unmended = unfetched.unwrap_or_else(|| library(&commands));
            report.others = commands.into_iter().take(20).collect();
            return Ok(self.without_image(report, unmended));
        }
        let planned = decide::first_plan(self.tree, &facts, self.hints, &commands, &go_image);
        let Some((plan, decisions)) = planned else {
            let unmended = unfetched.unwrap_or_else(|| no_command(&facts, self.tree));
            return Ok(self.without_image(report, unmended));
        };
        let only = commands.iter().filter(|one| !one.aside).count() == 1;
        let command = commands.remove(0);
        let name = command.name();
        let project = mains::project(&facts.modules);
        let names = [name.as_str(), project];
        let told = &facts.modules[command.module];
        let module = told.module.clone();
        let with_c = told.with_c(&told.reach(&command.import_path));
        let with_c = with_c
            .iter()
            .map(|package| (package.import_path.clone(), package.name.clone()));
        let with_c: BTreeMap<String, String> = with_c.collect();
        report.others = commands.into_iter().take(20).collect();
        let pages = lab_pages(&self.site.state.root).unwrap_or_default();
        let rounds = Rounds {
            site: self.site,
            id: &self.id,
            caches: &self.caches,
            tree: self.tree,
            hints: self.hints,
            module: &module,
            dir: &command.dir,
            image: self.hints.image(&command.dir, &names, only),
            listens: command.listens,
            with_c: &with_c,
            pages: &pages,
        };
        let built = rounds.carry_out(plan, decisions, &mut report).await?;
        let built = built.map(Arc::new);
        report.command = Some(command.clone());
        if self.extent >= Extent::Current {
            report.current = rounds.current(built.as_ref(), &report).await?;
        }
        if self.extent == Extent::Journey {
            report.journey = rounds.journey(&report).await?;
        }
        report.ms = self.site.log.elapsed_ms();
        Ok(report)
    }

    /// What Go says of the tree; or why it says nothing.
    async fn facts(&self) -> Result<Result<Told, Unmended>, UserError> {
        let modules = gomod::modules(self.tree);
        let Some(first) = modules.first() else {
            return Ok(Err(no_module(self.tree)));
        };
        let newest = self.site.state.bases.newest_go();
        let go_image = match decide::go_image(newest, first.go.as_deref()) {
            Ok(go_image) => go_image,
            Err(unmended) => return Ok(Err(unmended)),
        };
        let bases = [format!("FROM {go_image}\n")];
        let prepared = prepare(&self.site, &bases, Probing::Asked).await?;
        let asking = Asking {
            site: self.site,
            prepared: &prepared,
            go: &go_image,
            id: &self.id,
            caches: &self.caches,
        };
        let mut fetched: Vec<GoMod> = Vec::new();
        let mut unfetched = None;
        let workspace = modules.iter().any(|module| module.workspace);
        for module in modules
            .iter()
            .filter(|module| !workspace || module.workspace)
        {
            if module.vendored {
                fetched.push(module.clone());
                continue;
            }
            // Modules of a workspace are fetched together.
            let together = module.workspace && fetched.iter().any(|one| one.workspace);
            match together {
                true => fetched.push(module.clone()),
                false => match asking.fetch(self.tree, module).await? {
                    Ok(()) => fetched.push(module.clone()),
                    Err(evidence) => {
                        let told = verdicts::why_not_fetched(&evidence.builder, module, self.tree);
                        unfetched.get_or_insert(told);
                    }
                },
            }
        }
        if fetched.is_empty()
            && let Some(why) = unfetched
        {
            return Ok(Err(why));
        }
        Ok(match asking.list(self.tree, &fetched).await? {
            Ok(facts) => Ok(Told {
                facts,
                go_image,
                unfetched,
            }),
            Err(evidence) => Err(verdicts::why_not_built(
                &evidence.builder,
                self.tree,
                self.hints,
            )),
        })
    }

    fn without_image(&self, mut report: Report, unmended: Unmended) -> Report {
        report.unmended = Some(unmended);
        report.ms = self.site.log.elapsed_ms();
        report
    }
}
