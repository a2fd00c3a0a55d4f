//! The inventory: one question for each failure of the museum, which asks why it happens.
//!
//! Owns `exercises/inventory.toml` ([`Inventory::load`]) and how an answer is judged
//! ([`Question::judge`]). Pure: refuses to know who answers, where that is kept, and pages.

mod read;
#[cfg(test)]
mod tests;

use crate::{Catalog, Diagnostic, Kind};
use policy::UserError;
use policy::suggest::known;
use regex::Regex;
use serde::Serialize;

/// Where the questions stand, from the project's root.
pub const INVENTORY: &str = "exercises/inventory.toml";
/// The longest answer that is read, in bytes.
pub const MAX_ANSWER_BYTES: usize = 500;

/// All questions, in the order of the file.
#[derive(Clone, Debug, Default)]
pub struct Inventory {
    /// In the order of the file.
    pub questions: Vec<Question>,
}

/// One question, of one failure.
#[derive(Clone, Debug)]
pub struct Question {
    /// The id of the lab that it asks about.
    pub id: String,
    /// The variant whose run shows the answer.
    pub variant: String,
    /// A situation, and what is asked about it. Backquotes mark code.
    pub stem: String,
    /// What was said, as it was recorded of that variant.
    pub message: Option<String>,
    /// How it is answered.
    pub form: Form,
    /// Why the right answer is right, and where the run shows it.
    pub why: String,
    /// Where it begins in the file.
    pub line: u32,
}

/// How a question is answered.
#[derive(Clone, Debug)]
pub enum Form {
    /// One of these; exactly one is right.
    Choice(Vec<Choice>),
    /// In a few words.
    Short(Short),
}

/// One answer to choose.
#[derive(Clone, Debug)]
pub struct Choice {
    /// Names it in records, whatever its place.
    pub id: String,
    /// The answer.
    pub text: String,
    /// Why it is wrong; `None` for the right one.
    pub wrong: Option<String>,
}

/// An answer in a few words.
#[derive(Clone, Debug)]
pub struct Short {
    /// The right answer, as it is shown.
    pub answer: String,
    /// Any of these makes an answer right, unless a near miss comes first.
    pub accept: Vec<Regex>,
    /// Usual misconceptions.
    pub near: Vec<NearMiss>,
}

/// A misconception in the words of those who have it.
#[derive(Clone, Debug)]
pub struct NearMiss {
    /// Names it in statistics.
    pub id: String,
    /// How it is recognised.
    pub pattern: Regex,
    /// What shows that it is no misconception after all.
    pub unless: Option<Regex>,
    /// Somebody's words for it.
    pub example: String,
    /// Why it is wrong.
    pub says: String,
}

/// What an answer is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Judgement<'q> {
    /// Whether it is right.
    pub right: bool,
    /// The misconception that it shows, where it is one that is known.
    pub belief: Option<&'q str>,
    /// Why it is wrong, where that is known.
    pub says: Option<&'q str>,
}

/// A question as it is put: without what would give the answer away.
#[derive(Clone, Debug, Serialize)]
pub struct Asked<'q> {
    /// The id of the lab that it asks about.
    pub id: &'q str,
    /// The situation, and what is asked.
    pub stem: &'q str,
    /// What was said.
    pub message: Option<&'q str>,
    /// What can be chosen; `None` where the answer is in words.
    pub options: Option<Vec<Offered<'q>>>,
}

/// An answer that can be chosen.
#[derive(Clone, Debug, Serialize)]
pub struct Offered<'q> {
    /// What is sent back.
    pub id: &'q str,
    /// What is read.
    pub text: &'q str,
}

/// What is told to an answer after the run.
#[derive(Clone, Debug, Serialize)]
pub struct Explanation<'q> {
    /// What the answer is worth.
    #[serde(flatten)]
    pub judgement: Judgement<'q>,
    /// The right answer.
    pub answer: &'q str,
    /// Why.
    pub why: &'q str,
    /// The run that shows it, as commands name it.
    pub run: String,
}

impl Inventory {
    /// The question of this id.
    ///
    /// # Errors
    /// There is none; the error names the nearest.
    pub fn question(&self, id: &str) -> Result<&Question, UserError> {
        let found = self.questions.iter().find(|question| question.id == id);
        found.ok_or_else(|| {
            let ids = self.questions.iter().map(|question| question.id.as_str());
            let shown: String = id.chars().filter(|c| !c.is_control()).take(64).collect();
            UserError {
                what: format!("there is no question `{shown}`"),
                cause: known(id, ids, "there are").unwrap_or_else(|| "there are none".into()),
                next: "playground inventory list".into(),
            }
        })
    }

