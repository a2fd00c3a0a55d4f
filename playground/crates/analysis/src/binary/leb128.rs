//! Numbers in unsigned LEB128: seven bits in each byte, the lowest first.

/// The number at the start of `bytes`, of up to nine bytes, and what follows it.
pub(super) fn number(bytes: &[u8]) -> Option<(u64, &[u8])> {
    number_within(bytes, 9)
}

/// The same of up to `most` bytes, of which there may be nine.
pub(super) fn number_within(bytes: &[u8], most: usize) -> Option<(u64, &[u8])> {
    let mut number = 0;
    for (n, byte) in bytes.iter().take(most).enumerate() {
        number |= u64::from(byte & 0x7f) << (7 * n);
        if byte & 0x80 == 0 {
            return Some((number, &bytes[n + 1..]));
        }
    }
    None
}

/// A length, then so many bytes: these, and what follows them.
pub(super) fn counted(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = number(bytes)?;
    rest.split_at_checked(usize::try_from(length).ok()?)
}
