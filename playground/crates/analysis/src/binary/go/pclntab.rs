//! The function table (pclntab): where it is, and how it is laid out.
//!
//! Formats: `debug/gosym/pclntab.go` and `runtime/symtab.go` of each Go version.

use super::error::{CodeError, damaged};
use crate::binary::elf::Elf;
use crate::binary::head::Order;
use crate::binary::memory::Memory;
use crate::binary::section::SectionKind;
use serde::Serialize;

/// Which versions of Go write a table like this.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub enum Layout {
    /// Go 1.2 to 1.15
    #[serde(rename = "1.2")]
    Go12,
    /// Go 1.16 and 1.17
    #[serde(rename = "1.16")]
    Go116,
    /// Go 1.18 and 1.19
    #[serde(rename = "1.18")]
    Go118,
    /// Go 1.20 and later; read up to 1.27
    #[serde(rename = "1.20")]
    Go120,
}

impl Layout {
    fn of(magic: u32) -> Option<Self> {
        Some(match magic {
            0xffff_fffb => Self::Go12,
            0xffff_fffa => Self::Go116,
            0xffff_fff0 => Self::Go118,
            0xffff_fff1 => Self::Go120,
            _ => return None,
        })
    }
}

/// A function table's parts, each a slice of the executable.
#[derive(Clone, Copy)]
pub(super) struct Table<'a> {
    pub(super) layout: Layout,
    pub(super) order: Order,
    pub(super) word: usize,
    /// Distances within code are counted in so many bytes.
    pub(super) quantum: u8,
    /// Where the table lies in memory.
    pub(super) address: u64,
    /// How many functions it lists.
    pub(super) count: usize,
    /// Where code begins; 0 where another place says (Go ≥ 1.26).
    pub(super) text: u64,
    /// Distance from the table to the names, to tell its module data by.
    pub(super) names_at: u64,
    /// Function names, each ended by a zero.
    pub(super) names: &'a [u8],
    /// File numbers of compilation units, and the files' names; empty before Go 1.16.
    pub(super) units: &'a [u8],
    pub(super) files: &'a [u8],
    /// Streams of line numbers and the like; empty before Go 1.16.
    pub(super) streams: &'a [u8],
    /// The index of functions and what it points to, up to the end of what is loaded there.
    pub(super) functions: &'a [u8],
    /// Bytes between the table's start and `functions`.
    pub(super) functions_at: usize,
}

/// False starts that are looked at closely before a search gives up.
const MAX_TRIES: usize = 32;

/// All places that may be a function table, the most likely first.
pub(super) fn find<'a>(elf: &Elf, memory: &Memory<'a>) -> Result<Vec<Table<'a>>, CodeError> {
    if let Some(section) = elf.section(SectionKind::GoFunctions) {
        let bytes = memory
            .slice(section.address, section.file_bytes)
            .unwrap_or_default();
        let magic = memory
            .order
            .u32(bytes, 0)
            .ok_or(damaged("its section is empty"))?;
        if Layout::of(magic).is_none() {
            return Err(CodeError::UnknownLayout { magic });
        }
        let table = open(memory, section.address, bytes);
        return Ok(vec![table.ok_or(damaged("its parts lie outside of it"))?]);
    }
    let found = memory.loads.iter().flat_map(|load| {
        let bytes = memory.bytes_of(load);
        candidates(bytes, memory.order)
            .filter_map(move |at| open(memory, load.address.checked_add(at as u64)?, &bytes[at..]))
    });
    Ok(found.take(MAX_TRIES).collect())
}

/// Where a magic number stands, followed by two zeros.
fn candidates(bytes: &[u8], order: Order) -> impl Iterator<Item = usize> + '_ {
    let (mark, back) = match order {
        Order::Little => (&b"\xff\xff\xff\0\0"[..], 1),
        Order::Big => (&b"\xff\xff\xff"[..], 0),
    };
    memchr::memmem::find_iter(bytes, mark).filter_map(move |at| {
        let start = at.checked_sub(back)?;
        let zeros = bytes.get(start + 4..start + 6)? == [0, 0];
        (zeros && Layout::of(order.u32(bytes, start)?).is_some()).then_some(start)
    })
}

