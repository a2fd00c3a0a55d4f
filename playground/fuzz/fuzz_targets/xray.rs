//! Two images, reported, drawn, and held against each other: in the notation of
//! `layers::image_of`, parted by a line with an equals sign.
#![no_main]

use analysis::image::{Compressed, ImageSelector};
use analysis::inspect::inspect;
use libfuzzer_sys::fuzz_target;
use playground_fuzz::{layers, promises, seeds};

fuzz_target!(init: seeds::plant("xray"), |text: &str| {
    let (one, other) = text.split_once("\n=\n").unwrap_or((text, ""));
    let read = |text| {
        let archive = layers::image_of(text);
        inspect(&archive[..], &ImageSelector::default(), Compressed::AsStored)
    };
    if let (Ok(one), Ok(other)) = (read(one), read(other)) {
        promises::xray(&one, &other);
    }
});
