//! Whose constants, variables and types without a name are: told by what points to them.
//!
//! The linker keeps nothing that no pointer leads to: what begins where one leads ends where the next
//! one leads. It belongs to a package where all pointers to it stand in that package's machine code,
//! or in data that is the package's. Code that was inlined into another package's is still its own
//! package's ([`inlined`]), and numbers that look like pointers are none where the garbage collector is
//! told so ([`mask`]). What several packages point to is shared, and nobody's. Machine code is read for
//! amd64 and arm64 alone ([`scan`]); of other CPUs, and without section headers, nothing is told.

mod atoms;
mod code;
mod data;
mod inlined;
mod mask;
mod places;
mod scan;
#[cfg(test)]
mod tests;

use super::code::Function;
use super::module_data::ModuleData;
use super::pclntab::Table;
use super::types::{Charged, INTERFACE};
use crate::binary::elf::Elf;
use crate::binary::head::Kind as FileKind;
use crate::binary::memory::Memory;
use atoms::Atoms;
pub(super) use inlined::InTable;
use places::Places;

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
    /// By function: what is inlined in it.
    pub(super) inlined: &'k [Option<InTable>],
    pub(super) listed: &'k Table<'a>,
    /// The place of the package of the function whose name begins here.
    pub(super) named: &'k dyn Fn(u32) -> Option<u32>,
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
    let from_code = code::from_code(memory, known, &places, references)?;
    let (pointers, bounds) = data::pointers(elf, memory, known, &places)?;
    let mut claims = claims(known, &places);
    claims.extend(tables(memory, known, &places, &pointers));
    claims.extend(data::tasks(memory, known, &places));
    let claims = in_order(claims);
    let mut atoms = Atoms::new(&places, &from_code, &pointers, &claims, &bounds);
    atoms.claim(&claims);
    atoms.refer(&from_code);
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
    let address = |at: u32| places.address(at);
    let types = &known.types;
    let table = |pair: &[(u32, u32)]| {
        let [(at, interface), (next, of)] = *pair else {
            return None;
        };
        if next - at != word as u32 {
            return None;
        }
        let (interface, of) = (address(interface), address(of));
        // What is read at once says most often that it is none.
        let kind = memory.slice(interface + 2 * word, 8)?[7] & 31;
        let hash = number(address(at) + 2 * word)?;
        if kind != INTERFACE || number(of + 2 * word)? != hash {
            return None;
        }
        let of = types.known.get(&of)?;
        types.known.get(&interface)?;
        let methods = memory.integer(interface + 4 * word + 16 + 2 * word)?;
        let to = places.end(at, methods.checked_mul(word)?.checked_add(2 * word + 8)?)?;
        let owner = known.owners.get(*of as usize).filter(|it| **it != NOBODY)?;
        Some((at, to, FIXED | owner & OWNER))
    };
    pointers.windows(2).filter_map(table).collect()
}

/// Each byte once, for the first that claims it.
fn in_order(mut claims: Vec<Claim>) -> Vec<Claim> {
    // They are a few rows that are in order.
    claims.sort();
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
