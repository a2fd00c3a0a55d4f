//! What fuzz targets share: what the readers promise, and seeds to begin with.
//!
//! Refuses to know libFuzzer; each target is one line for it.
#![forbid(unsafe_code)]

pub mod layers;
pub mod memory;
pub mod promises;
pub mod seeds;
pub mod splices;
