//! Whether a function bears a call's error: it goes on as if nothing had happened, whatever it says
//! about it. What a program can do without is no reason why it would fail.

use super::{CLEARED_AT_ONCE, Callee, Flow, Node, Step, spend};
use std::cell::Cell;

impl Flow<'_> {
    /// Whether the function goes on when the call at this address gives an error. Of what only makes a
    /// command: whether it goes on where that cannot be started, or may not start it at all. `None` where
    /// that is too much work.
    pub(in super::super) fn bears(
        &self,
        site: u64,
        callee: Callee,
        budget: &Cell<usize>,
    ) -> Option<bool> {
        let Some(site) = self.at.get(&site).copied() else {
            return Some(false);
        };
        if callee != Callee::MakesCommand {
            return self.bears_error_of(site, budget);
        }
        let Some((start, error)) = self.starts_behind(site, budget)? else {
            return Some(true);
        };
        let dropped = self.looked_at(&self.nodes[start]) >> error & 1 == 0;
        let may_start = !self.always(start, budget)?;
        Some(dropped || may_start || self.bears_error_of(start, budget)?)
    }

    /// Whether the function asks for the error of the call at this address.
    pub(in super::super) fn asks_for(&self, site: u64) -> bool {
        let call = self.at.get(&site);
        self.asks.iter().any(|asks| Some(&asks.call) == call)
    }

    /// All ways from where the error is seen lead to what is done without one, too, and there is more
    /// to be done. Or it becomes a truth, which may decide anything.
    fn bears_error_of(&self, call: usize, budget: &Cell<usize>) -> Option<bool> {
        spend(budget, self.asks.len() / CLEARED_AT_ONCE)?;
        if self.truths.contains(&call) {
            return Some(true);
        }
        for asked in self.asks.iter().filter(|asks| asks.call == call) {
            let mut joins = self.marks(budget)?;
            for n in &asked.joins {
                joins[*n] = true;
            }
            let (mut goes_on, mut leaves) = (false, false);
            self.walk(asked.error, budget, |n, node| {
                leaves |= !joins[n] && node.step.leaves();
                !joins[n]
            })?;
            if leaves {
                continue;
            }
            for join in &asked.joins {
                self.walk(*join, budget, |_, node| {
                    let loud = self.is_loud(node);
                    goes_on |= loud;
                    leaves |= matches!(node.step, Step::Return | Step::Lost);
                    !loud
                })?;
            }
            if goes_on && !leaves {
                return Some(true);
            }
        }
        Some(false)
    }

    /// The call that starts what this one made, and where its error is among its results.
    pub(super) fn starts_behind(
        &self,
        made: usize,
        budget: &Cell<usize>,
    ) -> Option<Option<(usize, usize)>> {
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

    /// Whether it calls what a reader of the source would see.
    pub(super) fn is_loud(&self, node: &Node) -> bool {
        matches!(node.step, Step::Call(to) if !to.is_some_and(self.called.quiet))
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

impl Step {
    /// Nothing of the function follows.
    fn leaves(self) -> bool {
        matches!(self, Step::Return | Step::Stop | Step::Lost)
    }
}
