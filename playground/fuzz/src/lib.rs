//! What fuzz targets share: the readers themselves, what they promise, and seeds to begin with.
//!
//! The readers are the playground's own files, compiled here without its servers: they name
//! nothing outside of themselves. Refuses to know libFuzzer; each target is one line for it.
#![forbid(unsafe_code)]

#[path = "../../src/binary/mod.rs"]
pub mod binary;
#[path = "../../src/hostile.rs"]
#[expect(
    dead_code,
    reason = "some of it is for the terminal, which is not here"
)]
mod hostile;
#[path = "../../src/image/mod.rs"]
pub mod image;
#[path = "../../src/inspect/mod.rs"]
pub mod inspect;
#[path = "../../src/preflight/mod.rs"]
pub mod preflight;
#[path = "../../src/xray/mod.rs"]
pub mod xray;

pub mod layers;
pub mod memory;
pub mod promises;
pub mod seeds;
pub mod splices;
