//! Whose constants, variables and types without a name are: told by what points to them.
//!
//! The linker keeps nothing that no pointer leads to: what begins where one leads ends where the next
//! one leads. It belongs to a package where all pointers to it stand in that package's machine code,
//! or in data that is the package's. What several packages point to is shared, and nobody's. Machine
//! code is read for amd64 and arm64 alone ([`scan`]); of other CPUs, and without section headers,
//! nothing is told.

mod atoms;
mod scan;
#[cfg(test)]
mod tests;

use super::code::Function;
use super::module_data::ModuleData;
use super::types::{Charged, INTERFACE};
use crate::binary::elf::Elf;
use crate::binary::head::Kind as FileKind;
use crate::binary::memory::Memory;
use crate::binary::section::SectionKind;
use atoms::Atoms;

/// No owner is known.
pub(super) const NOBODY: u32 = u32::MAX;
/// Several have it.
const SHARED: u32 = u32::MAX >> 4;
/// Set where the owner was known before, and stays.
const FIXED: u32 = 1 << 30;
/// Set where packages were charged for it before.
const CHARGED: u32 = 1 << 29;
const OWNER: u32 = CHARGED - 1;
/// Bytes of machine code, and of data, for each pointer: more than there are in real programs need
/// not be believed, nor held in memory.
const CODE_EACH: usize = 10;
const DATA_EACH: usize = 12;

/// What an owner is charged for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Constant,
    Variable,
    /// What the loader has to do for a pointer.
    Relocation,
}

/// What is known before.
pub(super) struct Known<'k, 'a> {
    pub(super) data: &'k ModuleData,
    pub(super) functions: &'k [Function<'a>],
    pub(super) types: &'k Charged<'a>,
    /// By a type's number, its owner's place, or [`NOBODY`].
    pub(super) owners: &'k [u32],
    /// Variables and constants with a symbol, and the places of their owners.
    pub(super) symbols: &'k [(u64, u64, u32)],
    pub(super) of_symbols: &'k [u32],
    /// Where the last stack map begins.
    pub(super) maps_end: Option<u64>,
    /// The index from code to functions: address and bytes.
    pub(super) buckets: Option<(u64, u64)>,
    /// The function table: address and bytes.
    pub(super) table: (u64, u64),
}

/// A part of the file that may hold data, by its distance from the first.
#[derive(Clone, Copy)]
struct Range {
    from: u32,
    to: u32,
    is_variable: bool,
}

/// Where data lies.
struct Places {
    base: u64,
    ranges: Vec<Range>,
}

/// Something whose owner is known before: (from, to, owner with its flags).
type Claim = (u32, u32, u32);

/// Calls `charge` with an owner's place, what it is, and bytes of the file that nobody has been charged
/// for before.
pub(super) fn share_out(
    elf: &Elf,
    memory: &Memory<'_>,
    known: &Known<'_, '_>,
    charge: impl FnMut(u32, Kind, u64),
) {
    let _ = told(elf, memory, known, charge);
}

/// `None` where nothing can be told.
fn told(
    elf: &Elf,
    memory: &Memory<'_>,
    known: &Known<'_, '_>,
    mut charge: impl FnMut(u32, Kind, u64),
) -> Option<()> {
    let references = scan::of_cpu(elf.head.goarch()?)?;
    let places = Places::of(elf)?;
    let from_code = from_code(memory, known, &places, references)?;
    let pointers = pointers(elf, memory, known, &places)?;
    let mut claims = claims(known, &places);
    claims.extend(tables(memory, known, &places, &pointers));
    let claims = in_order(claims);
    let mut atoms = Atoms::new(&places, &from_code, &pointers, &claims);
    atoms.claim(&claims);
    atoms.refer(from_code);
    atoms.functions(memory, known.functions, &places);
    atoms.spread(pointers);
    let is_moved = elf.head.kind == FileKind::Dynamic;
    for (owner, bytes) in of_nobodys(known, &places, &mut atoms) {
        charge(owner, Kind::Constant, bytes);
    }
    atoms.settle(&places, &mut charge);
    if is_moved {
        let each = 3 * memory.word as u64;
        for (at, _) in &memory.relocations {
            if let Some(owner) = places.offset(*at).and_then(|at| atoms.owner(at)) {
                charge(owner, Kind::Relocation, each);
            }
        }
    }
    Some(())
}