/// Reads the header at the start of `bytes`.
fn open<'a>(memory: &Memory<'a>, address: u64, bytes: &'a [u8]) -> Option<Table<'a>> {
    let order = memory.order;
    let layout = Layout::of(order.u32(bytes, 0)?)?;
    let [_, _, _, _, 0, 0, quantum, word] = *bytes.first_chunk::<8>()? else {
        return None;
    };
    let word = usize::from(word);
    if !matches!(quantum, 1 | 2 | 4) || word != memory.word || !address.is_multiple_of(word as u64)
    {
        return None;
    }
    let field = |n: usize| order.word(bytes, 8 + n * word, word);
    let distance = |n: usize| usize::try_from(field(n)?).ok();
    let count = distance(0)?;
    let table = Table {
        layout,
        order,
        word,
        quantum,
        address,
        count,
        text: 0,
        names_at: 0,
        names: bytes,
        units: &[],
        files: &[],
        streams: &[],
        functions: bytes.get(8 + word..)?,
        functions_at: 8 + word,
    };
    if layout == Layout::Go12 {
        return plausible(table);
    }
    // Before Go 1.18 there was no start of the code in between.
    let first = if layout == Layout::Go116 { 2 } else { 3 };
    let part = |n: usize| bytes.get(distance(first + n)?..distance(first + n + 1)?);
    let functions_at = distance(first + 4)?;
    let text = match layout {
        Layout::Go116 => 0,
        _ => memory.pointer(address.checked_add((8 + 2 * word) as u64)?)?,
    };
    plausible(Table {
        text,
        names_at: field(first)?,
        names: part(0)?,
        units: part(1)?,
        files: part(2)?,
        streams: part(3)?,
        functions: bytes.get(functions_at..)?,
        functions_at,
        ..table
    })
}

fn plausible(table: Table<'_>) -> Option<Table<'_>> {
    let index = table.count.checked_mul(table.index_bytes())?;
    (table.count > 0 && index < table.functions.len()).then_some(table)
}

impl<'a> Table<'a> {
    /// Bytes of one entry of the index.
    pub(super) fn index_bytes(&self) -> usize {
        if self.layout >= Layout::Go118 {
            8
        } else {
            2 * self.word
        }
    }

    /// Bytes of the index, with the entry behind the last function's that says where code ends.
    pub(super) fn index_ends(&self) -> usize {
        // It was found to fit, with bytes to spare.
        self.count * self.index_bytes() + self.index_bytes() / 2
    }

    /// (where the code begins, where the description lies) of the `n`th function. One more
    /// than the last says where the last one's code ends.
    ///
    /// Code is counted from [`Table::text`] since Go 1.18, and is an address before.
    pub(super) fn index(&self, n: usize, memory: &Memory<'_>) -> Option<(u64, usize)> {
        let at = n.checked_mul(self.index_bytes())?;
        let half = self.index_bytes() / 2;
        let begins = if self.layout >= Layout::Go118 {
            u64::from(self.order.u32(self.functions, at)?)
        } else {
            memory.pointer(self.address.checked_add((self.functions_at + at) as u64)?)?
        };
        if n == self.count {
            return Some((begins, 0));
        }
        let description = self.order.word(self.functions, at + half, half)?;
        let description = usize::try_from(description).ok()?;
        // Go 1.2 counted from the start of the table.
        let description = match self.layout {
            Layout::Go12 => description.checked_sub(self.functions_at)?,
            _ => description,
        };
        Some((begins, description))
    }

    /// The description of a function, which begins at `at`.
    pub(super) fn describe(&self, at: usize) -> Option<Description> {
        // The entry point, which is repeated here.
        let entry = self.index_bytes() / 2;
        let field = |n: usize| {
            self.order
                .u32(self.functions, at.checked_add(entry + 4 * n)?)
        };
        let mut found = Description {
            name: field(0)?,
            ..Description::default()
        };
        if self.layout < Layout::Go118 {
            found.bytes = entry + 32;
            found.ends = at.checked_add(found.bytes)?;
            (found.more_at, found.maps_at) = (found.ends, found.ends);
            return Some(found);
        }
        let fixed = if self.layout == Layout::Go118 { 40 } else { 44 };
        found.streams = [field(3)?, field(4)?, field(5)?];
        found.unit = field(7)?;
        let more = field(6)? as usize;
        let stack_maps = usize::from(*self.functions.get(at + fixed - 1)?);
        found.more_at = at + fixed;
        found.maps_at = more.checked_mul(4)?.checked_add(found.more_at)?;
        found.ends = found.maps_at + 4 * stack_maps;
        found.bytes = found.ends - at;
        Some(found)
    }

    /// The table's 32-bit numbers from `from` to `to`, both counted within `functions`.
    pub(super) fn numbers(&self, from: usize, to: usize) -> impl Iterator<Item = u32> + use<'a> {
        let order = self.order;
        let bytes = self.functions.get(from..to).unwrap_or_default();
        bytes
            .chunks_exact(4)
            .filter_map(move |four| order.u32(four, 0))
    }
}

/// What the table says about one function.
#[derive(Default)]
pub(super) struct Description {
    /// Where its name begins, within [`Table::names`].
    pub(super) name: u32,
    /// Its streams of stack depth, file and line, within [`Table::streams`]; 0 for none.
    pub(super) streams: [u32; 3],
    /// Its compilation unit, within [`Table::units`], in entries.
    pub(super) unit: u32,
    /// Where the numbers of its other streams begin, within [`Table::functions`].
    pub(super) more_at: usize,
    /// Where the numbers of its stack maps begin, and end.
    pub(super) maps_at: usize,
    pub(super) ends: usize,
    /// Bytes of the description itself.
    pub(super) bytes: usize,
}
