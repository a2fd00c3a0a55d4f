//! `playground class check`

use super::super::build::rendered;
use super::super::unless_stopped;
use super::Place;
use crate::app_state::AppState;
use crate::class::{self, Asked, State, visit_bytes};
use console::style;
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(flatten)]
    place: Place,
    /// Run a lab, too
    #[arg(long)]
    run: bool,
    /// One JSON object
    #[arg(long)]
    json: bool,
}

pub(super) async fn check(state: AppState, args: &Args) -> anyhow::Result<ExitCode> {
    let state = Arc::new(state);
    let out = rendered(&state)?;
    let asked = Asked {
        address: args.place.address(),
        lan: args.place.lan,
        seats: args.place.seats,
        at_once: args.place.at_once(),
        visit_bytes: visit_bytes(out.path()),
        run: args.run,
    };
    let items = unless_stopped(class::check(&state, &asked)).await;
    state.close().await;
    let Some(items) = items else {
        return Ok(ExitCode::from(130));
    };
    let broken = items.iter().any(|item| item.state == State::Broken);
    if args.json {
        say!("{}", json!({ "ready": !broken, "items": items }));
    } else {
        for item in &items {
            let mark = match item.state {
                State::Ready => style("ready   ").green(),
                State::Doubtful => style("doubtful").yellow(),
                State::Broken => style("broken  ").red(),
            };
            say!("{mark}  {:<12}  {}", item.id, item.says);
            if let Some(next) = &item.next {
                say!("{:>10}{:<14}next: {next}", "", "");
            }
        }
        say!("");
        match broken {
            true => say!("Not ready: see what is broken."),
            false => say!("Ready. `playground class serve --lan` opens the class."),
        }
    }
    Ok(ExitCode::from(u8::from(broken)))
}
