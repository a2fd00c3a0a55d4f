//! What an image is made of, read from its own bytes.
//!
//! Owns the reading of archives as engines hand them out, what their layers weigh and hold,
//! the tree that they make together, and what stands out in it. Refuses to know async,
//! engines, and where a measurement is remembered.
//!
//! [`read_archive`], or `read_layout` of a directory, gives an [`Image`] in one pass,
//! [`tree::Tree::of`] merges its layers, [`changes::changes`] says what each did, and [`notable`] reads the tree beside
//! what [`notes::NoteTaker`] saw of the files while they passed by.

mod archive;
pub mod capabilities;
pub mod changes;
mod compress;
pub mod config;
mod content;
mod documents;
mod entry;
mod error;
mod hasher;
mod header;
mod layout;
pub mod limits;
mod lookup;
mod manifest;
mod merge;
mod meter;
mod model;
pub mod notable;
pub mod notes;
mod pax;
pub mod provenance;
mod reader;
mod refused;
pub mod search;
mod secrets;
mod select;
mod selector;
pub mod size;
mod stream;
mod tee;
#[cfg(any(test, feature = "testing"))]
#[expect(missing_docs, reason = "steps of tests, which read them as they stand")]
pub mod testing;
#[cfg(test)]
mod tests;
mod text;
pub mod tree;
mod unpack;

pub use content::EntryContent;
pub use entry::{Entry, Kind};
pub use error::ReadError;
pub(crate) use layout::read_layout;
pub use model::{EntryId, Image, Layer, Mislabelled, Visited};
pub use reader::{Compressed, read_archive};
pub use selector::{ImageIdentity, ImageSelector, Platform};
