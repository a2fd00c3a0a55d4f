//! Finds functions by where they begin: calls are looked up by the hundred thousand.

use super::code::Function;

/// Bytes of code to an entry.
const BLOCK: u64 = 256;
/// Bytes of code for each function: more than there are in real programs need not have an index.
const EACH: u64 = 1 << 12;

/// An index over functions in the order of their code.
pub(super) struct Starts<'f, 'a> {
    functions: &'f [Function<'a>],
    first: u64,
    /// For each block, which is the first function that begins in it or behind it.
    blocks: Vec<u32>,
}

impl<'f, 'a> Starts<'f, 'a> {
    pub(super) fn of(functions: &'f [Function<'a>]) -> Self {
        let first = functions.first().map_or(0, |it| it.start);
        let bytes = functions
            .last()
            .map_or(0, |it| it.start.wrapping_sub(first));
        let mut blocks = Vec::new();
        if bytes / EACH <= functions.len() as u64 {
            let block = |start: u64| (start.wrapping_sub(first) / BLOCK).min(bytes / BLOCK);
            blocks = firsts(functions.iter().map(|function| block(function.start)));
        }
        Starts {
            functions,
            first,
            blocks,
        }
    }

    /// The number of a function that begins here.
    #[inline]
    pub(super) fn find(&self, address: u64) -> Option<usize> {
        let block = usize::try_from(address.wrapping_sub(self.first) / BLOCK).ok()?;
        let (from, to) = match self.blocks.get(block) {
            Some(from) => (*from, self.blocks.get(block.wrapping_add(1))),
            None if self.blocks.is_empty() => (0, None),
            None => return None,
        };
        let to = to.map_or(self.functions.len(), |to| *to as usize);
        let some = self.functions.get(from as usize..to)?;
        let found = some.binary_search_by_key(&address, |it| it.start).ok()?;
        Some(from as usize + found)
    }
}

/// For each place, from the first on, which is the first thing that lies there or behind it; of things in
/// the order of their places, up to the last's.
pub(super) fn firsts(places: impl Iterator<Item = u64>) -> Vec<u32> {
    let mut firsts = Vec::new();
    for (n, place) in places.enumerate() {
        while firsts.len() as u64 <= place {
            firsts.push(n as u32);
        }
    }
    firsts
}

#[cfg(test)]
mod tests {
    use super::*;

    fn functions(starts: &[u64]) -> Vec<Function<'static>> {
        let function = |start: &u64| Function {
            name: "",
            start: *start,
            bytes: 1,
            package: None,
        };
        starts.iter().map(function).collect()
    }

    #[test]
    fn each_function_is_found_where_it_begins() {
        for starts in [
            &[0x1000, 0x1010, 0x10ff, 0x1100, 0x1101, 0x2000, 0x2300][..],
            &[0x1000],
            &[0, 1 << 40],
            &[],
        ] {
            let functions = functions(starts);
            let index = Starts::of(&functions);
            for (n, start) in starts.iter().enumerate() {
                assert_eq!(index.find(*start), Some(n), "{start:#x}");
            }
            for other in [0xfff, 0x1001, 0x1fff, 0x2301, 0x1_0000, u64::MAX] {
                assert_eq!(index.find(other), None, "{other:#x}");
            }
        }
    }
}
