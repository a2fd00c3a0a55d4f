//! Type descriptors: which package's types take how many bytes.
//!
//! The linker names no package for a type, but the runtime needs one in every descriptor of a
//! named type. From the runtime's own lists all others are reached, as far as they are reached
//! at all. Layout: `internal/abi/type.go` and `runtime/type.go` of Go 1.18 to 1.27.
//!
//! A package is charged for its named types, for what points to one of them or is a row of
//! them, and for the names in those. What belongs to nobody (`map[string]int`, functions,
//! basic types) is counted, and charged to none.

use super::module_data::{Regions, TypeList};
use crate::binary::leb128::counted;
use crate::binary::memory::Memory;
use std::collections::{BTreeMap, HashMap};

/// Pointers to slices of arrays of … that are followed to a named type.
const MAX_STEPS: usize = 8;
/// Descriptors beyond this address are not believed: no system has room for programs there,
/// and sums of addresses fit.
const HIGHEST: u64 = 1 << 62;
/// Longest import path that is believed, in bytes.
const LONGEST_PATH: u64 = 1024;
/// The compiler's pseudo package.
const NOBODYS: &str = "go.shape";

const ARRAY: u8 = 17;
const CHANNEL: u8 = 18;
const FUNCTION: u8 = 19;
pub(super) const INTERFACE: u8 = 20;
const MAP: u8 = 21;
const POINTER: u8 = 22;
const SLICE: u8 = 23;
const STRUCT: u8 = 25;
const LAST_KIND: u8 = 26;

/// Bytes of type descriptors.
#[derive(Default)]
pub(super) struct Charged<'a> {
    /// Import path, as it is written in Go, and bytes.
    pub(super) packages: BTreeMap<&'a str, u64>,
    /// All that were reached, whoever's they are.
    pub(super) bytes: u64,
    /// Which bytes belong to which type, in order and none twice: (from, to, its number), counted from
    /// where descriptors begin.
    pub(super) spans: Vec<(u32, u32, u32)>,
    /// The number of the type that is described at an address.
    pub(super) known: HashMap<u64, u32>,
    /// By number: where it is described.
    pub(super) at: Vec<u64>,
    /// By number: whose it is.
    pub(super) owners: Vec<Option<&'a str>>,
}

/// A type that was reached.
#[derive(Default)]
struct Reached<'a> {
    package: Option<&'a str>,
    /// What it points to, or is a row of.
    of: Option<u64>,
}

struct Walk<'a, 'm> {
    memory: &'m Memory<'a>,
    regions: Regions,
    word: u64,
    map_words: Option<u64>,
    known: HashMap<u64, u32>,
    types: Vec<Reached<'a>>,
    /// (from, to, type), counted from where descriptors begin.
    extents: Vec<(u32, u32, u32)>,
    open: Vec<u64>,
    /// What real descriptors have at most, for their bytes: those that overlap have more.
    types_left: u64,
    parts_left: u64,
}

/// What packages are charged for; nothing where the descriptors make no sense.
pub(super) fn charge<'a>(
    memory: &Memory<'a>,
    regions: Regions,
    list: TypeList,
    go: Option<u32>,
) -> Charged<'a> {
    let length = regions.types_end.saturating_sub(regions.types);
    if u32::try_from(length).is_err() || regions.types_end > HIGHEST {
        return Charged::default();
    }
    let walk = Walk {
        memory,
        regions,
        word: memory.word as u64,
        map_words: match go {
            Some(..=23) => Some(4 + 8 / memory.word as u64),
            Some(24..=26) => Some(8),
            Some(27) => Some(11),
            _ => None,
        },
        known: HashMap::new(),
        types: Vec::new(),
        extents: Vec::new(),
        open: Vec::new(),
        types_left: length / 64,
        parts_left: length / 8,
    };
    walk.all(list).unwrap_or_default()
}

