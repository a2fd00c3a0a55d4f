//! One header block of a tar, read as Go's `archive/tar` reads it, which engines unpack with.
//!
//! Where readers of tars disagree, an archive can show one file to us and another to the engine.
//! So every rule here is Go's (`readHeader` and `parseNumeric`), with what it refuses.

use super::error::ReadError;
use std::io;

/// Bytes of a block.
pub(super) const BLOCK: usize = 512;

/// A block of a tar.
pub(super) type Block = [u8; BLOCK];

/// What a tar says of one entry, all its extension headers taken into account.
#[derive(Clone, Debug, Default)]
pub(super) struct Header {
    /// Path, as it is written.
    pub(super) name: Vec<u8>,
    /// What a link points to, as it is written.
    pub(super) link: Vec<u8>,
    /// `typeflag`: `0` a file, `5` a directory, and so on.
    pub(super) kind: u8,
    /// Bytes of its content, with all holes.
    pub(super) size: u64,
    /// Mode bits as they are written.
    pub(super) mode: u64,
    /// Owner's number.
    pub(super) uid: u32,
    /// Group's number.
    pub(super) gid: u32,
    /// The extended attribute `security.capability`.
    pub(super) capability: Option<Vec<u8>>,
    /// Whether the tar leaves out its holes.
    pub(super) sparse: bool,
}

impl Header {
    /// A regular file with content.
    pub(super) fn is_file(&self) -> bool {
        self.kind == b'0'
    }

    /// Links, devices, directories and pipes have no content, whatever size they name.
    pub(super) fn has_content(&self) -> bool {
        !matches!(self.kind, b'1'..=b'6')
    }

    /// From its block alone.
    pub(super) fn of(block: &Block) -> io::Result<Header> {
        let format = Format::of(block)?;
        let mut name = text(&block[..100]).to_vec();
        if format != Format::V7 {
            // Nothing of ours, but Go refuses entries with other numbers.
            number(&block[329..337])?;
            number(&block[337..345])?;
        }
        let prefix: &[u8] = match format {
            Format::Ustar => text(&block[345..500]),
            Format::Star => {
                number(&block[476..488])?;
                number(&block[488..500])?;
                text(&block[345..476])
            }
            // Until Go 1.8 it wrote such headers with a prefix where GNU has times.
            Format::Gnu => {
                let time = |field: &[u8]| field[0] == 0 || number(field).is_ok();
                let prefix = text(&block[345..500]);
                match time(&block[345..357]) && time(&block[357..369]) || !prefix.is_ascii() {
                    true => &[],
                    false => prefix,
                }
            }
            Format::V7 => &[],
        };
        if !prefix.is_empty() {
            name = [prefix, b"/", &name].concat();
        }
        number(&block[136..148])?;
        Ok(Header {
            name,
            link: text(&block[157..257]).to_vec(),
            kind: block[156],
            size: size(number(&block[124..136])?)?,
            mode: number(&block[100..108])? as u64,
            uid: id(number(&block[108..116])?),
            gid: id(number(&block[116..124])?),
            ..Header::default()
        })
    }
}

/// Whose extensions a header follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    V7,
    Ustar,
    Star,
    Gnu,
}

impl Format {
    /// An error where the checksum is another.
    pub(super) fn of(block: &Block) -> io::Result<Format> {
        let told = octal(&block[148..156])?;
        let sum = |of: fn(u8) -> i64| -> i64 {
            let blank = |at: usize| {
                if (148..156).contains(&at) {
                    b' '
                } else {
                    block[at]
                }
            };
            (0..BLOCK).map(|at| of(blank(at))).sum()
        };
        if told != sum(i64::from) && told != sum(|byte| i64::from(byte as i8)) {
            return Err(refused("a header's checksum is another"));
        }
        Ok(match (&block[257..263], &block[263..265]) {
            (b"ustar\0", _) if &block[508..] == b"tar\0" => Format::Star,
            (b"ustar\0", _) => Format::Ustar,
            (b"ustar ", b" \0") => Format::Gnu,
            _ => Format::V7,
        })
    }
}

/// What Go says `invalid tar header` of.
pub(super) fn refused(why: &str) -> io::Error {
    ReadError::BadTar(why.to_owned()).into()
}

/// Up to the first zero byte.
pub(super) fn text(field: &[u8]) -> &[u8] {
    field.split(|byte| *byte == 0).next().unwrap_or_default()
}

/// A size, which is not negative.
pub(super) fn size(number: i64) -> io::Result<u64> {
    u64::try_from(number).map_err(|_| refused("a size is negative"))
}

/// The kernel takes 32 bits of it, and -1 for "as it is".
pub(super) fn id(number: i64) -> u32 {
    match number as u32 {
        u32::MAX => 0,
        id => id,
    }
}

/// Octal digits, or with the highest bit set a number in two's complement.
pub(super) fn number(field: &[u8]) -> io::Result<i64> {
    let Some(first) = field.first().filter(|byte| *byte & 0x80 != 0) else {
        return octal(field);
    };
    let inverse = if first & 0x40 != 0 { 0xff } else { 0 };
    let mut sum: u64 = 0;
    for (at, byte) in field.iter().enumerate() {
        let byte = byte ^ inverse;
        let byte = if at == 0 { byte & 0x7f } else { byte };
        if sum >> 56 != 0 {
            return Err(refused("a number is larger than 64 bits"));
        }
        sum = sum << 8 | u64::from(byte);
    }
    match i64::try_from(sum) {
        Ok(sum) if inverse == 0 => Ok(sum),
        Ok(sum) => Ok(!sum),
        Err(_) => Err(refused("a number is larger than 64 bits")),
    }
}

/// Blanks and zero bytes around it do not count; nothing is zero.
fn octal(field: &[u8]) -> io::Result<i64> {
    let blank = |byte: &u8| matches!(byte, b' ' | 0);
    let from = field.iter().position(|byte| !blank(byte));
    let to = field.iter().rposition(|byte| !blank(byte));
    let (Some(from), Some(to)) = (from, to) else {
        return Ok(0);
    };
    let mut sum: u64 = 0;
    for byte in text(&field[from..=to]) {
        if !(b'0'..=b'7').contains(byte) || sum >> 60 != 0 {
            return Err(refused("a number is not octal"));
        }
        sum = sum << 3 | u64::from(byte - b'0');
    }
    Ok(sum as i64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_go_reads_them() {
        for (field, found) in [
            (&b"0000644\0"[..], Some(0o644)),
            (b"   644 \0", Some(0o644)),
            (b"\0\0\0\0\0\0\0\0", Some(0)),
            (b"644\0junk", Some(0o644)),
            (b"\x80\0\0\0\0\0\x01\0", Some(256)),
            (b"\xff\xff\xff\xff\xff\xff\xff\xfe", Some(-2)),
            (b"0000648\0", None),
            (b"-1\0\0\0\0\0\0", None),
            (b"\x80\0\0\x01\0\0\0\0\0\0\0\0", None),
        ] {
            assert_eq!(number(field).ok(), found, "{field:?}");
        }
    }
}
