//! Forms of instructions for amd64: prefixes, operations, operands, and so their lengths.
//!
//! [`Form`] tells all of it; [`pointers`] reads no more than is needed to go on to the next instruction
//! and to see what this one points to, by tables that are made of the same rules.

const MAX_BYTES: usize = 15;

/// Which table of operations.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Map {
    One,
    Two,
    /// `0f 38`
    Three8,
    /// `0f 3a`
    Three10,
}

/// An instruction's form: what it is, and how long.
pub(super) struct Form {
    pub(super) map: Map,
    pub(super) operation: u8,
    pub(super) modrm: u8,
    /// REX.W
    pub(super) wide: bool,
    /// REX.R and REX.B
    pub(super) high: (bool, bool),
    /// Base and index of an operand in memory that has a byte of its own for them.
    pub(super) memory: [Option<u8>; 2],
    /// Where its operand begins.
    operand: Option<usize>,
    pub(super) length: usize,
}

impl Form {
    pub(super) fn of(code: &[u8]) -> Option<Form> {
        let mut at = 0;
        let mut short = false;
        while let Some(
            byte @ (0x66 | 0x67 | 0xf2 | 0xf3 | 0xf0 | 0x2e | 0x36 | 0x3e | 0x26 | 0x64 | 0x65),
        ) = code.get(at).copied()
        {
            short |= byte == 0x66;
            at += 1;
        }
        let mut rex = 0;
        if let Some(byte @ 0x40..=0x4f) = code.get(at).copied() {
            rex = byte;
            at += 1;
        }
        let first = *code.get(at)?;
        let vector = matches!(first, 0xc4 | 0xc5 | 0x62);
        let (map, operation) = match first {
            0xc5 => (Map::Two, *code.get(at + 2)?),
            0xc4 => (of_vector(*code.get(at + 1)? & 31)?, *code.get(at + 3)?),
            0x62 => (of_vector(*code.get(at + 1)? & 7)?, *code.get(at + 4)?),
            0x0f => match *code.get(at + 1)? {
                0x38 => (Map::Three8, *code.get(at + 2)?),
                0x3a => (Map::Three10, *code.get(at + 2)?),
                operation => (Map::Two, operation),
            },
            operation => (Map::One, operation),
        };
        at += match (first, map) {
            (0xc5, _) => 3,
            (0xc4, _) => 4,
            (0x62, _) => 5,
            (_, Map::One) => 1,
            (_, Map::Two) => 2,
            _ => 3,
        };
        let wide = rex & 8 != 0;
        let modrm = match has_modrm(map, operation, vector)? {
            true => Some(*code.get(at)?),
            false => None,
        };
        let sib = modrm.filter(|modrm| modrm >> 6 != 3 && modrm & 7 == 4);
        let sib = sib.and_then(|_| code.get(at + 1));
        let part = |low: u8, bit: u8| low | if rex & bit != 0 { 8 } else { 0 };
        let memory = sib.map(|sib| [Some(part(sib & 7, 1)), Some(part(sib >> 3 & 7, 2))]);
        let begins = modrm.map(|_| at);
        if let Some(modrm) = modrm {
            at += operand(code.get(at..)?, modrm)?;
        }
        at += constant(map, operation, modrm.unwrap_or(0), wide, short);
        let form = Form {
            map,
            operation,
            modrm: modrm.unwrap_or(0),
            wide,
            high: (rex & 4 != 0, rex & 1 != 0),
            memory: memory.unwrap_or_default(),
            operand: begins,
            length: at,
        };
        (at <= code.len().min(MAX_BYTES)).then_some(form)
    }

    /// It writes to flags alone.
    pub(super) fn compares(&self) -> bool {
        self.map == Map::One
            && match self.operation {
                0x38..=0x3d | 0x84 | 0x85 | 0xa8 | 0xa9 => true,
                0x80 | 0x81 | 0x83 => self.modrm >> 3 & 7 == 7,
                _ => false,
            }
    }

    /// Both operands are the same register.
    pub(super) fn tests_itself(&self) -> bool {
        self.modrm >= 0xc0 && self.modrm >> 3 & 7 == self.modrm & 7 && self.high.0 == self.high.1
    }

    pub(super) fn register(&self) -> u8 {
        (self.modrm & 7) | if self.high.1 { 8 } else { 0 }
    }
}

fn of_vector(map: u8) -> Option<Map> {
    match map {
        1 => Some(Map::Two),
        2 => Some(Map::Three8),
        3 => Some(Map::Three10),
        _ => None,
    }
}

