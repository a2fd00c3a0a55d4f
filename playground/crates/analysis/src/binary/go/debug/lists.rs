//! Lists of DWARF 4 whose units do not say where theirs begin: where variables are, and where blocks lie
//! (`.debug_loc` and `.debug_ranges`). Go's lists begin with the address that they count from, which
//! lies in a function.

use crate::binary::head::Order;

/// What stands behind the two addresses of an entry.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Behind {
    /// A description, with its length before it.
    Description,
    Nothing,
}

/// Calls `see` with the address that each list counts from, and the list's bytes.
pub(super) fn lists(
    bytes: &[u8],
    order: Order,
    word: usize,
    behind: Behind,
    mut see: impl FnMut(u64, u64),
) {
    let all_ones = if word == 8 { u64::MAX } else { u32::MAX.into() };
    let (mut at, mut from, mut base) = (0, 0, None);
    while let (Some(begin), Some(end)) = (
        order.word(bytes, at, word),
        order.word(bytes, at + word, word),
    ) {
        at += 2 * word;
        if begin == 0 && end == 0 {
            if let Some(base) = base.take() {
                see(base, (at - from) as u64);
            }
            from = at;
        } else if begin == all_ones {
            base = base.or(Some(end));
        } else if behind == Behind::Description {
            let Some(length) = order.word(bytes, at, 2) else {
                break;
            };
            at += 2 + length as usize;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_tell_what_they_count_from() {
        let mut bytes = Vec::new();
        let mut words = |words: &[u32], text: &[u8]| {
            words
                .iter()
                .for_each(|word| bytes.extend(word.to_le_bytes()));
            bytes.extend(text);
        };
        words(&[u32::MAX, 0x1000], &[]);
        words(&[1, 4], b"\x02\0ab");
        words(&[4, 9], b"\x01\0c");
        words(&[0, 0], &[]);
        // Nobody knows what this one counts from.
        words(&[7, 8], b"\0\0");
        words(&[0, 0], &[]);
        words(&[u32::MAX, 0x2000], &[]);
        words(&[0, 0], &[]);
        words(&[u32::MAX, 0x3000], &[]);
        let mut seen = Vec::new();
        let see = |base, bytes| seen.push((base, bytes));
        lists(&bytes, Order::Little, 4, Behind::Description, see);
        assert_eq!(seen, [(0x1000, 39), (0x2000, 16)]);
    }
}
