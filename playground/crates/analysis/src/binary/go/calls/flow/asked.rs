//! Which call's error is asked for.

use super::{Flow, Node, Step, When, Writes};
use std::collections::HashMap;

/// Instructions between a call and the question whether it gave an error.
const BETWEEN: usize = 16;

impl Flow<'_> {
    /// The call right before a branch that asks for an error which it gave.
    pub(super) fn asks_for_error(
        &self,
        at: u64,
        when: When,
        ends: &HashMap<u64, usize>,
    ) -> Option<usize> {
        let mut before = ends.get(&at).copied();
        let mut register = match when {
            When::NotZero(register) | When::Zero(register) => register,
            When::Other => return None,
        };
        if register.is_none() {
            let Step::Test { register: tested } = self.nodes[before?].step else {
                return None;
            };
            register = Some(tested);
            before = ends.get(&self.nodes[before?].at).copied();
        }
        self.error_in(register?, before, ends)
    }

    /// The call that gave the error in a register, going back from an instruction.
    pub(super) fn error_in(
        &self,
        register: u8,
        mut before: Option<usize>,
        ends: &HashMap<u64, usize>,
    ) -> Option<usize> {
        let place = self.cpu.results.iter().position(|it| *it == register)?;
        let mut barrier = false;
        for _ in 0..BETWEEN {
            let node = &self.nodes[before?];
            match node.step {
                // Where a pointer is stored, a branch asks whether the collector is at work.
                Step::Call(Some(to)) if (self.called.is_barrier)(to) => barrier = true,
                Step::Branch { .. } if barrier => barrier = false,
                Step::Call(to) => return before.filter(|_| self.gives_error(node, to, place)),
                Step::Next {
                    writes: Writes::None,
                } => {}
                Step::Next {
                    writes: Writes::One(other),
                } if other != register => {}
                _ => return None,
            }
            before = ends.get(&node.at).copied();
        }
        None
    }

    /// Whether what a call gave at this place is an error: a text, a number or a pointer that is there
    /// is no reason to leave.
    fn gives_error(&self, call: &Node, to: Option<u64>, place: usize) -> bool {
        match to {
            Some(to) => (self.called.gives_error)(to, place),
            // Whose results are not known; an error's second word is looked at, too.
            None => self.looked_at(call) >> (place + 1) & 1 == 1,
        }
    }

    /// Which registers of its results are looked at behind a call.
    pub(super) fn looked_at(&self, call: &Node) -> u16 {
        let behind = call.at + call.length as u64;
        let code = self.code.get((behind - self.start) as usize..);
        (self.cpu.looked_at)(code.unwrap_or_default(), behind)
    }
}
