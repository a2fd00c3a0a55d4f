//! Kits: all that a room without a network needs, in one file.
//!
//! Owns the file (blobs named by their digests, packed by zstd with a long window, an index, an
//! Ed25519 signature where wanted), what goes into it (bases, the prober, what builds download, the book and
//! this program), and how an engine gets it. How bases are come by, and which name an image may
//! take, is [`crate::bases`]' business.

mod archive;
mod copy;
mod error;
mod footer;
mod index;
mod load;
mod make;
mod reader;
mod saved;
mod signature;
#[cfg(test)]
mod tests;
mod writer;

pub use copy::{Copied, copy};
pub use error::{Damage, KitError, SignatureError};
pub use index::{Blob, Index, KitFile, KitImage, Role};
pub use load::{Loaded, load, must_fit};
pub use make::{Made, Wanted, make};
pub use reader::Kit;
pub use signature::{Signed, public_key, signing_key};
pub use writer::Writer;

/// How far back zstd looks, as a power of two: 128 MiB, in which a toolchain finds itself again.
const WINDOW: u32 = 27;

/// The version of kits that this program makes and loads.
pub const VERSION: &str = env!("CARGO_PKG_VERSION");
