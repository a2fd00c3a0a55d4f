//! What lies outside of all sections: the headers, and the zeros between parts that begin at round
//! places.

use crate::binary::section::Section;
use std::iter::once;
use std::ops::Range;

/// Bytes of the file that no section has.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Outside {
    /// The ELF header, program headers and section headers.
    pub(super) headers: u64,
    /// Rows of zeros up to where the next part begins, or to the end.
    pub(super) padding: u64,
}

impl Outside {
    /// `headers` are where those lie; nothing is padding that has a byte other than zero.
    pub(super) fn of(file: &[u8], headers: &[Range<u64>], sections: &[Section]) -> Outside {
        let within = sections
            .iter()
            .map(|section| section.offset..section.offset.saturating_add(section.file_bytes));
        let (of_sections, _) = laid_out(file, within.clone());
        let (of_all, padding) = laid_out(file, within.chain(headers.iter().cloned()));
        Outside {
            headers: of_all - of_sections,
            padding,
        }
    }
}

/// Bytes of the file that lie in any of these parts, and those of rows of zeros between them.
fn laid_out(file: &[u8], parts: impl Iterator<Item = Range<u64>>) -> (u64, u64) {
    let all = file.len() as u64;
    let mut parts: Vec<_> = parts.filter(|part| part.start < part.end).collect();
    parts.sort_by_key(|part| part.start);
    let (mut within, mut zeros, mut done) = (0, 0, 0);
    for part in parts.into_iter().chain(once(all..all)) {
        let (from, to) = (part.start.min(all), part.end.min(all));
        if from > done && is_zero(&file[done as usize..from as usize]) {
            zeros += from - done;
        }
        within += to.saturating_sub(done.max(from));
        done = done.max(to);
    }
    (within, zeros)
}

fn is_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::binary::section::SectionKind;

    fn section((from, to): (u64, u64)) -> Section {
        Section {
            name: String::new(),
            kind: SectionKind::Code,
            address: 0,
            offset: from,
            file_bytes: to - from,
            memory_bytes: 0,
            compressed: false,
        }
    }

    #[test]
    fn headers_and_zeros_between_parts_are_told_from_what_somebody_put_there() {
        let mut file = vec![0; 1000];
        file[600] = 1;
        let of = |headers: &[(u64, u64)], sections: &[(u64, u64)]| {
            let sections: Vec<_> = sections.iter().copied().map(section).collect();
            let headers: Vec<_> = headers.iter().map(|(from, to)| *from..*to).collect();
            let Outside { headers, padding } = Outside::of(&file, &headers, &sections);
            (headers, padding)
        };
        assert_eq!(of(&[(0, 64), (64, 120)], &[(200, 500)]), (120, 80));
        assert_eq!(of(&[(0, 64)], &[(64, 500), (610, 900)]), (64, 100));
        // Each byte once, whatever overlaps.
        assert_eq!(of(&[(0, 64), (32, 80)], &[(40, 500), (300, 1000)]), (40, 0));
        assert_eq!(of(&[(0, 64), (0, 64)], &[(0, 1000)]), (0, 0));
        // Nothing beyond the file.
        assert_eq!(
            of(&[(0, 64), (2000, 3000)], &[(64, 700), (900, u64::MAX)]),
            (64, 200)
        );
        assert_eq!(of(&[], &[]), (0, 0));
    }
}
