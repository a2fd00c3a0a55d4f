//! A learner's files against the solution's.

use super::workspace::Workspace;
use catalog::exercise::SOLUTION;
use catalog::{Exercise, context};
use policy::UserError;
use similar::TextDiff;
use std::collections::BTreeMap;
use std::path::Path;

/// The way from the learner's files to the solution, as unified diffs of those that differ.
///
/// # Errors
/// It was not begun, or files cannot be read.
pub fn to_solution(
    root: &Path,
    exercise: &Exercise,
    workspace: &Workspace,
) -> Result<String, UserError> {
    let mine = workspace.submission(exercise)?;
    let solution = exercise.lab.variant(Some(SOLUTION))?;
    let none = BTreeMap::new();
    let laid = context(root, &exercise.lab, solution, &BTreeMap::new(), &none)?;
    let mut all = String::new();
    for path in &exercise.edit {
        let mine = mine.get(path).map_or("", String::as_str);
        let theirs = laid.text(path).unwrap_or_default();
        if mine != theirs {
            let diff = TextDiff::from_lines(mine, theirs);
            let mut unified = diff.unified_diff();
            unified.header(&format!("mine/{path}"), &format!("solution/{path}"));
            all.push_str(&unified.to_string());
        }
    }
    Ok(all)
}
