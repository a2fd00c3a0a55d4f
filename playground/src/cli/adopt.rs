//! `playground adopt PATH`

use super::preflight::book_url;
use super::shutdown_signal;
use super::watch::Watch;
use crate::adopt::check::{Budget, Kind, Verdict};
use crate::adopt::{Extent, Report, Request, adopt_as, check, report, write};
use crate::app_state::AppState;
use crate::event::Event;
use crate::run::RunLog;
use anyhow::anyhow;
use clap::ValueEnum;
use indicatif::MultiProgress;
use policy::UserError;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use tokio_util::sync::CancellationToken;

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Exit codes: 0 an image that works (with --check: nothing to complain of), 1 none \
                  (complaints), 2 bad arguments or a budget that makes no sense, 3 it could not be \
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
    /// Make the seven stages of the journey with its code, too, and hold its own Dockerfile, built as
    /// it is, against the book. Takes minutes
    #[arg(long)]
    journey: bool,
    /// The whole report as one JSON object on stdout
    #[arg(long)]
    json: bool,
    /// Write the report as a page, too
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// For CI: build the repository's own Dockerfile as it is, and exit with 1 where its image does
    /// not come up or is over the budget in .adopt.toml (unpacked_mb, compressed_mb, answer_ms,
    /// findings), or where files that adopt wrote are out of date
    #[arg(long, conflicts_with = "write")]
    check: bool,
    /// Another file with the budget
    #[arg(long, value_name = "FILE", requires = "check")]
    budget: Option<PathBuf>,
    /// Who the result of --check on stdout is for
    #[arg(long, value_enum, default_value_t = Format::Text, requires = "check", conflicts_with = "json")]
    format: Format,
    /// Where your copy of the book is published, for links in SARIF: https://…
    #[arg(long, env = "EMPTY_ROOM_BOOK_URL", value_name = "URL", value_parser = book_url)]
    book_url: Option<String>,
    /// Show the output of build steps and of the program
    #[arg(long, short)]
    verbose: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, ValueEnum)]
enum Format {
    /// For people
    Text,
    /// For code scanning: SARIF 2.1.0
    Sarif,
}

pub(super) async fn adopt(state: AppState, args: Args) -> anyhow::Result<ExitCode> {
    let state = Arc::new(state);
    let budget = match &args.budget {
        Some(file) => Budget::read(file, &file.display().to_string()),
        None => Budget::of(&args.path),
    };
    let budget = budget.map_err(|error| anyhow!("{error}"))?;
    let extent = match (args.journey, args.check) {
        (true, _) => Extent::Journey,
        (false, true) => Extent::Current,
        (false, false) => Extent::Image,
    };
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
    let carried_out = adopt_as(&state, &request, extent, &log, &stop, |_| {});
    let (done, ()) = tokio::join!(carried_out, following);
    state.close().await;
    if stop.is_cancelled() {
        return Ok(ExitCode::from(130));
    }
    let report = done?;
    match (args.json, args.format) {
        (true, _) => say!("{}", report.json()),
        (false, Format::Text) => say!("{}", report::text::text(&report)),
        (false, Format::Sarif) => {}
    }
    if let Some(file) = &args.html {
        write::page(&report::html::html(&report), file, &args.path)?;
    }
    if args.check {
        return Ok(checked(&report, &budget, &args));
    }
    files(&report, &args)?;
    Ok(ExitCode::from(u8::from(!report.outcome.works())))
}

/// The complaints, and whether one of them fails the check.
fn checked(report: &Report, budget: &Budget, args: &Args) -> ExitCode {
    let told = check::complaints(report, budget, &args.path);
    if args.format == Format::Sarif {
        let book = args.book_url.as_deref();
        say!("{}", check::sarif(report, &told, &args.path, book));
    }
    for complaint in &told {
        let word = match (complaint.fails(), complaint.kind) {
            (true, _) => "check",
            (false, Kind::Untold) => "untold",
            (false, _) => "advice",
        };
        let words = complaint.words();
        eprintln!("{word}: {}", policy::sanitize::visible(&words));
    }
    ExitCode::from(match check::verdict(&told) {
        Verdict::Passes => 0,
        Verdict::Fails => 1,
        Verdict::Untold => 3,
    })
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