    /// Failures that no question asks about; none where the book has no questions at all.
    pub fn missing(&self, catalog: &Catalog) -> Vec<Diagnostic> {
        if self.questions.is_empty() {
            return Vec::new();
        }
        let failures = catalog.labs.iter().filter(|lab| lab.kind == Kind::Failure);
        let unasked = failures.filter(|lab| self.questions.iter().all(|one| one.id != lab.id));
        let missing = unasked.map(|lab| {
            let text = format!("has no question about the failure `{}`", lab.id);
            Diagnostic::of(INVENTORY, text)
        });
        missing.collect()
    }
}

impl Question {
    /// The question as it is put.
    pub fn asked(&self) -> Asked<'_> {
        let options = match &self.form {
            Form::Choice(choices) => Some(choices.iter().map(Choice::offered).collect()),
            Form::Short(_) => None,
        };
        Asked {
            id: &self.id,
            stem: &self.stem,
            message: self.message.as_deref(),
            options,
        }
    }

    /// The right answer, in words.
    pub fn answer(&self) -> &str {
        match &self.form {
            Form::Choice(choices) => {
                let right = choices.iter().find(|choice| choice.wrong.is_none());
                right.map_or("", |choice| &choice.text)
            }
            Form::Short(short) => &short.answer,
        }
    }

    /// The run that shows the answer, as commands name it.
    pub fn run(&self) -> String {
        format!("{}/{}", self.id, self.variant)
    }

    /// Says what an answer is worth: a choice's id, or words.
    ///
    /// # Errors
    /// It is none of the choices, too long, or empty.
    pub fn judge(&self, answer: &str) -> Result<Judgement<'_>, UserError> {
        let refused = |what: String, cause: String| UserError {
            what,
            cause,
            next: format!("playground inventory ask {}", self.id),
        };
        if answer.len() > MAX_ANSWER_BYTES {
            return Err(refused(
                format!("This answer is longer than {MAX_ANSWER_BYTES} bytes."),
                "a few words are enough".into(),
            ));
        }
        let answer = answer.trim();
        if answer.is_empty() {
            return Err(refused(
                "This answer is empty.".into(),
                "nothing was chosen or written".into(),
            ));
        }
        match &self.form {
            Form::Choice(choices) => {
                let chosen = choices.iter().find(|choice| choice.id == answer);
                let chosen = chosen.ok_or_else(|| {
                    let ids = choices.iter().map(|choice| choice.id.as_str());
                    refused(
                        format!("This is none of the answers to `{}`.", self.id),
                        known(answer, ids, "there are").unwrap_or_default(),
                    )
                })?;
                Ok(chosen.judgement())
            }
            Form::Short(short) => Ok(short.judge(answer)),
        }
    }

    /// What is told to an answer after the run.
    ///
    /// # Errors
    /// As [`Question::judge`].
    pub fn explain(&self, answer: &str) -> Result<Explanation<'_>, UserError> {
        Ok(Explanation {
            judgement: self.judge(answer)?,
            answer: self.answer(),
            why: &self.why,
            run: self.run(),
        })
    }
}

impl Choice {
    fn offered(&self) -> Offered<'_> {
        Offered {
            id: &self.id,
            text: &self.text,
        }
    }

    fn judgement(&self) -> Judgement<'_> {
        Judgement {
            right: self.wrong.is_none(),
            belief: self.wrong.as_ref().map(|_| self.id.as_str()),
            says: self.wrong.as_deref(),
        }
    }
}

impl NearMiss {
    fn fits(&self, answer: &str) -> bool {
        let excused = self.unless.as_ref().is_some_and(|one| one.is_match(answer));
        self.pattern.is_match(answer) && !excused
    }
}

impl Short {
    fn judge(&self, answer: &str) -> Judgement<'_> {
        let near = self.near.iter().find(|near| near.fits(answer));
        let right = near.is_none() && self.accept.iter().any(|one| one.is_match(answer));
        Judgement {
            right,
            belief: near.map(|near| near.id.as_str()),
            says: near.map(|near| near.says.as_str()),
        }
    }
}
