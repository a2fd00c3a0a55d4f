//! Whose code an instruction is where functions are inlined into others, of other packages: Go's
//! tracebacks need to know, so that the function table tells it.
//!
//! Format: `FUNCDATA_InlTree` and `PCDATA_InlTreeIndex` in `internal/abi/symtab.go`, `inlinedCall` in
//! `runtime/symtabinl.go`.

use super::Known;
use crate::binary::go::pclntab::Layout;
use crate::binary::head::Order;
use crate::binary::leb128;
use crate::binary::memory::Memory;
use std::collections::HashMap;

/// Where the function table tells what is inlined in a function.
#[derive(Clone, Copy, Debug)]
pub(in crate::binary::go) struct InTable {
    /// Its stream of numbers of calls; 0 for none.
    pub(in crate::binary::go) stream: u32,
    /// Where these calls are listed, from where stack maps begin.
    pub(in crate::binary::go) calls: u32,
}

impl InTable {
    /// Which of a function's streams, and which of its maps.
    pub(in crate::binary::go) const STREAM: usize = 2;
    pub(in crate::binary::go) const CALLS: usize = 3;
}

/// What is known of names of inlined functions.
#[derive(Default)]
pub(super) struct Inlined {
    owners: HashMap<u32, Option<u32>>,
}

impl Inlined {
    /// What is inlined in the `n`th function.
    pub(super) fn of<'i>(
        &'i mut self,
        known: &'i Known<'_, '_>,
        memory: &'i Memory<'_>,
        n: usize,
    ) -> Option<Lines<'i>> {
        let told = known.inlined.get(n)?.filter(|told| told.stream != 0)?;
        let rest = known.listed.streams.get(told.stream as usize..)?;
        let begins = known.data.regions.stack_maps;
        let calls = memory.from(begins.checked_add(told.calls.into())?)?;
        let (each, name_at) = match known.listed.layout {
            Layout::Go120 => (16, 4),
            _ => (20, 12),
        };
        Some(Lines {
            owners: &mut self.owners,
            named: known.named,
            order: memory.order,
            calls,
            each,
            name_at,
            quantum: known.listed.quantum.into(),
            rest,
            number: -1,
            owner: None,
            ends: 0,
        })
    }
}

/// What is inlined in one function, read up to some place of it.
pub(super) struct Lines<'i> {
    owners: &'i mut HashMap<u32, Option<u32>>,
    named: &'i dyn Fn(u32) -> Option<u32>,
    order: Order,
    calls: &'i [u8],
    each: usize,
    name_at: usize,
    quantum: u64,
    rest: &'i [u8],
    /// Which call is inlined here, and up to where; below zero where none is.
    number: i32,
    owner: Option<u32>,
    ends: u64,
}

impl Lines<'_> {
    /// The package of the function that is inlined at this distance from where the function begins;
    /// `None` where none is, or where nothing is known of it. Asked in order.
    pub(super) fn owner(&mut self, at: u64) -> Option<u32> {
        if self.ends > at {
            return self.owner;
        }
        while self.ends <= at {
            let next = leb128::number_within(self.rest, 5).and_then(|(number, rest)| {
                // Only the first may change nothing.
                let more = number != 0 || self.ends == 0;
                let (bytes, rest) = leb128::number_within(rest, 5).filter(|_| more)?;
                (bytes > 0).then_some((number as u32, bytes, rest))
            });
            let Some((number, bytes, rest)) = next else {
                (self.number, self.ends) = (-1, u64::MAX);
                break;
            };
            // Zig-zag.
            let step = (number >> 1).cast_signed() ^ -(number & 1).cast_signed();
            self.number = self.number.wrapping_add(step);
            self.ends = self.ends.saturating_add(bytes.saturating_mul(self.quantum));
            self.rest = rest;
        }
        self.owner = self.named();
        self.owner
    }

    fn named(&mut self) -> Option<u32> {
        let number = usize::try_from(self.number).ok()?;
        let at = number.checked_mul(self.each)?.checked_add(self.name_at)?;
        let name = self.order.u32(self.calls, at)?;
        *self
            .owners
            .entry(name)
            .or_insert_with(|| (self.named)(name))
    }
}
