//! The runtime's module data: where code, types and stack maps lie.
//!
//! Layout: `type moduledata` in `runtime/symtab.go`; the fields used have kept their order
//! from Go 1.18 on, with one insertion each in 1.20 and 1.27.

use super::pclntab::{Layout, Table};
use crate::binary::head::Order;
use crate::binary::memory::Memory;
use serde::Serialize;

/// Places that point to the table but are something else, before the search gives up.
const MAX_TRIES: usize = 64;

/// Where Go's parts lie, as addresses. Source: the runtime's module data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Regions {
    /// Where Go's machine code begins.
    pub text: u64,
    /// Where it ends.
    pub text_end: u64,
    /// Type descriptors begin.
    pub types: u64,
    /// They end here, or before: except in Go 1.27 and PIE, other constants are in between.
    pub types_end: u64,
    /// Stack maps and the like (funcdata) begin.
    pub stack_maps: u64,
}

/// How all types are found that nothing else leads to.
#[derive(Clone, Copy, Debug)]
pub(super) enum TypeList {
    /// Up to Go 1.26, a list of 32-bit distances from the first descriptor.
    Offsets {
        /// Its address.
        at: u64,
        /// How many it has.
        count: u64,
    },
    /// Since Go 1.27, descriptors lie one behind the other.
    Contiguous {
        /// Bytes of all of them.
        bytes: u64,
    },
}

/// What the module data tells.
#[derive(Clone, Copy, Debug)]
pub(super) struct ModuleData {
    pub(super) regions: Regions,
    pub(super) types: Option<TypeList>,
    /// Its own address.
    pub(super) at: u64,
    /// Where the index from code to functions lies (findfunctab).
    pub(super) buckets: u64,
    /// Where variables lie that hold no pointers.
    pub(super) without_pointers: (u64, u64),
    /// Those that may.
    pub(super) variables: Variables,
    /// The list of interface tables: its address, and how many they are; up to Go 1.26.
    pub(super) tables: Option<(u64, u64)>,
    /// From where to where all constants lie, where they are one row with the types.
    pub(super) constants: Option<(u64, u64)>,
}

/// Variables with a first value.
#[derive(Clone, Copy, Debug)]
pub(super) struct Variables {
    pub(super) from: u64,
    pub(super) to: u64,
    /// Where it is told which words of them are pointers.
    pub(super) program: u64,
}

impl ModuleData {
    /// Words of it that are pointers to what is not the runtime's: more than it has in any version.
    pub(super) const WORDS: u64 = 96;
}

/// Finds what points to `table`, in the file or through a relocation.
pub(super) fn find(table: &Table<'_>, memory: &Memory<'_>) -> Option<ModuleData> {
    if table.layout < Layout::Go118 {
        return None;
    }
    let mut pointer = table.address.to_le_bytes();
    let pointer = &mut pointer[..table.word];
    if table.order == Order::Big {
        pointer.reverse();
    }
    let pointer = &*pointer;
    let data = memory.loads.iter().filter(|load| !load.execute);
    let in_file = data.flat_map(|load| {
        memchr::memmem::find_iter(memory.bytes_of(load), pointer)
            .filter_map(|at| load.address.checked_add(at as u64))
            .filter(|address| address % table.word as u64 == 0)
    });
    let relocated = memory
        .relocations
        .iter()
        .filter(|(_, value)| *value == table.address)
        .map(|(at, _)| *at);
    relocated
        .chain(in_file)
        .take(MAX_TRIES)
        .find_map(|at| module_data_at(table, memory, at))
}

fn module_data_at(table: &Table<'_>, memory: &Memory<'_>, at: u64) -> Option<ModuleData> {
    let field = |n: u64| memory.pointer(at.checked_add(n * table.word as u64)?);
    // Its second field is the slice of names.
    if field(1)? != table.address.checked_add(table.names_at)? {
        return None;
    }
    let types_at = match table.layout {
        Layout::Go120 => 37,
        _ => 35,
    };
    let types = field(types_at)?;
    // Go 1.27 has the length of the descriptors in between, and interface tables behind.
    let second = field(types_at + 1)?;
    let (mut tables, mut constants) = (None, None);
    let (types_end, stack_maps, list) = if second >= types {
        // Go 1.26 has the end of the function table before the lists.
        let list = |n| {
            let (at, count, room) = (field(n)?, field(n + 1)?, field(n + 2)?);
            let bytes = count.checked_mul(4).filter(|bytes| *bytes > 0)?;
            let sound = count == room && memory.slice(at, bytes).is_some();
            sound.then_some(TypeList::Offsets { at, count })
        };
        let found = [types_at + 7, types_at + 8];
        let found = found.into_iter().find_map(|n| Some((n, list(n)?)));
        tables = found.and_then(|(n, _)| Some((field(n + 3)?, field(n + 4)?)));
        // The linker takes the whole section for types where they have none of their own.
        constants = (field(types_at + 2)? == types).then_some((types, second));
        (second, field(types_at + 3)?, found.map(|(_, list)| list))
    } else {
        let list = TypeList::Contiguous { bytes: second };
        (field(types_at + 2)?, field(types_at + 6)?, Some(list))
    };
    let regions = Regions {
        text: field(22)?,
        text_end: field(23)?,
        types,
        types_end,
        stack_maps,
    };
    let sound = regions.text < regions.text_end
        && types <= types_end
        && memory.from(regions.text).is_some();
    sound.then_some(ModuleData {
        regions,
        types: list,
        at,
        buckets: field(19)?,
        without_pointers: (field(24)?, field(25)?),
        variables: Variables {
            from: field(26)?,
            to: field(27)?,
            program: field(types_at - 2)?,
        },
        tables,
        constants,
    })
}
