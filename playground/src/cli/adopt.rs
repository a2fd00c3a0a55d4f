//! `playground adopt PATH`

use super::shutdown_signal;
use super::watch::Watch;
use crate::adopt::{Report, Request, adopt as carry_out, check, report, write};
use crate::app_state::AppState;
use crate::event::Event;
use crate::run::RunLog;
use anyhow::Context;
use indicatif::MultiProgress;
use policy::UserError;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 an image that works, 1 none, 2 bad arguments, 3 it could not be \
                  carried out, 130 stopped by a signal."
)]
pub(super) struct Args {
    /// The working tree of a Go repository
    path: PathBuf,
    /// The folder of the command that is the service, where it is not the one that adopt finds
    #[arg(long, value_name = "DIR")]
    main: Option<String>,
    /// Write Dockerfile and .dockerignore into the tree (beside a Dockerfile that is there)
    #[arg(long)]
    write: bool,
    /// The whole report as one JSON object on stdout
    #[arg(long)]
    json: bool,
    /// Write the report as a page, too
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// For CI: exit with 1 where files that adopt wrote are out of date, or the image is over the
    /// budget in .adopt.toml (unpacked_mb, compressed_mb, answer_ms, findings)
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Show the output of build steps and of the program
    #[arg(long, short)]
    verbose: bool,
}

pub(super) async fn adopt(state: AppState, args: Args) -> anyhow::Result<ExitCode> {
    let state = Arc::new(state);
    let budget = check::Budget::of(&args.path).map_err(|error| anyhow::anyhow!("{error}"))?;
    let request = Request {
        path: args.path.clone(),
        main: args.main.clone(),
    };
    let log: Arc<RunLog> = Arc::default();
    let stop = CancellationToken::new();
    let mut watch = Watch::new(MultiProgress::new(), "", args.verbose);
    let following = follow(&log, &stop, |event| match event {
        Event::Output { .. } if !args.verbose => {}
        event => watch.event(event),
    });
    let (done, ()) = tokio::join!(carry_out(&state, &request, &log, &stop), following);
    state.close().await;
    if stop.is_cancelled() {
        return Ok(ExitCode::from(130));
    }
    let report = done?;
    if args.json {
        say!("{}", report.json());
    } else {
        say!("{}", report::text::text(&report));
    }
    if let Some(file) = &args.html {
        let page = report::html::html(&report);
        let written = std::fs::write(file, page);
        written.with_context(|| format!("{} cannot be written", file.display()))?;
    }
    if args.check {
        let told = check::complaints(&report, &budget, &args.path);
        for complaint in &told {
            eprintln!("check: {}", policy::sanitize::visible(complaint));
        }
        return Ok(ExitCode::from(u8::from(!told.is_empty())));
    }
    files(&report, &args)?;
    Ok(ExitCode::from(u8::from(!report.outcome.works())))
}

/// The files: into the tree where that was asked for, else onto the terminal.
fn files(report: &Report, args: &Args) -> Result<(), UserError> {
    if args.write && report.dockerfile.is_some() {
        let names = write::write(report, &args.path)?;
        if !args.json {
            say!("Written: {}", names.join(", "));
        }
    } else if let (Some(dockerfile), false) = (&report.dockerfile, args.json) {
        say!("The Dockerfile (--write puts it into the tree)\n");
        for line in policy::sanitize::visible_lines(dockerfile) {
            say!("  {line}");
        }
    }
    Ok(())
}

/// Tells each event as it comes, to the last; a signal stops the work, once.
async fn follow(log: &RunLog, stop: &CancellationToken, mut on: impl FnMut(&Event)) {
    let end = shutdown_signal();
    tokio::pin!(end);
    let mut seen = 0;
    loop {
        let entries = tokio::select! {
            biased;
            entries = log.next(seen) => entries,
            () = &mut end, if !stop.is_cancelled() => {
                stop.cancel();
                continue;
            }
        };
        for entry in &entries {
            seen = entry.seq;
            on(&entry.event);
            if let Event::Finished(_) = entry.event {
                return;
            }
        }
    }
}
