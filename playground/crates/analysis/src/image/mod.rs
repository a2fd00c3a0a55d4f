//! What an image is made of, read from its own bytes.
//!
//! Owns the reading of archives as engines hand them out, what their layers weigh and hold,
//! the tree that they make together, and what stands out in it. Refuses to know async,
//! engines, and where a measurement is remembered.
//!
//! [`read`] and [`read_directory`] give an [`Image`] in one pass, [`tree::Tree::of`] merges its
//! layers, [`changes::changes`] says what each did, and [`stands_out`] reads the tree beside
//! what [`notes::Noting`] saw of the files while they passed by.

mod archive;
pub mod capabilities;
pub mod changes;
mod compress;
pub mod config;
mod content;
mod entry;
mod error;
pub mod find;
mod layout;
pub mod limits;
mod lookup;
mod manifest;
mod merge;
pub mod notable;
pub mod notes;
mod pax;
pub mod provenance;
mod read;
mod secrets;
mod select;
pub mod size;
mod tee;
#[cfg(any(test, feature = "testing"))]
#[expect(missing_docs, reason = "steps of tests, which read them as they stand")]
pub mod testing;
#[cfg(test)]
mod tests;
pub mod tree;
mod unpack;

pub use content::Content;
pub use entry::{Entry, Kind};
pub use error::ReadError;
pub use layout::read_directory;
pub use read::{Compressed, EntryId, Image, Layer, Seen, read};
pub use select::{Platform, There, Wanted};
