//! Whether a function comes to one of its calls however it goes, or whether that hangs on a condition.
//!
//! Follows jumps from the first instruction. What ends the program (a panic, `os.Exit`, `log.Fatal`)
//! does not count as a way around, nor does a function that is left because of a call's error: both are
//! no reason why a program that works would leave the call out. What is left out alone because of an
//! error (`if err == nil`) may be. Where the way cannot be told (a switch by a table, an instruction that
//! is not known), there may be one. Whether an error is borne is in [`borne`], who
//! hears of one that ends a function in [`left`].

pub(super) mod amd64;
pub(super) mod arm64;
mod asked;
mod borne;
mod called;
mod left;
#[cfg(test)]
mod tests;

pub(super) use called::{Called, Callee};
use std::cell::Cell;
use std::collections::HashMap;

/// Marks that are cleared or compared in the time in which one instruction is looked at.
const CLEARED_AT_ONCE: usize = 64;

/// What an instruction does to the way.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// Nothing; the register that it writes, where it is one of a result.
    Next { writes: Writes },
    /// Asks whether a register is zero.
    Test { register: u8 },
    /// Goes on elsewhere.
    Jump(u64),
    /// Goes on elsewhere, or not.
    Branch { to: u64, when: When },
    /// A direct call, or one through a register or memory.
    Call(Option<u64>),
    /// Back to the caller.
    Return,
    /// Nothing follows.
    Stop,
    /// Where it goes on cannot be told.
    Lost,
}

/// Which register of a result an instruction writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Writes {
    None,
    One(u8),
    /// Not to be told.
    Any,
}

/// When a branch is taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum When {
    /// Where what was tested is not zero; the register, where the branch itself tests it.
    NotZero(Option<u8>),
    /// Where it is.
    Zero(Option<u8>),
    /// On another condition.
    Other,
}

/// What an instruction lays into a register.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Laid {
    /// Nothing since the last call.
    #[default]
    Nothing,
    Zero,
    /// Another constant.
    Number,
    /// A word of the stack, by its distance.
    Slot(i64),
    /// What another register holds.
    Register(u8),
    Other,
}

/// What one instruction lays into up to two registers.
pub(super) type Lays = [Option<(u8, Laid)>; 2];

/// The length of an instruction in bytes, and what it does.
type Decoded = (usize, Step);

/// How instructions of one CPU are read.
#[derive(Clone, Copy)]
pub(super) struct Cpu {
    /// Reads the instruction at the beginning of some code, which lies at an address; its length.
    pub(super) step: fn(&[u8], u64) -> Option<Decoded>,
    /// The registers of results, in order.
    pub(super) results: &'static [u8],
    /// Which of them the code behind a call looks at, by their place.
    pub(super) looked_at: fn(&[u8], u64) -> u16,
    /// What an instruction lays into registers; `None` where that is not known.
    pub(super) lays: fn(&[u8]) -> Option<Lays>,
}

impl Cpu {
    pub(super) fn of(goarch: Option<&str>) -> Option<Cpu> {
        match goarch {
            Some("amd64") => Some(amd64::CPU),
            Some("arm64") => Some(arm64::CPU),
            _ => None,
        }
    }
}

/// An instruction that is come to.
struct Node {
    at: u64,
    length: usize,
    step: Step,
    /// Where it goes on, and whether that is what is done about an error.
    next: Vec<(usize, bool)>,
}

/// A branch that asks whether a call gave an error.
struct Asks {
    branch: usize,
    /// The call.
    call: usize,
    /// Where it goes on with an error, and without.
    error: usize,
    fine: usize,
    /// Where the way with an error comes back to one without.
    joins: Vec<usize>,
}

/// A function's instructions, as far as they are come to.
pub(super) struct Flow<'f> {
    code: &'f [u8],
    start: u64,
    cpu: Cpu,
    called: &'f Called<'f>,
    nodes: Vec<Node>,
    /// From where each is come to.
    before: Vec<Vec<usize>>,
    at: HashMap<u64, usize>,
    asks: Vec<Asks>,
    /// Calls of whose error a truth is made: what that decides is not known.
    truths: Vec<usize>,
}

/// Takes from what may be looked at; `None` where that is too much work.
pub(super) fn spend(budget: &Cell<usize>, work: usize) -> Option<()> {
    budget.set(budget.get().checked_sub(work)?);
    Some(())
}

