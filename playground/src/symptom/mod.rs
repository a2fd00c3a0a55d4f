//! From a pasted error message to the page about it.
//!
//! Pure: compares a text with the symptoms that labs declare. Knows no HTTP, no terminal and
//! no pages; what it does not know it says.

mod clean;
mod pasted;

pub use pasted::{MOST_BYTES, Pasted};
