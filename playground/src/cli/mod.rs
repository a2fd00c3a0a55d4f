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
mod class;
mod exercises;
mod explain;
mod fifo;
mod inventory;
mod journey;
mod kit;
mod ledger;
mod list;
mod manifest;
mod new;
mod packaging;
mod place;
mod preflight;
mod preprocess;
mod published;
mod run;
mod serve;
mod shutdown;
mod status;
mod subject;
mod watch;
mod words;
mod xray;

use crate::app_state::AppState;
use clap::{CommandFactory, Parser, Subcommand};
use place::Place;
use policy::UserError;
use policy::sanitize;
use shutdown::{shutdown_signal, unless_stopped};
use std::path::PathBuf;
use std::pin::Pin;
use std::process::ExitCode;
use std::sync::Arc;

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
    /// Teach a room: one engine, a seat in the browser for each learner
    Class(class::Args),
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
    /// Pack and load what a room without a network needs, as one file
    Kit(kit::Args),
    /// See what is in an image or a binary, from layer to file to Go package
    Xray(xray::Args),
    /// Say how an image will fail before it runs; needs no book
    Preflight(preflight::Args),
    /// Turn a Go repository into an image that answers, with the reasons shown
    Adopt(adopt::Args),
    /// Serve an ordinary `mdbook build` as its preprocessor
    #[command(hide = true)]
    Preprocess(preprocess::Args),
    /// Print completions of this program for a shell
    Completions(packaging::Completions),
    /// Write this program's manual pages
    #[command(hide = true)]
    Man(packaging::Man),
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
        let place = Place { root, data };
        let open = || AppState::open(&place.root()?, &place.data()?);
        match command {
            // An engineer points these at an image of their own, anywhere, as in CI.
            Command::Xray(args) => xray::xray(place.data().ok().as_deref(), &args).await,
            Command::Preflight(args) => {
                preflight::preflight(place.data().ok().as_deref(), &args).await
            }
            // These need no data of ours, and no engine.
            Command::Completions(args) => Ok(packaging::completions(Cli::command(), &args)),
            Command::Man(args) => Ok(packaging::man(Cli::command(), &args)?),
            Command::Preprocess(args) => preprocess::preprocess(&place.root()?, &args),
            Command::Build(args) => build::build(&place.root()?, place.is_carried()?, &args),
            Command::Explain(args) => explain::explain(&place.root()?, &args),
            Command::New(args) => new::new(&place.checkout()?, &args),
            // It tells what is wrong with content that cannot be opened.
            Command::CheckContent(args) => {
                let root = match args.writes() {
                    true => place.checkout()?,
                    false => place.root()?,
                };
                check_content::check_content(&root, &place.data()?, &args).await
            }
            Command::Serve(args) => serve::serve(open()?, args).await,
            Command::Class(args) => class::class(args, &place.data()?, open).await,
            Command::Exercises(args) => exercises::exercises(open()?, args).await,
            Command::List(args) => list::list(&open()?, &args),
            Command::Adopt(args) => adopt::adopt(open()?, args).await,
            Command::Run(args) => run::run(open()?, args).await,
            Command::Journey(args) => journey::journey(open()?, args).await,
            Command::Ledger(args) => {
                if args.writes() {
                    place.checkout()?;
                }
                ledger::ledger(open()?, args).await
            }
            Command::Inventory(args) => inventory::inventory(&open()?, args),
            Command::Kit(args) => match kit::without_engine(&args) {
                Some(done) => done,
                None => kit::with_engine(open()?, &args).await,
            },
            Command::Bases(args) => bases::bases(open()?, args).await,
            Command::Status(args) => status::status(open()?, &args).await,
        }
    }
}

/// Serves until the process is asked to end, while `looking` sees to an engine. When this returns,
/// both are over, and so is everything that `state` has on the engine.
async fn serve_while_looking<Served: Future>(
    state: &Arc<AppState>,
    looking: impl Future<Output = ()> + Send + 'static,
    serve: impl FnOnce(Pin<Box<dyn Future<Output = ()> + Send>>) -> Served,
) -> Served::Output {
    let end = shutdown_signal();
    let looking = tokio::spawn(looking);
    let (search, searched) = (looking.abort_handle(), state.clone());
    let served = serve(Box::pin(async move {
        end.await;
        // A page may be waiting for an engine that has to start first.
        search.abort();
        searched.stop_looking();
    }))
    .await;
    looking.abort();
    let _ = looking.await;
    state.close().await;
    served
}
