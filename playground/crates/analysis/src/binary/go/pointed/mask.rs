//! Which words of Go's variables are pointers: the linker tells the garbage collector.
//!
//! Format: a program of bits, `runGCProg` in `runtime/mbitmap.go`; the same from Go 1.18 to 1.27.

use crate::binary::go::module_data::Variables;
use crate::binary::leb128;
use crate::binary::memory::Memory;

/// What the program says of each word, from the first variable on.
pub(super) struct Mask {
    from: u64,
    to: u64,
    word: u64,
    is_pointer: Vec<bool>,
}

impl Mask {
    /// `None` where the program makes no sense.
    pub(super) fn read(memory: &Memory<'_>, variables: Variables) -> Option<Mask> {
        let word = memory.word as u64;
        let bytes = variables.to.checked_sub(variables.from)?;
        // There is a word in the file for each bit.
        memory.slice(variables.from, bytes)?;
        let words = usize::try_from(bytes / word).ok()?;
        let is_pointer = run(memory.from(variables.program)?, words)?;
        Some(Mask {
            from: variables.from,
            to: variables.to,
            word,
            is_pointer,
        })
    }

    /// Whether a variable lies here that is no pointer.
    pub(super) fn denies(&self, at: u64) -> bool {
        let into = at.wrapping_sub(self.from);
        let known = || self.is_pointer.get((into / self.word) as usize);
        into < self.to - self.from && known() == Some(&false)
    }
}

/// So many bits, none more or less.
fn run(mut program: &[u8], words: usize) -> Option<Vec<bool>> {
    let mut bits: Vec<bool> = Vec::with_capacity(words);
    loop {
        let (first, rest) = program.split_first()?;
        program = rest;
        let n = usize::from(first & 0x7f);
        if first & 0x80 == 0 {
            if n == 0 {
                return (bits.len() == words).then_some(bits);
            }
            let (given, rest) = program.split_at_checked(n.div_ceil(8))?;
            bits.extend((0..n).map(|bit| given[bit / 8] >> (bit % 8) & 1 == 1));
            program = rest;
        } else {
            // The last n bits again, so many times.
            let n = if n == 0 { number(&mut program)? } else { n };
            let times = number(&mut program)?;
            let from = bits.len().checked_sub(n).filter(|_| n > 0)?;
            let more = n.checked_mul(times)?;
            if more > words {
                return None;
            }
            for at in from..from + more {
                bits.push(bits[at]);
            }
        }
        if bits.len() > words {
            return None;
        }
    }
}

fn number(program: &mut &[u8]) -> Option<usize> {
    let (number, rest) = leb128::number(program)?;
    *program = rest;
    usize::try_from(number).ok()
}

#[cfg(test)]
mod tests {
    use super::run;

    #[test]
    fn a_program_of_bits_tells_pointers() {
        // 1, 0, 1; the last two again, twice; nine bits of one; end.
        let program = [3, 0b101, 0x82, 2, 9, 0xff, 1, 0];
        let bits = run(&program, 16).expect("a program");
        let ones: Vec<usize> = (0..16).filter(|at| bits[*at]).collect();
        assert_eq!(ones, [0, 2, 4, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15]);
        assert_eq!(run(&program, 17), None);
        assert_eq!(run(&program, 15), None);
        // How many stands behind it, too.
        assert_eq!(run(&[1, 1, 0x80, 1, 3, 0], 4), Some(vec![true; 4]));
        for damaged in [
            &[0x81, 1, 0][..],
            &[1],
            &[],
            &[1, 1, 0x81, 0xff, 0xff, 0x7f, 0],
        ] {
            assert_eq!(run(damaged, 9), None);
        }
    }
}
