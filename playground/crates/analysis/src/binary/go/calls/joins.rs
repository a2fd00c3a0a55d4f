//! Where ways of a function come together: what was laid into a register on one of them before is not
//! what it surely holds behind.

use super::flow::{Cpu, Step};
use std::collections::BTreeSet;

/// Where jumps of this code lead to.
pub(super) struct Joins {
    joins: BTreeSet<u64>,
    /// How far its instructions are known.
    known: usize,
}

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
        Joins { joins, known: from }
    }

    /// The last of them up to this place, by its distance from where the code begins. Behind an
    /// instruction that is not known, each place may be one.
    pub(super) fn last(&self, start: u64, place: usize) -> usize {
        if place >= self.known {
            return place;
        }
        let upto = start.saturating_add(place as u64);
        let last = self.joins.range(start..=upto).next_back();
        last.map_or(0, |at| (at - start) as usize)
    }
}
