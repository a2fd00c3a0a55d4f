//! Layers that are sound, each of them: what they make of each other, written in the notation
//! of `layers::image_of`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playground_fuzz::{layers, promises, seeds};

/// Names are held, and places that links make.
const MOST: usize = 64 << 20;

fuzz_target!(init: seeds::plant("merge"), |text: &str| {
    let archive = layers::image_of(text);
    promises::archive(&archive, MOST + 64 * archive.len());
});
