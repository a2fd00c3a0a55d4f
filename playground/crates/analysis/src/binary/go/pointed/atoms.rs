//! Data as the parts that pointers divide it into, and how owners spread along pointers.

use super::places::Places;
use super::{CHARGED, Claim, FIXED, Kind, NOBODY, OWNER, SHARED};
use crate::binary::go::code::{Function, package_at};
use crate::binary::go::starts::firsts;
use crate::binary::memory::Memory;

/// Parts of data, one behind the other.
pub(super) struct Atoms {
    /// Where each begins, in order; the next one is its end.
    starts: Vec<u32>,
    /// Whose each is, with flags.
    owners: Vec<u32>,
    /// A bit for each byte where one begins, and how many do before each 64 of them.
    begins: Vec<u64>,
    before: Vec<u32>,
}

impl Atoms {
    pub(super) fn new(
        places: &Places,
        from_code: &[(u32, u32)],
        pointers: &[(u32, u32)],
        claims: &[Claim],
        bounds: &[u32],
    ) -> Self {
        let mut begins = vec![0_u64; places.bytes() as usize / 64 + 1];
        let mut begin = |at: u32| begins[at as usize / 64] |= 1 << (at % 64);
        from_code.iter().for_each(|(at, _)| begin(*at));
        pointers.iter().for_each(|(_, to)| begin(*to));
        bounds.iter().for_each(|at| begin(*at));
        for (from, to, _) in claims {
            begin(*from);
            begin(*to);
        }
        for range in &places.ranges {
            begin(range.from);
            begin(range.to);
        }
        let mut all = 0;
        let before = begins.iter().map(|bits| {
            all += bits.count_ones();
            all - bits.count_ones()
        });
        let before: Vec<u32> = before.collect();
        let mut starts = Vec::with_capacity(all as usize);
        for (n, bits) in begins.iter().enumerate() {
            let mut bits = *bits;
            while bits != 0 {
                starts.push(n as u32 * 64 + bits.trailing_zeros());
                bits &= bits - 1;
            }
        }
        let owners = vec![NOBODY; starts.len()];
        Atoms {
            starts,
            owners,
            begins,
            before,
        }
    }

    fn place(&self, at: u32) -> usize {
        let (Some(bits), Some(before)) = (
            self.begins.get(at as usize / 64),
            self.before.get(at as usize / 64),
        ) else {
            return self.starts.len().saturating_sub(1);
        };
        let upto = bits & u64::MAX >> (63 - at % 64);
        (before + upto.count_ones()).saturating_sub(1) as usize
    }

    /// The package that has what lies here.
    pub(super) fn owner(&self, at: u32) -> Option<u32> {
        let owner = *self.owners.get(self.place(at))?;
        package(owner)
    }

    /// Notes what is known before.
    pub(super) fn claim(&mut self, claims: &[Claim]) {
        let mut n = 0;
        for (from, to, owner) in claims {
            while self.starts.get(n).is_some_and(|start| start < from) {
                n += 1;
            }
            while self.starts.get(n).is_some_and(|start| start < to) {
                self.owners[n] = *owner;
                n += 1;
            }
        }
    }

    /// Notes that these owners' code points here.
    pub(super) fn refer(&mut self, from_code: &[(u32, u32)]) {
        for (at, owner) in from_code {
            self.join(self.place(*at), *owner);
        }
    }

    /// What holds nothing but a function's address stands for the function: it is its package's.
    pub(super) fn functions(
        &mut self,
        memory: &Memory<'_>,
        functions: &[Function<'_>],
        places: &Places,
    ) {
        let word = memory.word as u32;
        let (Some(first), Some(last)) = (functions.first(), functions.last()) else {
            return;
        };
        for n in 1..self.starts.len() {
            let at = self.starts[n - 1];
            if self.starts[n] - at != word
                || self.owners[n - 1] != NOBODY && self.owners[n - 1] & FIXED != 0
            {
                continue;
            }
            let value = memory.pointer(places.address(at)).unwrap_or(0);
            if (first.start..=last.start).contains(&value)
                && let Some(package) = package_at(functions, value)
            {
                self.owners[n - 1] = FIXED | package & OWNER;
            }
        }
    }

    /// Whether the owner changed.
    fn join(&mut self, n: usize, owner: u32) -> bool {
        let Some(known) = self.owners.get_mut(n) else {
            return false;
        };
        let joined = match *known {
            NOBODY => owner,
            fixed if fixed & FIXED != 0 => fixed,
            same if same == owner => same,
            _ => SHARED,
        };
        let changed = joined != *known;
        *known = joined;
        changed
    }

    /// Gives all that has an owner to what it points to, and so on.
    pub(super) fn spread(&mut self, mut pointers: Vec<(u32, u32)>) {
        // From places to parts; they are in order, and stay so.
        let mut n = 0;
        for (at, to) in &mut pointers {
            while self.starts.get(n + 1).is_some_and(|start| *start <= *at) {
                n += 1;
            }
            // Each begins a part.
            *to = self.place(*to) as u32;
            *at = n as u32;
        }
        let fixed = |owner: u32| owner != NOBODY && owner & FIXED != 0;
        pointers.retain(|(at, to)| at != to && !fixed(self.owners[*to as usize]));
        // Where those of each part begin among them.
        let mut firsts = firsts(pointers.iter().map(|(at, _)| u64::from(*at)));
        firsts.resize(self.starts.len() + 1, pointers.len() as u32);
        let owned = |n: &u32| self.owners[*n as usize] != NOBODY;
        let mut open: Vec<u32> = (0..self.starts.len() as u32).filter(owned).collect();
        while let Some(at) = open.pop() {
            let owner = match self.owners[at as usize] {
                owner if owner & FIXED != 0 => owner & OWNER,
                owner => owner,
            };
            let at = at as usize;
            let of_it = firsts[at] as usize..firsts[at + 1] as usize;
            for (_, to) in &pointers[of_it] {
                if self.join(*to as usize, owner) {
                    open.push(*to);
                }
            }
        }
    }

    /// Notes that these have been charged for, and whose they are.
    pub(super) fn charged(&mut self, from: u32, to: u32, owner: Option<u32>) {
        let mut n = self.place(from);
        while self.starts.get(n).is_some_and(|start| *start < to) {
            let owner = owner.unwrap_or(SHARED) & OWNER;
            self.owners[n] = FIXED | CHARGED | owner;
            n += 1;
        }
    }

    /// Charges packages for what nobody has been charged for.
    pub(super) fn settle(&self, places: &Places, charge: &mut impl FnMut(u32, Kind, u64)) {
        let mut ranges = places.ranges.iter().peekable();
        for (n, owner) in self.owners.iter().enumerate() {
            let from = self.starts[n];
            while ranges.next_if(|range| range.to <= from).is_some() {}
            let Some(range) = ranges.peek().filter(|range| range.from <= from) else {
                continue;
            };
            let to = self
                .starts
                .get(n + 1)
                .map_or(range.to, |next| range.to.min(*next));
            let before = *owner != NOBODY && owner & CHARGED != 0 && owner & FIXED != 0;
            if let Some(package) = package(*owner).filter(|_| !before) {
                let kind = if range.is_variable {
                    Kind::Variable
                } else {
                    Kind::Constant
                };
                charge(package, kind, u64::from(to - from));
            }
        }
    }
}

/// The place of a package in an owner with its flags.
fn package(owner: u32) -> Option<u32> {
    match owner {
        NOBODY | SHARED => None,
        owner if owner & FIXED != 0 => Some(owner & OWNER).filter(|owner| *owner != SHARED),
        owner => Some(owner),
    }
}
