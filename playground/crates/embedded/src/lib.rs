//! The book inside the program, so that it opens where there is no checkout.
//!
//! - [`pack`](pack()) makes the archive; the build script calls it where the feature `embed` is on.
//! - [`Content`] is the archive of this program, and lays its files down in the data folder: once
//!   for each content, and verified at every start.
//!
//! Refuses to know what is in the files: labs, pages, exercises.

mod lay;
mod pack;

pub use lay::Laid;
pub use pack::{CONTENT, pack};

use std::borrow::Cow;

/// The book's files as one archive, and what names them.
#[derive(Clone, Debug)]
pub struct Content {
    archive: Cow<'static, [u8]>,
    digest: Cow<'static, str>,
}

impl Content {
    /// The files that this program carries; `None` in one that was built to read a checkout.
    #[must_use]
    pub fn of_this_program() -> Option<Content> {
        #[cfg(feature = "embed")]
        return Some(Content {
            archive: include_bytes!(concat!(env!("OUT_DIR"), "/content")).into(),
            digest: env!("EMPTY_ROOM_CONTENT").into(),
        });
        #[cfg(not(feature = "embed"))]
        None
    }

    /// Content from an archive that [`pack`](pack()) has made.
    #[must_use]
    pub fn of(archive: Vec<u8>) -> Content {
        use sha2::{Digest, Sha256};
        let digest = format!("{:x}", Sha256::digest(&archive)).into();
        let archive = archive.into();
        Content { archive, digest }
    }

    /// SHA-256 of the archive, in hex: equal files have equal ones.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }
}