/// `None` of what is no operation in 64 bits.
pub(super) const fn has_modrm(map: Map, operation: u8, vector: bool) -> Option<bool> {
    Some(match (map, operation) {
        (Map::One, 0x00..=0x3f) => match operation & 7 {
            0..=3 => true,
            4 | 5 => false,
            _ => return None,
        },
        (Map::One, 0x50..=0x5f | 0x68 | 0x6a | 0x6c..=0x7f | 0x90..=0x99 | 0x9b..=0xbf) => false,
        (Map::One, 0x63 | 0x69 | 0x6b | 0x80 | 0x81 | 0x83..=0x8f) => true,
        (Map::One, 0xc0 | 0xc1 | 0xc6 | 0xc7 | 0xd0..=0xd3 | 0xd8..=0xdf) => true,
        (Map::One, 0xc2 | 0xc3 | 0xc8..=0xcd | 0xcf | 0xd7 | 0xe0..=0xe9 | 0xeb..=0xef) => false,
        (Map::One, 0xf1 | 0xf4 | 0xf5 | 0xf8..=0xfd) => false,
        (Map::One, 0xf6 | 0xf7 | 0xfe | 0xff) => true,
        (Map::One, _) => return None,
        (Map::Two, 0x77) => false,
        (Map::Two, _) if vector => true,
        (Map::Two, 0x05..=0x09 | 0x0b | 0x0e | 0x30..=0x37 | 0x80..=0x8f) => false,
        (Map::Two, 0xa0..=0xa2 | 0xa8..=0xaa | 0xc8..=0xcf) => false,
        _ => true,
    })
}

/// Bytes of the form, index and distance of an operand.
const fn operand(code: &[u8], modrm: u8) -> Option<usize> {
    let (kind, base) = (modrm >> 6, modrm & 7);
    let indexed = kind != 3 && base == 4;
    let sib = if indexed { 1 } else { 0 };
    if indexed && code.len() < 2 {
        return None;
    }
    let nothing_but_index = indexed && code[1] & 7 == 5;
    Some(match kind {
        0 if base == 5 || nothing_but_index => 5 + sib,
        1 => 2 + sib,
        2 => 5 + sib,
        _ => 1 + sib,
    })
}

/// Bytes of a constant behind the operand.
const fn constant(map: Map, operation: u8, modrm: u8, wide: bool, short: bool) -> usize {
    let word = if short { 2 } else { 4 };
    match (map, operation) {
        (Map::One, 0x00..=0x3f) => match operation & 7 {
            4 => 1,
            5 => word,
            _ => 0,
        },
        (Map::One, 0x68 | 0x69 | 0x81 | 0xa9 | 0xc7) => word,
        (Map::One, 0x6a | 0x6b | 0x70..=0x80 | 0x83 | 0xa8 | 0xb0..=0xb7) => 1,
        (Map::One, 0xa0..=0xa3) => 8,
        (Map::One, 0xb8..=0xbf) if wide => 8,
        (Map::One, 0xb8..=0xbf) => word,
        (Map::One, 0xc0 | 0xc1 | 0xc6 | 0xcd | 0xe0..=0xe7 | 0xeb) => 1,
        (Map::One, 0xc2 | 0xca) => 2,
        (Map::One, 0xc8) => 3,
        (Map::One, 0xe8 | 0xe9) => 4,
        (Map::One, 0xf6) if modrm >> 3 & 7 < 2 => 1,
        (Map::One, 0xf7) if modrm >> 3 & 7 < 2 => word,
        (Map::Two, 0x80..=0x8f) => 4,
        (Map::Two, 0x70..=0x73 | 0xa4 | 0xac | 0xba | 0xc2 | 0xc4..=0xc6) => 1,
        (Map::Three10, _) => 1,
        _ => 0,
    }
}

/// How far an instruction goes, and what it points to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Extent {
    length: usize,
    /// A distance from the next instruction.
    pointer: Option<i32>,
}

/// Of an operation: there is none like this; it has an operand; its constant is there for the first two
/// of its kind alone; it has eight bytes where the operation is wide. Below: how much shorter its
/// constant is where numbers are short, and bytes of it.
const NONE: u16 = 0x8000;
const MODRM: u16 = 0x4000;
const FOR_TWO: u16 = 0x2000;
const GROWS: u16 = 0x1000;
/// Operations of one byte, then those of two.
static OPERATIONS: [u16; 512] = operations();
/// Bytes of operands by their form, without those of a distance behind nothing but an index.
static OPERANDS: [u8; 256] = operands();

