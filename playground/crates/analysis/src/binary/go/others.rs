//! Constants and variables that are not Go's: C's, in a program that a linker of C's put together.
//!
//! The runtime's module data says from where to where Go's lie. What else is in the same sections
//! came from other object files. Of constants it tells that only where they lie in one row with the
//! types: up to Go 1.26, in programs for a fixed address.

use super::module_data::ModuleData;
use crate::binary::elf::Elf;
use crate::binary::section::{Section, SectionKind};

/// Sections that Go's linker writes beside the rows that module data names, and lists of functions
/// that the loader calls.
const NAMED: [&str; 5] = [
    ".go.",
    ".note.",
    ".init_array",
    ".fini_array",
    ".preinit_array",
];

/// What others have in the file, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Others {
    pub(super) constants: u64,
    pub(super) variables: u64,
}

impl Others {
    /// Nothing where it cannot be told.
    pub(super) fn of(elf: &Elf, data: &ModuleData) -> Others {
        let outside = |kind: SectionKind, rows: &[(u64, u64)]| -> u64 {
            let sections = elf.sections.iter().flatten();
            let own = |section: &&Section| {
                section.kind == kind && !NAMED.iter().any(|name| section.name.starts_with(name))
            };
            let rest = sections.filter(own).map(|section| {
                let within = rows.iter().map(|row| overlap(section, *row));
                section.file_bytes.saturating_sub(within.sum())
            });
            rest.fold(0, u64::saturating_add)
        };
        let ModuleData {
            without_pointers,
            variables,
            constants,
            ..
        } = data;
        Others {
            constants: constants.map_or(0, |row| outside(SectionKind::ReadOnlyData, &[row])),
            variables: outside(
                SectionKind::Data,
                &[*without_pointers, (variables.from, variables.to)],
            ),
        }
    }
}

/// Bytes of the file that a section has of a row of addresses.
fn overlap(section: &Section, (from, to): (u64, u64)) -> u64 {
    let end = section.address.saturating_add(section.file_bytes);
    to.min(end).saturating_sub(from.max(section.address))
}
