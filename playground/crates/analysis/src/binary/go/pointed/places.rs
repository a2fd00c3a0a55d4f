//! Where data lies in the file, as numbers without gaps.

use super::NOBODY;
use crate::binary::elf::Elf;
use crate::binary::section::SectionKind;

/// A part of the file that may hold data.
#[derive(Clone, Copy)]
pub(super) struct Range {
    /// Counted through all ranges, one right behind the other.
    pub(super) from: u32,
    pub(super) to: u32,
    pub(super) address: u64,
    pub(super) is_variable: bool,
}

/// Where data lies.
pub(super) struct Places {
    /// In the order of their addresses.
    pub(super) ranges: Vec<Range>,
}

impl Places {
    /// `None` without section headers.
    pub(super) fn of(elf: &Elf) -> Option<Self> {
        let holds = |kind| match kind {
            SectionKind::ReadOnlyData | SectionKind::GoTypes => Some(false),
            SectionKind::Data => Some(true),
            _ => None,
        };
        let sections = elf.sections.as_ref()?.iter();
        let mut sections: Vec<_> = sections
            .filter(|section| section.file_bytes > 0 && section.memory_bytes > 0)
            .filter_map(|section| Some((section, holds(section.kind)?)))
            .collect();
        sections.sort_by_key(|(section, _)| section.address);
        let (mut ranges, mut from, mut ends) = (Vec::new(), 0, 0);
        for (section, is_variable) in sections {
            let to = u32::try_from(section.file_bytes).ok()?.checked_add(from)?;
            // Real ones do not overlap.
            if section.address < ends || to == NOBODY {
                return None;
            }
            ends = section.address.checked_add(section.file_bytes)?;
            ranges.push(Range {
                from,
                to,
                address: section.address,
                is_variable,
            });
            from = to;
        }
        (from > 0).then_some(Places { ranges })
    }

    /// All bytes.
    pub(super) fn bytes(&self) -> u32 {
        self.ranges.last().map_or(0, |range| range.to)
    }

    /// From the first address to the end of the last.
    pub(super) fn span(&self) -> (u64, u64) {
        let first = self.ranges.first().map_or(0, |range| range.address);
        let end = |range: &Range| range.address + u64::from(range.to - range.from);
        (first, self.ranges.last().map_or(0, end))
    }

    /// The number of an address where data lies.
    #[inline]
    pub(super) fn offset(&self, address: u64) -> Option<u32> {
        self.ranges.iter().find_map(|range| {
            let into = address.wrapping_sub(range.address);
            (into < u64::from(range.to - range.from)).then(|| range.from + into as u32)
        })
    }

    pub(super) fn range(&self, at: u32) -> Option<&Range> {
        let mut ranges = self.ranges.iter();
        ranges.find(|range| (range.from..range.to).contains(&at))
    }

    /// Where so many bytes from here end, in the same range at the latest.
    pub(super) fn end(&self, at: u32, bytes: u64) -> Option<u32> {
        let end = at.checked_add(u32::try_from(bytes).ok()?)?;
        Some(end.min(self.range(at)?.to))
    }

    /// The address of a number.
    pub(super) fn address(&self, at: u32) -> u64 {
        let range = self.range(at).or(self.ranges.last());
        range.map_or(0, |range| range.address + u64::from(at - range.from))
    }
}
