//! Who has which bytes of a place that several share: each byte once, for the first that has it.

/// (from, to, whose), in any order.
#[derive(Default)]
pub(super) struct Extents(Vec<(u64, u64, u32)>);

impl Extents {
    /// Notes that this owner has `bytes` bytes from `from` on.
    pub(super) fn add(&mut self, from: u64, bytes: u64, owner: u32) {
        if let Some(to) = from.checked_add(bytes).filter(|to| *to > from) {
            self.0.push((from, to, owner));
        }
    }

    /// Calls `charge` with each owner and bytes that are its alone, up to `end`.
    pub(super) fn settle(self, end: u64, mut charge: impl FnMut(u32, u64)) {
        self.settle_at(|owner, from, bytes| {
            let bytes = bytes.min(end.saturating_sub(from));
            if bytes > 0 {
                charge(owner, bytes);
            }
        });
    }

    /// The same with where they begin, and without an end.
    pub(super) fn settle_at(mut self, mut charge: impl FnMut(u32, u64, u64)) {
        self.0.sort_unstable();
        let mut done = 0;
        for (from, to, owner) in self.0 {
            let begin = from.max(done);
            done = done.max(to);
            if to > begin {
                charge(owner, begin, to - begin);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_byte_is_counted_once() {
        let mut extents = Extents::default();
        for (from, bytes, owner) in [(10, 10, 1), (0, 4, 0), (15, 10, 2), (12, 2, 3), (90, 20, 4)] {
            extents.add(from, bytes, owner);
        }
        extents.add(u64::MAX, 2, 9);
        extents.add(3, 0, 9);
        let mut charged = Vec::new();
        extents.settle(100, |owner, bytes| charged.push((owner, bytes)));
        assert_eq!(charged, [(0, 4), (1, 10), (2, 5), (4, 10)]);
    }
}
