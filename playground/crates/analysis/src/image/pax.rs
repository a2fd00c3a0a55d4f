//! PAX records, with any bytes in them: cut by their lengths, as POSIX says (pax, "Extended
//! Header"), and held to what Go's `archive/tar` (`parsePAX`) takes.

use super::header::refused;
use std::collections::HashMap;
use std::io;

/// The key under which the pieces of a sparse file stand, alternately offset and length.
pub(super) const SPARSE_MAP: &[u8] = b"GNU.sparse.map";

/// Records by key: the last one of a key counts.
#[derive(Debug, Default)]
pub(super) struct Records<'a>(HashMap<&'a [u8], Vec<u8>>);

impl<'a> Records<'a> {
    /// All of them, or an error where one is none.
    pub(super) fn of(mut bytes: &'a [u8]) -> io::Result<Records<'a>> {
        let mut records = HashMap::new();
        // Version 0.0 of GNU's sparse files has a pair of records for each piece.
        let mut pieces: Vec<&[u8]> = Vec::new();
        while !bytes.is_empty() {
            let (key, value, rest) =
                record(bytes).ok_or_else(|| refused("a PAX record is none"))?;
            bytes = rest;
            let turn = [&b"GNU.sparse.offset"[..], b"GNU.sparse.numbytes"];
            if turn.contains(&key) {
                if key != turn[pieces.len() % 2] || value.contains(&b',') {
                    return Err(refused("the pieces of a sparse file are not in pairs"));
                }
                pieces.push(value);
            } else {
                records.insert(key, value.to_vec());
            }
        }
        if !pieces.is_empty() {
            records.insert(SPARSE_MAP, pieces.join(&b','));
        }
        Ok(Records(records))
    }

    /// A record's value; an empty one is as good as none.
    pub(super) fn get(&self, key: &[u8]) -> Option<&[u8]> {
        let value = self.0.get(key)?;
        (!value.is_empty()).then_some(value)
    }

    /// The same, as a number.
    pub(super) fn number(&self, key: &[u8]) -> io::Result<Option<i64>> {
        self.get(key).map(decimal).transpose()
    }
}

/// A decimal number with a sign, as Go's `ParseInt` takes it.
pub(super) fn decimal(digits: &[u8]) -> io::Result<i64> {
    let number = str::from_utf8(digits)
        .ok()
        .and_then(|text| text.parse().ok());
    number.ok_or_else(|| refused("a PAX record's number is none"))
}

type Record<'a> = (&'a [u8], &'a [u8], &'a [u8]);

/// Key, value, and what follows.
fn record(bytes: &[u8]) -> Option<Record<'_>> {
    let space = bytes.iter().take(21).position(|byte| *byte == b' ')?;
    let length = str::from_utf8(&bytes[..space]).ok()?.parse().ok()?;
    let pair = bytes.get(space + 1..length)?.strip_suffix(b"\n")?;
    let equals = pair.iter().position(|byte| *byte == b'=')?;
    let (key, value) = (&pair[..equals], &pair[equals + 1..]);
    let text = match key {
        b"path" | b"linkpath" | b"uname" | b"gname" => value,
        _ => key,
    };
    (!key.is_empty() && !text.contains(&0)).then_some((key, value, &bytes[length..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn records_are_cut_by_their_lengths_whatever_is_in_them() {
        let hiding = b"20 user.a=\n8 key=1\n\n11 key=a\nb\n";
        let records = Records::of(hiding).expect("read");
        assert_eq!(records.get(b"key"), Some(&b"a\nb"[..]));
        assert_eq!(records.get(b"user.a"), Some(&b"\n8 key=1\n"[..]));
        let twice = Records::of(b"8 key=1\n8 key=2\n7 key=\n").expect("read");
        assert_eq!(twice.get(b"key"), None, "an empty one is the last");
        for odd in [
            &b"x key=1\n"[..],
            b"0 key=1\n",
            b"99999999999999999999 k=v\n",
            b"3 key=1\n",
            b"80 key=1\n",
            b" key=1\n",
            b"8 key=1 ",
            b"5 =1\n",
            b"10 path=\0\n",
        ] {
            assert!(Records::of(odd).is_err(), "{odd:?}");
        }
    }
}
