//! A hash that is the same in every version of the book, so that the builder's cache holds.

use fnv::FnvHasher;
use std::hash::Hasher;

/// The 64-bit FNV-1a hash.
pub(crate) fn fnv1a(bytes: &[u8]) -> u64 {
    let mut hasher = FnvHasher::default();
    hasher.write(bytes);
    hasher.finish()
}
