//! Direct calls in machine code for arm64, and what was laid into registers before them.

use super::flow::arm64::{CPU, looked_at};
use super::joins::Joins;
use super::{Find, Site, Target, Value};

/// Instructions before a call that are looked at.
const WINDOW: usize = 32;
/// Go's registers of integer arguments that are looked at: R0 to R8.
const ARGUMENTS: usize = 9;
const REGISTERS: usize = 32;
/// The register that is always zero.
const ZERO: usize = 31;

pub(super) fn calls(code: &[u8], at: u64, find: Find<'_>) -> Vec<Site> {
    let (words, _) = code.as_chunks::<4>();
    let words: Vec<u32> = words.iter().map(|word| u32::from_le_bytes(*word)).collect();
    let mut found = Vec::new();
    let mut joins = None;
    let mut from = 0;
    for (place, word) in words.iter().enumerate() {
        // bl …
        if word >> 26 != 0b10_0101 {
            continue;
        }
        let here = at.wrapping_add(4 * place as u64);
        let target = here.wrapping_add_signed(signed(u64::from(word & 0x03ff_ffff), 26) * 4);
        let (arguments, looked_at) = match find(target) {
            Some(Target::Wanted) => {
                let joins = joins.get_or_insert_with(|| Joins::of(code, at, CPU));
                let begin = from.max(place.saturating_sub(WINDOW));
                let begin = begin.max(joins.last(at, 4 * place) / 4);
                let begins = at.wrapping_add(4 * begin as u64);
                let arguments = registers(&words[begin..place], begins)[..ARGUMENTS].to_vec();
                let behind = &code[4 * (place + 1)..];
                (arguments, looked_at(behind, here.wrapping_add(4)))
            }
            Some(Target::Own) => (Vec::new(), u16::MAX),
            Some(Target::Other) | None => {
                from = place + 1;
                continue;
            }
        };
        found.push(Site {
            at: here,
            target,
            arguments,
            looked_at,
        });
        // A call leaves no register as it was.
        from = place + 1;
    }
    found
}

/// What the registers hold behind these instructions.
fn registers(words: &[u32], at: u64) -> [Value; REGISTERS] {
    let mut held = [Value::Unknown; REGISTERS];
    for (place, word) in words.iter().enumerate() {
        let word = *word;
        let register = |shift: u32| (word >> shift & 31) as usize;
        let (to, from) = (register(0), register(5));
        // str, stp: they write to memory.
        if word & 0xffc0_0000 == 0xf900_0000 || word & 0xffc0_0000 == 0xa900_0000 {
            continue;
        }
        let here = at.wrapping_add(4 * place as u64);
        // blr: a call through a register.
        if word & 0xffff_fc1f == 0xd63f_0000 {
            held = [Value::Unknown; REGISTERS];
            continue;
        }
        let value = match word {
            // adrp
            _ if word & 0x9f00_0000 == 0x9000_0000 => {
                let pages = u64::from(word >> 5 & 0x7_ffff) << 2 | u64::from(word >> 29 & 3);
                Value::Address((here & !0xfff).wrapping_add_signed(signed(pages, 21) << 12))
            }
            // add …, #…
            _ if word & 0xffc0_0000 == 0x9100_0000 => match held[from] {
                Value::Address(base) if from != ZERO => {
                    Value::Address(base.wrapping_add(u64::from(word >> 10 & 0xfff)))
                }
                _ => Value::Unknown,
            },
            // ldr …, [base, #…]: of a global variable
            _ if word & 0xffc0_0000 == 0xf940_0000 => match held[from] {
                Value::Address(_) if from != ZERO => Value::Global,
                _ => Value::Unknown,
            },
            // movz
            _ if word & 0x7fe0_0000 == 0x5280_0000 => Value::Number((word >> 5 & 0xffff).into()),
            // mov …, …
            _ if word & 0xffe0_ffe0 == 0xaa00_03e0 => match register(16) {
                ZERO => Value::Number(0),
                other => held[other],
            },
            // orr …, zr, #…
            _ if word & 0xffc0_03e0 == 0xb240_03e0 => {
                mask(word).map_or(Value::Unknown, Value::Number)
            }
            _ => {
                // ldp writes to a second one.
                if word & 0xffc0_0000 == 0xa940_0000 {
                    held[register(10)] = Value::Unknown;
                }
                Value::Unknown
            }
        };
        held[to] = value;
    }
    held
}

/// A run of ones in 64 bits, turned to the right; other patterns are not read.
fn mask(word: u32) -> Option<u64> {
    let (turned, ones) = (word >> 16 & 63, (word >> 10 & 63) + 1);
    (ones < 64).then(|| ((1u64 << ones) - 1).rotate_right(turned))
}

/// The lowest `bits` of a number, with their sign.
fn signed(number: u64, bits: u32) -> i64 {
    let unused = 64 - bits;
    (number << unused).cast_signed() >> unused
}
