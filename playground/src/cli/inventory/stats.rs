//! `playground inventory stats [FILE…]`

use crate::app_state::AppState;
use crate::exercises::inventory::stats as item_stats;
use crate::exercises::inventory::{Discrimination, ItemStats, MIN_LEARNERS, Sitting};
use crate::exercises::progress::Portable;
use anyhow::Context;
use catalog::inventory::Inventory;
use serde_json::json;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// No export is larger; a stream without an end gets one.
const MAX_FILE: u64 = 64 << 20;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Progress files of learners (`playground exercises export`), beside the log of this machine
    files: Vec<PathBuf>,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn stats(
    state: &AppState,
    inventory: &Inventory,
    args: &Args,
) -> anyhow::Result<ExitCode> {
    let mut logs = vec![state.progress.acts()?];
    for file in &args.files {
        logs.push(exported(file)?.acts);
    }
    let stats = item_stats(inventory, &logs);
    if args.json {
        for item in &stats {
            say!("{}", json!(item));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let width = stats.iter().map(|item| item.id.len()).max().unwrap_or(0);
    let head = format!("{:^28}", "before");
    say!("{:width$}  {head}  {:^28}", "", "after");
    let columns = format!("{:>4} {:>7} {:>15}", "n", "right", "discrimination");
    say!(
        "{:width$}  {columns}  {columns}  {:>6}  met most",
        "question",
        "gain"
    );
    for item in &stats {
        let id = &item.id;
        let (before, after) = (columns_of(&item.before), columns_of(&item.after));
        say!(
            "{id:width$}  {before}  {after}  {:>6}  {}",
            gain(item),
            belief(item)
        );
    }
    say!(
        "\nThe first answer of each learner counts. Gain: of those who answered both times, in\n\
         percentage points. Discrimination: the correlation of an answer with the share right of\n\
         all others (-1 to 1); it cannot be told of fewer than {MIN_LEARNERS} learners, or where all answer alike.\n\
         Met most: the misconception that was met most often, before if anybody answered then."
    );
    Ok(ExitCode::SUCCESS)
}

fn exported(file: &Path) -> anyhow::Result<Portable> {
    let shown = file.display();
    let mut text = String::new();
    let open = std::fs::File::open(file).with_context(|| format!("{shown} cannot be opened"))?;
    open.take(MAX_FILE)
        .read_to_string(&mut text)
        .with_context(|| format!("{shown} cannot be read as text"))?;
    Portable::parse(&text).map_err(|error| anyhow::anyhow!("{shown}: {error}"))
}

fn columns_of(sitting: &Sitting) -> String {
    let share = sitting
        .share
        .map_or("–".into(), |share| format!("{:.0} %", share * 100.0));
    let discrimination = match sitting.discrimination {
        Discrimination::Told(told) => format!("{told:.2}"),
        Discrimination::TooFew | Discrimination::NoVariance => "cannot be told".into(),
    };
    format!("{:>4} {share:>7} {discrimination:>15}", sitting.n)
}

fn gain(item: &ItemStats) -> String {
    let gain = item.gain.map(|gain| format!("{:+.0}", gain * 100.0));
    gain.unwrap_or_else(|| "–".into())
}

fn belief(item: &ItemStats) -> String {
    let belief = item.before.belief.as_ref().or(item.after.belief.as_ref());
    belief.map_or("–".into(), |(id, count)| format!("{id} ({count})"))
}
