//! `playground exercises start`, `diff` and `reset`

use super::{argument, chosen, page};
use crate::app_state::AppState;
use crate::exercises::progress::{Detail, Verb};
use crate::exercises::to_solution;
use anyhow::{Context, bail};
use policy::ansi::plain;
use std::path::Path;
use std::process::{Command, ExitCode};

#[derive(Debug, clap::Args)]
pub(super) struct StartArgs {
    /// The exercise: 4, 04 or 04-its-name
    exercise: String,
    /// Open the file to edit: with $VISUAL, $EDITOR, or VS Code
    #[arg(long)]
    open: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct DiffArgs {
    /// The exercise (by default the one you worked on last)
    exercise: Option<String>,
    /// Also where you have not passed yet
    #[arg(long)]
    show_solution: bool,
}

#[derive(Debug, clap::Args)]
pub(super) struct ResetArgs {
    /// The exercise: 4, 04 or 04-its-name
    exercise: String,
}

pub(super) fn start(state: &AppState, args: &StartArgs) -> anyhow::Result<ExitCode> {
    let exercise = state.catalog.exercise(&args.exercise).map_err(argument)?;
    let started = state.workspace.start(&state.root, exercise)?;
    let number = exercise.number;
    say!("{number:02}  {}", exercise.title);
    say!("");
    for line in exercise.statement.trim().lines() {
        say!("{line}");
    }
    say!("");
    say!("  folder:     {}", started.dir.display());
    say!("  handed in:  {}", exercise.edit.join(", "));
    for (i, source) in exercise.pages.iter().enumerate() {
        let label = if i == 0 { "to read:" } else { "" };
        say!("  {label:11} {}", page(source));
    }
    if started.created.is_empty() {
        say!("  Everything was there already, and stays as it is.");
    }
    say!("  next: playground exercises check {number:02}");
    if let Err(error) = state
        .progress
        .record(Verb::Initialized, &exercise.id, Detail::default())
    {
        // The files are there: it can be worked on.
        eprintln!("{error}");
    }
    if args.open {
        let first = exercise.edit.first().map(String::as_str);
        open(&started.dir.join(first.unwrap_or_default()))?;
    }
    Ok(ExitCode::SUCCESS)
}

/// Opens a file in the editor that the learner is used to.
fn open(file: &Path) -> anyhow::Result<()> {
    let set = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let editor = set("VISUAL").or_else(|| set("EDITOR"));
    let editor = editor.unwrap_or_else(|| "code".into());
    // Both may hold options: `code --wait`.
    let mut words = editor.split_whitespace();
    let program = words.next().context("$VISUAL and $EDITOR hold nothing")?;
    let next = "  next: set $EDITOR, or open the file yourself";
    let status = Command::new(program).args(words).arg(file).status();
    let status = status.with_context(|| format!("`{editor}` cannot be started\n{next}"))?;
    if !status.success() {
        bail!("`{editor}` ended with {status}\n{next}");
    }
    Ok(())
}

pub(super) fn diff(state: &AppState, args: &DiffArgs) -> anyhow::Result<ExitCode> {
    let exercise = chosen(state, args.exercise.as_deref())?;
    let standings = state.progress.standings()?;
    let standing = standings.get(&exercise.id);
    let passed = standing.is_some_and(|standing| standing.passed_at.is_some());
    if !passed && !args.show_solution {
        say!(
            "You have not passed {} yet: this would give the answer away.",
            exercise.id
        );
        say!("  next: playground exercises hint {:02}", exercise.number);
        say!("  or:   the same with --show-solution, if you want it");
        return Ok(ExitCode::from(1));
    }
    let diff = to_solution(&state.root, exercise, &state.workspace).map_err(argument)?;
    if diff.is_empty() {
        say!("Yours and the solution are the same.");
    }
    for line in diff.lines() {
        say!("{}", plain(line));
    }
    Ok(ExitCode::SUCCESS)
}

pub(super) fn reset(state: &AppState, args: &ResetArgs) -> anyhow::Result<ExitCode> {
    let exercise = state.catalog.exercise(&args.exercise).map_err(argument)?;
    let (kept, started) = state.workspace.reset(&state.root, exercise)?;
    if let Some(kept) = kept {
        say!("Your files are kept in {}", kept.display());
    }
    say!("The exercise lies as at first in {}", started.dir.display());
    say!("  next: playground exercises check {:02}", exercise.number);
    Ok(ExitCode::SUCCESS)
}
