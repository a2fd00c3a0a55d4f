//! `playground list`

use crate::app_state::AppState;
use catalog::Kind;
use serde_json::json;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) fn list(state: &AppState, args: &Args) -> anyhow::Result<ExitCode> {
    let width = state.catalog.labs.iter().map(|l| l.id.len()).max();
    let width = width.unwrap_or(0);
    for lab in &state.catalog.labs {
        let variants: Vec<&str> = lab.variants.iter().map(|v| v.id.as_str()).collect();
        if args.json {
            let line = json!({
                "id": lab.id, "kind": lab.kind, "title": lab.title,
                "summary": lab.summary, "variants": variants,
            });
            say!("{line}");
        } else {
            let kind = match lab.kind {
                Kind::Stage => "stage",
                Kind::Failure => "failure",
                Kind::Experiment => "experiment",
                Kind::Exercise => "exercise",
            };
            let (id, title, variants) = (&lab.id, &lab.title, variants.join(", "));
            say!("{kind:8} {id:width$}  {title}  [{variants}]");
        }
    }
    Ok(ExitCode::SUCCESS)
}
