//! `playground exercises export`, `import` and `xapi`

use super::argument;
use crate::app_state::AppState;
use crate::exercises::progress::Portable;
use anyhow::Context;
use policy::sanitize::{quiet_json, visible};
use std::fs::File;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct ExportArgs {
    /// The file to write; it must not be there yet
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct ImportArgs {
    /// A file that `export` wrote
    file: PathBuf,
}

#[derive(Debug, clap::Args)]
pub(super) struct XapiArgs {
    /// The learner's name, as the instructor knows it
    #[arg(long, value_name = "LEARNER", default_value = "learner")]
    name: String,
}

pub(super) fn export(state: &AppState, args: &ExportArgs) -> anyhow::Result<ExitCode> {
    let portable = Portable::gather(&state.progress, &state.workspace, &state.catalog)?;
    let text = serde_json::to_string_pretty(&portable)? + "\n";
    let file = args.file.display();
    write_new(&args.file, &text).with_context(|| {
        format!("{file} cannot be written\n  next: name a file that is not there yet")
    })?;
    say!("{file} holds your progress and files.");
    say!("  next: playground exercises import {file}, on the other machine");
    Ok(ExitCode::SUCCESS)
}

/// All of it or nothing, and never over a file that is there.
fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    let mut file = File::create_new(path)?;
    let written = file
        .write_all(text.as_bytes())
        .and_then(|()| file.sync_all());
    if written.is_err() {
        let _ = std::fs::remove_file(path);
    }
    written
}

pub(super) fn import(state: &AppState, args: &ImportArgs) -> anyhow::Result<ExitCode> {
    let text = std::fs::read_to_string(&args.file)
        .with_context(|| format!("{} cannot be read", args.file.display()))?;
    let portable = Portable::parse(&text).map_err(argument)?;
    let imported = portable.lay_down(&state.progress, &state.workspace, &state.catalog)?;
    say!(
        "{} new entries of progress, {} new files",
        imported.acts,
        imported.files.len()
    );
    for path in &imported.kept {
        say!("  {path} is different here, and stays as it is here");
    }
    for id in &imported.unknown {
        let id = visible(id);
        say!("  {id} is not an exercise of this book; its files were left out");
    }
    say!("  next: playground exercises");
    Ok(ExitCode::SUCCESS)
}

pub(super) fn xapi(state: &AppState, args: &XapiArgs) -> anyhow::Result<ExitCode> {
    for act in state.progress.acts()? {
        let statement = act.statement(&args.name).to_string();
        say!("{}", quiet_json(&statement));
    }
    Ok(ExitCode::SUCCESS)
}
