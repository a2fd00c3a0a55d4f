//! `playground exercises hint [NN]`

use super::{chosen, page};
use crate::app_state::AppState;
use crate::exercises::{Help, next_hint};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The exercise (by default the one you worked on last)
    exercise: Option<String>,
}

pub(super) fn hint(state: &AppState, args: &Args, json: bool) -> anyhow::Result<ExitCode> {
    let exercise = chosen(state, args.exercise.as_deref())?;
    let help = next_hint(&state.progress, exercise)?;
    if json {
        say!("{}", serde_json::to_string(&help)?);
        return Ok(ExitCode::SUCCESS);
    }
    let number = exercise.number;
    match help {
        Help::Unchecked => {
            say!("Nothing was checked yet, and hints go by what a check has seen.");
            say!("  next: playground exercises check {number:02}");
        }
        Help::Passed => {
            say!("Your last submission passed: there is nothing to help with.");
            say!("  next: playground exercises diff {number:02}");
        }
        Help::Nothing { check } => {
            let check = policy::sanitize::visible(&check);
            say!("There is no hint for `{check}`: this is our fault, please report it.");
        }
        Help::Level {
            cause,
            level,
            of,
            text,
            page: source,
            ..
        } => {
            say!("{cause}");
            say!("  hint {level} of {of}: {text}");
            if let Some(source) = source {
                say!("  page: {}", page(&source));
            }
            match level == of {
                true => say!("  next: playground exercises check {number:02}"),
                false => say!("  more: playground exercises hint {number:02}"),
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
