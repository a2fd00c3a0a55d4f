//! `playground status`

use super::unless_stopped;
use super::watch::mb;
use crate::app_state::AppState;
use serde_json::json;
use std::process::ExitCode;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn status(state: AppState, args: &Args) -> anyhow::Result<ExitCode> {
    let code = unless_stopped(report(&state, args)).await;
    state.close().await;
    Ok(code.unwrap_or(ExitCode::from(130)))
}

async fn report(state: &AppState, args: &Args) -> ExitCode {
    let engine = state.engine().await;
    let bases = match &engine {
        Ok(engine) => state.bases.status(engine).await,
        Err(_) => Vec::new(),
    };
    if args.json {
        let engine = match &engine {
            Ok(engine) => json!({ "state": "ready", "facts": engine.facts() }),
            Err(error) => json!({ "state": "none", "error": error }),
        };
        say!(
            "{}",
            json!({ "engine": engine, "bases": bases, "data": state.data })
        );
    } else {
        match &engine {
            Ok(engine) => {
                let f = engine.facts();
                let (name, version, os, arch) = (&f.name, &f.version, &f.os, &f.arch);
                say!("engine  {name} {version} ({os}/{arch}) on {}", f.address);
            }
            Err(error) => say!("engine  {error}"),
        }
        say!("book    {}", state.root.display());
        say!("data    {}", state.data.display());
        for base in &bases {
            let size = base.size_bytes.map_or_else(String::new, mb);
            say!("base    {:<44} {:<10} {size}", base.name, base.state.name());
        }
    }
    ExitCode::from(if engine.is_ok() { 0 } else { 3 })
}
