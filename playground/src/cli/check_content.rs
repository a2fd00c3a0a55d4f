//! `playground check-content [LAB[/VARIANT]…]`

use super::unless_stopped;
use super::watch::seconds;
use super::words::shown;
use crate::app_state::AppState;
use crate::book::{self, Recordings};
use crate::content::{self, Chosen, Claims, Content, Ran};
use crate::event::Ending;
use crate::run::Runs;
use catalog::Diagnostic;
use policy::ansi::plain;
use serde_json::json;
use std::path::Path;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// Only these labs or lab/variants; all by default
    names: Vec<String>,
    /// One JSON object a line: problems, variants, the total
    #[arg(long)]
    json: bool,
    /// Write down what labs did: book/recorded; on an engine of another kind than pages quote, only
    /// what it does otherwise: book/recorded/engines
    #[arg(long)]
    record: bool,
    /// With the newest Go (1.27) in place of the one that the sources quote (1.23); holds what labs
    /// declare, and leaves pages alone
    #[arg(long, value_name = "VERSION", conflicts_with = "fix")]
    go: Option<String>,
    /// Bring quotes and sizes on pages up to date with what labs did
    #[arg(long)]
    fix: bool,
}

pub(super) async fn check_content(
    root: &Path,
    data: &Path,
    args: &Args,
) -> anyhow::Result<ExitCode> {
    if !root.join("book/labs").is_dir() {
        anyhow::bail!(
            "{} is not the book's folder: it has no book/labs\n  next: run this inside the book's \
             folder, or pass the right --root",
            shown(&root.to_string_lossy())
        );
    }
    let content = match content::read(root) {
        Ok(content) => content,
        Err(problems) => {
            args.print_problems(&problems);
            return Ok(ExitCode::FAILURE);
        }
    };
    let chosen = content::choose(&content.catalog, &args.names);
    let chosen = chosen.map_err(|error| anyhow::anyhow!("{error}"))?;
    // A recording that is about to be written anew may be as wrong as it likes.
    let overwritten =
        |problem: &Diagnostic| args.record && problem.file.starts_with(crate::book::RECORDED);
    let mut problems = content.problems.clone();
    problems.retain(|problem| !overwritten(problem));
    args.print_problems(&problems);

    let state = Arc::new(AppState::open(root, data)?.with_go(args.go.as_deref())?);
    let runs = Runs::new(state.clone());
    let outcome = args.carry_out(&state, &runs, &content, &chosen, problems);
    let outcome = unless_stopped(outcome).await;
    runs.close().await;
    state.close().await;
    outcome.unwrap_or(Ok(ExitCode::from(130)))
}

impl Args {
    /// Whether it changes the book.
    pub(super) fn writes(&self) -> bool {
        self.record || self.fix
    }

