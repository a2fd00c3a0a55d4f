//! Instructions for amd64: how long they are, and where they go on.
//!
//! Knows the lengths of all of the architecture's maps that Go's compiler and assembler use (one and
//! two bytes of operation, VEX, EVEX); Intel's manual, volume 2, appendices A and B.

use super::super::amd64::usual;
use super::{Cpu, Laid, Step, When, Writes};
use crate::binary::go::amd64::{Form, Map, has_modrm};
use std::collections::BTreeSet;

pub(in super::super) const CPU: Cpu = Cpu {
    step,
    results: &RESULTS,
    looked_at,
    lays,
};

/// Registers of results, by the CPU's numbers: AX, BX, CX, DI, SI, R8 to R11.
const RESULTS: [u8; 9] = [0, 3, 1, 7, 6, 8, 9, 10, 11];
/// Instructions behind a call in which its results are looked for.
const AFTER: usize = 48;

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
            _ => plain(code, &form),
        },
        // test register, register, of 64 bits.
        (Map::One, 0x85) if form.wide && form.tests_itself() => Step::Test {
            register: form.register(),
        },
        _ => plain(code, &form),
    };
    Some((length, step))
}

/// Which registers of results, by their place, the code behind a call looks at before it calls on;
/// all that it leaves as they are, where it goes elsewhere first.
pub(in super::super) fn looked_at(code: &[u8], at: u64) -> u16 {
    let (mut seen, mut over) = (0_u16, 0_u16);
    let (mut from, mut asks_a_flag) = (0, false);
    for _ in 0..AFTER {
        let rest = code.get(from..).unwrap_or_default();
        let here = at.wrapping_add(from as u64);
        let (Some(form), Some((length, step))) = (Form::of(rest), step(rest, here)) else {
            return seen | !over;
        };
        match step {
            // What the collector is told of a pointer lies before where the branch leads.
            Step::Branch {
                to,
                when: When::Zero(_),
            } if asks_a_flag && to > here => {
                from = to.wrapping_sub(at) as usize;
                asks_a_flag = false;
                continue;
            }
            Step::Call(_) => return seen,
            // Where a pointer is stored, a branch asks whether the collector is at work.
            Step::Next { .. } | Step::Test { .. } | Step::Branch { .. } => {}
            _ => return seen | !over,
        }
        // cmp [rip + …], 0, of 32 bits
        let flag = form.map == Map::One && form.operation == 0x83 && form.modrm == 0x3d;
        asks_a_flag = flag && code.get(from + length - 1) == Some(&0);
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
        // mov register, number
        (Map::One, 0xb8..=0xbf) if !form.wide => {
            let register = (form.operation & 7) | u8::from(form.high.1) << 3;
            Some((register, Laid::Number))
        }
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

fn plain(code: &[u8], form: &Form) -> Step {
    let writes = match usual(code) {
        _ if form.compares() => Writes::None,
        Some((same, written)) if same == form.length => match written {
            Some(register) if RESULTS.contains(&register) => Writes::One(register),
            _ => Writes::None,
        },
        _ => Writes::Any,
    };
    Step::Next { writes }
}
