//! `playground exercises`: from reading to doing.

mod check;
mod files;
mod hint;
mod list;
mod transfer;
mod watch;

use crate::app_state::AppState;
use crate::exercises::{last_worked_on, overview};
use catalog::Exercise;
use clap::Subcommand;
use policy::UserError;
use std::path::PathBuf;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 passed or done, 1 a check fails, 2 bad arguments, 3 the playground \
                  could not carry it out, 130 stopped by a signal."
)]
pub(super) struct Args {
    #[command(flatten)]
    work: Work,
    /// One JSON object a line: of the list, `check` and `hint`
    #[arg(long, global = true)]
    json: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

/// Where the learner's files lie.
#[derive(Debug, clap::Args)]
pub(super) struct Work {
    /// Where your files of the exercises lie (by default in the folder of --data)
    #[arg(long, env = "EMPTY_ROOM_WORK", value_name = "DIR", global = true)]
    pub(super) work: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Lay an exercise's files down; what is there already stays as it is
    Start(files::StartArgs),
    /// Build and run what you have, and say what is still wrong
    Check(check::Args),
    /// Check again at every save
    Watch(watch::Args),
    /// Say a little more about what the last check found
    Hint(hint::Args),
    /// Show the way from your files to the solution, once you have passed
    Diff(files::DiffArgs),
    /// Begin anew; your files are kept beside the new ones
    Reset(files::ResetArgs),
    /// Say what to go on with
    Next,
    /// Write progress and files into one file, for another machine
    Export(transfer::ExportArgs),
    /// Take in what `export` wrote; nothing that is here is overwritten
    Import(transfer::ImportArgs),
    /// Write progress as xAPI statements, one a line, to stdout; nothing is sent anywhere
    Xapi(transfer::XapiArgs),
}

pub(super) async fn exercises(state: AppState, args: Args) -> anyhow::Result<ExitCode> {
    let Args {
        work: Work { work },
        json,
        command,
    } = args;
    let state = state.with_work(work);
    match command {
        None => list::list(&state, json),
        Some(Command::Start(args)) => files::start(&state, &args),
        Some(Command::Check(args)) => check::check(state, &args, json).await,
        Some(Command::Watch(args)) => watch::watch(state, &args).await,
        Some(Command::Hint(args)) => hint::hint(&state, &args, json),
        Some(Command::Diff(args)) => files::diff(&state, &args),
        Some(Command::Reset(args)) => files::reset(&state, &args),
        Some(Command::Next) => list::next(&state),
        Some(Command::Export(args)) => transfer::export(&state, &args),
        Some(Command::Import(args)) => transfer::import(&state, &args),
        Some(Command::Xapi(args)) => transfer::xapi(&state, &args),
    }
}

/// The exercise of this name; without one, the one that was worked on last.
fn chosen<'s>(state: &'s AppState, name: Option<&str>) -> anyhow::Result<&'s Exercise> {
    if let Some(name) = name {
        return state.catalog.exercise(name).map_err(argument);
    }
    if let Some(exercise) = last_worked_on(&state.catalog, &state.progress)? {
        return Ok(exercise);
    }
    let places = overview(&state.catalog, &state.progress, &state.workspace)?;
    let next = places.iter().find(|place| place.next);
    let next = next.map_or("playground exercises".to_owned(), |place| {
        format!("playground exercises start {:02}", place.number)
    });
    anyhow::bail!("no exercise was begun yet\n  next: {next}")
}

/// Bad names are bad arguments, not an error of ours: exit code 2.
fn argument(error: UserError) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}

/// A page as somebody at a terminal can open it; the book shows it under the same path.
fn page(source: &str) -> String {
    format!("book/src/{source}")
}
