//! A function table, set into an executable that is sound. The first byte chooses which.
#![no_main]

use analysis::binary::testing::Frame;
use libfuzzer_sys::fuzz_target;
use playground_fuzz::{promises, seeds};

fuzz_target!(init: seeds::plant("pclntab"), |bytes: &[u8]| {
    if let Some((choice, table)) = bytes.split_first() {
        promises::binary(&Frame::chosen_by(*choice).around(table));
    }
});