impl<'f> Flow<'f> {
    /// `None` where one of the instructions is not known. Each instruction costs one of `budget`.
    pub(super) fn of(
        code: &'f [u8],
        start: u64,
        cpu: Cpu,
        called: &'f Called<'f>,
        budget: &Cell<usize>,
    ) -> Option<Flow<'f>> {
        let mut flow = Flow {
            code,
            start,
            cpu,
            called,
            nodes: Vec::new(),
            before: Vec::new(),
            at: HashMap::new(),
            asks: Vec::new(),
            truths: Vec::new(),
        };
        let end = start.checked_add(code.len() as u64)?;
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            if flow.at.contains_key(&at) || !(start..end).contains(&at) {
                continue;
            }
            spend(budget, 1)?;
            let (length, mut step) = (cpu.step)(&code[(at - start) as usize..], at)?;
            if matches!(step, Step::Call(Some(to)) if (called.stops)(to)) {
                step = Step::Stop;
            }
            let behind = at + length as u64;
            match step {
                Step::Next { .. } | Step::Test { .. } | Step::Call(_) => open.push(behind),
                Step::Jump(to) => open.push(to),
                Step::Branch { to, .. } => open.extend([behind, to]),
                Step::Return | Step::Stop | Step::Lost => {}
            }
            flow.at.insert(at, flow.nodes.len());
            flow.nodes.push(Node {
                at,
                length,
                step,
                next: Vec::new(),
            });
        }
        flow.connect();
        flow.join(budget)?;
        Some(flow)
    }

    /// Finds where errors lead back.
    fn join(&mut self, budget: &Cell<usize>) -> Option<()> {
        for n in 0..self.asks.len() {
            let (error, fine) = (self.asks[n].error, self.asks[n].fine);
            let mut without = self.marks(budget)?;
            self.walk(fine, budget, |n, _| {
                without[n] = true;
                true
            })?;
            let mut joins = Vec::new();
            self.walk(error, budget, |n, _| {
                joins.extend(without[n].then_some(n));
                !without[n]
            })?;
            self.asks[n].joins = joins;
        }
        Some(())
    }

    /// One for each instruction. Clearing them is work, too.
    fn marks(&self, budget: &Cell<usize>) -> Option<Vec<bool>> {
        spend(budget, 1 + self.nodes.len() / CLEARED_AT_ONCE)?;
        Some(vec![false; self.nodes.len()])
    }

    fn connect(&mut self) {
        let ends: HashMap<u64, usize> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(n, node)| (node.at + node.length as u64, n))
            .collect();
        let mut all = Vec::with_capacity(self.nodes.len());
        let (mut asks, mut truths) = (Vec::new(), Vec::new());
        for (branch, node) in self.nodes.iter().enumerate() {
            let behind = node.at + node.length as u64;
            // A jump out of the function is a call of another that returns for this one.
            let place = |at: u64| self.at.get(&at).copied();
            if let Step::Test { register } = node.step {
                let next = place(behind).map(|n| self.nodes[n].step);
                let asked = matches!(next, Some(Step::Branch { .. }));
                let call = || self.error_in(register, ends.get(&node.at).copied(), &ends);
                truths.extend((!asked).then(call).flatten());
            }
            all.push(match node.step {
                Step::Next { .. } | Step::Test { .. } | Step::Call(_) => {
                    place(behind).map(|n| (n, false)).into_iter().collect()
                }
                Step::Jump(to) => place(to).map(|n| (n, false)).into_iter().collect(),
                Step::Branch { to, when } => {
                    let call = self.asks_for_error(node.at, when, &ends);
                    let (taken, falls) = match when {
                        When::NotZero(_) => (call.is_some(), false),
                        When::Zero(_) => (false, call.is_some()),
                        When::Other => (false, false),
                    };
                    let ways = (place(to), place(behind));
                    if let (Some(call), (Some(to), Some(behind))) = (call, ways) {
                        let (error, fine) = if taken { (to, behind) } else { (behind, to) };
                        asks.push(Asks {
                            branch,
                            call,
                            error,
                            fine,
                            joins: Vec::new(),
                        });
                    }
                    let taken = ways.0.map(|n| (n, taken));
                    let falls = ways.1.map(|n| (n, falls));
                    taken.into_iter().chain(falls).collect()
                }
                Step::Return | Step::Stop | Step::Lost => Vec::new(),
            });
        }
        self.before.resize(all.len(), Vec::new());
        for (n, next) in all.into_iter().enumerate() {
            for (to, _) in &next {
                self.before[*to].push(n);
            }
            self.nodes[n].next = next;
        }
        self.asks = asks;
        self.truths = truths;
    }

    /// Whether the call at this address is come to however the function goes.
    pub(super) fn comes_to(&self, site: u64, budget: &Cell<usize>) -> bool {
        let Some(site) = self.at.get(&site).copied() else {
            return false;
        };
        self.always(site, budget).unwrap_or(false)
    }

    /// `None` where that is too much work.
    fn always(&self, site: usize, budget: &Cell<usize>) -> Option<bool> {
        let leads = self.leading_to(site, budget)?;
        let mut seen = self.marks(budget)?;
        let mut open = vec![0];
        let mut reached = false;
        while let Some(n) = open.pop() {
            if n == site {
                reached = true;
                continue;
            }
            if std::mem::replace(&mut seen[n], true) {
                continue;
            }
            spend(budget, 1)?;
            let node = &self.nodes[n];
            let leaves = match node.step {
                Step::Return | Step::Lost => true,
                Step::Jump(to) | Step::Branch { to, .. } => {
                    // Out of the function, or round and round without the call.
                    !self.at.contains_key(&to) || !leads[n] && to <= node.at
                }
                _ => false,
            };
            if leaves {
                return Some(false);
            }
            let next = node.next.iter().filter(|(_, error)| !error);
            open.extend(next.map(|(n, _)| *n));
            if let Ok(asks) = self.asks.binary_search_by_key(&n, |asks| asks.branch) {
                let joins = &self.asks[asks].joins;
                spend(budget, joins.len())?;
                open.extend(joins);
            }
        }
        Some(reached)
    }

    /// From which instructions there is a way to one.
    fn leading_to(&self, site: usize, budget: &Cell<usize>) -> Option<Vec<bool>> {
        let mut leads = self.marks(budget)?;
        let mut open = vec![site];
        while let Some(n) = open.pop() {
            if !std::mem::replace(&mut leads[n], true) {
                spend(budget, 1 + self.before[n].len())?;
                open.extend(&self.before[n]);
            }
        }
        Some(leads)
    }
}
