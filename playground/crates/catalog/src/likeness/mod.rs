//! What a text resembles that no symptom knows: weights of words, learnt from reports that people
//! labelled with a page or with `none`, and from what labs say of themselves.
//!
//! Pure. A resemblance is a guess and says so: it speaks where patterns and cues are silent, and only
//! to people who describe something; what tools said, in a run or in a paste, is never read this way.

mod file;
mod form;
mod learn;
mod model;
mod words;

pub(crate) use file::read_likeness;
pub use learn::Lesson;
pub use model::{Likeness, NONE, Resembles};
