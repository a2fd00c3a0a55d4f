//! An image with any config and any files, judged before it runs: in the notation of
//! `layers::image_of`.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playground_fuzz::{layers, promises, seeds};

/// Names are held, and places that links make.
const MOST: usize = 64 << 20;

fuzz_target!(init: seeds::plant("preflight"), |text: &str| {
    let archive = layers::image_of(text);
    if let Some(inspection) = promises::archive(&archive, MOST + 64 * archive.len()) {
        promises::preflight(&inspection);
    }
});