impl<'a> Walk<'a, '_> {
    fn all(mut self, list: TypeList) -> Option<Charged<'a>> {
        match list {
            TypeList::Offsets { at, count } => {
                for n in 0..count {
                    let offset = self.number(at.checked_add(4 * n)?)?;
                    self.reach(self.regions.types.checked_add(offset.into())?)?;
                }
            }
            TypeList::Contiguous { bytes } => {
                let end = self.regions.types.checked_add(bytes)?;
                let mut at = self.regions.types.checked_add(self.word)?;
                while at < end {
                    at = at.checked_next_multiple_of(self.word)?;
                    self.reach(at)?;
                    at = at.checked_add(self.size(at)?)?;
                }
            }
        }
        Some(self.settle())
    }

    /// This type and all that it leads to; `None` where they are more than there can be.
    fn reach(&mut self, at: u64) -> Option<()> {
        self.open.push(at);
        while let Some(at) = self.open.pop() {
            let inside = (self.regions.types..self.regions.types_end).contains(&at);
            if inside && at.is_multiple_of(self.word) && !self.known.contains_key(&at) {
                self.types_left = self.types_left.checked_sub(1)?;
                self.visit(at)?;
            }
        }
        Some(())
    }

    /// `None` where there are more parts than there can be; damaged ones are left out.
    fn visit(&mut self, at: u64) -> Option<()> {
        let number = self.types.len() as u32;
        self.known.insert(at, number);
        self.types.push(Reached::default());
        let Some(shape) = self.shape(at) else {
            return Some(());
        };
        self.extent(at, shape.fixed, number);
        let word = self.word;
        let base = at + 4 * word + 16;
        self.name(self.offset(at + 4 * word + 8), number);
        self.open.extend(self.offset(at + 4 * word + 12));
        let of_one = matches!(shape.kind, POINTER | SLICE | ARRAY | CHANNEL);
        let of = self.memory.pointer(base).filter(|_| of_one);
        self.open.extend(of);
        self.types[number as usize].of = of;
        if matches!(shape.kind, ARRAY | MAP) {
            self.open.extend(self.memory.pointer(base + word));
        }
        if shape.kind == MAP {
            self.open.extend(self.memory.pointer(base));
            self.open.extend(self.memory.pointer(base + 2 * word));
        }
        if matches!(shape.kind, STRUCT | INTERFACE) {
            self.name(self.memory.pointer(base).filter(|at| *at != 0), number);
        }
        self.parts_left = self.parts_left.checked_sub(shape.count)?;
        if let Some(rows) = shape.rows {
            self.extent(rows, shape.count * shape.each, number);
        }
        for row in (0..shape.count).filter_map(|n| shape.rows?.checked_add(n * shape.each)) {
            match shape.kind {
                STRUCT => {
                    self.name(self.memory.pointer(row), number);
                    self.open.extend(self.memory.pointer(row + word));
                }
                INTERFACE => {
                    self.name(self.offset(row), number);
                    self.open.extend(self.offset(row + 4));
                }
                _ => self.open.extend(self.memory.pointer(row)),
            }
        }
        let Some(uncommon) = shape.uncommon else {
            return Some(());
        };
        let package = self.offset(uncommon);
        self.name(package, number);
        self.types[number as usize].package = package.and_then(|at| self.path(at));
        self.parts_left = self.parts_left.checked_sub(shape.methods)?;
        let methods = uncommon + u64::from(self.number(uncommon + 8).unwrap_or(0));
        self.extent(methods, 16 * shape.methods, number);
        for method in (0..shape.methods).map(|n| methods + 16 * n) {
            self.name(self.offset(method), number);
            self.open.extend(self.offset(method + 4));
        }
        Some(())
    }

    /// Bytes of a descriptor with all that follows it (Go 1.27).
    fn size(&self, at: u64) -> Option<u64> {
        let shape = self.shape(at)?;
        // Rows and methods lie right behind.
        Some(shape.fixed + shape.count * shape.each + 16 * shape.methods)
    }

    fn shape(&self, at: u64) -> Option<Shape> {
        let word = self.word;
        let head = self.memory.slice(at, 4 * word + 16)?;
        let flags = head[2 * word as usize + 4];
        // Before Go 1.26, the upper bits were flags.
        let kind = head[2 * word as usize + 7] & 31;
        if !(1..=LAST_KIND).contains(&kind) {
            return None;
        }
        let words = match kind {
            ARRAY => 3,
            CHANNEL => 2,
            FUNCTION | POINTER | SLICE => 1,
            INTERFACE | STRUCT => 4,
            MAP => self.map_words?,
            _ => 0,
        };
        let base = at + 4 * word + 16;
        let behind = base + words * word;
        let uncommon = (flags & 1 != 0).then_some(behind);
        let end = behind + if uncommon.is_some() { 16 } else { 0 };
        let methods = match uncommon {
            Some(at) => self.halves(at + 4)?.0,
            None => 0,
        };
        let (rows, count, each) = match kind {
            FUNCTION => {
                let (takes, gives) = self.halves(base)?;
                // The upper bit says that the last one is variadic.
                (Some(end), takes + (gives & 0x7fff), word)
            }
            STRUCT | INTERFACE => {
                let count = self.memory.integer(base + 2 * word)?;
                let each = if kind == STRUCT { 3 * word } else { 8 };
                (self.memory.pointer(base + word), count, each)
            }
            _ => (None, 0, 0),
        };
        // More than there are bytes for is damage.
        let most = self.regions.types_end - self.regions.types;
        let sound = count <= most / 8 && rows.is_none_or(|rows| rows <= HIGHEST);
        sound.then_some(Shape {
            kind,
            fixed: end - at,
            uncommon,
            methods,
            rows,
            count,
            each,
        })
    }

    fn number(&self, at: u64) -> Option<u32> {
        self.memory.order.u32(self.memory.from(at)?, 0)
    }

    /// Two 16-bit numbers, in the order in which they stand.
    fn halves(&self, at: u64) -> Option<(u64, u64)> {
        let half = |n| self.memory.order.word(self.memory.from(at)?, n, 2);
        Some((half(0)?, half(2)?))
    }

    /// The address that an offset from the first descriptor means; 0 and -1 mean none.
    fn offset(&self, at: u64) -> Option<u64> {
        let offset = self.number(at)?;
        let means = (1..=i32::MAX as u32).contains(&offset);
        means.then(|| self.regions.types.checked_add(offset.into()))?
    }

    /// An import path; the built-in types' is empty.
    fn path(&self, at: u64) -> Option<&'a str> {
        let (path, bytes) = self.text(at)?;
        let path = std::str::from_utf8(path).ok()?;
        (bytes <= LONGEST_PATH && !path.is_empty() && path != NOBODYS).then_some(path)
    }

    /// Charges a name to the type that has it.
    fn name(&mut self, at: Option<u64>, number: u32) {
        if let Some((at, (_, bytes))) = at.and_then(|at| Some((at, self.text(at)?))) {
            self.extent(at, bytes, number);
        }
    }

    /// A name, and bytes of all that is stored with it: flags, length, tag, package.
    fn text(&self, at: u64) -> Option<(&'a [u8], u64)> {
        let whole = self.memory.from(at)?;
        let (flags, rest) = whole.split_first()?;
        let (text, mut rest) = counted(rest)?;
        if flags & 2 != 0 {
            rest = counted(rest)?.1;
        }
        if flags & 4 != 0 {
            rest = rest.get(4..)?;
        }
        let bytes = (whole.len() - rest.len()) as u64;
        Some((text, bytes))
    }

    fn extent(&mut self, at: u64, bytes: u64, number: u32) {
        let from = at.checked_sub(self.regions.types);
        let to = from.and_then(|from| from.checked_add(bytes));
        let length = self.regions.types_end - self.regions.types;
        if let (Some(from), Some(to)) = (from, to.filter(|to| *to <= length)) {
            // Both fit: the whole is no longer than that.
            self.extents.push((from as u32, to as u32, number));
        }
    }

    /// Each byte once, for the first that has it.
    fn settle(mut self) -> Charged<'a> {
        let mut charged = Charged::default();
        self.extents.sort_unstable_by_key(|(from, to, number)| {
            let span = u64::from(*from) << 32 | u64::from(*to);
            u128::from(span) << 32 | u128::from(*number)
        });
        charged.at = vec![0; self.types.len()];
        for (at, number) in &self.known {
            charged.at[*number as usize] = *at;
        }
        let numbers = 0..self.types.len() as u32;
        charged.owners = numbers.map(|number| self.owner(number)).collect();
        let (mut done, mut sums) = (0, vec![0_u64; self.types.len()]);
        self.extents.retain_mut(|(from, to, number)| {
            *from = done.max(*from);
            let bytes = u64::from(to.saturating_sub(*from));
            done = done.max(*to);
            sums[*number as usize] += bytes;
            bytes > 0
        });
        for (bytes, package) in sums.iter().zip(&charged.owners) {
            charged.bytes += bytes;
            if let Some(package) = package.filter(|_| *bytes > 0) {
                *charged.packages.entry(package).or_default() += bytes;
            }
        }
        charged.spans = self.extents;
        charged.known = self.known;
        charged
    }

    fn owner(&self, mut number: u32) -> Option<&'a str> {
        for _ in 0..MAX_STEPS {
            let reached = self.types.get(number as usize)?;
            if reached.package.is_some() {
                return reached.package;
            }
            number = *self.known.get(&reached.of?)?;
        }
        None
    }
}

/// What a descriptor is made of.
struct Shape {
    kind: u8,
    /// Bytes of the descriptor without rows and methods.
    fixed: u64,
    /// Where package and methods are told, of a type that has any.
    uncommon: Option<u64>,
    methods: u64,
    /// Fields, methods of an interface, or a function's parameters.
    rows: Option<u64>,
    count: u64,
    each: u64,
}
