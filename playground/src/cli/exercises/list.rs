//! `playground exercises` and `playground exercises next`

use crate::app_state::AppState;
use crate::cli::watch::mb;
use crate::exercises::{Place, Reached, overview};
use policy::sanitize::{quiet_json, visible};
use std::process::ExitCode;

pub(super) fn list(state: &AppState, json: bool) -> anyhow::Result<ExitCode> {
    let places = overview(&state.catalog, &state.progress, &state.workspace)?;
    if json {
        for place in &places {
            say!("{}", quiet_json(&serde_json::to_string(place)?));
        }
        return Ok(ExitCode::SUCCESS);
    }
    let width = places.iter().map(|place| place.title.chars().count()).max();
    let width = width.unwrap_or(0);
    let mut unit = "";
    for place in &places {
        if place.unit != unit {
            unit = &place.unit;
            say!("{}", unit.replace('-', " "));
        }
        let mark = if place.next { '→' } else { ' ' };
        let (number, title) = (place.number, &place.title);
        say!("{mark} {number:02}  {title:width$}  {}", standing(place));
    }
    let passed = places.iter().filter(|place| place.state == Reached::Passed);
    say!("");
    say!("{} of {} passed", passed.count(), places.len());
    if let Some(next) = places.iter().find(|place| place.next) {
        say!("  next: {}", command(next));
    }
    Ok(ExitCode::SUCCESS)
}

fn standing(place: &Place) -> String {
    match (place.state, &place.failing) {
        (Reached::NotBegun, _) => format!("about {} min", place.minutes),
        (Reached::Begun, _) => "begun".into(),
        (Reached::Failing, failing) => {
            // Progress may have come from elsewhere.
            let failing = failing.as_deref().unwrap_or_default();
            format!("fails: {}", visible(failing))
        }
        (Reached::Passed, failing) => {
            let best = place.best_bytes.filter(|_| place.golf);
            let best = best.map_or(String::new(), |bytes| format!(", your best {}", mb(bytes)));
            let since = failing.as_ref().map_or("", |_| ", the last try failed");
            format!("passed{best}{since}")
        }
    }
}

pub(super) fn next(state: &AppState) -> anyhow::Result<ExitCode> {
    let places = overview(&state.catalog, &state.progress, &state.workspace)?;
    let Some(next) = places.iter().find(|place| place.next) else {
        say!("You have passed all {} exercises.", places.len());
        return Ok(ExitCode::SUCCESS);
    };
    let exercise = state.catalog.exercise(&next.id)?;
    say!("{:02}  {}", next.number, next.title);
    say!("    {}", exercise.summary);
    say!("  next: {}", command(next));
    Ok(ExitCode::SUCCESS)
}

/// What to type to go on with it.
fn command(place: &Place) -> String {
    let what = match place.state {
        Reached::NotBegun => "start",
        _ => "check",
    };
    format!("playground exercises {what} {:02}", place.number)
}
