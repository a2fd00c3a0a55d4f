//! `playground exercises watch [NN]`

use super::check::{FirstLook, Graded};
use super::{argument, chosen};
use crate::app_state::AppState;
use crate::cli::shutdown_signal;
use crate::cli::watch::Watch;
use crate::event::Ending;
use crate::exercises::{Files, Saves};
use crate::run::Runs;
use catalog::exercise::SUBMISSION;
use indicatif::MultiProgress;
use policy::sanitize::lines;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The exercise (by default the one you worked on last)
    exercise: Option<String>,
    /// Show the output of build steps
    #[arg(long, short)]
    verbose: bool,
}

pub(super) async fn watch(state: AppState, args: &Args) -> anyhow::Result<ExitCode> {
    let state = Arc::new(state);
    let exercise = chosen(&state, args.exercise.as_deref())?;
    // There is nothing to wait for where it was not begun.
    state.workspace.submission(exercise).map_err(argument)?;
    let mut saves = Saves::of(&state.workspace, exercise)?;
    let runs = Runs::new(state.clone());
    // One for all of it: a signal between two checks counts, too.
    let end = shutdown_signal();
    tokio::pin!(end);
    let mut newer: Option<Files> = None;
    let code = loop {
        let files = tokio::select! {
            biased;
            () = &mut end => break ExitCode::SUCCESS,
            files = next(newer.take(), &mut saves) => files,
        };
        let since = Instant::now();
        let first = FirstLook::at(&state, exercise, &files);
        first.print();
        let took = since.elapsed().as_millis();
        if first.is_hopeless() {
            say!("Looked at in {took} ms; nothing was built. Save to check again, Ctrl-C ends.");
            continue;
        }
        eprintln!("Looked at in {took} ms; building.");
        let run = match runs.start(&exercise.id, SUBMISSION, files) {
            Ok(run) => run,
            Err(error) => {
                say!("{}", lines(&format!("error: {error}")));
                say!("Nothing was built. Save to check again, Ctrl-C ends.");
                continue;
            }
        };
        let watch = Watch::new(MultiProgress::new(), "", args.verbose);
        let following = Graded::follow(&state, exercise, &run, Some(watch));
        tokio::pin!(following);
        let mut ended = false;
        let graded = loop {
            tokio::select! {
                biased;
                () = &mut end, if !ended => {
                    ended = true;
                    run.stop();
                }
                graded = &mut following => break graded,
                // What is being built is old news.
                files = saves.next(), if !ended => {
                    newer = Some(files);
                    run.stop();
                }
            }
        };
        match graded.finished.ending {
            Ending::Stopped if ended => break ExitCode::from(130),
            Ending::Stopped if newer.is_some() => {
                eprintln!("Saved meanwhile: once more.");
            }
            Ending::Stopped => break ExitCode::from(130),
            _ => {
                graded.print(exercise);
                if ended {
                    break ExitCode::SUCCESS;
                }
                say!("Save to check again, Ctrl-C ends.");
            }
        }
    };
    runs.close().await;
    state.close().await;
    Ok(code)
}

/// What was saved while the last check ran, or else the next save.
async fn next(newer: Option<Files>, saves: &mut Saves<'_>) -> Files {
    match newer {
        Some(files) => files,
        None => saves.next().await,
    }
}
