//! Whether a function bears a call's error: it goes on as if nothing had happened, whatever it says
//! about it. What a program can do without is no reason why it would fail.

use super::{CLEARED_AT_ONCE, Flow, Node, Step, spend};
use std::cell::Cell;

impl Flow<'_> {
    /// Whether the function goes on when the call at this address gives an error, or what it starts
    /// cannot be started. `None` where that is too much work.
    pub(in super::super) fn bears(&self, site: u64, budget: &Cell<usize>) -> Option<bool> {
        let Some(site) = self.at.get(&site).copied() else {
            return Some(false);
        };
        if self.bears_error_of(site, budget)? {
            return Some(true);
        }
        let Some((start, error)) = self.starts_behind(site, budget)? else {
            return Some(false);
        };
        let dropped = self.looked_at(&self.nodes[start]) >> error & 1 == 0;
        Some(dropped || self.bears_error_of(start, budget)?)
    }

    /// All ways from where the error is seen lead to what is done next without one.
    fn bears_error_of(&self, call: usize, budget: &Cell<usize>) -> Option<bool> {
        spend(budget, self.asks.len() / CLEARED_AT_ONCE)?;
        for asked in self.asks.iter().filter(|asks| asks.call == call) {
            let next = self.first_calls(asked.fine, budget)?;
            if !next.is_empty() && self.lead_to(asked.error, &next, budget)? {
                return Some(true);
            }
        }
        Some(false)
    }

    /// The calls that come first from here.
    fn first_calls(&self, from: usize, budget: &Cell<usize>) -> Option<Vec<usize>> {
        let mut calls = Vec::new();
        self.walk(from, budget, |n, node| {
            let loud = matches!(node.step, Step::Call(to) if !self.is_quiet(to));
            calls.extend(loud.then_some(n));
            !loud
        })?;
        Some(calls)
    }

    /// Whether every way from here comes to one of these.
    fn lead_to(&self, from: usize, to: &[usize], budget: &Cell<usize>) -> Option<bool> {
        let mut ends = self.marks(budget)?;
        for n in to {
            ends[*n] = true;
        }
        let (mut all, mut any) = (true, false);
        self.walk(from, budget, |n, node| {
            let there = ends[n];
            any |= there;
            all &= !matches!(node.step, Step::Return | Step::Stop | Step::Lost);
            !there
        })?;
        Some(all && any)
    }

    /// The call that starts what this one made, and where its error is among its results.
    fn starts_behind(&self, made: usize, budget: &Cell<usize>) -> Option<Option<(usize, usize)>> {
        let mut found = None;
        for (next, _) in &self.nodes[made].next {
            self.walk(*next, budget, |n, node| {
                let Step::Call(Some(to)) = node.step else {
                    return found.is_none();
                };
                let error = (self.called.starts_program)(to);
                found = found.or(error.map(|error| (n, error)));
                found.is_none()
            })?;
        }
        Some(found)
    }

    fn is_quiet(&self, to: Option<u64>) -> bool {
        to.is_some_and(self.called.quiet)
    }

    /// Visits what is come to from here, each once, beyond those of which `on` says so.
    pub(super) fn walk(
        &self,
        from: usize,
        budget: &Cell<usize>,
        mut on: impl FnMut(usize, &Node) -> bool,
    ) -> Option<()> {
        let mut seen = self.marks(budget)?;
        let mut open = std::collections::VecDeque::from([from]);
        while let Some(n) = open.pop_front() {
            if std::mem::replace(&mut seen[n], true) {
                continue;
            }
            spend(budget, 1)?;
            let node = &self.nodes[n];
            if on(n, node) {
                open.extend(node.next.iter().map(|(n, _)| *n));
            }
        }
        Some(())
    }
}
