//! Files that are in a context only for their weight.

use crate::context::hash::fnv1a;
use bytes::Bytes;

/// Bytes that do not compress and are the same wherever the book is built (xorshift64, from
/// the path), so that the builder's cache holds.
pub(crate) fn random_looking(path: &str, length: usize) -> Bytes {
    let seed = fnv1a(path.as_bytes());
    let mut state = seed | 1;
    let mut bytes = Vec::with_capacity(length + 8);
    while bytes.len() < length {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(length);
    bytes.into()
}
