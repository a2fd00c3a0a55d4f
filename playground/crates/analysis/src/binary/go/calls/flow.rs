//! Whether a function comes to one of its calls however it goes, or whether that hangs on a condition.
//!
//! Follows jumps from the first instruction. What ends the program (a panic, `os.Exit`, `log.Fatal`)
//! does not count as a way around, nor does what is done about a call's error: both are no reason why
//! a program that works would leave the call out. Where the way cannot be told (a switch by a table, an
//! instruction that is not known), there may be one.

pub(super) mod amd64;
mod arm64;
#[cfg(test)]
mod tests;

use std::cell::Cell;
use std::collections::HashMap;

/// Instructions between a call and the question whether it gave an error.
const BETWEEN: usize = 8;

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

/// Reads the instruction at the beginning of some code, which lies at an address; its length.
pub(super) type Read = fn(&[u8], u64) -> Option<(usize, Step)>;

/// How instructions of this CPU are read.
pub(super) fn reader(goarch: Option<&str>) -> Option<Read> {
    match goarch {
        Some("amd64") => Some(amd64::step),
        Some("arm64") => Some(arm64::step),
        _ => None,
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

/// A function's instructions, as far as they are come to.
pub(super) struct Flow {
    nodes: Vec<Node>,
    at: HashMap<u64, usize>,
}

impl Flow {
    /// `None` where one of the instructions is not known. `stops` says of a called function that it does
    /// not return. Each instruction costs one of `budget`.
    pub(super) fn of(
        code: &[u8],
        start: u64,
        read: Read,
        stops: &dyn Fn(u64) -> bool,
        budget: &Cell<usize>,
    ) -> Option<Flow> {
        let mut flow = Flow {
            nodes: Vec::new(),
            at: HashMap::new(),
        };
        let end = start.checked_add(code.len() as u64)?;
        let mut open = vec![start];
        while let Some(at) = open.pop() {
            if flow.at.contains_key(&at) || !(start..end).contains(&at) {
                continue;
            }
            budget.set(budget.get().checked_sub(1)?);
            let (length, mut step) = read(&code[(at - start) as usize..], at)?;
            if matches!(step, Step::Call(Some(to)) if stops(to)) {
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
        Some(flow)
    }

    fn connect(&mut self) {
        let ends: HashMap<u64, usize> = self
            .nodes
            .iter()
            .enumerate()
            .map(|(n, node)| (node.at + node.length as u64, n))
            .collect();
        let mut all = Vec::with_capacity(self.nodes.len());
        for node in &self.nodes {
            let behind = node.at + node.length as u64;
            // A jump out of the function is a call of another that returns for this one.
            let place = |at: u64| self.at.get(&at).copied();
            all.push(match node.step {
                Step::Next { .. } | Step::Test { .. } | Step::Call(_) => {
                    place(behind).map(|n| (n, false)).into_iter().collect()
                }
                Step::Jump(to) => place(to).map(|n| (n, false)).into_iter().collect(),
                Step::Branch { to, when } => {
                    let error = self.asks_for_error(node.at, when, &ends);
                    let (taken, falls) = match when {
                        When::NotZero(_) => (error, false),
                        When::Zero(_) => (false, error),
                        When::Other => (false, false),
                    };
                    let taken = place(to).map(|n| (n, taken));
                    taken
                        .into_iter()
                        .chain(place(behind).map(|n| (n, falls)))
                        .collect()
                }
                Step::Return | Step::Stop | Step::Lost => Vec::new(),
            });
        }
        for (node, next) in self.nodes.iter_mut().zip(all) {
            node.next = next;
        }
    }

    /// Whether a branch asks for a register that the call right before it gave.
    fn asks_for_error(&self, at: u64, when: When, ends: &HashMap<u64, usize>) -> bool {
        let mut before = ends.get(&at);
        let mut register = match when {
            When::NotZero(register) | When::Zero(register) => register,
            When::Other => return false,
        };
        if register.is_none() {
            let Some(Step::Test { register: tested }) = before.map(|n| self.nodes[*n].step) else {
                return false;
            };
            register = Some(tested);
            before = before.and_then(|n| ends.get(&self.nodes[*n].at));
        }
        for _ in 0..BETWEEN {
            let Some(node) = before.map(|n| &self.nodes[*n]) else {
                return false;
            };
            match node.step {
                Step::Call(_) => return true,
                Step::Next {
                    writes: Writes::None,
                } => {}
                Step::Next {
                    writes: Writes::One(other),
                } if Some(other) != register => {}
                _ => return false,
            }
            before = ends.get(&node.at);
        }
        false
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
        let mut seen = vec![false; self.nodes.len()];
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
            budget.set(budget.get().checked_sub(1)?);
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
            open.extend(
                node.next
                    .iter()
                    .filter(|(_, error)| !error)
                    .map(|(n, _)| *n),
            );
        }
        Some(reached)
    }

    /// From which instructions there is a way to one.
    fn leading_to(&self, site: usize, budget: &Cell<usize>) -> Option<Vec<bool>> {
        let mut before: Vec<Vec<usize>> = vec![Vec::new(); self.nodes.len()];
        for (n, node) in self.nodes.iter().enumerate() {
            for (next, _) in &node.next {
                before[*next].push(n);
            }
        }
        let mut leads = vec![false; self.nodes.len()];
        let mut open = vec![site];
        while let Some(n) = open.pop() {
            if !std::mem::replace(&mut leads[n], true) {
                budget.set(budget.get().checked_sub(1)?);
                open.extend(&before[n]);
            }
        }
        Some(leads)
    }
}
