//! `playground run LAB[/VARIANT]`

use super::subject::in_abandonable_thread;
use super::watch::{Watch, card};
use super::{fifo, shutdown_signal, unless_stopped, words};
use crate::app_state::AppState;
use crate::event::{Ending, Event, Finished, Sizes};
use crate::run::{Run, Runs};
use anyhow::Context;
use indicatif::MultiProgress;
use policy::UserError;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The lab's id (its first variant), or lab/variant; `playground list` shows them
    lab: String,
    /// Use this file instead of the lab's own: PATH=FILE, as often as needed
    #[arg(long = "edit", value_name = "PATH=FILE")]
    edits: Vec<String>,
    /// With the newest Go (1.27) in place of the one that the sources quote (1.23)
    #[arg(long, value_name = "VERSION")]
    go: Option<String>,
    /// One JSON event a line on stdout
    #[arg(long)]
    json: bool,
    /// Show the output of build steps
    #[arg(long, short)]
    verbose: bool,
}

pub(super) async fn run(state: AppState, args: Args) -> anyhow::Result<ExitCode> {
    let state = Arc::new(state.with_go(args.go.as_deref())?);
    // Bad names and edits are bad arguments, not an error of ours: exit code 2.
    let (lab, variant) = state.catalog.resolve(&args.lab).map_err(argument)?;
    let (lab, variant) = (lab.id.clone(), variant.id.clone());
    let Some(edits) = unless_stopped(read_edits(&args.edits)).await else {
        state.close().await;
        return Ok(ExitCode::from(130));
    };
    let edits = edits?;
    let runs = Arc::new(Runs::new(state.clone()));
    let run = runs.start(&lab, &variant, edits).map_err(argument)?;
    let mut watch = (!args.json).then(|| Watch::new(MultiProgress::new(), "", args.verbose));
    let (sizes, finished) = follow(&run, |entry| match &mut watch {
        Some(watch) => watch.event(&entry.event),
        None => say!("{}", serde_json::to_string(entry).unwrap_or_default()),
    })
    .await;
    runs.close().await;
    state.close().await;
    if !args.json {
        let name = format!("{lab}/{variant}");
        say!("{}", card(&name, sizes.as_ref(), &finished));
    }
    Ok(exit_code(&finished))
}

fn argument(error: UserError) -> anyhow::Error {
    anyhow::anyhow!("{error}")
}

pub(super) fn exit_code(finished: &Finished) -> ExitCode {
    ExitCode::from(match finished.ending {
        Ending::AsDeclared => 0,
        Ending::NotAsDeclared => 1,
        Ending::Error => 3,
        Ending::Stopped => 130,
    })
}

/// Follows a run to its end; a signal stops it, once.
pub(super) async fn follow(
    run: &Run,
    mut on: impl FnMut(&crate::event::Entry),
) -> (Option<Sizes>, Finished) {
    let mut sizes = None;
    let mut last_seen = 0;
    let end = shutdown_signal();
    tokio::pin!(end);
    let mut stopping = false;
    loop {
        let entries = tokio::select! {
            biased;
            entries = run.log.next(last_seen) => entries,
            () = &mut end, if !stopping => {
                stopping = true;
                run.stop();
                continue;
            }
        };
        for entry in &entries {
            on(entry);
            last_seen = entry.seq;
            match &entry.event {
                Event::Sizes(measured) => sizes = Some(measured.clone()),
                Event::Finished(finished) => return (sizes, (**finished).clone()),
                _ => {}
            }
        }
    }
}

/// Bytes of a source file, far more than any has.
const MAX_EDIT: u64 = 4 << 20;

/// A device may be without end.
fn read_text(file: &Path) -> std::io::Result<String> {
    let mut text = String::new();
    let file = std::fs::File::open(file)?;
    file.take(MAX_EDIT + 1).read_to_string(&mut text)?;
    match text.len() as u64 > MAX_EDIT {
        true => Err(std::io::Error::other("it is larger than 4 MiB")),
        false => Ok(text),
    }
}

async fn read_edits(edits: &[String]) -> anyhow::Result<BTreeMap<String, String>> {
    let mut read = BTreeMap::new();
    for edit in edits {
        let (path, file) = edit
            .split_once('=')
            .with_context(|| format!("--edit {edit}: write it as PATH=FILE"))?;
        let file = PathBuf::from(file);
        let named = words::shown(&file.to_string_lossy()).into_owned();
        let is_fifo = fifo::is_fifo(&file);
        let text = in_abandonable_thread(&named, move || read_text(&file));
        let text = match is_fifo {
            true => fifo::awaited(&named, text).await?,
            false => text.await?,
        };
        let text = text.with_context(|| format!("--edit {path}: {named} cannot be read"))?;
        read.insert(path.to_owned(), text);
    }
    Ok(read)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_device_without_end_is_no_source_file() {
        let error = read_text(Path::new("/dev/zero")).expect_err("refused");
        assert!(error.to_string().contains("4 MiB"), "{error}");
    }
}
