//! With what a function returns: where among its results a value of two words begins, as errors are.
//!
//! Told by what is laid into registers right before it returns: both zero, as of `nil`, or two
//! neighbours of the stack or of registers. A text is two words, too, but what is asked of one is its second.

use super::flow::{Cpu, Laid, Step};
use std::cell::Cell;
use std::rc::Rc;

/// The exits of a function.
#[derive(Default)]
pub(super) struct Exits {
    /// By place: such a value begins there.
    two_words: u16,
    /// Functions whose results it gives as they are, by place.
    passes_on: Vec<(u64, u16)>,
}

impl Exits {
    pub(super) fn of(code: &[u8], start: u64, cpu: Cpu, budget: &Cell<usize>) -> Exits {
        let mut exits = Exits::default();
        let mut held = vec![Laid::Nothing; cpu.results.len()];
        let (mut from, mut last) = (0, None);
        while let Some(rest) = code.get(from..).filter(|rest| !rest.is_empty()) {
            let at = start.wrapping_add(from as u64);
            let left = budget.get().checked_sub(1);
            let (Some(left), Some((length, step))) = (left, (cpu.step)(rest, at)) else {
                break;
            };
            budget.set(left);
            match step {
                Step::Return => exits.add(&held, last),
                Step::Call(to) => last = to,
                Step::Next { .. } => match (cpu.lays)(&rest[..length.min(rest.len())]) {
                    Some(laid) => {
                        for (register, what) in laid.into_iter().flatten() {
                            let place = cpu.results.iter().position(|it| *it == register);
                            if let Some(held) = place.and_then(|place| held.get_mut(place)) {
                                *held = in_order(what, cpu);
                            }
                        }
                    }
                    None => held.fill(Laid::Other),
                },
                Step::Test { .. } | Step::Branch { .. } => {}
                Step::Jump(_) | Step::Stop | Step::Lost => last = None,
            }
            // What stands behind these is come to from elsewhere.
            if matches!(step, Step::Return | Step::Jump(_) | Step::Stop | Step::Lost) {
                held.fill(Laid::Other);
            }
            if matches!(step, Step::Call(_)) {
                held.fill(Laid::Nothing);
            }
            from += length;
        }
        exits
    }

    fn add(&mut self, held: &[Laid], last: Option<u64>) {
        let mut untouched = 0;
        for (place, pair) in held.windows(2).enumerate() {
            let before = place.checked_sub(1).map(|before| held[before]);
            let begins = match (pair[0], pair[1]) {
                (Laid::Zero, Laid::Zero) => before != Some(Laid::Zero),
                (Laid::Slot(first), Laid::Slot(second)) => {
                    second == first + 8 && before != Some(Laid::Slot(first - 8))
                }
                // By their places.
                (Laid::Register(first), Laid::Register(second)) => {
                    let last = first.checked_sub(1).map(Laid::Register);
                    second == first + 1 && (before.is_none() || before != last)
                }
                _ => false,
            };
            self.two_words |= u16::from(begins) << place;
            let same = pair.iter().all(|held| *held == Laid::Nothing);
            untouched |= u16::from(same) << place;
        }
        if let Some(last) = last.filter(|_| untouched != 0) {
            self.passes_on.push((last, untouched));
        }
    }

    /// Whether such a value begins at this place; `of` gives the exits of another function.
    pub(super) fn two_words_at(
        &self,
        place: usize,
        depth: usize,
        of: &dyn Fn(u64) -> Option<Rc<Exits>>,
    ) -> bool {
        let here = |mask: u16| mask >> place & 1 == 1;
        let passed = |(to, mask): &(u64, u16)| {
            let depth = depth.checked_sub(1).filter(|_| here(*mask));
            depth.is_some_and(|depth| of(*to).is_some_and(|it| it.two_words_at(place, depth, of)))
        };
        here(self.two_words) || self.passes_on.iter().any(passed)
    }
}

/// A register of results by its place, to compare it with others.
fn in_order(laid: Laid, cpu: Cpu) -> Laid {
    let Laid::Register(register) = laid else {
        return laid;
    };
    let place = cpu.results.iter().position(|it| *it == register);
    place.map_or(Laid::Other, |place| Laid::Register(place as u8))
}

#[cfg(test)]
mod tests {
    use super::super::flow::{amd64, arm64};
    use super::*;

    /// At which places a value of two words begins.
    fn places(cpu: Cpu, code: &[u8]) -> Vec<usize> {
        let exits = Exits::of(code, 0x1000, cpu, &Cell::new(1000));
        let begins = |place: &usize| exits.two_words_at(*place, 1, &|_| None);
        (0..8).filter(begins).collect()
    }

    const NONE: [usize; 0] = [];
    const RET: &[u8] = &[0xc3];
    /// `xor eax, eax`, `xor ebx, ebx`, `xor ecx, ecx`
    const A: &[u8] = &[0x31, 0xc0];
    const B: &[u8] = &[0x31, 0xdb];
    const C: &[u8] = &[0x31, 0xc9];

    #[test]
    fn an_error_is_told_by_what_is_given_without_one() {
        let of = |code: &[&[u8]]| places(amd64::CPU, &code.concat());
        // add rsp, 16; pop rbp
        let leaves = &[0x48, 0x83, 0xc4, 16, 0x5d][..];
        assert_eq!(of(&[A, B, leaves, RET]), [0]);
        // mov rax, [rsp+8]: behind something else; a pointer alone, a number alone.
        let loads = &[0x48, 0x8b, 0x44, 0x24, 8][..];
        assert_eq!(of(&[loads, B, C, RET]), [1]);
        assert_eq!(of(&[A, RET]), NONE);
        // mov rbx, [rsp+16]; mov rcx, [rsp+24]: neighbours, and a list.
        let second = &[0x48, 0x8b, 0x5c, 0x24, 16][..];
        let third = &[0x48, 0x8b, 0x4c, 0x24, 24][..];
        assert_eq!(of(&[loads, second, RET]), [0]);
        assert_eq!(of(&[loads, second, third, RET]), [0]);
        // mov rax, rbx; mov rbx, rcx: the second result of another.
        let moves = [&[0x48, 0x89, 0xd8][..], &[0x48, 0x89, 0xcb], RET];
        assert_eq!(of(&moves), [0]);
        // Not any more behind a call.
        assert_eq!(of(&[A, B, &[0xe8, 0, 0, 0, 0], RET]), NONE);
        // mov x0, xzr; mov x1, xzr; ret
        let words = [0xaa1f_03e0_u32, 0xaa1f_03e1, 0xd65f_03c0];
        let code: Vec<u8> = words.iter().flat_map(|word| word.to_le_bytes()).collect();
        assert_eq!(places(arm64::CPU, &code), [0]);
    }

    #[test]
    fn results_of_another_are_passed_on() {
        let cpu = amd64::CPU;
        let of = |code: &[&[u8]]| Exits::of(&code.concat(), 0x1000, cpu, &Cell::new(1000));
        let other = Rc::new(of(&[A, B, RET]));
        let passes = of(&[&[0xe8, 0, 0, 0, 0], RET]);
        let find = |to: u64| (to == 0x1005).then(|| other.clone());
        assert!(passes.two_words_at(0, 1, &find));
        assert!(!passes.two_words_at(0, 0, &find));
        assert!(!passes.two_words_at(1, 1, &find));
    }
}
