//! Direct calls in machine code for amd64, and what was laid into registers before them.
//!
//! Not a disassembler: it knows the few forms in which Go's compiler lays out arguments, close before
//! the call. Any other makes the registers unknown: odd code costs an answer, and gives no wrong one.

use super::flow::amd64::{CPU, looked_at};
use super::joins::Joins;
use super::{Find, Site, Target, Value};

/// `call` with a 32-bit distance.
const CALL: u8 = 0xe8;
const CALL_BYTES: usize = 5;
/// Bytes before a call that are looked at.
const WINDOW: usize = 96;
/// Go's registers of integer arguments, by the CPU's numbers: AX, BX, CX, DI, SI, R8 to R11.
const ARGUMENTS: [u8; 9] = [0, 3, 1, 7, 6, 8, 9, 10, 11];

pub(in crate::binary::go) fn calls(code: &[u8], at: u64, find: Find<'_>) -> Vec<Site> {
    let mut found = Vec::new();
    let mut joins = None;
    let mut from = 0;
    for place in memchr::memchr_iter(CALL, code) {
        // The byte may as well be part of another instruction: then it leads nowhere.
        let Some(distance) = number(code, place + 1) else {
            break;
        };
        let next = at.wrapping_add((place + CALL_BYTES) as u64);
        let target = next.wrapping_add_signed(i64::from(distance as i32));
        if place < from {
            continue;
        }
        let Some(kind) = find(target) else {
            continue;
        };
        if kind == Target::Own {
            found.push(Site {
                at: at.wrapping_add(place as u64),
                target,
                arguments: Vec::new(),
                looked_at: u16::MAX,
            });
        }
        if kind == Target::Wanted {
            let joins = joins.get_or_insert_with(|| Joins::of(code, at, CPU));
            let begin = from.max(place.saturating_sub(WINDOW));
            let begin = begin.max(joins.last(at, place));
            let before = &code[begin..place];
            let here = at.wrapping_add(begin as u64);
            found.push(Site {
                at: at.wrapping_add(place as u64),
                target,
                looked_at: looked_at(&code[place + CALL_BYTES..], next),
                arguments: ARGUMENTS
                    .map(|register| value(before, here, register))
                    .into(),
            });
        }
        // A call leaves no register as it was.
        from = place + CALL_BYTES;
    }
    found
}

fn number(code: &[u8], at: usize) -> Option<u32> {
    Some(u32::from_le_bytes(*code.get(at..)?.first_chunk()?))
}

/// What the register holds behind `code`: the last constant that was laid into it, where every
/// instruction from there on is known and writes to others.
fn value(code: &[u8], at: u64, register: u8) -> Value {
    let laid = |place: usize| {
        // Behind a prefix the same bytes mean another register: 41 B8 is R8, and no move to AX.
        let prefixed = |byte: &u8| matches!(byte, 0x40..=0x4f | 0x66);
        let before = place.checked_sub(1).and_then(|at| code.get(at));
        if before.is_some_and(prefixed) && !prefixed(&code[place]) {
            return None;
        }
        let (length, value) = constant(&code[place..], at.wrapping_add(place as u64), register)?;
        stays(&code[place + length..], register).then_some(value)
    };
    let last = (0..code.len()).rev().find_map(laid);
    last.unwrap_or_default()
}

/// An instruction that lays a constant into the register: its length, and what it lays.
fn constant(code: &[u8], at: u64, register: u8) -> Option<(usize, Value)> {
    let (low, high) = (register & 7, register > 7);
    let wide = if high { 0x4c } else { 0x48 };
    let away = |length: u64| {
        let distance = i64::from(number(code, 3)? as i32);
        Some(at.wrapping_add(length).wrapping_add_signed(distance))
    };
    match *code {
        // lea register, [rip + …]; mov register, [rip + …]
        [rex, 0x8d, form, ..] if rex == wide && form == low << 3 | 5 => {
            Some((7, Value::Address(away(7)?)))
        }
        [rex, 0x8b, form, ..] if rex == wide && form == low << 3 | 5 => {
            (code.len() >= 7).then_some((7, Value::Global))
        }
        // mov register, number; xor register, register
        [0x41, op, ..] if high && op == 0xb8 | low => {
            Some((6, Value::Number(number(code, 2)?.into())))
        }
        [op, ..] if !high && op == 0xb8 | low => Some((5, Value::Number(number(code, 1)?.into()))),
        [0x45, 0x31, form, ..] if high && form == 0xc0 | low << 3 | low => {
            Some((3, Value::Number(0)))
        }
        [0x31, form, ..] if !high && form == 0xc0 | low << 3 | low => Some((2, Value::Number(0))),
        _ => None,
    }
}

/// Whether these instructions leave the register as it is. A byte within an instruction that looks
/// like one does not lead to the end of them.
fn stays(mut code: &[u8], register: u8) -> bool {
    while !code.is_empty() {
        let Some((length, written)) = usual(code) else {
            return false;
        };
        if written == Some(register) {
            return false;
        }
        code = &code[length..];
    }
    true
}

/// An instruction of those that lay out arguments: its length, and the register that it writes.
pub(super) fn usual(code: &[u8]) -> Option<(usize, Option<u8>)> {
    let plain = code.strip_prefix(&[0x66]).unwrap_or(code);
    let (rex, rest) = match *plain {
        [rex @ 0x40..=0x4f, ref rest @ ..] => (rex, rest),
        _ => (0, plain),
    };
    let prefix = code.len() - rest.len();
    let high = |bit: u8, low: u8| if rex & bit != 0 { low | 8 } else { low };
    let (length, written) = match *rest {
        [0x90, ..] => (1, None),
        // mov register, number
        [op @ 0xb8..=0xbf, ..] if rex & 8 == 0 => (5, Some(high(1, op & 7))),
        // mov and lea to a register; mov and xor to a register or memory
        [0x8b | 0x8d, form, ..] => (1 + operand(rest)?, Some(high(4, form >> 3 & 7))),
        [0x89 | 0x31, form, ..] => {
            let register = (form >= 0xc0).then(|| high(1, form & 7));
            (1 + operand(rest)?, register)
        }
        // mov memory, number; nop; movups of vectors
        [0xc7, form, ..] if form < 0xc0 => (5 + operand(rest)?, None),
        [0x0f, 0x10 | 0x11 | 0x1f | 0xd6, ..] => (2 + operand(&rest[1..])?, None),
        _ => return None,
    };
    let length = prefix + length;
    (length <= code.len()).then_some((length, written))
}

/// Bytes of an operand behind a one-byte operation.
fn operand(code: &[u8]) -> Option<usize> {
    let form = *code.get(1)?;
    let (kind, base) = (form >> 6, form & 7);
    let indexed = usize::from(kind != 3 && base == 4);
    let nothing_but_index = indexed == 1 && *code.get(2)? & 7 == 5;
    Some(match kind {
        0 if base == 5 || nothing_but_index => 5 + indexed,
        1 => 2 + indexed,
        2 => 5 + indexed,
        _ => 1 + indexed,
    })
}
