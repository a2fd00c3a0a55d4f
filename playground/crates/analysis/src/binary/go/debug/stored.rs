//! Sections as they lie in the file, which may be packed.

use crate::binary::memory::Memory;
use crate::binary::section::Section;
use flate2::read::ZlibDecoder;
use std::borrow::Cow;
use std::io::Read;

/// Times that a section may be larger than it is packed: Go's are about three.
const MAX_RATIO: u64 = 8;

/// A section's bytes as they are read, and how many of the file they are.
pub(super) struct Stored<'a> {
    pub(super) bytes: Cow<'a, [u8]>,
    pub(super) file_bytes: u64,
}

impl Stored<'_> {
    /// The part of the file that some of these bytes are.
    pub(super) fn share(&self, bytes: u64) -> u64 {
        share(bytes, self.bytes.len() as u64, self.file_bytes)
    }
}

/// The part of `file_bytes` that some bytes are, of `all` that are packed in them.
pub(super) fn share(bytes: u64, all: u64, file_bytes: u64) -> u64 {
    (u128::from(bytes) * u128::from(file_bytes) / u128::from(all.max(1))) as u64
}

/// What a compressed section holds; `None` of what is not what its header says.
pub(super) fn unpacked(section: &Section, bytes: &[u8], memory: &Memory<'_>) -> Option<Vec<u8>> {
    let (size, packed) = packed(section, bytes, memory)?;
    let mut plain = Vec::new();
    let reader = ZlibDecoder::new(packed);
    reader.take(size).read_to_end(&mut plain).ok()?;
    (plain.len() as u64 == size).then_some(plain)
}

/// How much a compressed section holds, and its packed bytes (`Elf_Chdr` in elf(5)); `None` of what grows
/// beyond belief.
pub(super) fn packed<'a>(
    section: &Section,
    bytes: &'a [u8],
    memory: &Memory<'_>,
) -> Option<(u64, &'a [u8])> {
    const ZLIB: u32 = 1;
    let order = memory.order;
    let (size, header) = match memory.word {
        8 => (order.word(bytes, 8, 8)?, 24),
        _ => (order.u32(bytes, 4)?.into(), 12),
    };
    let believed = size <= section.file_bytes.saturating_mul(MAX_RATIO);
    let known = order.u32(bytes, 0)? == ZLIB && believed;
    Some((size, bytes.get(header..)?)).filter(|_| known)
}
