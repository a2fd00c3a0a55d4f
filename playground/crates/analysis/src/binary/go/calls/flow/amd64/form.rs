//! Forms of instructions for amd64: prefixes, operations, operands, and so their lengths.

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
pub(super) fn has_modrm(map: Map, operation: u8, vector: bool) -> Option<bool> {
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
fn operand(code: &[u8], modrm: u8) -> Option<usize> {
    let (kind, base) = (modrm >> 6, modrm & 7);
    let indexed = kind != 3 && base == 4;
    let sib = usize::from(indexed);
    let nothing_but_index = indexed && *code.get(1)? & 7 == 5;
    Some(match kind {
        0 if base == 5 || nothing_but_index => 5 + sib,
        1 => 2 + sib,
        2 => 5 + sib,
        _ => 1 + sib,
    })
}

/// Bytes of a constant behind the operand.
fn constant(map: Map, operation: u8, modrm: u8, wide: bool, short: bool) -> usize {
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
