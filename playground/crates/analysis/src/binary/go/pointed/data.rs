//! What data points to.

use super::mask::Mask;
use super::places::Places;
use super::{Claim, DATA_EACH, FIXED, Known, OWNER};
use crate::binary::elf::Elf;
use crate::binary::go::code::package_at;
use crate::binary::go::module_data::ModuleData;
use crate::binary::head::Kind as FileKind;
use crate::binary::memory::Memory;

/// From where to where data points, in order; and where else something begins or ends.
pub(super) type Found = (Vec<(u32, u32)>, Vec<u32>);

/// Which data points to which.
pub(super) fn pointers(
    elf: &Elf,
    memory: &Memory<'_>,
    known: &Known<'_, '_>,
    places: &Places,
) -> Option<Found> {
    let word = memory.word as u64;
    let within = |at: u64, from: u64, bytes: u64| at.wrapping_sub(from) < bytes;
    let data = known.data;
    let maps = data.regions.stack_maps;
    let maps_bytes = known.maps_end.map_or(0, |end| end.saturating_sub(maps));
    // Maps hold none.
    let is_map = |at: u64| {
        within(at, known.table.0, known.table.1)
            || within(at, maps, maps_bytes)
            || known
                .buckets
                .is_some_and(|(from, bytes)| within(at, from, bytes))
    };
    // The runtime's own lists lead to everything, and say nothing of whose it is.
    let is_list = |at: u64| {
        within(at, data.at, ModuleData::WORDS * word)
            || data
                .tables
                .is_some_and(|(list, count)| within(at, list, count.saturating_mul(word)))
    };
    let mut bounds = Vec::new();
    let mut pair = |at: u64, to: u64| {
        let pair = (places.offset(at)?, places.offset(to)?);
        if is_list(at) {
            bounds.push(pair.1);
            return None;
        }
        (!is_map(at)).then_some(pair)
    };
    let most = places.bytes() as usize / DATA_EACH;
    let mut found = Vec::new();
    if elf.head.kind == FileKind::Dynamic {
        let pairs = memory.relocations.iter();
        found.extend(pairs.filter_map(|(at, to)| pair(*at, *to)).take(most + 1));
    } else {
        let mask = Mask::read(memory, data.variables);
        let (none_from, none_to) = data.without_pointers;
        let (bits_from, bits_to) = bits(memory, known, places);
        // Numbers that look like pointers.
        let is_none = |at: u64| {
            within(at, none_from, none_to.saturating_sub(none_from))
                || within(at, bits_from, bits_to.saturating_sub(bits_from))
                || mask.as_ref().is_some_and(|mask| mask.denies(at))
        };
        let (first, end) = places.span();
        for range in &places.ranges {
            let from = range.address.next_multiple_of(word);
            let bytes = u64::from(range.to - range.from).saturating_sub(from - range.address);
            let bytes = memory.slice(from, bytes).unwrap_or(&[]);
            for (n, bytes) in bytes.chunks_exact(memory.word).enumerate() {
                let to = memory.order.word(bytes, 0, memory.word).unwrap_or(0);
                let at = from + n as u64 * word;
                if (first..end).contains(&to) && !is_none(at) {
                    found.extend(pair(at, to));
                }
            }
            if found.len() > most {
                return None;
            }
        }
    }
    (found.len() <= most).then_some((found, bounds))
}

/// Where the linker lays what types tell the garbage collector: from the first to the last one's
/// beginning.
fn bits(memory: &Memory<'_>, known: &Known<'_, '_>, places: &Places) -> (u64, u64) {
    let word = memory.word as u64;
    let of_type = |at: &u64| {
        let bits = memory.integer(at + 3 * word + 8)?;
        let range = places.range(places.offset(bits)?)?;
        (!range.is_variable).then_some(bits)
    };
    let all = known.types.at.iter().filter_map(of_type);
    all.fold((u64::MAX, 0), |(first, last), at| {
        (first.min(at), last.max(at))
    })
}

/// What packages do when the program starts (`runtime.initTask`, Go ≥ 1.21): a list in the runtime's
/// module data. Each has a number of functions behind two numbers of 32 bits, and is their package's.
pub(super) fn tasks(memory: &Memory<'_>, known: &Known<'_, '_>, places: &Places) -> Vec<Claim> {
    let word = memory.word as u64;
    let task = |at: u64| {
        let owner = package_at(known.functions, memory.pointer(at.checked_add(8)?)?)?;
        let count = memory.order.u32(memory.from(at)?, 4)?;
        let from = places.offset(at)?;
        let to = places.end(from, word.checked_mul(count.into())?.checked_add(8)?)?;
        (count > 0).then_some((from, to, FIXED | owner & OWNER))
    };
    let list = |n: u64| {
        let field = |n: u64| memory.pointer(known.data.at.checked_add(n * word)?);
        let (at, count) = (field(n)?, field(n + 1)?);
        let sound = count > 0 && count <= known.functions.len() as u64 && field(n + 2)? == count;
        let bytes = word.checked_mul(count).filter(|_| sound)?;
        memory.slice(at, bytes)?;
        (0..count)
            .map(|n| task(memory.pointer(at + n * word)?))
            .collect()
    };
    let mut lists = (0..ModuleData::WORDS).filter_map(list);
    lists.next().unwrap_or_default()
}
