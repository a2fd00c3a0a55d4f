//! Instructions for amd64: how long they are, and where they go on.
//!
//! Knows the lengths of all of the architecture's maps that Go's compiler and assembler use (one and
//! two bytes of operation, VEX, EVEX); Intel's manual, volume 2, appendices A and B.

use super::super::amd64::usual;
use super::{Cpu, Laid, Step, When, Writes};
use std::collections::BTreeSet;

pub(in super::super) const CPU: Cpu = Cpu {
    step,
    results: &RESULTS,
    looked_at,
    lays,
};

/// Registers of results, by the CPU's numbers: AX, BX, CX, DI, SI, R8 to R11.
const RESULTS: [u8; 9] = [0, 3, 1, 7, 6, 8, 9, 10, 11];
const MAX_BYTES: usize = 15;
/// Instructions behind a call in which its results are looked for.
const AFTER: usize = 16;

pub(super) fn step(code: &[u8], at: u64) -> Option<(usize, Step)> {
    let form = Form::of(code)?;
    let length = form.length;
    let behind = at.wrapping_add(length as u64);
    let near = || {
        let bytes: [u8; 4] = code.get(length - 4..length)?.try_into().ok()?;
        Some(behind.wrapping_add_signed(i32::from_le_bytes(bytes).into()))
    };
    let short = || behind.wrapping_add_signed(i64::from(code[length - 1].cast_signed()));
    let step = match (form.map, form.operation) {
        (Map::One, 0xe8) => Step::Call(Some(near()?)),
        (Map::One, 0xe9) => Step::Jump(near()?),
        (Map::One, 0xeb) => Step::Jump(short()),
        (Map::One, operation @ 0x70..=0x7f) => branch(operation, short()),
        (Map::Two, operation @ 0x80..=0x8f) => branch(operation, near()?),
        (Map::One, 0xe0..=0xe3) => Step::Branch {
            to: short(),
            when: When::Other,
        },
        (Map::One, 0xc2 | 0xc3) => Step::Return,
        // int3 between functions; ud2 behind a panic; hlt.
        (Map::One, 0xcc | 0xf4) | (Map::Two, 0x0b) => Step::Stop,
        (Map::One, 0xff) => match form.modrm >> 3 & 7 {
            2 | 3 => Step::Call(None),
            4 | 5 => Step::Lost,
            _ => plain(code, length),
        },
        // test register, register, of 64 bits.
        (Map::One, 0x85) if form.wide && form.tests_itself() => Step::Test {
            register: form.register(),
        },
        _ => plain(code, length),
    };
    Some((length, step))
}

/// Which registers of results, by their place, the code behind a call looks at before it calls on;
/// all that it leaves as they are, where it goes elsewhere first.
pub(in super::super) fn looked_at(code: &[u8], at: u64) -> u16 {
    let (mut seen, mut over) = (0_u16, 0_u16);
    let mut from = 0;
    for _ in 0..AFTER {
        let rest = code.get(from..).unwrap_or_default();
        let (Some(form), Some((length, step))) = (Form::of(rest), step(rest, at)) else {
            return seen | !over;
        };
        match step {
            Step::Call(_) => return seen,
            // Where a pointer is stored, a branch asks whether the collector is at work.
            Step::Next { .. } | Step::Test { .. } | Step::Branch { .. } => {}
            _ => return seen | !over,
        }
        for (place, register) in RESULTS.into_iter().enumerate() {
            match form.does_to(register) {
                Does::Nothing => {}
                Does::Reads => seen |= 1 << place & !over,
                Does::Writes => over |= 1 << place & !seen,
            }
        }
        from += length;
    }
    seen | !over
}

/// The stack's pointer.
const STACK: u8 = 4;

/// What an instruction lays into a register, where it is one of those that lay out results.
fn lays(code: &[u8]) -> Option<[Option<(u8, Laid)>; 2]> {
    let form = Form::of(code)?;
    let (high, low) = (u8::from(form.high.0) << 3, form.modrm >> 3 & 7);
    let register = high | low;
    let laid = match (form.map, form.operation) {
        (Map::One, 0x31) if form.tests_itself() => Some((register, Laid::Zero)),
        // mov register, register
        (Map::One, 0x89) if form.wide && form.modrm >= 0xc0 => {
            Some((form.register(), Laid::Register(register)))
        }
        // mov register, [rsp + …]
        (Map::One, 0x8b) if form.wide && form.memory == [Some(STACK), Some(STACK)] => {
            let bytes = &code[..form.length];
            let distance = match form.modrm >> 6 {
                0 => 0,
                1 => i64::from(bytes.last()?.cast_signed()),
                _ => i64::from(i32::from_le_bytes(*bytes.last_chunk()?)),
            };
            Some((register, Laid::Slot(distance)))
        }
        // add rsp, …; pop rbp
        (Map::One, 0x81 | 0x83 | 0x58..=0x5f) => None,
        _ => usual(code)?.1.map(|written| (written, Laid::Other)),
    };
    Some([laid, None])
}

