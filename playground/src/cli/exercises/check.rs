//! `playground exercises check [NN]`

use super::{argument, chosen, page};
use crate::app_state::AppState;
use crate::book::lab_pages;
use crate::cli::run::{exit_code, follow};
use crate::cli::watch::{Watch, mb, seconds};
use crate::event::{Ending, Entry, Event, Finished, Sizes};
use crate::exercises::{Files, Remark, Told, Verdict, Weight, remarks};
use crate::run::{Run, Runs};
use catalog::Exercise;
use catalog::exercise::SUBMISSION;
use indicatif::MultiProgress;
use policy::ansi::plain;
use serde_json::json;
use std::process::ExitCode;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Args {
    /// The exercise (by default the one you worked on last)
    exercise: Option<String>,
    /// Show the output of build steps
    #[arg(long, short)]
    verbose: bool,
}

pub(super) async fn check(state: AppState, args: &Args, json: bool) -> anyhow::Result<ExitCode> {
    let state = Arc::new(state);
    let exercise = chosen(&state, args.exercise.as_deref())?;
    let files = state.workspace.submission(exercise).map_err(argument)?;
    let first = FirstLook::at(&state, exercise, &files);
    if !json {
        first.print();
    }
    if first.is_hopeless() {
        if json {
            say!("{}", first.to_json(exercise));
        }
        return Ok(ExitCode::from(1));
    }
    let runs = Runs::new(state.clone());
    let run = runs
        .start(&exercise.id, SUBMISSION, files)
        .map_err(argument)?;
    let watch = (!json).then(|| Watch::new(MultiProgress::new(), "", args.verbose));
    let graded = Graded::follow(&state, exercise, &run, watch).await;
    runs.close().await;
    state.close().await;
    match json {
        true => {
            let mut all = first.to_json(exercise);
            all["result"] = graded.to_json();
            say!("{all}");
        }
        false => graded.print(exercise),
    }
    Ok(exit_code(&graded.finished))
}

/// What is said at once, before anything is built.
pub(super) struct FirstLook {
    remarks: Vec<Remark>,
    not_looked_at: Vec<String>,
}

impl FirstLook {
    pub(super) fn at(state: &AppState, exercise: &Exercise, files: &Files) -> FirstLook {
        let aside = state.workspace.not_looked_at(&state.root, exercise);
        FirstLook {
            remarks: remarks(&state.root, exercise, files),
            not_looked_at: aside.unwrap_or_default(),
        }
    }

    /// Whether building it would be a waste of time.
    pub(super) fn is_hopeless(&self) -> bool {
        let mut remarks = self.remarks.iter();
        remarks.any(|remark| remark.weight == Weight::Hopeless)
    }

    pub(super) fn print(&self) {
        for remark in &self.remarks {
            say!("{}", plain(&remark.to_string()));
        }
        for path in &self.not_looked_at {
            say!("{}: not looked at: it is not handed in", plain(path));
        }
    }

    fn to_json(&self, exercise: &Exercise) -> serde_json::Value {
        json!({
            "exercise": exercise.id,
            "remarks": self.remarks,
            "not_looked_at": self.not_looked_at,
        })
    }
}

/// A submission's run, and what is said to it.
pub(super) struct Graded {
    pub(super) finished: Finished,
    sizes: Option<Sizes>,
    notices: Vec<String>,
    verdict: Option<Verdict>,
}

impl Graded {
    /// Follows a run to its end.
    pub(super) async fn follow(
        state: &AppState,
        exercise: &Exercise,
        run: &Run,
        mut watch: Option<Watch>,
    ) -> Graded {
        let (sizes, finished) = follow(run, |entry| {
            if let Some(watch) = &mut watch {
                watch.event(&entry.event);
            }
        })
        .await;
        let (entries, _) = run.log.after(0);
        let pages = match finished.ending {
            // The book is only read where there is something to say.
            Ending::NotAsDeclared => lab_pages(&state.root).unwrap_or_default(),
            _ => Default::default(),
        };
        let notices = entries
            .iter()
            .filter_map(|Entry { event, .. }| match event {
                Event::Notice { text } => Some(text.clone()),
                _ => None,
            });
        Graded {
            notices: notices.collect(),
            verdict: Verdict::of_run(&state.catalog, exercise, &entries, &pages),
            sizes,
            finished,
        }
    }

    fn to_json(&self) -> serde_json::Value {
        json!({
            "ending": self.finished.ending,
            "verdict": self.verdict,
            "sizes": self.sizes,
            "notices": self.notices,
            "error": self.finished.error,
            "ms": self.finished.ms,
        })
    }

    pub(super) fn print(&self, exercise: &Exercise) {
        let after = seconds(self.finished.ms);
        let (id, number) = (&exercise.id, exercise.number);
        let Some(verdict) = &self.verdict else {
            match &self.finished.error {
                Some(error) => say!("{id}: could not be checked after {after}\n  {error}"),
                None => say!("{id}: stopped after {after}; your files are as they were"),
            }
            return;
        };
        let word = if verdict.passed { "passed" } else { "not yet" };
        say!("{id}: {word}, after {after}");
        for judged in &verdict.checks {
            let check = &judged.result;
            if check.passed {
                say!("  ✓ {}: {}", check.title, plain(&check.seen));
                continue;
            }
            if check.unreached {
                say!("  – {}: not looked at yet", check.title);
                continue;
            }
            say!("  ✗ {}", check.title);
            say!("      expected: {}", plain(&check.expected));
            say!("      found:    {}", plain(&check.seen));
            if let Some(look) = &judged.look {
                say!("      look at:  {}", page(look));
            }
        }
        if let Some(note) = &self.finished.note {
            say!("  note: {note}");
        }
        if let Some(sizes) = &self.sizes {
            say!("  unpacked {}", mb(sizes.unpacked_bytes));
        }
        match &verdict.advice {
            Some(told) => advise(told, number),
            None => say!("  next: playground exercises diff {number:02}, or next"),
        }
    }
}

fn advise(told: &Told, number: u32) {
    say!("");
    if let Some(cause) = &told.cause {
        say!("{cause}");
    }
    if let Some(source) = &told.page {
        say!("  page:   {}", page(source));
    }
    let named = |source: &String| told.page.as_ref().is_some_and(|page| same(page, source));
    if let Some(found) = &told.museum
        && let Some(source) = &found.page
        && !named(source)
    {
        say!("  museum: {source} ({})", found.title);
    }
    if told.levels > 0 {
        say!("  next:   playground exercises hint {number:02}");
    }
}

/// Whether a source of the book and a page of it are the same.
fn same(source: &str, page: &str) -> bool {
    source.strip_suffix(".md") == page.strip_suffix(".html")
}
