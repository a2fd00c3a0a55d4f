//! `unpacked_at_most`, `compressed_at_most`: what the image weighs, in bytes.

use crate::bound::Bound;
use crate::checks::kind::{Kind, Needs};
use crate::toml::reader::Need;
use crate::toml::table::Table;
use policy::Megabytes;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Larger than any image that is read.
const MAX_BYTES: u64 = 5 << 30;

/// What the image weighs.
#[derive(Clone, Debug, Serialize)]
pub struct ImageSize {
    /// Content of all files in all layers, in bytes.
    pub unpacked_at_most: Option<u64>,
    /// Layers as gzip blobs, in bytes.
    pub compressed_at_most: Option<u64>,
}

/// What it weighed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Seen {
    /// The image's two sizes.
    ImageSize {
        /// Content of all files in all layers, in bytes.
        unpacked_bytes: u64,
        /// Layers as gzip blobs, in bytes.
        compressed_bytes: u64,
    },
}

impl Kind for ImageSize {
    const KEYS: &'static [&'static str] = &["unpacked_at_most", "compressed_at_most"];
    type Seen = Seen;

    fn read(table: &Table<'_>) -> Option<ImageSize> {
        let [unpacked, compressed] = ["unpacked_at_most", "compressed_at_most"]
            .map(|key| table.integer(key, Need::Optional, 1..=MAX_BYTES));
        Some(ImageSize {
            unpacked_at_most: unpacked.map(|at| at.value),
            compressed_at_most: compressed.map(|at| at.value),
        })
    }

    fn needs(&self) -> Needs<'_, Seen> {
        Needs::Sizes(Box::new(|unpacked_bytes, compressed_bytes| {
            Seen::ImageSize {
                unpacked_bytes,
                compressed_bytes,
            }
        }))
    }

    fn expected(&self) -> String {
        let unpacked = self.unpacked_at_most.map(|n| (n, "unpacked"));
        let compressed = self.compressed_at_most.map(|n| (n, "compressed"));
        let both = unpacked.into_iter().chain(compressed);
        let both = both.map(|(bytes, which)| format!("at most {} {which}", megabytes(bytes)));
        both.collect::<Vec<_>>().join(", ")
    }

    fn fits(&self, seen: &Seen) -> bool {
        let Seen::ImageSize {
            unpacked_bytes,
            compressed_bytes,
        } = seen;
        self.unpacked_at_most.is_none_or(|n| *unpacked_bytes <= n)
            && self
                .compressed_at_most
                .is_none_or(|n| *compressed_bytes <= n)
    }

    fn bounds(&self) -> Vec<Bound> {
        let of = |key, bytes: Option<u64>| bytes.map(|bytes| Bound::bytes(key, bytes));
        let unpacked = of("unpacked_at_most", self.unpacked_at_most);
        let compressed = of("compressed_at_most", self.compressed_at_most);
        unpacked.into_iter().chain(compressed).collect()
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Seen::ImageSize {
            unpacked_bytes,
            compressed_bytes,
        } = self;
        let [unpacked, compressed] = [*unpacked_bytes, *compressed_bytes].map(megabytes);
        write!(f, "{unpacked} unpacked, {compressed} compressed")
    }
}

/// Megabytes (10⁶ bytes), as the book writes them.
fn megabytes(bytes: u64) -> String {
    format!("{:.2}", Megabytes(bytes))
}
