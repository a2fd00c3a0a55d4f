//! `playground journey`: every stage, claimed beside measured.

use super::run::follow;
use super::watch::{Watch, card, mb};
use crate::app_state::AppState;
use crate::event::{Ending, Finished};
use crate::journey::{self, JourneyStage};
use crate::run::Runs;
use futures_util::future::join_all;
use indicatif::MultiProgress;
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Events as JSON lines, then one object a line per stage
    #[arg(long)]
    json: bool,
    /// With the newest Go (1.27) in place of the one that the sources quote (1.23)
    #[arg(long, value_name = "VERSION")]
    go: Option<String>,
    /// Show the output of build steps
    #[arg(long, short)]
    verbose: bool,
}

pub(super) async fn journey(state: AppState, args: Args) -> anyhow::Result<ExitCode> {
    let state = Arc::new(state.with_go(args.go.as_deref())?);
    let runs = Arc::new(Runs::new(state.clone()));
    let bars = MultiProgress::new();
    let mut following = Vec::new();
    for stage in journey::stages(&state.catalog, &state.journal, state.column())? {
        let lab = state.catalog.lab(&stage.stage)?;
        for variant in &lab.variants {
            let run = runs.start(&lab.id, &variant.id, std::collections::BTreeMap::new())?;
            let label = format!("{:<9} ", stage.stage);
            let mut watch = (!args.json).then(|| Watch::new(bars.clone(), &label, args.verbose));
            following.push(async move {
                let ended = follow(&run, |entry| match &mut watch {
                    Some(watch) => watch.event(&entry.event),
                    None => {
                        let mut line = json!(entry);
                        line["run"] = json!(run.id());
                        line["lab"] = json!(run.lab);
                        say!("{line}");
                    }
                })
                .await;
                (run.lab.clone(), ended)
            });
        }
    }
    let ended = join_all(following).await;
    runs.close().await;
    state.close().await;
    let as_declared = |finished: &Finished| finished.ending == Ending::AsDeclared;
    let stages = journey::stages(&state.catalog, &state.journal, state.column())?;
    if args.json {
        for stage in &stages {
            say!("{}", line(stage, &state));
        }
    } else {
        for (lab, (_, finished)) in &ended {
            if !as_declared(finished) {
                say!("{}\n", card(lab, None, finished));
            }
        }
        say!("{}", table(&stages));
    }
    let failed = !ended.iter().all(|(_, (_, finished))| as_declared(finished));
    Ok(ExitCode::from(u8::from(failed)))
}

fn line(stage: &JourneyStage, state: &AppState) -> serde_json::Value {
    let measured = stage.measured.as_ref();
    json!({
        "stage": stage.stage,
        "go": state.go(),
        "number": stage.number,
        "claimed_mb": stage.claimed_mb,
        "claimed_mb_max": stage.claimed_mb_max,
        "unpacked_bytes": measured.map(|m| m.unpacked_bytes),
        "compressed_bytes": measured.map(|m| m.compressed_bytes),
        "engine_bytes": measured.map(|m| m.engine_bytes),
        "base": measured.map(|m| m.base.as_str()),
        "engine": measured.map(|m| m.engine.as_str()),
        "arch": measured.map(|m| m.arch.as_str()),
        "at": measured.map(|m| m.at.as_str()),
    })
}

fn table(stages: &[JourneyStage]) -> String {
    let row = |number: &str, base: &str, claimed: &str, cells: [&str; 4]| {
        let [unpacked, compressed, here, bases] = cells;
        format!(
            "{number:<6} {base:<28} {claimed:>12} {unpacked:>10} {compressed:>11} {here:>12}  {bases}"
        )
    };
    let cells = ["unpacked", "compressed", "this engine", "bases"];
    let mut lines = vec![row("stage", "final image on", "claimed", cells)];
    for stage in stages {
        let claimed = match stage.claimed_mb_max {
            Some(most) => format!("{}–{most} MB", stage.claimed_mb),
            None => format!("{} MB", stage.claimed_mb),
        };
        let cells = match &stage.measured {
            Some(m) => [
                mb(m.unpacked_bytes),
                mb(m.compressed_bytes),
                mb(m.engine_bytes),
                m.base.clone(),
            ],
            None => ["–".into(), "–".into(), "–".into(), "not run yet".into()],
        };
        let cells = cells.each_ref().map(String::as_str);
        lines.push(row(&stage.number, &stage.base_label, &claimed, cells));
    }
    lines.join("\n")
}
