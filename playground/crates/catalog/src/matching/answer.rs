//! An explanation as it leaves the process: for terminals, pages and programs.

use crate::matching::pasted::Confidence;
use serde::Serialize;

/// An explanation as it leaves the process.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Answer {
    /// The text that was asked about.
    pub query: String,
    /// Whether any lab knows it; what it only resembles is not known.
    pub known: bool,
    /// In the order of the explanation; one alone that is found [`By::Likeness`] where none is known.
    pub matches: Vec<Found>,
    /// Where none does and the text says too little: what to paste besides.
    pub ask: Option<String>,
}

impl Answer {
    /// What the text resembles, where nothing is known.
    pub fn guess(&self) -> Option<&Found> {
        self.matches
            .first()
            .filter(|found| found.by == By::Likeness)
    }
}

/// One lab of an [`Answer`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Found {
    /// The lab's id.
    pub lab: String,
    /// Its heading.
    pub title: String,
    /// The page that holds its panel, from the book's top; none where no page does.
    pub page: Option<String>,
    /// Whether one line says it.
    pub confidence: Confidence,
    /// How it was found.
    pub by: By,
    /// By likeness: the words that decided.
    pub words: Vec<String>,
    /// What the message means.
    pub says: String,
    /// The message as the lab declares it.
    pub example: String,
    /// The command that tells this cause from others that say the same.
    pub tell: Option<String>,
}

/// How a lab was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum By {
    /// A message that it declares is there.
    Message,
    /// What it declares that people tell is told.
    Description,
    /// Neither; the text resembles what others reported. A guess.
    Likeness,
}
