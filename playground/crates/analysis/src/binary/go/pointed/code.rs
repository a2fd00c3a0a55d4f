//! What machine code points to, function by function.

use super::inlined::Inlined;
use super::places::Places;
use super::scan::References;
use super::{CODE_EACH, Known, NOBODY, SHARED};
use crate::binary::memory::Memory;

/// Which data machine code points to, and whose code it is, in the order of the code. What is in no
/// function of Go's is of others.
pub(super) fn from_code(
    memory: &Memory<'_>,
    known: &Known<'_, '_>,
    places: &Places,
    references: References,
) -> Option<Vec<(u32, u32)>> {
    let mut found = Vec::new();
    let mut inlined = Inlined::default();
    let (first, end) = places.span();
    let data = (first, end - first);
    for load in memory.loads.iter().filter(|load| load.execute) {
        let code = memory.bytes_of(load);
        let most = found.len() + code.len() / CODE_EACH;
        let mut last = (NOBODY, NOBODY);
        let mut read = |from: usize, to: usize, n: Option<usize>| {
            let package = n.and_then(|n| known.functions[n].package);
            let at = load.address.wrapping_add(from as u64);
            let of_package = n.filter(|_| package.is_some());
            let mut lines = of_package.and_then(|n| inlined.of(known, memory, n));
            references(&code[from..], to - from, at, data, &mut |here, to| {
                let Some(to) = places.offset(to) else {
                    return;
                };
                let line = lines.as_mut();
                let line = line.and_then(|lines| lines.owner(here.wrapping_sub(at)));
                let owner = line.or(package).unwrap_or(SHARED);
                if last != (to, owner) && found.len() <= most {
                    found.push((to, owner));
                }
                last = (to, owner);
            });
        };
        let into = |address: u64| address.wrapping_sub(load.address);
        let mut done = 0;
        let first = known
            .functions
            .partition_point(|it| it.start < load.address);
        for (n, function) in known.functions.iter().enumerate().skip(first) {
            let from = into(function.start);
            let to = from.saturating_add(function.bytes);
            if to > code.len() as u64 {
                break;
            }
            let (from, to) = (from as usize, to as usize);
            if from > done {
                read(done, from, None);
            }
            read(from, to, Some(n));
            done = to;
        }
        read(done, code.len(), None);
        if found.len() > most {
            return None;
        }
    }
    Some(found)
}
