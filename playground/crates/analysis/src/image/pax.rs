//! PAX records with any bytes in them: extended attributes.
//!
//! The tar crate splits records at line ends, which binary values may hold. TargetPlatform they are cut
//! by their lengths, as POSIX says (pax, "Extended Header"), out of the blocks that the crate
//! read before it handed an entry over. Everything else about entries is the crate's.

/// Bytes of a block.
const BLOCK: usize = 512;

/// The value of a record that describes the last entry in `described`: extension headers and
/// their data, then the header itself.
pub(super) fn record<'a>(described: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut found = None;
    let mut rest = described;
    while let Some((block, after)) = rest.split_at_checked(BLOCK) {
        let header = tar::Header::from_byte_slice(block);
        let kind = header.entry_type();
        if !(kind.is_pax_local_extensions()
            || kind.is_pax_global_extensions()
            || kind.is_gnu_longname()
            || kind.is_gnu_longlink())
        {
            break;
        }
        let size = usize::try_from(header.entry_size().ok()?).ok()?;
        if kind.is_pax_local_extensions() {
            found = in_records(after.get(..size)?, key);
        }
        rest = after.get(size.checked_next_multiple_of(BLOCK)?..)?;
    }
    found
}

/// The last record of this key counts; what follows a damaged one is not believed.
fn in_records<'a>(mut records: &'a [u8], key: &[u8]) -> Option<&'a [u8]> {
    let mut found = None;
    while let Some(space) = records.iter().take(20).position(|byte| *byte == b' ') {
        let length = std::str::from_utf8(&records[..space]).ok()?;
        let length: usize = length.parse().ok()?;
        let pair = records.get(space + 1..length)?.strip_suffix(b"\n")?;
        let equals = pair.iter().position(|byte| *byte == b'=')?;
        if pair[..equals] == *key {
            found = Some(&pair[equals + 1..]);
        }
        records = &records[length..];
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_cut_by_their_lengths_whatever_is_in_them() {
        let hiding = b"20 user.a=\n8 key=1\n\n11 key=a\nb\n";
        assert_eq!(in_records(hiding, b"key"), Some(&b"a\nb"[..]));
        assert_eq!(in_records(hiding, b"user.a"), Some(&b"\n8 key=1\n"[..]));
        let odd: [&[u8]; 7] = [
            b"",
            b"x key=1\n",
            b"0 key=1\n",
            b"99999999999999999999 k=v\n",
            b"3 key=1\n",
            b"80 key=1\n",
            b" key=1\n",
        ];
        for odd in odd {
            assert_eq!(in_records(odd, b"key"), None, "{odd:?}");
        }
    }
}
