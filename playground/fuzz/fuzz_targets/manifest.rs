//! A manifest of any text, and an image as each of its containers would start it.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playground_fuzz::{promises, seeds};

fuzz_target!(init: seeds::plant("manifest"), |bytes: &[u8]| {
    promises::manifest(bytes);
});
