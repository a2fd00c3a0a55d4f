//! Instructions for arm64: where they go on. All are four bytes long.
//!
//! Arm's architecture reference manual, C4.1: branches are told by their upper bits.

use super::{Cpu, Laid, Step, When, Writes};

pub(in super::super) const CPU: Cpu = Cpu {
    step,
    results: &[0, 1, 2, 3, 4, 5, 6, 7, 8],
    looked_at,
    lays,
};
const LENGTH: usize = 4;
/// Instructions behind a call in which its results are looked for.
const AFTER: usize = 48;
/// The stack's pointer where a word is loaded, and zero where one is moved.
const LAST: u32 = 31;

fn step(code: &[u8], at: u64) -> Option<(usize, Step)> {
    let word = u32::from_le_bytes(*code.first_chunk()?);
    let register = (word & 31) as u8;
    let away = |bits: u32, from: u32| {
        let unused = 32 - bits;
        let distance = ((word >> from) << unused).cast_signed() >> unused;
        at.wrapping_add_signed(i64::from(distance) * 4)
    };
    let step = match word {
        // b, bl
        _ if word >> 26 == 0b00_0101 => Step::Jump(away(26, 0)),
        _ if word >> 26 == 0b10_0101 => Step::Call(Some(away(26, 0))),
        // b.cond: eq and ne
        _ if word & 0xff00_0010 == 0x5400_0000 => Step::Branch {
            to: away(19, 5),
            when: When::Other,
        },
        // cbz, cbnz; of 64 bits
        _ if word & 0x7e00_0000 == 0x3400_0000 => {
            let (not_zero, wide) = (word >> 24 & 1 == 1, word >> 31 == 1);
            Step::Branch {
                to: away(19, 5),
                when: match (not_zero, wide) {
                    (_, false) => When::Other,
                    (true, true) => When::NotZero(Some(register)),
                    (false, true) => When::Zero(Some(register)),
                },
            }
        }
        // tbz, tbnz
        _ if word & 0x7e00_0000 == 0x3600_0000 => Step::Branch {
            to: away(14, 5),
            when: When::Other,
        },
        // cmp …, #0; of 64 bits
        _ if word & 0xffff_fc1f == 0xf100_001f => Step::Test {
            register: (word >> 5 & 31) as u8,
        },
        // br, blr, ret
        _ if word & 0xffff_fc1f == 0xd61f_0000 => Step::Lost,
        _ if word & 0xffff_fc1f == 0xd63f_0000 => Step::Call(None),
        _ if word & 0xffff_fc1f == 0xd65f_0000 => Step::Return,
        // udf, brk, hlt
        _ if word >> 16 == 0 || word & 0xff00_0000 == 0xd400_0000 && word >> 21 & 7 != 0 => {
            Step::Stop
        }
        _ => Step::Next {
            writes: writes(word, register),
        },
    };
    Some((LENGTH, step))
}

fn writes(word: u32, register: u8) -> Writes {
    match word {
        // str, stp with a distance
        _ if word & 0xffc0_0000 == 0xf900_0000 || word & 0xffc0_0000 == 0xa900_0000 => Writes::None,
        // ldp writes two
        _ if word & 0xffc0_0000 == 0xa940_0000 => Writes::Any,
        _ => Writes::One(register),
    }
}

/// What an instruction lays into registers, where it is one of those that lay out results.
fn lays(code: &[u8]) -> Option<[Option<(u8, Laid)>; 2]> {
    let word = u32::from_le_bytes(*code.first_chunk()?);
    let register = |shift: u32| (word >> shift & 31) as u8;
    let by_stack = word >> 5 & 31 == LAST;
    Some(match word {
        // mov …, xzr; movz …, #0
        _ if word & 0xffff_ffe0 == 0xaa1f_03e0 || word & 0xffff_ffe0 == 0xd280_0000 => {
            [Some((register(0), Laid::Zero)), None]
        }
        // movz …, #…; mov …, #… of some bits
        _ if word & 0x7f80_0000 == 0x5280_0000 || word & 0x7f80_03e0 == 0x3200_03e0 => {
            [Some((register(0), Laid::Number)), None]
        }
        // mov …, …
        _ if word & 0xffe0_ffe0 == 0xaa00_03e0 => {
            [Some((register(0), Laid::Register(register(16)))), None]
        }
        // ldr …, [sp, #…]
        _ if word & 0xffc0_0000 == 0xf940_0000 && by_stack => {
            let slot = i64::from(word >> 10 & 0xfff) * 8;
            [Some((register(0), Laid::Slot(slot))), None]
        }
        // ldp …, …, [sp, #…]
        _ if word & 0xffc0_0000 == 0xa940_0000 => {
            let distance = ((word << 10).cast_signed() >> 25) * 8;
            let slot = |n: i64| match by_stack {
                true => Laid::Slot(i64::from(distance) + n),
                false => Laid::Other,
            };
            [Some((register(0), slot(0))), Some((register(10), slot(8)))]
        }
        _ => match writes(word, register(0)) {
            Writes::None => [None, None],
            Writes::One(register) => [Some((register, Laid::Other)), None],
            Writes::Any => return None,
        },
    })
}

