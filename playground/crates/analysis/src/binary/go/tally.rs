//! Who uses which bytes of a shared table.
//!
//! Streams and stack maps lie side by side, and functions with the same content share one.
//! Each is counted once, for the first function that uses it; it ends where the next begins.

use super::pclntab::Table;
use crate::binary::leb128;

/// (where something begins, which function uses it), each function's behind those of the one before.
#[derive(Default)]
pub(super) struct Uses(Vec<(u32, u32)>);

impl Uses {
    pub(super) fn add(&mut self, at: u32, function: usize) {
        self.0.push((at, function as u32));
    }

    /// Where things begin, in order, after [`Uses::settle`]; with the function that was counted for each.
    pub(super) fn settled(&self) -> &[(u32, u32)] {
        &self.0
    }

    /// Calls `count` with each function and its bytes; `end` is where the table ends, or
    /// `None` where that is not known: then the last one counts nothing. What lies behind the
    /// end counts nothing, and nothing is counted where all lie further apart than `most`.
    pub(super) fn settle(
        &mut self,
        end: Option<usize>,
        most: u64,
        mut count: impl FnMut(usize, u64),
    ) {
        in_order(&mut self.0);
        self.0.dedup_by_key(|(at, _)| *at);
        let spans = self.0.iter().map(|(at, _)| *at as usize);
        let last = end.or(spans.clone().next_back()).unwrap_or_default();
        if last.saturating_sub(spans.clone().next().unwrap_or_default()) as u64 > most {
            return;
        }
        let ends = spans.skip(1).chain([last]);
        for ((at, function), end) in self.0.iter().zip(ends) {
            let end = end.min(last);
            count(*function as usize, end.saturating_sub(*at as usize) as u64);
        }
    }
}

/// Sorts by place, and leaves the functions of one place in their order. There are hundreds of
/// thousands, and places are small numbers: digit by digit that takes an eighth of comparing them.
fn in_order(uses: &mut Vec<(u32, u32)>) {
    const BITS: u32 = 11;
    const MASK: u32 = (1 << BITS) - 1;
    if uses.len() < 1 << BITS {
        return uses.sort_by_key(|(at, _)| *at);
    }
    let most = uses.iter().map(|(at, _)| *at).max().unwrap_or_default();
    let mut spare = vec![(0, 0); uses.len()];
    for shift in [0, BITS, 2 * BITS] {
        if most >> shift == 0 {
            break;
        }
        let digit = |at: u32| (at >> shift & MASK) as usize;
        let mut begins = [0; 1 << BITS];
        for (at, _) in &*uses {
            begins[digit(*at)] += 1;
        }
        let mut sum = 0;
        for begin in &mut begins {
            sum += std::mem::replace(begin, sum);
        }
        for one in &*uses {
            let place = &mut begins[digit(one.0)];
            spare[*place] = *one;
            *place += 1;
        }
        std::mem::swap(uses, &mut spare);
    }
}

/// The source file of a function: the first one its file stream names.
pub(super) fn file_of<'a>(table: &Table<'a>, stream: u32, unit: u32) -> Option<&'a str> {
    let (_, name) = file_at(table, stream, unit)?;
    std::str::from_utf8(name).ok()
}

/// The same with its place in the list of files.
pub(super) fn file_at<'a>(table: &Table<'a>, stream: u32, unit: u32) -> Option<(u32, &'a [u8])> {
    let (step, _) = leb128::number(table.streams.get(stream as usize..)?)?;
    let step = step as u32;
    // Zig-zag, and the value before the first is -1.
    let value = if step & 1 == 0 {
        step >> 1
    } else {
        !(step >> 1)
    }
    .wrapping_sub(1);
    let entry = (unit as usize)
        .checked_add(value as usize)?
        .checked_mul(4)?;
    let at = table.order.u32(table.units, entry)?;
    let name = table.files.get(at as usize..)?;
    let name = &name[..memchr::memchr(0, &name[..name.len().min(4096)])?];
    Some((at, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn many_are_in_order_as_few_are() {
        let mut seed: u32 = 7;
        for most in [3, 5_000, 3_000_000, u32::MAX] {
            for count in [0, 1, 50, 30_000] {
                let mut uses: Vec<(u32, u32)> = Vec::new();
                for n in 0..count {
                    seed = seed.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                    uses.push((seed % most, n / 3));
                }
                let mut other = uses.clone();
                other.sort();
                in_order(&mut uses);
                assert!(uses == other, "{most} {count}");
            }
        }
    }
}
