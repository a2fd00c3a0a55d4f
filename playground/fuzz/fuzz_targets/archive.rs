//! A whole archive: any of its bytes may be anything.
#![no_main]

use libfuzzer_sys::fuzz_target;
use playground_fuzz::{promises, seeds};

/// Two zstd windows, one around the archive and one of a layer, may be 256 MiB each.
const MOST: usize = 576 << 20;

fuzz_target!(init: seeds::plant("archive"), |bytes: &[u8]| {
    promises::archive(bytes, MOST);
});
