//! From a pasted error message to the page about it.
//!
//! Pure: compares a text with the symptoms that labs declare. Knows no HTTP, no terminal and
//! no book; what it does not know it says.

mod alike;
mod answer;
mod clean;
mod cues;
mod explain;
mod locale;
mod mend;
mod pasted;
mod quotes;

pub use alike::Alike;
pub use answer::{Answer, By, Found};
pub(crate) use clean::{pattern, plain};
pub use cues::Vocabulary;
pub(crate) use cues::{Cue, is_no_prose, words_pattern};
pub use explain::{Explanation, Match};
pub(crate) use explain::{Known, explain};
pub use pasted::{Confidence, Hit, MAX_BYTES, Pasted};
pub(crate) use pasted::{cut, is_logged};
pub(crate) use quotes::any_quote;