    async fn carry_out(
        &self,
        state: &AppState,
        runs: &Runs,
        content: &Content,
        chosen: &[Chosen],
        mut problems: Vec<Diagnostic>,
    ) -> anyhow::Result<ExitCode> {
        let since = Instant::now();
        let engine = state.engine().await?;
        let on = |ran: &Ran| self.print(ran);
        let (ran, left) = content::carry_out(state, &engine, runs, chosen, on).await;
        let (cut_off, ran): (Vec<Ran>, Vec<Ran>) = ran.into_iter().partition(|ran| ran.cut_off);
        let cut_off: Vec<_> = cut_off.iter().map(name_of).collect();
        self.print_problems(&left);
        problems.extend(left);
        let labs = &content.catalog.labs;
        let mut pages = match state.newest_go {
            // Prose quotes what happens with the Go that the Dockerfiles name.
            true => Vec::new(),
            false => content.pages.clone(),
        };
        if self.fix {
            let changed = content::fix(&state.root, labs, &pages, &ran)?;
            if !changed.is_empty() && !self.json {
                say!("Brought up to date: {}", changed.join(", "));
            }
            pages = crate::book::chapters(&state.root)?;
        }
        let mut claims = content::claims(labs, &pages, &ran);
        let quoted = Recordings::load(&state.root)?;
        let facts = engine.facts();
        let family = book::family(&facts.name, &facts.version);
        // Pages quote one family of engines; of any other is told what it says otherwise.
        let elsewhere = match quoted.quote(&family) {
            true => None,
            false => Some(content::said_elsewhere(&mut claims, labs, &pages, &quoted)),
        };
        let Claims {
            problems: wrong,
            skipped,
            published,
            checked,
        } = claims;
        self.print_problems(&wrong);
        problems.extend(wrong);
        let mut recorded = Vec::new();
        if self.record {
            let circumstances = content::circumstances(state, &engine).await;
            recorded = match (&elsewhere, state.newest_go) {
                (None, _) => content::record(&state.root, labs, &ran, &circumstances)?,
                (Some(_), false) => {
                    let root = &state.root;
                    content::record_differences(root, labs, &ran, &circumstances, &quoted)?
                }
                (Some(_), true) => anyhow::bail!(
                    "what is recorded with another Go is of the engines that pages quote\n  \
                     next: leave --go out, or take such an engine"
                ),
            };
        }
        if let (Some(elsewhere), false) = (&elsewhere, self.json) {
            for quote in elsewhere {
                say!(
                    "{family} says otherwise: {}:{}",
                    quote.file,
                    quote.line.unwrap_or_default()
                );
            }
        }
        let count = |ending| ran.iter().filter(|r| r.finished.ending == ending).count();
        let (as_declared, errors) = (count(Ending::AsDeclared), count(Ending::Error));
        let ms = u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX);
        if self.json {
            say!(
                "{}",
                json!({
                    "total": {
                        "variants": ran.len(), "as_declared": as_declared, "errors": errors,
                        "problems": problems.len(), "claims": checked,
                        "engine": family, "said_otherwise": elsewhere.map_or(0, |all| all.len()),
                        "skipped": skipped, "published": published, "recorded": recorded,
                        "cut_off": cut_off, "ms": ms,
                    }
                })
            );
        } else {
            if !skipped.is_empty() {
                let pages = skipped.len();
                let show = if pages == 1 {
                    "page shows"
                } else {
                    "pages show"
                };
                say!("{pages} {show} other labs that were not run; quotes there were left alone.");
            }
            if !published.is_empty() {
                let names: Vec<&str> = published.iter().map(String::as_str).collect();
                say!(
                    "The prose is about rebuilt bases; these stand on published ones, so their \
                     sizes were left alone: {}",
                    names.join(", ")
                );
            }
            if !cut_off.is_empty() {
                say!(
                    "Not judged, for want of a network that their builds are about: {}",
                    cut_off.join(", ")
                );
            }
            if self.record && !recorded.is_empty() {
                say!("Recorded: {}", recorded.join(", "));
            }
            let (all, problems) = (ran.len(), problems.len());
            let s = if problems == 1 { "" } else { "s" };
            say!(
                "{as_declared} of {all} variants as declared on {family}, {checked} quotes and sizes checked, \
                 {problems} problem{s}, {}",
                seconds(ms)
            );
        }
        Ok(ExitCode::from(match (errors, as_declared == ran.len()) {
            (1.., _) => 3,
            (0, true) if problems.is_empty() => 0,
            _ => 1,
        }))
    }

    fn print_problems(&self, problems: &[Diagnostic]) {
        for problem in problems {
            if self.json {
                say!("{}", json!({ "problem": problem }));
            } else {
                say!("{problem}");
            }
        }
    }

    fn print(&self, ran: &Ran) {
        let finished = &ran.finished;
        if self.json {
            say!(
                "{}",
                json!({
                    "lab": ran.lab, "variant": ran.variant, "ending": finished.ending,
                    "ms": finished.ms, "checks": finished.checks, "error": finished.error,
                })
            );
            return;
        }
        let word = match finished.ending {
            Ending::AsDeclared if ran.cut_off => "apart",
            Ending::AsDeclared => "ok   ",
            Ending::NotAsDeclared => "wrong",
            Ending::Stopped => "ended",
            Ending::Error => "error",
        };
        let name = name_of(ran);
        say!("{word}  {name:<36} {:>8}", seconds(finished.ms));
        if let (true, Some(note)) = (ran.cut_off, &finished.note) {
            say!("         {note}");
        }
        for check in finished.checks.iter().filter(|check| !check.passed) {
            let [expected, seen] = [&check.expected, &check.seen].map(|text| plain(text));
            say!("         {}: expected {expected}, saw {seen}", check.title);
        }
        if let Some(error) = &finished.error {
            let text = plain(&error.to_string());
            say!("         {}", text.replace('\n', "\n         "));
        }
    }
}

fn name_of(ran: &Ran) -> String {
    format!("{}/{}", ran.lab, ran.variant)
}
