//! The first and last bytes of a kit: what it is, and where its index lies.
//!
//! ```text
//! BEGIN | blobs, each a zstd frame | index, a zstd frame of JSON | footer
//! ```

use super::KitError;
use super::signature::Signed;

/// Every kit of this layout begins with it.
pub(super) const BEGIN: &[u8; 16] = b"empty-room-kit1\n";
const END: &[u8; 16] = b"\nempty-room-end1";
/// The footer's length in bytes.
pub(super) const LENGTH: u64 = 160;
/// The longest index, packed, in bytes.
const MAX_INDEX: u64 = 16 << 20;

/// Where the index lies, what it is, and who has signed that.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Footer {
    /// Where it begins.
    pub(super) at: u64,
    /// Its length, packed.
    pub(super) packed: u64,
    /// SHA-256 of its packed bytes.
    pub(super) digest: [u8; 32],
    pub(super) signed: Option<Signed>,
}

impl Footer {
    pub(super) fn to_bytes(&self) -> Vec<u8> {
        let unsigned = || Signed {
            key: [0; 32],
            signature: [0; 64],
        };
        let signed = self.signed.clone().unwrap_or_else(unsigned);
        let mut bytes = Vec::new();
        bytes.extend(self.at.to_le_bytes());
        bytes.extend(self.packed.to_le_bytes());
        bytes.extend(self.digest);
        bytes.extend(signed.key);
        bytes.extend(signed.signature);
        bytes.extend(END);
        bytes
    }

    /// Reads the last bytes of a file of this `length`.
    pub(super) fn parse(bytes: &[u8], length: u64) -> Result<Footer, KitError> {
        let (fields, end) = bytes.split_at_checked(144).ok_or(KitError::NoKit)?;
        if end != END {
            return Err(KitError::NoKit);
        }
        let number = |at: usize| {
            let mut eight = [0; 8];
            eight.copy_from_slice(&fields[at..at + 8]);
            u64::from_le_bytes(eight)
        };
        let mut signed = Signed {
            key: [0; 32],
            signature: [0; 64],
        };
        let mut digest = [0; 32];
        digest.copy_from_slice(&fields[16..48]);
        signed.key.copy_from_slice(&fields[48..80]);
        signed.signature.copy_from_slice(&fields[80..144]);
        let footer = Footer {
            at: number(0),
            packed: number(8),
            digest,
            signed: (signed.key != [0; 32]).then_some(signed),
        };
        let end = footer.at.checked_add(footer.packed);
        let fits = end.and_then(|end| end.checked_add(LENGTH)) == Some(length);
        if !fits || footer.at < BEGIN.len() as u64 || footer.packed > MAX_INDEX {
            return Err(KitError::Unsound(
                "it cannot lie where the kit's end says".into(),
            ));
        }
        Ok(footer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn footer(signed: Option<Signed>) -> Footer {
        Footer {
            at: 16,
            packed: 9,
            digest: [3; 32],
            signed,
        }
    }

    #[test]
    fn what_is_written_is_read_signed_or_not() {
        let signed = Signed {
            key: [1; 32],
            signature: [2; 64],
        };
        for footer in [footer(None), footer(Some(signed))] {
            let bytes = footer.to_bytes();
            assert_eq!(bytes.len() as u64, LENGTH);
            assert_eq!(Footer::parse(&bytes, 25 + LENGTH).expect("sound"), footer);
        }
    }

    #[test]
    fn an_index_elsewhere_than_before_the_end_is_not_looked_for() {
        let bytes = footer(None).to_bytes();
        for length in [0, LENGTH, 24 + LENGTH, 26 + LENGTH, u64::MAX] {
            assert!(
                matches!(Footer::parse(&bytes, length), Err(KitError::Unsound(_))),
                "{length}"
            );
        }
        for (at, packed) in [(u64::MAX, 9), (16, u64::MAX), (0, 25), (16, MAX_INDEX + 1)] {
            let bytes = Footer {
                at,
                packed,
                ..footer(None)
            }
            .to_bytes();
            let length = at.wrapping_add(packed).wrapping_add(LENGTH);
            assert!(Footer::parse(&bytes, length).is_err(), "{at} {packed}");
        }
        assert!(matches!(
            Footer::parse(&bytes[1..], 25),
            Err(KitError::NoKit)
        ));
        assert!(matches!(
            Footer::parse(&[0; 160], 160),
            Err(KitError::NoKit)
        ));
    }
}
