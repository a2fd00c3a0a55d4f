//! `playground ledger run|show`: every claim with what was measured and its verdict.

use super::shutdown_signal;
use crate::app_state::AppState;
use crate::experiments::{self, Progress};
use crate::ledger::{self, Asked, Session, Store, judge};
use crate::run::Runs;
use catalog::claims::{Claims, Judged, Verdict};
use policy::sanitize::lines;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    #[command(subcommand)]
    command: Option<Command>,
}

impl Args {
    /// Whether it changes the book.
    pub(super) fn writes(&self) -> bool {
        matches!(&self.command, Some(Command::Run(args)) if args.record)
    }
}

#[derive(Debug, clap::Subcommand)]
enum Command {
    /// Carry out the experiments and print every claim's verdict; goes on where it was stopped
    Run(RunArgs),
    /// Print every claim's verdict by what was measured last
    Show(ShowArgs),
}

#[derive(Debug, Default, clap::Args)]
struct RunArgs {
    /// Only what this claim needs, as often as needed
    #[arg(long = "claim", value_name = "N")]
    claims: Vec<String>,
    /// Sizes and messages only: no timed rounds
    #[arg(long)]
    quick: bool,
    /// Begin anew, also where an earlier run was stopped
    #[arg(long)]
    fresh: bool,
    /// Also write it down for readers without a server: book/recorded/ledger
    #[arg(long)]
    record: bool,
    /// Progress and verdicts as JSON, one object a line
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Default, clap::Args)]
struct ShowArgs {
    /// Only this claim, with its tests; as often as needed
    #[arg(long = "claim", value_name = "N")]
    claims: Vec<String>,
    /// By what the book was recorded with, rather than by what was measured here
    #[arg(long)]
    recorded: bool,
    /// One JSON object a line
    #[arg(long)]
    json: bool,
}

pub(super) async fn ledger(state: AppState, args: Args) -> anyhow::Result<ExitCode> {
    let claims = Claims::load(&state.root, &state.catalog)?;
    match args.command.unwrap_or(Command::Show(ShowArgs::default())) {
        Command::Show(args) => show(&state, &claims, &args),
        Command::Run(args) => run(state, &claims, args).await,
    }
}

fn show(state: &AppState, claims: &Claims, args: &ShowArgs) -> anyhow::Result<ExitCode> {
    let store = match args.recorded {
        true => Store::recorded(&state.root),
        false => Store::in_data(&state.data),
    };
    let ledger = judge(&state.catalog, claims, &store)?;
    let chosen = choose(&ledger.judged, &args.claims)?;
    print(&chosen, args.json, !args.claims.is_empty());
    if !args.json && ledger.labs.is_empty() {
        say!("\nNothing was measured here yet: playground ledger run (or: show --recorded)");
    }
    Ok(ExitCode::SUCCESS)
}

async fn run(state: AppState, claims: &Claims, args: RunArgs) -> anyhow::Result<ExitCode> {
    let plan = experiments::plan(&state.catalog, claims, &args.claims)
        .map_err(|error| anyhow::anyhow!("{error}"))?;
    let store = Store::in_data(&state.data);
    let command = again(std::env::args().skip(1));
    let _lock = store.lock(&command)?;
    let asked = Asked::new(args.claims.iter().cloned(), args.quick, state.column());
    let unfinished = store.session(&asked);
    let unfinished = unfinished.filter(|session| !session.done && !args.fresh);
    if unfinished.is_some() && !args.json {
        eprintln!("Going on with a ledger that was stopped; --fresh begins anew.");
    }
    let session = unfinished.map_or_else(|| Session::begin(asked), Ok)?;
    store.note(&session)?;
    let state = Arc::new(state);
    let runs = Runs::new(state.clone());
    let on = |progress: Progress| tell(&progress, args.json);
    let end = shutdown_signal();
    let outcome = tokio::select! {
        done = experiments::carry_out(&state, &runs, &plan, &store, &session, on) => done.map(|()| true),
        () = end => Ok(false),
    };
    runs.close().await;
    state.close().await;
    if !outcome? {
        eprintln!("Stopped. This goes on from here: {command}");
        return Ok(ExitCode::from(130));
    }
    if args.record {
        let recorded = Store::recorded(&state.root);
        ledger::record(&state.catalog, &store, &recorded, &session.id)?;
    }
    // Only now: what could not be written down is gone on with.
    store.note(&Session {
        done: true,
        ..session
    })?;
    let ledger = judge(&state.catalog, claims, &store)?;
    let chosen = choose(&ledger.judged, &args.claims)?;
    print(&chosen, args.json, !args.claims.is_empty());
    Ok(ExitCode::SUCCESS)
}

