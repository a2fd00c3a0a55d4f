//! All exercises with how far the learner has come, and which comes next.

use super::progress::{Progress, Standing, Verb};
use super::workspace::Workspace;
use catalog::exercise::SUBMISSION;
use catalog::{Catalog, Exercise};
use policy::UserError;
use serde::Serialize;

/// An exercise with what has come of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Place {
    /// The exercise's id.
    pub id: String,
    /// Its place, from 1.
    pub number: u32,
    /// Heading.
    pub title: String,
    /// The group that it belongs to.
    pub unit: String,
    /// Minutes that it takes, as we think.
    pub minutes: u32,
    /// Whether the smallest image is kept as a personal best.
    pub golf: bool,
    /// How far the learner has come.
    pub state: Reached,
    /// The title of the check that fails, where one does.
    pub failing: Option<String>,
    /// The smallest image that passed, in bytes.
    pub best_bytes: Option<u64>,
    /// Submissions that were graded.
    pub attempts: usize,
    /// Whether it is the one to go on with.
    pub next: bool,
}

/// How far the learner has come with an exercise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Reached {
    /// Nothing lies in its folder.
    NotBegun,
    /// It was begun, and nothing was checked yet.
    Begun,
    /// The last submission failed, and none has passed.
    Failing,
    /// A submission has passed.
    Passed,
}

/// Where the learner stands, by number; the first that has not passed is the next.
///
/// # Errors
/// Progress cannot be read.
pub fn overview(
    catalog: &Catalog,
    progress: &Progress,
    workspace: &Workspace,
) -> Result<Vec<Place>, UserError> {
    let standings = progress.standings()?;
    let mut places: Vec<Place> = Vec::new();
    for exercise in &catalog.exercises {
        let standing = standings.get(&exercise.id).cloned().unwrap_or_default();
        let state = match (&standing.passed_at, &standing.failing) {
            (Some(_), _) => Reached::Passed,
            (None, Some(_)) => Reached::Failing,
            (None, None) if workspace.is_begun(exercise) => Reached::Begun,
            (None, None) => Reached::NotBegun,
        };
        let open = places.iter().any(|place| place.next);
        places.push(Place {
            id: exercise.id.clone(),
            number: exercise.number,
            title: exercise.title.clone(),
            unit: exercise.unit.clone(),
            minutes: exercise.minutes,
            golf: exercise.golf,
            state,
            failing: failing(exercise, &standing),
            best_bytes: standing.best_bytes,
            attempts: standing.attempts,
            next: !open && state != Reached::Passed,
        });
    }
    Ok(places)
}

fn failing(exercise: &Exercise, standing: &Standing) -> Option<String> {
    let id = standing.failing.as_ref()?;
    let Ok(variant) = exercise.lab.variant(Some(SUBMISSION)) else {
        return Some(id.clone());
    };
    let probes = variant.probes.iter().map(|one| (&one.id, &one.title));
    let actions = variant.actions.iter().map(|one| (&one.id, &one.title));
    let checks = variant.checks.iter().map(|one| (&one.id, &one.title));
    let mut titles = probes.chain(actions).chain(checks);
    let title = titles.find(|(known, _)| *known == id);
    Some(title.map_or_else(|| id.clone(), |(_, title)| title.clone()))
}

/// The exercise that something was done to last; `None` where nothing was.
///
/// # Errors
/// Progress cannot be read.
pub fn last_worked_on<'c>(
    catalog: &'c Catalog,
    progress: &Progress,
) -> Result<Option<&'c Exercise>, UserError> {
    let acts = progress.acts()?;
    let mut done = acts.iter().rev().filter(|act| act.verb != Verb::Answered);
    Ok(done.find_map(|act| catalog.exercise(&act.object).ok()))
}
