//! `playground journey`: every stage, claimed beside measured.

use super::run::follow;
use super::watch::{Watch, card, mb};
use crate::app_state::AppState;
use crate::event::Ending;
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
    /// Show the output of build steps
    #[arg(long, short)]
    verbose: bool,
}

pub(super) async fn journey(state: AppState, args: Args) -> anyhow::Result<ExitCode> {
    let state = Arc::new(state);
    let runs = Arc::new(Runs::new(state.clone()));
    let bars = MultiProgress::new();
    let mut following = Vec::new();
    for stage in journey::stages(&state.catalog, &state.journal)? {
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
    let all_as_declared = ended
        .iter()
        .all(|(_, (_, f))| f.ending == Ending::AsDeclared);
    let stages = journey::stages(&state.catalog, &state.journal)?;
    if args.json {
        for stage in &stages {
            say!("{}", line(stage));
        }
    } else {
        for (lab, (_, finished)) in &ended {
            if finished.ending != Ending::AsDeclared {
                say!("{}\n", card(lab, None, finished));
            }
        }
        say!("{}", table(&stages));
    }
    Ok(if all_as_declared {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn line(stage: &JourneyStage) -> serde_json::Value {
    let measured = stage.measured.as_ref();
    json!({
        "stage": stage.stage,
        "number": stage.facts.number,
        "claimed_mb": stage.facts.claimed_mb,
        "claimed_mb_max": stage.facts.claimed_mb_max,
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
    let mut lines = vec![format!(
        "{:<6} {:<28} {:>12} {:>10} {:>11} {:>12}  {}",
        "stage", "final image on", "claimed", "unpacked", "compressed", "this engine", "bases"
    )];
    for stage in stages {
        let claimed = match stage.facts.claimed_mb_max {
            Some(most) => format!("{}–{most} MB", stage.facts.claimed_mb),
            None => format!("{} MB", stage.facts.claimed_mb),
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
        lines.push(format!(
            "{:<6} {:<28} {:>12} {:>10} {:>11} {:>12}  {}",
            stage.facts.number,
            stage.facts.base_label,
            claimed,
            cells[0],
            cells[1],
            cells[2],
            cells[3]
        ));
    }
    lines.join("\n")
}
