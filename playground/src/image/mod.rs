//! What an image is made of, read from its own bytes: no async, no engine.

mod compress;
pub mod size;
