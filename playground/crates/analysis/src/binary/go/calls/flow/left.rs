//! What becomes of an error where a function is left because of it, and of the program behind a call.

use super::{CLEARED_AT_ONCE, Flow, Step, spend};
use std::cell::Cell;

impl Flow<'_> {
    /// Whether the function keeps the error of the call at this address to itself: it returns because of
    /// it, and gives its caller none, or in registers that the caller does not look at (`looked_at`). Of
    /// what only `makes` a command, it is the start's. `None` where that is too much work.
    pub(in super::super) fn keeps(
        &self,
        site: u64,
        makes: bool,
        looked_at: u16,
        budget: &Cell<usize>,
    ) -> Option<bool> {
        let Some(mut call) = self.at.get(&site).copied() else {
            return Some(false);
        };
        if makes {
            match self.starts_behind(call, budget)? {
                Some((start, _)) => call = start,
                None => return Some(false),
            }
        }
        spend(budget, self.asks.len() / CLEARED_AT_ONCE)?;
        let asks = self.asks.iter().filter(|asks| asks.call == call);
        let asked: Vec<usize> = asks.map(|asks| asks.error).collect();
        for error in &asked {
            if self.leaves_without(*error, true, looked_at, budget)? {
                return Some(true);
            }
        }
        // What nobody asks for goes to the caller as it is.
        let behind = self.nodes[call].next.first().filter(|_| asked.is_empty());
        behind.map_or(Some(false), |(next, _)| {
            self.leaves_without(*next, false, looked_at, budget)
        })
    }

    /// Whether all ways from here return without an error for the caller; what is called on the way may
    /// be `told` of it.
    fn leaves_without(
        &self,
        from: usize,
        told: bool,
        looked_at: u16,
        budget: &Cell<usize>,
    ) -> Option<bool> {
        let (mut without, mut with) = (false, false);
        self.walk(from, budget, |_, node| {
            match node.step {
                Step::Return => {
                    let error = (self.called.leaves_with_error)(self.start, node.at, looked_at);
                    with |= error;
                    without |= !error;
                }
                Step::Stop | Step::Lost => with = true,
                _ => with |= !told && self.is_loud(node),
            }
            true
        })?;
        Some(without && !with)
    }

    /// Which registers of its results are looked at behind the call at this address.
    pub(in super::super) fn looked_at_behind(&self, site: u64) -> u16 {
        let call = self.at.get(&site).map(|call| &self.nodes[*call]);
        call.map_or(u16::MAX, |call| self.looked_at(call))
    }

    /// Whether nothing more is done behind the call at this address: the program ends, or the function
    /// returns, where its return ends the program (`returns_end`). `None` where that is too much work.
    pub(in super::super) fn ends_behind(
        &self,
        site: u64,
        returns_end: bool,
        budget: &Cell<usize>,
    ) -> Option<bool> {
        let Some(call) = self.at.get(&site).copied() else {
            return Some(false);
        };
        let (mut ends, mut goes_on) = (false, false);
        for (next, _) in &self.nodes[call].next {
            self.walk(*next, budget, |_, node| {
                let loud = self.is_loud(node);
                goes_on |= loud || node.step == Step::Lost;
                match node.step {
                    Step::Stop => ends = true,
                    Step::Return => {
                        ends |= returns_end;
                        goes_on |= !returns_end;
                    }
                    _ => {}
                }
                !loud
            })?;
        }
        Some(ends && !goes_on)
    }
}
