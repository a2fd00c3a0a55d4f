//! What every kind of check says of itself, and what evidence it may ask a run for.
//!
//! [`Needs`] is what a run gathers, with what becomes of it: the run knows how to gather, and no
//! kind of check. A kind that makes do with this evidence is one file. Knows no kind.

use crate::bound::Bound;
use crate::checks::found_file::FoundFile;
use crate::checks::image_facts::{ImageFacts, RebuildFacts};
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
    /// The images that the Dockerfile names, without `scratch`.
    Bases(Box<dyn FnOnce(Vec<String>) -> Seen + Send + 'c>),
    /// What the image weighs: unpacked and compressed, in bytes.
    Sizes(Box<dyn FnOnce(u64, u64) -> Seen + Send + 'c>),
    /// What is in the image.
    Image(Box<dyn FnOnce(&ImageFacts) -> Seen + Send + 'c>),
    /// Another build, after a line of a file has changed.
    Rebuild {
        /// The file, by its path in the build context.
        touch: &'c str,
        /// Whether the starter is to be built beside it, after the same change.
        beside_starter: bool,
        /// What the build comes to.
        then: Box<dyn FnOnce(RebuildFacts) -> Seen + Send + 'c>,
    },
    /// Digests of the plain layers of two builds without a cache.
    TwoBuilds(Box<dyn FnOnce(Vec<String>, Vec<String>) -> Seen + Send + 'c>),
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
            Needs::Bases(then) => Needs::Bases(Box::new(move |named| wrap(then(named)))),
            Needs::Sizes(then) => {
                Needs::Sizes(Box::new(move |unpacked, gzip| wrap(then(unpacked, gzip))))
            }
            Needs::Image(then) => Needs::Image(Box::new(move |image| wrap(then(image)))),
            Needs::Rebuild {
                touch,
                beside_starter,
                then,
            } => Needs::Rebuild {
                touch,
                beside_starter,
                then: Box::new(move |facts| wrap(then(facts))),
            },
            Needs::TwoBuilds(then) => {
                Needs::TwoBuilds(Box::new(move |first, second| wrap(then(first, second))))
            }
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

    /// The figures that it holds what was seen against: an exercise must state them.
    fn bounds(&self) -> Vec<Bound> {
        Vec::new()
    }
}
