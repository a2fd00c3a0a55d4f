//! A Go linker's own executable with damage in its function table alone.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playground_fuzz::{promises, seeds, splices};

fuzz_target!(init: seeds::plant("splice"), |bytes: &[u8]| {
    if let Some(binary) = splices::spliced(bytes) {
        promises::binary(&binary);
    }
});
