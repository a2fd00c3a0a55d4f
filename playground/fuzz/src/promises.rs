//! What readers promise of every input, whatever it is: no panic is the least of it.

mod of_binary;
mod of_image;
mod of_manifest;
mod of_preflight;
mod of_xray;

pub use of_binary::{binary, binary_within};
pub use of_image::{archive, inspection};
pub use of_manifest::manifest;
pub use of_preflight::preflight;
pub use of_xray::xray;

/// Longest message that a person is shown, in bytes.
const LONGEST_MESSAGE: usize = 1000;

/// Words for people, not a copy of the input.
fn message(error: &impl std::fmt::Display) {
    let words = error.to_string();
    assert!(
        !words.is_empty() && words.len() <= LONGEST_MESSAGE,
        "{} bytes: {words}",
        words.len()
    );
}