const fn operations() -> [u16; 512] {
    let mut all = [NONE; 512];
    let mut n = 0;
    while n < 512 {
        let operation = (n & 255) as u8;
        let two = n > 255;
        let map = if two { Map::Two } else { Map::One };
        let goes_on = two && matches!(operation, 0x38 | 0x3a);
        if let (Some(modrm), false) = (has_modrm(map, operation, false), goes_on) {
            let long = constant(map, operation, 0, false, false) as u16;
            let short = constant(map, operation, 0, false, true) as u16;
            let mut kind = (long - short) << 4 | long;
            if modrm {
                kind |= MODRM;
            }
            if !two && matches!(operation, 0xf6 | 0xf7) {
                kind |= FOR_TWO;
            }
            if !two && matches!(operation, 0xb8..=0xbf) {
                kind |= GROWS;
            }
            all[n] = kind;
        }
        n += 1;
    }
    all
}

const fn operands() -> [u8; 256] {
    let mut all = [0; 256];
    let mut n = 0;
    while n < 256 {
        if let Some(bytes) = operand(&[0, 0], n as u8) {
            all[n] = bytes as u8;
        }
        n += 1;
    }
    all
}

/// What looks like an operand that is counted from the next instruction, in eight bytes at once.
const OPERAND: u64 = 0x0505_0505_0505_0505;
const OPERAND_BITS: u64 = 0xc7c7_c7c7_c7c7_c7c7;
const LOWEST: u64 = 0x0101_0101_0101_0101;
const HIGHEST: u64 = 0x8080_8080_8080_8080;

/// Calls `see` with where an instruction stands and where it points to: for those that begin among the
/// first `bytes` of some code at an address, and point to about `length` bytes from `first` on. In order.
///
/// Instructions are read one by one from the beginning, and from behind each that loads or stores 64
/// bits or an address there: its three bytes and its distance stand nowhere else by chance. What is
/// no instruction may be data, and is gone over.
pub(super) fn pointers(
    code: &[u8],
    bytes: usize,
    at: u64,
    (first, length): (u64, u64),
    see: &mut dyn FnMut(u64, u64),
) {
    let address = |end: usize, distance: i32| {
        at.wrapping_add(end as u64)
            .wrapping_add_signed(distance.into())
    };
    let mut known = 0;
    let mut look = |place: usize| {
        let Some(distance) = code.get(place + 1..).and_then(<[u8]>::first_chunk) else {
            return;
        };
        let to = address(place + 5, i32::from_le_bytes(*distance));
        // A constant behind it moves it by so many bytes at most.
        if place < known || to.wrapping_sub(first).wrapping_add(4) > length.saturating_add(4) {
            return;
        }
        if let Some([0x48 | 0x4c, 0x8b | 0x8d | 0x89]) = code[known..place].last_chunk() {
            see(at.wrapping_add(place as u64 - 2), to);
            known = place + 5;
        }
        while known <= place {
            let Some(extent) = Extent::of(&code[known..]) else {
                known += 1;
                continue;
            };
            let from = known;
            known += extent.length;
            if let Some(distance) = extent.pointer {
                see(at.wrapping_add(from as u64), address(known, distance));
            }
        }
    };
    let code = &code[..bytes.min(code.len())];
    let (eights, rest) = code.as_chunks::<8>();
    for (n, eight) in eights.iter().enumerate() {
        let is_none = u64::from_le_bytes(*eight) & OPERAND_BITS ^ OPERAND;
        // The lowest that it finds is one; above, some may be none.
        let mut found = is_none.wrapping_sub(LOWEST) & !is_none & HIGHEST;
        while found != 0 {
            let place = found.trailing_zeros() as usize / 8;
            if eight[place] & 0xc7 == 5 {
                look(n * 8 + place);
            }
            found &= found - 1;
        }
    }
    for (place, byte) in rest.iter().enumerate() {
        if byte & 0xc7 == 5 {
            look(eights.len() * 8 + place);
        }
    }
}