/// What an instruction does to a register.
#[derive(PartialEq, Eq)]
enum Does {
    Nothing,
    Reads,
    Writes,
}

impl Form {
    fn does_to(&self, register: u8) -> Does {
        let high = |high: bool, low: u8| if high { low | 8 } else { low };
        let (kind, low) = (self.modrm >> 6, self.modrm & 7);
        if self.map == Map::One && matches!(self.operation, 0xb8..=0xbf) {
            return match high(self.high.1, self.operation & 7) == register {
                true => Does::Writes,
                false => Does::Nothing,
            };
        }
        let first = high(self.high.0, self.modrm >> 3 & 7) == register;
        let other = high(self.high.1, low) == register;
        let with_modrm = has_modrm(self.map, self.operation, false) == Some(true);
        // push, and what names no register.
        if !with_modrm {
            let pushed = self.map == Map::One && matches!(self.operation, 0x50..=0x57);
            let pushed = pushed && high(self.high.1, self.operation & 7) == register;
            return if pushed { Does::Reads } else { Does::Nothing };
        }
        // What an operand in memory is found by; an index may be any.
        if kind != 3 && (self.memory.contains(&Some(register)) || low != 4 && other) {
            return Does::Reads;
        }
        let source = kind == 3 && other;
        match (self.map, self.operation) {
            // Vectors.
            (Map::Two, 0x10..=0x17 | 0x28..=0x2f | 0x50..=0x7f | 0xc2..=0xc6 | 0xd0..=0xff) => {
                Does::Nothing
            }
            (Map::One, 0x8b | 0x8d | 0x63) | (Map::Two, 0xb6 | 0xb7 | 0xbe | 0xbf) => {
                match (source, first) {
                    (true, _) => Does::Reads,
                    (false, true) => Does::Writes,
                    _ => Does::Nothing,
                }
            }
            (Map::One, 0x31 | 0x33) if first && source => Does::Writes,
            (Map::One, 0x88 | 0x89) if first => Does::Reads,
            (Map::One, 0x89 | 0xc7) if source => Does::Writes,
            // The middle of the form is no register here.
            (
                Map::One,
                0x80..=0x83 | 0xc0 | 0xc1 | 0xc6 | 0xc7 | 0xd0..=0xd3 | 0xf6 | 0xf7 | 0xfe | 0xff,
            )
            | (Map::Two, 0x1f | 0xba) => match source {
                true => Does::Reads,
                false => Does::Nothing,
            },
            _ if first || source => Does::Reads,
            _ => Does::Nothing,
        }
    }
}

/// Addresses of global variables of two words that some code loads: of interfaces and texts.
pub(in super::super) fn globals(code: &[u8], at: u64) -> BTreeSet<u64> {
    let mut loads = BTreeSet::new();
    let mut from = 0;
    while let Some(form) = code.get(from..).and_then(Form::of) {
        // mov register, [rip + …], of 64 bits
        if form.map == Map::One && form.operation == 0x8b && form.wide && form.modrm & 0xc7 == 5 {
            let behind = from + form.length;
            let distance = code[behind - 4..behind]
                .try_into()
                .map_or(0, i32::from_le_bytes);
            let behind = at.wrapping_add(behind as u64);
            loads.insert(behind.wrapping_add_signed(distance.into()));
        }
        from += form.length;
    }
    let first = |one: &&u64| loads.contains(&one.wrapping_add(8));
    loads.iter().filter(first).copied().collect()
}

fn branch(operation: u8, to: u64) -> Step {
    let when = match operation & 15 {
        4 => When::Zero(None),
        5 => When::NotZero(None),
        _ => When::Other,
    };
    Step::Branch { to, when }
}

fn plain(code: &[u8], length: usize) -> Step {
    let writes = match usual(code) {
        Some((same, written)) if same == length => match written {
            Some(register) if RESULTS.contains(&register) => Writes::One(register),
            _ => Writes::None,
        },
        _ => Writes::Any,
    };
    Step::Next { writes }
}

/// Which table of operations.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Map {
    One,
    Two,
    /// `0f 38`
    Three8,
    /// `0f 3a`
    Three10,
}

struct Form {
    map: Map,
    operation: u8,
    modrm: u8,
    /// REX.W
    wide: bool,
    /// REX.R and REX.B
    high: (bool, bool),
    /// Base and index of an operand in memory that has a byte of its own for them.
    memory: [Option<u8>; 2],
    length: usize,
}

impl Form {
    fn of(code: &[u8]) -> Option<Form> {
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

    /// Both operands are the same register.
    fn tests_itself(&self) -> bool {
        self.modrm >= 0xc0 && self.modrm >> 3 & 7 == self.modrm & 7 && self.high.0 == self.high.1
    }

    fn register(&self) -> u8 {
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
fn has_modrm(map: Map, operation: u8, vector: bool) -> Option<bool> {
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
