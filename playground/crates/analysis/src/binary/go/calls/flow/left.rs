//! What becomes of an error where a function is left because of it, and of the program behind a call.

use super::{CLEARED_AT_ONCE, Callee, Flow, Step, spend};
use std::cell::Cell;

impl Flow<'_> {
    /// Whether the function keeps the error of the call at this address to itself: it returns because of
    /// it, and gives its caller none, or in registers that the caller does not look at (`looked_at`). Of
    /// what only makes a command, it is the start's. `None` where that is too much work.
    pub(in super::super) fn keeps(
        &self,
        site: u64,
        callee: Callee,
        looked_at: u16,
        budget: &Cell<usize>,
    ) -> Option<bool> {
        let Some(mut call) = self.at.get(&site).copied() else {
            return Some(false);
        };
        if callee == Callee::MakesCommand {
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
        // What nobody asks for goes to the caller as it is. Of one of its own, that one tells.
        match asked.is_empty() && callee != Callee::Own {
            true => self.passes_on_unseen(call, looked_at, budget),
            false => Some(false),
        }
    }

    /// Whether what a call gives is given to the caller as it is, who does not look at an error there.
    fn passes_on_unseen(&self, call: usize, looked_at: u16, budget: &Cell<usize>) -> Option<bool> {
        let behind = self.nodes[call].next.first();
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

    /// Which registers of its results are looked at behind the call at this address, by the function or
    /// its caller, who looks at these of its own (`looked_at`).
    pub(in super::super) fn looked_at_behind(
        &self,
        site: u64,
        looked_at: u16,
        budget: &Cell<usize>,
    ) -> u16 {
        let Some(call) = self.at.get(&site).copied() else {
            return u16::MAX;
        };
        let passed = !self.asks.iter().any(|asks| asks.call == call)
            && self.passes_on_unseen(call, looked_at, budget) == Some(true);
        match passed {
            true => looked_at,
            false => self.looked_at(&self.nodes[call]),
        }
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
