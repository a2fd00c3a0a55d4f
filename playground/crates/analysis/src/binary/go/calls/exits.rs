//! With what a function returns: where among its results a value of two words begins, as errors are.
//!
//! Told by what is laid into registers right before it returns: both zero, as of `nil`, or two
//! neighbours of the stack or of registers; three are a list, or cannot be told apart. A text is two words, too, but what is asked of one is its second.

use super::flow::{Cpu, Laid, Step, spend};
use std::cell::Cell;
use std::collections::{BTreeMap, HashSet};
use std::rc::Rc;

/// The exits of a function.
#[derive(Default)]
pub(super) struct Exits {
    /// By place: such a value begins there.
    two_words: u16,
    /// Functions whose results it gives as they are, with the places of these.
    passes_on: BTreeMap<u64, u16>,
    /// Where it returns, with the places at which no error lies there.
    errorless: BTreeMap<u64, u16>,
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
                Step::Return => exits.add(at, &held, last),
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

    fn add(&mut self, at: u64, held: &[Laid], last: Option<u64>) {
        let (mut untouched, mut errorless) = (0, 0);
        for (place, pair) in held.windows(2).enumerate() {
            let before = place.checked_sub(1).map(|before| held[before]);
            let behind = held.get(place + 2);
            let begins = are_neighbours(pair[0], pair[1])
                && !before.is_some_and(|before| are_neighbours(before, pair[0]))
                && !behind.is_some_and(|behind| are_neighbours(pair[1], *behind));
            self.two_words |= u16::from(begins) << place;
            let same = pair.iter().all(|held| *held == Laid::Nothing);
            untouched |= u16::from(same) << place;
            errorless |= u16::from(is_no_error(pair[0], pair[1])) << place;
        }
        self.errorless.insert(at, errorless);
        if let Some(last) = last.filter(|_| untouched != 0) {
            *self.passes_on.entry(last).or_default() |= untouched;
        }
    }

    /// Whether it may give an error where it returns at this address, in registers that are
    /// `looked_at`.
    pub(super) fn may_give_error(
        &self,
        at: u64,
        looked_at: u16,
        depth: usize,
        of: &dyn Fn(u64) -> Option<Rc<Exits>>,
        budget: &Cell<usize>,
    ) -> bool {
        let errorless = self.errorless.get(&at).copied().unwrap_or(0);
        let may = |place: &usize| errorless >> place & 1 == 0 && looked_at >> place & 3 != 0;
        let mut places = (0..u16::BITS as usize).filter(may);
        places.any(|place| self.two_words_at(place, depth, of, budget))
    }

    /// Whether such a value begins at this place; `of` gives the exits of another function. Not told
    /// where that is too much work.
    pub(super) fn two_words_at(
        &self,
        place: usize,
        depth: usize,
        of: &dyn Fn(u64) -> Option<Rc<Exits>>,
        budget: &Cell<usize>,
    ) -> bool {
        let here = |mask: u16| mask >> place & 1 == 1;
        if here(self.two_words) {
            return true;
        }
        let passed = |exits: &Exits| -> Option<Vec<u64>> {
            spend(budget, 1 + exits.passes_on.len())?;
            let passed = exits.passes_on.iter().filter(|(_, mask)| here(**mask));
            Some(passed.map(|(to, _)| *to).collect())
        };
        let mut seen = HashSet::new();
        let mut open = passed(self).unwrap_or_default();
        for _ in 0..depth {
            let mut next = Vec::new();
            for to in open {
                let exits = Some(to).filter(|to| seen.insert(*to)).and_then(of);
                let Some(exits) = exits else {
                    continue;
                };
                if here(exits.two_words) {
                    return true;
                }
                let Some(passed) = passed(&exits) else {
                    return false;
                };
                next.extend(passed);
            }
            open = next;
        }
        false
    }
}

/// Whether one value may lie in both, in this order.
fn are_neighbours(first: Laid, second: Laid) -> bool {
    match (first, second) {
        (Laid::Zero, Laid::Zero) => true,
        (Laid::Slot(first), Laid::Slot(second)) => first.checked_add(8) == Some(second),
        // By their places.
        (Laid::Register(first), Laid::Register(second)) => first.checked_add(1) == Some(second),
        _ => false,
    }
}

