//! The catalog: all labs of the book, found by their names.

use crate::exercise::Exercise;
use crate::lab::{Fragment, Kind, Lab, Role, Stranger, Variant};
use crate::likeness::{Lesson, Likeness};
use crate::matching::{Alike, Explanation, Known, Vocabulary, explain};
use policy::UserError;
use policy::suggest::known;

/// Every lab of the book: stages in the journey's order, then failures, then
/// experiments, by id.
#[derive(Clone, Debug, Default)]
pub struct Catalog {
    /// Stages in the journey's order, then failures, then experiments, by id.
    pub labs: Vec<Lab>,
    /// The exercises, by number.
    pub exercises: Vec<Exercise>,
    /// What is asked back where a pasted text says too little.
    pub fragments: Vec<Fragment>,
    /// What says that the cause is none of the book's.
    pub strangers: Vec<Stranger>,
    /// The words that people have for what happened to them.
    pub vocabulary: Vocabulary,
    /// What reports resemble that hold none of them.
    pub likeness: Likeness,
}

impl Catalog {
    /// The stages, in the journey's order.
    pub fn stages(&self) -> impl Iterator<Item = &Lab> {
        self.labs.iter().filter(|lab| lab.kind == Kind::Stage)
    }

    /// Holds every symptom of every lab against a pasted text. Where none is there, what the text
    /// resembles is told as that.
    pub fn explain(&self, text: &str) -> Explanation<'_> {
        let known = self.known();
        let mut found = explain(&known, &self.vocabulary, text);
        if found.matches.is_empty() && found.fragment.is_none() && !found.stranger {
            let alike = self.likeness.of(text);
            found.alike = alike.and_then(|found| Alike::of(found.page, found.words, &self.labs));
        }
        found
    }

    /// The same for what a program or a tool said: nobody describes anything in it, so that no cues
    /// are looked for, and nothing is guessed.
    pub fn explain_output(&self, text: &str) -> Explanation<'_> {
        explain(&self.known(), &Vocabulary::default(), text)
    }

    fn known(&self) -> Known<'_> {
        Known {
            labs: &self.labs,
            fragments: &self.fragments,
            strangers: &self.strangers,
        }
    }

    /// What labs say of themselves, to learn from beside reports: their titles and their symptoms.
    pub fn lessons(&self) -> Vec<Lesson> {
        let told = self.labs.iter().filter(|lab| !lab.symptoms.is_empty());
        let told = told.flat_map(|lab| {
            let symptoms = lab.symptoms.iter();
            let texts =
                symptoms.flat_map(|symptom| [symptom.example.clone(), symptom.says.clone()]);
            let texts = texts.chain([format!("{} {}", lab.title, lab.summary)]);
            texts.map(|text| Lesson {
                text,
                page: lab.id.clone(),
            })
        });
        told.collect()
    }

    /// The exercise of this number (`4`, `04`) or id (`04-two-stages`).
    ///
    /// # Errors
    /// There is none; the error names the nearest.
    pub fn exercise(&self, name: &str) -> Result<&Exercise, UserError> {
        let number = name.parse::<u32>().ok();
        let is_named = |one: &&Exercise| one.id == name || Some(one.number) == number;
        self.exercises.iter().find(is_named).ok_or_else(|| {
            let ids = self.exercises.iter().map(|one| one.id.as_str());
            UserError {
                what: format!("there is no exercise `{}`", clip(name)),
                cause: known(name, ids, "there are").unwrap_or_else(|| "there are none".into()),
                next: "playground exercises".into(),
            }
        })
    }

    /// The lab called `id`, or what an exercise of this id is built and run as.
    ///
    /// # Errors
    /// There is none; the error names the nearest.
    pub fn lab(&self, id: &str) -> Result<&Lab, UserError> {
        let exercises = self.exercises.iter().map(|exercise| &exercise.lab);
        let mut all = self.labs.iter().chain(exercises);
        all.find(|lab| lab.id == id).ok_or_else(|| {
            let labs = self.labs.iter().map(|lab| lab.id.as_str());
            unknown(
                format!("there is no lab `{}`", clip(id)),
                known(id, labs, "there are"),
            )
        })
    }

    /// What a reader calls `x509/broken`, or `stage-1` for a lab's first variant.
    ///
    /// # Errors
    /// There is no such lab or variant; the error names the nearest.
    pub fn resolve(&self, name: &str) -> Result<(&Lab, &Variant), UserError> {
        let (id, variant) = match name.split_once('/') {
            Some((id, variant)) => (id, Some(variant)),
            None => (name, None),
        };
        let lab = self.lab(id)?;
        Ok((lab, lab.variant(variant)?))
    }

    /// What a page may run or see through by name: of an exercise, what a learner hands in, and never
    /// its solution.
    ///
    /// # Errors
    /// As [`Catalog::lab_variant`].
    pub fn open_variant(&self, lab: &str, variant: &str) -> Result<(&Lab, &Variant), UserError> {
        let (lab, found) = self.lab_variant(lab, variant)?;
        match lab.kind == Kind::Exercise && found.role != Role::Submission {
            true => Err(UserError {
                what: format!(
                    "`{}` of an exercise is not for a page to run",
                    clip(variant)
                ),
                cause: "it would give the answer away".into(),
                next: "hand in files of your own".into(),
            }),
            false => Ok((lab, found)),
        }
    }

    /// The variant `variant` of the lab `lab`.
    ///
    /// # Errors
    /// There is no such lab or variant; the error names the nearest.
    pub fn lab_variant(&self, lab: &str, variant: &str) -> Result<(&Lab, &Variant), UserError> {
        let lab = self.lab(lab)?;
        Ok((lab, lab.variant(Some(variant))?))
    }
}

impl Lab {
    /// The variant called `id`, or the first one.
    ///
    /// # Errors
    /// There is none; the error names the nearest.
    pub fn variant(&self, id: Option<&str>) -> Result<&Variant, UserError> {
        let found = match id {
            Some(id) => self.variants.iter().find(|variant| variant.id == id),
            None => self.variants.first(),
        };
        found.ok_or_else(|| {
            let id = id.unwrap_or_default();
            let variants = self.variants.iter().map(|variant| variant.id.as_str());
            let what = format!("the lab `{}` has no variant `{}`", self.id, clip(id));
            unknown(what, known(id, variants, "there are"))
        })
    }
}

fn unknown(what: String, known: Option<String>) -> UserError {
    UserError {
        what,
        cause: known.unwrap_or_else(|| "the catalog is empty".into()),
        next: "playground list".into(),
    }
}

/// Names come from outside: repeat no more of them than helps.
fn clip(name: &str) -> String {
    name.chars().filter(|c| !c.is_control()).take(64).collect()
}