/// Which registers of results, by their place, the code behind a call looks at before it calls on;
/// all that it leaves as they are, where it goes elsewhere first.
pub(in super::super) fn looked_at(code: &[u8], at: u64) -> u16 {
    let (mut seen, mut over) = (0_u16, 0_u16);
    let (words, _) = code.as_chunks::<LENGTH>();
    let mut n = 0;
    for _ in 0..AFTER {
        let Some(bytes) = words.get(n) else {
            break;
        };
        // What the collector is told of a pointer lies before where the branch leads.
        if let Some(behind) = behind_barrier(words, n) {
            n = behind;
            continue;
        }
        n += 1;
        match step(bytes, at) {
            Some((_, Step::Call(_))) => return seen,
            // Where a pointer is stored, a branch asks whether the collector is at work.
            Some((_, Step::Next { .. } | Step::Test { .. } | Step::Branch { .. })) => {}
            _ => return seen | !over,
        }
        let (reads, writes) = touched(u32::from_le_bytes(*bytes));
        seen |= reads as u16 & !over;
        over |= writes as u16 & !seen;
    }
    seen | !over
}

/// Where a branch leads that asks whether the collector is at work: over a call that leaves all
/// registers of results as they are (`gcWriteBarrier` in `runtime/asm_arm64.s`), and what is stored
/// where it says.
fn behind_barrier(words: &[[u8; LENGTH]], n: usize) -> Option<usize> {
    /// Where the place is told, and the one that addresses are made in.
    const TOLD: u32 = 25;
    const ADDRESS: u32 = 27;
    let word = |n: usize| words.get(n).map(|bytes| u32::from_le_bytes(*bytes));
    let (asked, branch) = (word(n.checked_sub(1)?)?, word(n)?);
    // ldr w…, [x27, #…]; cbz w…, further on
    let loads = asked & 0xffc0_0000 == 0xb940_0000 && asked >> 5 & 31 == ADDRESS;
    let asks = branch & 0xff80_0000 == 0x3400_0000 && branch & 31 == asked & 31;
    let behind = n + (branch >> 5 & 0x3_ffff) as usize;
    let within = words.get(n + 1..behind).filter(|_| loads && asks)?;
    let mut within = within.iter().map(|bytes| u32::from_le_bytes(*bytes));
    within.find(|word| word >> 26 == 0b10_0101)?;
    // str, stp
    let stores = |word: &u32| matches!(word & 0xffc0_0000, 0xf900_0000 | 0xa900_0000);
    let told = within.any(|word| stores(&word) && word >> 5 & 31 == TOLD);
    told.then_some(behind)
}

/// The general registers that an instruction reads and writes, as bits; all are read where that is not
/// known.
fn touched(word: u32) -> (u32, u32) {
    let bit = |shift: u32| 1_u32 << (word >> shift & 31) & !(1 << LAST);
    let (first, second, base, index) = (bit(0), bit(10), bit(5), bit(16));
    let vector = word >> 26 & 1 == 1;
    match word {
        // cbz, cbnz, tbz, tbnz; b.cond
        _ if word & 0x7c00_0000 == 0x3400_0000 => (first, 0),
        _ if word & 0xff00_0010 == 0x5400_0000 => (0, 0),
        // adr, adrp; movz, movn; movk; other immediates
        _ if word & 0x1f00_0000 == 0x1000_0000 => (0, first),
        _ if word & 0x1f80_0000 == 0x1280_0000 => match word >> 29 & 3 {
            3 => (first, first),
            _ => (0, first),
        },
        _ if word & 0x1c00_0000 == 0x1000_0000 => (base, first),
        // With a third source, and other work on registers.
        _ if word & 0x1f00_0000 == 0x1b00_0000 => (base | index | second, first),
        _ if word & 0x0e00_0000 == 0x0a00_0000 => (base | index, first),
        // ldp, stp
        _ if word & 0x3800_0000 == 0x2800_0000 => match (vector, word >> 22 & 1) {
            (true, _) => (base, 0),
            (false, 1) => (base, first | second),
            (false, _) => (base | first | second, 0),
        },
        // ldr, str with a distance or an index
        _ if word & 0x3800_0000 == 0x3800_0000 => {
            let indexed = word >> 24 & 1 == 0 && word >> 21 & 1 == 1;
            let by = if indexed { base | index } else { base };
            match (vector, word >> 22 & 3) {
                (true, _) => (by, 0),
                (false, 0) => (by | first, 0),
                (false, _) => (by, first),
            }
        }
        _ => (!(1 << LAST), 0),
    }
}
