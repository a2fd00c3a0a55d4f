//! One layer's tar above another layer: checksums fit, digests fit, all else may be anything.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playground_fuzz::{layers, promises, seeds};

/// Names are held, and places that links make.
const MOST: usize = 64 << 20;

fuzz_target!(init: seeds::plant("layer"), |bytes: &[u8]| {
    let mut tar = bytes.to_vec();
    layers::with_checksums(&mut tar);
    let archive = layers::archive_of(&[layers::tar_of(layers::BASE), tar]);
    promises::archive(&archive, MOST + 64 * archive.len());
});
