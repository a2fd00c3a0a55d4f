//! A whole executable: any of its bytes may be anything.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playground_fuzz::{promises, seeds};

fuzz_target!(init: seeds::plant("elf"), |bytes: &[u8]| {
    promises::binary(bytes);
});
