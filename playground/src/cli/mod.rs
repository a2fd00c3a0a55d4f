//! The command line: parses arguments, calls the domain, prints.
//!
//! Results go to stdout, progress to stderr. Exit codes: 0 as declared, 1 not so (the
//! learner's; of preflight: findings), 2 bad arguments or content, 3 the playground could not
//! carry it out (ours), 130 stopped by a signal.

/// Prints a line to stdout like `println!`, but outlives a reader that has gone away.
macro_rules! say {
    ($($text:tt)*) => { $crate::cli::write_line(format_args!($($text)*)) };
}

mod adopt;
mod bases;
mod build;
mod check_content;
mod exercises;
mod explain;
mod inventory;
mod journey;
mod ledger;
mod list;
mod manifest;
mod new;
mod preflight;
mod preprocess;
mod run;
mod serve;
mod status;
mod subject;
mod watch;
mod words;
mod xray;

use crate::app_state::AppState;
use anyhow::Context;
use clap::{Parser, Subcommand};
use policy::UserError;
use policy::sanitize;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Empty Room: an executable book about shipping Go in scratch containers.
#[derive(Debug, Parser)]
#[command(name = "playground", version, arg_required_else_help = true)]
struct Cli {
    /// The book's folder (holds book.toml); found from the current one by default
    #[arg(long, env = "EMPTY_ROOM_ROOT", global = true)]
    root: Option<PathBuf>,
    /// Where measurements and the private engine are kept
    #[arg(long, env = "EMPTY_ROOM_DATA", global = true)]
    data: Option<PathBuf>,
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Open the book on http://127.0.0.1 with live Run buttons
    Serve(serve::Args),
    /// Write the book as plain files, with what was recorded
    Build(build::Args),
    /// List the labs and their variants
    List(list::Args),
    /// Build, run and judge one variant
    Run(run::Args),
    /// Mend broken and fat images, graded by what really happens
    #[command(visible_alias = "ex")]
    Exercises(exercises::Args),
    /// Find the page about an error message
    Explain(explain::Args),
    /// Run every stage and print claimed beside measured sizes
    Journey(journey::Args),
    /// Put every published claim to the test, and say which hold
    Ledger(ledger::Args),
    /// Hold labs and pages against what really happens, on the real engine
    CheckContent(check_content::Args),
    /// Answer why things fail, before and after; see what many answers tell
    Inventory(inventory::Args),
    /// Write the skeleton of a lab that already passes
    New(new::Args),
    /// See, fetch or rebuild the images that Dockerfiles start from
    Bases(bases::Args),
    /// See what is in an image or a binary, from layer to file to Go package
    Xray(xray::Args),
    /// Say how an image will fail before it runs; needs no book
    Preflight(preflight::Args),
    /// Turn a Go repository into an image that answers, with the reasons shown
    Adopt(adopt::Args),
    /// Serve an ordinary `mdbook build` as its preprocessor
    #[command(hide = true)]
    Preprocess(preprocess::Args),
    /// Say which engine is used and what state everything is in
    Status(status::Args),
}

/// `playground list | head` closes our stdout early: nobody is left to be told anything.
pub(crate) fn write_line(text: std::fmt::Arguments<'_>) {
    use std::io::{ErrorKind, Write};
    let written = writeln!(std::io::stdout().lock(), "{text}");
    if let Err(error) = written
        && error.kind() != ErrorKind::BrokenPipe
    {
        log::error!("stdout cannot be written to: {error}");
    }
}

/// Runs the command line and returns the process's exit code.
pub fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::default().default_filter_or("warn"))
        .format_timestamp(None)
        .init();
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("error: no threads to run on: {error}");
            return ExitCode::from(3);
        }
    };
    match runtime.block_on(cli.carry_out()) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("{}", sanitize::lines(&format!("error: {error:#}")));
            let ours = error.downcast_ref::<UserError>().is_some();
            ExitCode::from(if ours { 3 } else { 2 })
        }
    }
}

