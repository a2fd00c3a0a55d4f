//! A re-check after a one-line edit: which share of it is ours.
//!
//! Builder's and engine's is every moment in which a step of build, run, probe or act is open, as
//! the run's events have it. All else is ours: what a file shows by itself, the context, weighing
//! the image where nothing runs meanwhile, the verdict, progress.

use super::Bench;
use catalog::exercise::{SOLUTION, SUBMISSION};
use playground::event::{Entry, Event, Phase, StepFinished};
use playground::exercises::{Verdict, remarks};
use playground::run::Runs;
use std::collections::{BTreeMap, HashSet};
use std::time::Instant;

const ROUNDS: usize = 7;

impl Bench {
    pub(crate) async fn exercises(&self) -> anyhow::Result<()> {
        let state = &self.state;
        let exercise = state.catalog.exercise("1")?;
        let solution = exercise.lab.variant(Some(SOLUTION))?;
        let none = BTreeMap::new();
        let laid = catalog::context(
            &state.root,
            &exercise.lab,
            solution,
            &BTreeMap::new(),
            &none,
        )?;
        let (mut walls, mut shares) = (Vec::new(), Vec::new());
        // The first round only warms the caches.
        for round in 0..=ROUNDS {
            let edited = format!("{}\nLABEL round=\"{round}\"\n", laid.dockerfile());
            let files = BTreeMap::from([("Dockerfile".to_owned(), edited)]);
            let since = Instant::now();
            let remarks = remarks(&state.root, exercise, &files);
            anyhow::ensure!(remarks.is_empty(), "{remarks:?}");
            let runs = Runs::new(state.clone());
            let run = runs.start(&exercise.id, SUBMISSION, files)?;
            super::as_declared(&run).await?;
            let (entries, _) = run.log.after(0);
            let verdict = Verdict::of_run(&state.catalog, exercise, &entries, &BTreeMap::new());
            anyhow::ensure!(verdict.is_some_and(|verdict| verdict.passed));
            let wall = since.elapsed().as_secs_f64() * 1e3;
            runs.close().await;
            if round > 0 {
                walls.push(wall);
                shares.push((wall - theirs_ms(&entries)) / wall * 100.0);
            }
        }
        let median = |values: &mut Vec<f64>| {
            values.sort_by(f64::total_cmp);
            values[values.len() / 2]
        };
        println!(
            "re-check after a one-line edit ({}): {:.0} ms, of which ours {:.1} % (aim ≤ 10 %), {ROUNDS} rounds",
            exercise.id,
            median(&mut walls),
            median(&mut shares)
        );
        Ok(())
    }
}

/// Milliseconds in which builder or engine had something to do.
fn theirs_ms(entries: &[Entry]) -> f64 {
    let theirs = [Phase::Build, Phase::Run, Phase::Probe, Phase::Act];
    let mut open: HashSet<&str> = HashSet::new();
    let (mut since, mut all) = (0, 0);
    for Entry { event, at_ms, .. } in entries {
        match event {
            Event::StepStarted { step, phase, .. } if theirs.contains(phase) => {
                if open.is_empty() {
                    since = *at_ms;
                }
                open.insert(step);
            }
            Event::StepFinished(StepFinished { step, .. })
                if open.remove(step.as_str()) && open.is_empty() =>
            {
                all += at_ms - since;
            }
            _ => {}
        }
    }
    all as f64
}
