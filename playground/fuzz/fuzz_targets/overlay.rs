//! Layers out of noise, held against a second reading of what engines make of them.
#![no_main]

use analysis::image::testing::reference::held_to_reference;
use libfuzzer_sys::fuzz_target;
use playground_fuzz::seeds;

fuzz_target!(init: seeds::plant("overlay"), |noise: &[u8]| {
    let _ = held_to_reference(noise);
});
