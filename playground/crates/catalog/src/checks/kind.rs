//! What every kind of check says of itself, and what evidence it may ask a run for.
//!
//! [`Needs`] is what a run gathers, with what becomes of it: the run knows how to gather, and no
//! kind of check. A kind that makes do with this evidence is one file. Knows no kind.

use crate::checks::found_file::FoundFile;
use crate::toml::table::Table;
use std::fmt::Display;

/// The evidence that a check needs, and how it is made out of that.
pub enum Needs<'c, Seen> {
    /// The build context, as it is sent to the builder: bytes of its files, and how many.
    Context(Box<dyn FnOnce(u64, usize) -> Seen + Send + 'c>),
    /// Everything that the program has said. Only what runs says anything.
    Output(Box<dyn FnOnce(&str) -> Seen + Send + 'c>),
    /// The files of all layers of the image that hold a text, and how many layers were searched.
    Layers {
        /// The text.
        text: &'c str,
        /// What its files come to.
        then: Box<dyn FnOnce(Vec<FoundFile>, usize) -> Seen + Send + 'c>,
    },
}

impl<'c, Seen: 'c> Needs<'c, Seen> {
    /// The same evidence, made into something else.
    pub(crate) fn map<To: 'c>(self, wrap: fn(Seen) -> To) -> Needs<'c, To> {
        match self {
            Needs::Context(then) => {
                Needs::Context(Box::new(move |bytes, files| wrap(then(bytes, files))))
            }
            Needs::Output(then) => Needs::Output(Box::new(move |said| wrap(then(said)))),
            Needs::Layers { text, then } => Needs::Layers {
                text,
                then: Box::new(move |found, searched| wrap(then(found, searched))),
            },
        }
    }
}

/// A kind of check.
pub(crate) trait Kind: Sized {
    /// The keys of `[[variant.look]]` that make it one of this kind.
    const KEYS: &'static [&'static str];
    /// What it makes of its evidence; shown to people, and kept as JSON with a `kind` of its own.
    type Seen: Display;

    /// Reads its own keys; what is wrong is reported.
    fn read(table: &Table<'_>) -> Option<Self>;

    /// What it needs of the run.
    fn needs(&self) -> Needs<'_, Self::Seen>;

    /// What must be seen.
    fn expected(&self) -> String;

    /// Whether that was seen.
    fn fits(&self, seen: &Self::Seen) -> bool;
}