impl Places {
    /// `None` without section headers.
    fn of(elf: &Elf) -> Option<Self> {
        let holds = |kind| match kind {
            SectionKind::ReadOnlyData | SectionKind::GoTypes => Some(false),
            SectionKind::Data => Some(true),
            _ => None,
        };
        let sections = elf.sections.as_ref()?.iter();
        let mut sections: Vec<_> = sections
            .filter(|section| section.file_bytes > 0 && section.memory_bytes > 0)
            .filter_map(|section| Some((section, holds(section.kind)?)))
            .collect();
        sections.sort_by_key(|(section, _)| section.address);
        let base = sections.first()?.0.address;
        let mut ranges: Vec<Range> = Vec::new();
        for (section, is_variable) in sections {
            let from = u32::try_from(section.address - base).ok()?;
            let to = u32::try_from(section.file_bytes).ok()?.checked_add(from)?;
            // Real ones do not overlap.
            if ranges.last().is_some_and(|last| last.to > from) || to == NOBODY {
                return None;
            }
            ranges.push(Range {
                from,
                to,
                is_variable,
            });
        }
        Some(Places { base, ranges })
    }

    /// The distance of an address where data lies.
    fn offset(&self, address: u64) -> Option<u32> {
        let at = u32::try_from(address.wrapping_sub(self.base)).ok()?;
        self.range(at).map(|_| at)
    }

    fn range(&self, at: u32) -> Option<&Range> {
        let mut ranges = self.ranges.iter();
        ranges.find(|range| (range.from..range.to).contains(&at))
    }
}

/// Which data machine code points to, and whose code it is. What is in no function of Go's is of
/// others.
fn from_code(
    memory: &Memory<'_>,
    known: &Known<'_, '_>,
    places: &Places,
    references: scan::References,
) -> Option<Vec<(u32, u32)>> {
    let mut found = Vec::new();
    for load in memory.loads.iter().filter(|load| load.execute) {
        let code = memory.bytes_of(load);
        let most = code.len() / CODE_EACH;
        let (mut n, mut last) = (0, (NOBODY, NOBODY));
        references(code, load.address, &mut |at, to| {
            let Some(to) = places.offset(to) else {
                return;
            };
            let ends = |n: usize| {
                let function = known.functions.get(n)?;
                Some(function.start.wrapping_add(function.bytes))
            };
            while ends(n).is_some_and(|end| end <= at) {
                n += 1;
            }
            let function = known.functions.get(n).filter(|it| it.start <= at);
            let owner = function.and_then(|it| it.package).unwrap_or(SHARED);
            if last != (to, owner) && found.len() <= most {
                found.push((to, owner));
            }
            last = (to, owner);
        });
        if found.len() > most {
            return None;
        }
    }
    found.sort_unstable();
    found.dedup();
    Some(found)
}

/// Which data points to which, in order.
fn pointers(
    elf: &Elf,
    memory: &Memory<'_>,
    known: &Known<'_, '_>,
    places: &Places,
) -> Option<Vec<(u32, u32)>> {
    let word = memory.word as u64;
    let within = |at: u64, from: u64, bytes: u64| at.wrapping_sub(from) < bytes;
    let data = known.data;
    let maps = data.regions.stack_maps;
    let maps_bytes = known.maps_end.map_or(0, |end| end.saturating_sub(maps));
    // The runtime's own lists lead to everything, and say nothing of whose it is; maps hold none.
    let is_list = |at: u64| {
        within(at, known.table.0, known.table.1)
            || within(at, data.at, ModuleData::WORDS * word)
            || data
                .tables
                .is_some_and(|(list, count)| within(at, list, count.saturating_mul(word)))
            || within(at, maps, maps_bytes)
            || known
                .buckets
                .is_some_and(|(from, bytes)| within(at, from, bytes))
    };
    let pair = |at: u64, to: u64| {
        let pair = (places.offset(at)?, places.offset(to)?);
        (!is_list(at)).then_some(pair)
    };
    let ranges = places.ranges.iter();
    let bytes: usize = ranges.map(|range| (range.to - range.from) as usize).sum();
    let most = bytes / DATA_EACH;
    let mut found = Vec::new();
    if elf.head.kind == FileKind::Dynamic {
        let pairs = memory.relocations.iter();
        found.extend(pairs.filter_map(|(at, to)| pair(*at, *to)).take(most + 1));
    } else {
        for range in &places.ranges {
            let from = (places.base + u64::from(range.from)).next_multiple_of(word);
            let end = places.base + u64::from(range.to);
            let bytes = memory.slice(from, end.saturating_sub(from)).unwrap_or(&[]);
            for (n, bytes) in bytes.chunks_exact(memory.word).enumerate() {
                let to = memory.order.word(bytes, 0, memory.word).unwrap_or(0);
                if to.wrapping_sub(places.base) < u64::from(u32::MAX) {
                    found.extend(pair(from + n as u64 * word, to));
                }
            }
            if found.len() > most {
                return None;
            }
        }
    }
    (found.len() <= most).then_some(found)
}

