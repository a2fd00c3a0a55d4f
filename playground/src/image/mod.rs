//! What an image is made of, read from its own bytes.
//!
//! Owns the reading of archives as engines hand them out, and what their layers weigh.
//! Refuses to know async, engines, and where a measurement is remembered.

mod archive;
mod compress;
pub mod find;
pub mod size;
#[cfg(test)]
mod testing;