/// The command that goes on where this one was stopped, as a shell takes it: all of its arguments
/// but the one that begins anew.
fn again(arguments: impl Iterator<Item = String>) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "-_./=:,+@%".contains(c);
    let quoted = |argument: String| match !argument.is_empty() && argument.chars().all(is_plain) {
        true => argument,
        false => format!("'{}'", argument.replace('\'', r"'\''")),
    };
    let arguments = arguments.filter(|argument| argument != "--fresh");
    let words = ["playground".to_owned()].into_iter();
    let words: Vec<String> = words.chain(arguments.map(quoted)).collect();
    words.join(" ")
}

fn choose<'j>(judged: &'j [Judged], ids: &[String]) -> anyhow::Result<Vec<&'j Judged>> {
    let known = || judged.iter().map(|one| one.claim.as_str());
    if let Some(id) = ids
        .iter()
        .find(|id| known().all(|known| known != id.as_str()))
    {
        let hint = policy::suggest::hint(id, known().collect::<Vec<_>>(), "there are");
        return Err(anyhow::anyhow!(
            "there is no claim `{id}`{hint}\n  next: playground ledger show"
        ));
    }
    let chosen = judged.iter();
    Ok(chosen
        .filter(|one| ids.is_empty() || ids.contains(&one.claim))
        .collect())
}

fn tell(progress: &Progress, json: bool) {
    let Progress {
        lab,
        variant,
        round,
        missing,
        done,
        total,
        left,
    } = progress;
    if json {
        let line = serde_json::json!({
            "progress": { "lab": lab, "variant": variant, "round": round, "missing": missing,
                "done": done, "total": total, "left_s": left.as_secs() },
        });
        return say!("{line}");
    }
    let what = match round {
        0 => String::new(),
        round => format!(", round {round} of {}", experiments::ROUNDS),
    };
    let missing = missing.as_deref().map(lines);
    let missing = missing.map_or(String::new(), |why| format!(": {why}"));
    let left = minutes(*left);
    eprintln!("[{done}/{total}] {lab}/{variant}{what}{missing} ({left} left)");
}

fn minutes(left: Duration) -> String {
    match left.as_secs() {
        seconds @ 0..90 => format!("about {seconds} s"),
        seconds => format!("about {} min", seconds.div_ceil(60)),
    }
}

fn print(judged: &[&Judged], json: bool, whole: bool) {
    if json {
        for one in judged {
            say!("{}", serde_json::to_string(one).unwrap_or_default());
        }
        return;
    }
    for one in judged {
        let source = one.source.join(", ");
        say!(
            "{:<4} {:<22} {} ({source})",
            one.claim,
            one.verdict.words(),
            one.title
        );
        say!("     claimed:  {}", one.claimed);
        if !one.measured.is_empty() {
            say!("     measured: {}", lines(&one.measured));
        }
        if whole || one.verdict == Verdict::NotTestedHere {
            say!("     because:  {}", lines(&one.reason));
        }
        if let Some(note) = one.note.as_ref().filter(|_| whole) {
            say!("     keep:     {note}");
        }
    }
    let verdicts = [
        Verdict::Holds,
        Verdict::HoldsWithConditions,
        Verdict::DoesNotHold,
        Verdict::NotTestedHere,
        Verdict::NotRunYet,
    ];
    let counts = verdicts.map(|verdict| {
        let count = judged.iter().filter(|one| one.verdict == verdict).count();
        (count > 0).then(|| format!("{count} {}", verdict.words()))
    });
    let counts: Vec<String> = counts.into_iter().flatten().collect();
    say!("\n{} claims: {}", judged.len(), counts.join(", "));
}

#[cfg(test)]
mod tests {
    use super::again;

    #[test]
    fn a_ledger_that_was_stopped_names_the_command_that_goes_on() {
        let of = |words: &[&str]| again(words.iter().map(ToString::to_string));
        assert_eq!(
            of(&["ledger", "run", "--claim", "03", "--quick", "--fresh"]),
            "playground ledger run --claim 03 --quick",
            "what would begin anew is left out"
        );
        assert_eq!(
            of(&["--data", "it's here", "ledger", "run", "--record"]),
            r"playground --data 'it'\''s here' ledger run --record"
        );
    }
}
