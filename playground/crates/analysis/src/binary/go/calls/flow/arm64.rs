//! Instructions for arm64: where they go on. All are four bytes long.
//!
//! Arm's architecture reference manual, C4.1: branches are told by their upper bits.

use super::{Step, When, Writes};

const LENGTH: usize = 4;

pub(super) fn step(code: &[u8], at: u64) -> Option<(usize, Step)> {
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
