//! Where ways of a function come together: what was laid into a register on one of them before is not
//! what it surely holds behind.

use super::flow::{Cpu, Step};
use std::collections::BTreeSet;

/// Where jumps of this code lead to, as far as its instructions are known.
#[derive(Default)]
pub(super) struct Joins(BTreeSet<u64>);

impl Joins {
    pub(super) fn of(code: &[u8], start: u64, cpu: Cpu) -> Joins {
        let mut joins = BTreeSet::new();
        let mut from = 0;
        while let Some(rest) = code.get(from..).filter(|rest| !rest.is_empty()) {
            let Some((length, step)) = (cpu.step)(rest, start.wrapping_add(from as u64)) else {
                break;
            };
            if let Step::Jump(to) | Step::Branch { to, .. } = step {
                joins.insert(to);
            }
            from += length;
        }
        Joins(joins)
    }

    /// The last of them up to this place, by its distance from where the code begins.
    pub(super) fn last(&self, start: u64, place: usize) -> usize {
        let upto = start.saturating_add(place as u64);
        let last = self.0.range(start..=upto).next_back();
        last.map_or(0, |at| (at - start) as usize)
    }
}
