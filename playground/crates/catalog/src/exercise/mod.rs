//! Exercises: what a learner is to mend, how it is graded, what is said to each mistake.
//!
//! An exercise is data below `exercises/`. What is handed in is built and run as a lab's variant
//! is, and held against the same kinds of checks. Knows no engine, and nobody's progress.

mod foreseen;
mod hint;
mod read;
mod stated;

pub use hint::{Advice, Hint};
pub(crate) use read::read_exercises;

use crate::lab::Lab;
use serde::Serialize;

/// The variant that learners hand in: the exercise's own files under theirs.
pub const SUBMISSION: &str = "submission";
/// The variant that learners begin with.
pub const STARTER: &str = "starter";
/// The variant that passes.
pub const SOLUTION: &str = "solution";

/// A folder `exercises/NN-name`.
#[derive(Clone, Debug, Serialize)]
pub struct Exercise {
    /// The folder's name: `04-two-stages`.
    pub id: String,
    /// Its place, from 1.
    pub number: u32,
    /// Heading.
    pub title: String,
    /// One sentence: what is wrong, and what is wanted.
    pub summary: String,
    /// The group that it belongs to on the map.
    pub unit: String,
    /// Minutes that it takes, as we think.
    pub minutes: u32,
    /// Pages of the book that help, as `SUMMARY.md` names them.
    pub pages: Vec<String>,
    /// Whether the smallest passing image is kept as a personal best.
    pub golf: bool,
    /// Files that are handed in, by their paths in the build context; not all need be there.
    pub edit: Vec<String>,
    /// What is said to which failed check, in the order of the file.
    pub hints: Vec<Hint>,
    /// Why the starter does not pass.
    pub starter: Foreseen,
    /// Mistakes that learners make.
    pub wrong: Vec<WrongAnswer>,
    /// Statement, as Markdown.
    #[serde(skip)]
    pub statement: String,
    /// How it is built and run: variants `submission`, `starter`, `solution`, `wrong/…`.
    #[serde(skip)]
    pub lab: Lab,
}

/// A mistake that somebody will make: files laid over the starter or the solution.
#[derive(Clone, Debug, Serialize)]
pub struct WrongAnswer {
    /// Folder below `wrong/` (kebab-case).
    pub id: String,
    /// What was done.
    pub title: String,
    /// What must be said to it.
    #[serde(flatten)]
    pub foreseen: Foreseen,
}

impl WrongAnswer {
    /// The id of its variant.
    pub fn variant(&self) -> String {
        format!("wrong/{}", self.id)
    }
}

/// The first check that fails, and a pattern of the cause that must be named.
#[derive(Clone, Debug, Serialize)]
pub struct Foreseen {
    /// The check's id.
    pub check: String,
    /// Must be found in the hint's cause.
    #[serde(serialize_with = "crate::pattern::as_text")]
    pub cause: regex::Regex,
}