/// Whether one value that lies in both is no error, or `nil`: an error begins with the address of what
/// tells its type, and what follows is an address, too. A constant text is told by its length.
fn is_no_error(first: Laid, second: Laid) -> bool {
    matches!(first, Laid::Zero | Laid::Number) || second == Laid::Number
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
        let begins = |place: &usize| exits.two_words_at(*place, 1, &|_| None, &Cell::new(1000));
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
        // No list is an error, be it nil.
        assert_eq!(of(&[A, B, C, RET]), NONE);
        // mov rbx, [rsp+16]; mov rcx, [rsp+24]: neighbours, and a list.
        let second = &[0x48, 0x8b, 0x5c, 0x24, 16][..];
        let third = &[0x48, 0x8b, 0x4c, 0x24, 24][..];
        assert_eq!(of(&[loads, second, RET]), [0]);
        assert_eq!(of(&[loads, second, third, RET]), NONE);
        // mov rax, rbx; mov rbx, rcx; mov rcx, rdi: a list, too.
        let list = [
            &[0x48, 0x89, 0xd8][..],
            &[0x48, 0x89, 0xcb],
            &[0x48, 0x89, 0xf9],
            RET,
        ];
        assert_eq!(of(&list), NONE);
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
    fn a_default_instead_of_an_error_is_told() {
        let gives = |code: &[&[u8]]| {
            let exits = Exits::of(&code.concat(), 0x1000, amd64::CPU, &Cell::new(1000));
            let at = 0x1000 + code.concat().len() as u64 - 1;
            exits.may_give_error(at, u16::MAX, 1, &|_| None, &Cell::new(1000))
        };
        let without = &[A, B, RET];
        // mov rax, [rsp+8]; mov rbx, [rsp+16]
        let slots = &[0x48, 0x8b, 0x44, 0x24, 8, 0x48, 0x8b, 0x5c, 0x24, 16][..];
        assert!(gives(&[&without[..], &[slots, RET]].concat()));
        assert!(!gives(&[&[slots, RET][..], without].concat()));
        // lea rax, …; mov ebx, 7: a constant text.
        let text = &[0x48, 0x8d, 0x05, 0, 1, 0, 0, 0xbb, 7, 0, 0, 0][..];
        assert!(!gives(&[&without[..], &[text, RET]].concat()));
        // mov eax, 1: an exit code, and nothing anywhere else that might be an error.
        assert!(!gives(&[&[0xb8, 1, 0, 0, 0], RET]));
    }

    #[test]
    fn results_of_another_are_passed_on() {
        let cpu = amd64::CPU;
        let of = |code: &[&[u8]]| Exits::of(&code.concat(), 0x1000, cpu, &Cell::new(1000));
        let other = Rc::new(of(&[A, B, RET]));
        let passes = of(&[&[0xe8, 0, 0, 0, 0], RET]);
        let find = |to: u64| (to == 0x1005).then(|| other.clone());
        let at = |place, depth| passes.two_words_at(place, depth, &find, &Cell::new(1000));
        assert!(at(0, 1));
        assert!(!at(0, 0));
        assert!(!at(1, 1));
    }

    #[test]
    fn results_that_are_passed_on_a_thousand_times_are_looked_up_once() {
        // call …; ret: of one function, or of a hundred.
        for others in [1, 100] {
            let passes: Vec<u8> = (0..1000_u32)
                .flat_map(|n| {
                    let behind = 0x1000 + 6 * n + 5;
                    let to = 0x9000 + n % others;
                    [&[0xe8][..], &to.wrapping_sub(behind).to_le_bytes(), RET].concat()
                })
                .collect();
            let budget = Cell::new(10_000);
            let exits = Rc::new(Exits::of(&passes, 0x1000, amd64::CPU, &budget));
            let asked = Cell::new(0);
            let find = |_: u64| {
                asked.set(asked.get() + 1);
                Some(exits.clone())
            };
            budget.set(20_000);
            assert!(!exits.two_words_at(0, 4, &find, &budget));
            assert_eq!(asked.get(), others);
            // What is looked through is paid for.
            assert!(budget.get() <= 20_000 - (others * others) as usize);
            budget.set(50);
            asked.set(0);
            assert!(!exits.two_words_at(0, 4, &find, &budget));
            assert!(asked.get() <= 50);
        }
    }
}