impl Extent {
    /// Of the instruction at the beginning of `code`; the same as [`Form::of`] tells. Without branches
    /// where it can be: what comes next is hard to foretell.
    #[inline]
    fn of(code: &[u8]) -> Option<Extent> {
        let Some(window) = code.first_chunk::<16>() else {
            return Extent::by_form(code);
        };
        let mut bytes = u64::from_le_bytes(*window.first_chunk()?);
        let (mut at, mut short) = (0, 0);
        if matches!(window[0], 0x66 | 0xf2 | 0xf3 | 0xf0 | 0x65 | 0x64) {
            short = u16::from(window[0] == 0x66);
            bytes >>= 8;
            at = 1;
        }
        let rex = usize::from(bytes & 0xf0 == 0x40);
        let wide = rex as u16 & (bytes >> 3) as u16;
        bytes >>= 8 * rex;
        let two = usize::from(bytes as u8 == 0x0f);
        bytes >>= 8 * two;
        at += rex + two + 1;
        let kind = OPERATIONS[two * 256 + usize::from(bytes as u8)];
        // Nothing, vectors' prefixes, more than one prefix, or maps of three bytes.
        if kind & NONE != 0 {
            return Extent::by_form(code);
        }
        let (modrm, index) = ((bytes >> 8) as u8, (bytes >> 16) as u8);
        let has_operand = kind & MODRM != 0;
        let nothing_but_index = modrm & 0xc7 == 4 && index & 7 == 5;
        let operand = OPERANDS[usize::from(modrm)] + 4 * u8::from(nothing_but_index);
        let operand = if has_operand { operand } else { 0 };
        let mut constant = (kind & 15) - short * (kind >> 4 & 3);
        if kind & FOR_TWO != 0 && modrm & 0x30 != 0 {
            constant = 0;
        }
        if kind & GROWS != 0 {
            constant = if wide & 1 == 1 { 8 } else { constant };
        }
        let length = at + usize::from(operand) + usize::from(constant);
        let pointer = match has_operand {
            true => pointer(&window[at..], modrm),
            false => None,
        };
        (length <= MAX_BYTES).then_some(Extent { length, pointer })
    }

    /// What is rare, or at the end.
    #[cold]
    fn by_form(code: &[u8]) -> Option<Extent> {
        let form = Form::of(code)?;
        let pointer = form
            .operand
            .and_then(|at| pointer(code.get(at..)?, form.modrm));
        Some(Extent {
            length: form.length,
            pointer,
        })
    }
}

/// The distance in an operand that begins here, where it is counted from the next instruction.
fn pointer(operand: &[u8], modrm: u8) -> Option<i32> {
    let distance = operand.get(1..)?.first_chunk()?;
    (modrm & 0xc7 == 5).then(|| i32::from_le_bytes(*distance))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Any instruction that is read in two ways is read alike.
    #[test]
    fn both_ways_tell_the_same() {
        let mut seed = 1_u64;
        let mut next = || {
            seed = seed
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            (seed >> 33) as u8
        };
        let starts: [&[u8]; 8] = [
            &[],
            &[0x48],
            &[0x66],
            &[0x66, 0x41],
            &[0x0f],
            &[0x48, 0x0f],
            &[0xf3, 0x0f],
            &[0xc5],
        ];
        for start in starts {
            for first in 0..=u8::MAX {
                for second in 0..=u8::MAX {
                    let mut code = start.to_vec();
                    code.extend([first, second]);
                    code.extend((0..16).map(|_| next()));
                    let form = Form::of(&code).map(|form| form.length);
                    let extent = Extent::of(&code);
                    assert_eq!(extent.map(|it| it.length), form, "{code:x?}");
                    assert_eq!(extent, Extent::by_form(&code), "{code:x?}");
                }
            }
        }
    }

    #[test]
    fn pointers_are_found_in_operands() {
        let of = |code: &[u8]| Extent::of(code).map(|it| (it.length, it.pointer));
        // lea rax, [rip+16]; mov dword [rip+16], 5; vmovdqu ymm0, [rip+16]; palignr
        assert_eq!(of(&[0x48, 0x8d, 0x05, 16, 0, 0, 0]), Some((7, Some(16))));
        assert_eq!(
            of(&[0xc7, 0x05, 16, 0, 0, 0, 5, 0, 0, 0]),
            Some((10, Some(16)))
        );
        assert_eq!(
            of(&[0xc5, 0xfe, 0x6f, 0x05, 16, 0, 0, 0]),
            Some((8, Some(16)))
        );
        let palignr = [0x66, 0x0f, 0x3a, 0x0f, 0x05, 16, 0, 0, 0, 8];
        assert_eq!(of(&palignr), Some((10, Some(16))));
        // mov rax, [rcx*8+0x500000], from nowhere; mov rax, [rcx*8+rbp+16]
        let table = [0x48, 0x8b, 0x04, 0xcd, 0, 0, 0x50, 0];
        assert_eq!(of(&table), Some((8, None)));
        assert_eq!(of(&[0x48, 0x8b, 0x44, 0xcd, 16]), Some((5, None)));
        assert_eq!(of(&[0x48, 0x8d, 0x05, 16, 0]), None);
    }
}