/// What packages were charged for before, and what is known to be nobody's.
fn claims(known: &Known<'_, '_>, places: &Places) -> Vec<Claim> {
    let mut claims: Vec<Claim> = Vec::new();
    let mut add = |from: u64, bytes: u64, owner: u32| {
        if let Some(from) = places.offset(from) {
            let to = u64::from(from).saturating_add(bytes);
            let to = u32::try_from(to).unwrap_or(NOBODY);
            let to = places.range(from).map_or(from, |range| range.to.min(to));
            claims.push((from, to, owner));
        }
    };
    let fixed = |owner: u32| match owner {
        NOBODY => FIXED | CHARGED | SHARED,
        owner => FIXED | CHARGED | owner & OWNER,
    };
    let types = known.data.regions.types;
    for (from, to, number) in &known.types.spans {
        let owner = known.owners.get(*number as usize).copied();
        // Types without a name may be found to be somebody's.
        let owner = owner.filter(|owner| *owner != NOBODY).map_or(NOBODY, fixed);
        add(types + u64::from(*from), u64::from(to - from), owner);
    }
    for (from, bytes, symbol) in known.symbols {
        let owner = known.of_symbols.get(*symbol as usize);
        add(*from, *bytes, fixed(owner.copied().unwrap_or(NOBODY)));
    }
    add(known.table.0, known.table.1, fixed(NOBODY));
    let maps = known.data.regions.stack_maps;
    if let Some(end) = known.maps_end {
        add(maps, end.saturating_sub(maps), fixed(NOBODY));
    }
    if let Some((from, bytes)) = known.buckets {
        add(from, bytes, fixed(NOBODY));
    }
    claims
}

/// Interface tables (`abi.ITab`): an interface's descriptor, a type's, and that type's hash. They are
/// the type's.
fn tables(
    memory: &Memory<'_>,
    known: &Known<'_, '_>,
    places: &Places,
    pointers: &[(u32, u32)],
) -> Vec<Claim> {
    let word = memory.word as u64;
    let number = |at: u64| memory.order.u32(memory.from(at)?, 0);
    let address = |at: u32| places.base + u64::from(at);
    let types = &known.types;
    let table = |pair: &[(u32, u32)]| {
        let [(at, interface), (next, of)] = *pair else {
            return None;
        };
        let of = types
            .known
            .get(&address(of))
            .filter(|_| next - at == word as u32)?;
        let interface = address(interface);
        types.known.get(&interface)?;
        let kind = memory.slice(interface + 2 * word, 8)?[7] & 31;
        let hash = number(address(at) + 2 * word)?;
        let is_table = kind == INTERFACE && number(types.at[*of as usize] + 2 * word)? == hash;
        let methods = memory.integer(interface + 4 * word + 16 + 2 * word)?;
        let bytes = u32::try_from(methods.checked_mul(word)?.checked_add(2 * word + 8)?).ok()?;
        let to = at.checked_add(bytes)?.min(places.range(at)?.to);
        let owner = known.owners.get(*of as usize).filter(|it| **it != NOBODY)?;
        is_table.then_some((at, to, FIXED | owner & OWNER))
    };
    pointers.windows(2).filter_map(table).collect()
}

/// Each byte once, for the first that claims it.
fn in_order(mut claims: Vec<Claim>) -> Vec<Claim> {
    claims.sort_unstable();
    let mut done = 0;
    claims.retain_mut(|(from, to, _)| {
        *from = done.max(*from);
        done = done.max(*to);
        to > from
    });
    claims
}

/// Types without a name that one package alone points to: its place, and bytes.
fn of_nobodys(known: &Known<'_, '_>, places: &Places, atoms: &mut Atoms) -> Vec<(u32, u64)> {
    let types = known.data.regions.types;
    let mut found = Vec::new();
    for (from, to, number) in &known.types.spans {
        let number = *number as usize;
        if known.owners.get(number) != Some(&NOBODY) {
            continue;
        }
        let described = known.types.at.get(number).and_then(|at| places.offset(*at));
        let owner = described.and_then(|at| atoms.owner(at));
        let span = places.offset(types + u64::from(*from));
        if let Some(span) = span {
            atoms.charged(span, span.saturating_add(to - from), owner);
        }
        found.extend(owner.map(|owner| (owner, u64::from(to - from))));
    }
    found
}