impl Cli {
    async fn carry_out(self) -> anyhow::Result<ExitCode> {
        let Cli {
            root,
            data,
            command,
        } = self;
        let root = || match &root {
            Some(root) => Ok(root.clone()),
            None => find_root(&std::env::current_dir()?),
        };
        let data = || data.clone().map_or_else(default_data, Ok);
        let open = || AppState::open(&root()?, &data()?);
        match command {
            // An engineer points these at an image of their own, anywhere, as in CI.
            Command::Xray(args) => xray::xray(data().ok().as_deref(), &args).await,
            Command::Preflight(args) => preflight::preflight(data().ok().as_deref(), &args).await,
            // These need no data of ours, and no engine.
            Command::Preprocess(args) => preprocess::preprocess(&root()?, &args),
            Command::Build(args) => build::build(&root()?, &args),
            Command::Explain(args) => explain::explain(&root()?, &args),
            Command::New(args) => new::new(&root()?, &args),
            // It tells what is wrong with content that cannot be opened.
            Command::CheckContent(args) => {
                check_content::check_content(&root()?, &data()?, &args).await
            }
            Command::Serve(args) => serve::serve(open()?, args).await,
            Command::Exercises(args) => exercises::exercises(open()?, args).await,
            Command::List(args) => list::list(&open()?, &args),
            Command::Adopt(args) => adopt::adopt(open()?, args).await,
            Command::Run(args) => run::run(open()?, args).await,
            Command::Journey(args) => journey::journey(open()?, args).await,
            Command::Ledger(args) => ledger::ledger(open()?, args).await,
            Command::Inventory(args) => inventory::inventory(&open()?, args),
            Command::Bases(args) => bases::bases(open()?, args).await,
            Command::Status(args) => status::status(open()?, &args).await,
        }
    }
}

/// The nearest folder upwards that holds the book; else the one this was compiled in.
fn find_root(from: &Path) -> anyhow::Result<PathBuf> {
    let is_book = |dir: &Path| dir.join("book.toml").is_file() && dir.join("book/labs").is_dir();
    if let Some(dir) = from.ancestors().find(|dir| is_book(dir)) {
        return Ok(dir.to_owned());
    }
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .filter(|dir| is_book(dir))
        .map(Path::to_owned)
        .with_context(|| {
            format!(
                "no book.toml with book/labs in {} or above it\n  \
                 next: run this inside the book's folder, or pass --root",
                from.display()
            )
        })
}

fn default_data() -> anyhow::Result<PathBuf> {
    if let Some(dir) = std::env::var_os("XDG_DATA_HOME").filter(|d| !d.is_empty()) {
        return Ok(PathBuf::from(dir).join("empty-room"));
    }
    let home = std::env::home_dir().context("no home directory\n  next: pass --data")?;
    Ok(home.join(".local/share/empty-room"))
}

/// What comes of `work`; nothing where the process is asked to end before.
async fn unless_stopped<T>(work: impl Future<Output = T>) -> Option<T> {
    let end = shutdown_signal();
    tokio::select! {
        done = work => Some(done),
        () = end => None,
    }
}

/// Completes when the process is asked to end (Ctrl-C or SIGTERM).
///
/// It listens from the call on, not from the first poll: what is done in between is not
/// cut off by a signal, but ended by whoever awaits this.
fn shutdown_signal() -> impl Future<Output = ()> + Send + 'static {
    use tokio::signal::unix::{SignalKind, signal};
    let [interrupt, terminate] =
        [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok());
    let received = |listening| async move {
        match listening {
            Some(mut listening) => tokio::signal::unix::Signal::recv(&mut listening).await,
            None => std::future::pending().await,
        }
    };
    async move {
        tokio::select! {
            _ = received(interrupt) => {}
            _ = received(terminate) => {}
        }
    }
}
