//! Layers that are sound, each of them: what they make of each other. Layers are written in
//! lines (see `layers::tar_of`) and parted by a line with a dash.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playground_fuzz::{layers, promises, seeds};

/// Names are held, and places that links make.
const MOST: usize = 64 << 20;

fuzz_target!(init: seeds::plant("merge"), |text: &str| {
    let layers: Vec<_> = text.split("\n-\n").take(16).map(layers::tar_of).collect();
    let archive = layers::archive_of(&layers);
    promises::archive(&archive, MOST + 64 * archive.len());
});
