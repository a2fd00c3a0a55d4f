//! Whose the debug information is: DWARF by its compile units, which are Go's packages, with the gimli
//! crate. Sections may be compressed; what lies in the file is shared out as what was packed is.
//!
//! The descriptions of all types stand in the runtime's unit: those are shared out by the types' names,
//! and unwinding tables and the lists of DWARF 4 by their functions.

mod lists;
mod stored;

use super::code::{Function, Package, package_at};
use super::extents::Extents;
use super::names::{Owner, element, owner, unescaped};
use crate::binary::elf::Elf;
use crate::binary::head::Order;
use crate::binary::memory::Memory;
use crate::binary::section::Section;
use gimli::{
    Abbreviations, DebugAbbrev, DebugInfo, DebugLineStr, DebugStr, DwAt, EndianSlice,
    RunTimeEndian, UnitHeader, constants as dw,
};
use lists::{Behind, lists};
use std::borrow::Cow;
use std::collections::BTreeMap;
use stored::{Stored, packed, share, unpacked};

/// Units that are looked at: Kubernetes' largest have some thousand.
const MAX_UNITS: usize = 1 << 16;
/// The unit with the descriptions of all types.
const RUNTIME: &str = "runtime";
/// Stands before types of the compiler's own, for the insides of maps.
const NOBODYS: &str = "noalg";

type Slice<'a> = EndianSlice<'a, RunTimeEndian>;
/// Bytes by the path of a package.
type Sums = BTreeMap<String, u64>;

/// Bytes of the file by package; nothing where there is no debug information, or it is damaged.
pub(super) fn shares(
    elf: &Elf,
    memory: &Memory<'_>,
    functions: &[Function<'_>],
    packages: &[Package],
) -> Sums {
    let all = Dwarf { elf, memory };
    let mut sums = Sums::new();
    let units = all.units(&mut sums).unwrap_or_default();
    all.by_offset(".debug_line", &units, |unit| unit.lines, &mut sums);
    all.by_offset(".debug_rnglists", &units, |unit| unit.ranges, &mut sums);
    all.by_offset(".debug_loclists", &units, |unit| unit.locations, &mut sums);
    all.by_offset(".debug_addr", &units, |unit| unit.addresses, &mut sums);
    all.frames(functions, packages, &mut sums);
    for (name, behind) in [
        (".debug_loc", Behind::Description),
        (".debug_ranges", Behind::Nothing),
    ] {
        all.by_function(name, behind, functions, packages, &mut sums);
    }
    sums
}

/// A compile unit.
struct Unit {
    /// `None` of a unit in another language.
    package: Option<String>,
    lines: Option<u64>,
    ranges: Option<u64>,
    locations: Option<u64>,
    addresses: Option<u64>,
}

struct Dwarf<'a, 'm> {
    elf: &'m Elf,
    memory: &'m Memory<'a>,
}

impl<'a> Dwarf<'a, '_> {
    fn section(&self, name: &str) -> Option<Stored<'a>> {
        let (section, bytes) = self.find(name)?;
        let bytes = match section.compressed {
            true => Cow::Owned(unpacked(section, bytes, self.memory)?),
            false => Cow::Borrowed(bytes),
        };
        Some(Stored {
            bytes,
            file_bytes: section.file_bytes,
        })
    }

    /// A section as it lies in the file.
    fn find(&self, name: &str) -> Option<(&Section, &'a [u8])> {
        let mut sections = self.elf.sections.iter().flatten();
        let section = sections.find(|section| section.name == name)?;
        let rest = self
            .memory
            .file
            .get(usize::try_from(section.offset).ok()?..)?;
        let bytes = rest.get(..usize::try_from(section.file_bytes).ok()?)?;
        Some((section, bytes))
    }

    fn endian(&self) -> RunTimeEndian {
        match self.memory.order {
            Order::Little => RunTimeEndian::Little,
            Order::Big => RunTimeEndian::Big,
        }
    }

    /// All units; the own bytes of Go's are summed up.
    fn units(&self, sums: &mut Sums) -> Option<Vec<Unit>> {
        let none = || Stored {
            bytes: Cow::Borrowed(&[][..]),
            file_bytes: 0,
        };
        let info = self.section(".debug_info")?;
        let abbreviations = self.section(".debug_abbrev")?;
        let texts = self.section(".debug_str").unwrap_or_else(none);
        let line_texts = self.section(".debug_line_str").unwrap_or_else(none);
        let endian = self.endian();
        let texts = Texts {
            texts: DebugStr::new(&texts.bytes, endian),
            of_lines: DebugLineStr::from(EndianSlice::new(&line_texts.bytes, endian)),
        };
        let debug_info = DebugInfo::new(&info.bytes, endian);
        let abbreviations = DebugAbbrev::new(&abbreviations.bytes, endian);
        let mut headers = debug_info.units();
        // Go's units have one table of abbreviations between them.
        let mut known: Option<(usize, Abbreviations)> = None;
        let mut units = Vec::new();
        while let Ok(Some(header)) = headers.next() {
            let at = header.debug_abbrev_offset().0;
            if known.as_ref().is_none_or(|(of, _)| *of != at) {
                known = Some((at, header.abbreviations(&abbreviations).ok()?));
            }
            let (_, abbreviations) = known.as_ref()?;
            if let Some(unit) = unit(&header, abbreviations, &texts) {
                let mut own = header.length_including_self() as u64;
                if unit.package.as_deref() == Some(RUNTIME) {
                    for (package, bytes) in types(&header, abbreviations, &texts) {
                        own = own.saturating_sub(bytes);
                        *sums.entry(package).or_default() += info.share(bytes);
                    }
                }
                if let Some(package) = &unit.package {
                    *sums.entry(package.clone()).or_default() += info.share(own);
                }
                units.push(unit);
            }
            if units.len() >= MAX_UNITS {
                break;
            }
        }
        Some(units)
    }

    /// A section of which each unit says where its part begins; that ends where the next one begins.
    fn by_offset(
        &self,
        name: &str,
        units: &[Unit],
        begins: fn(&Unit) -> Option<u64>,
        sums: &mut Sums,
    ) {
        let mut parts: Vec<(u64, Option<&str>)> = units
            .iter()
            .filter_map(|unit| Some((begins(unit)?, unit.package.as_deref())))
            .collect();
        if parts.is_empty() {
            return;
        }
        // How long it is without being packed says its header: nothing in it is looked at.
        let length = |(section, bytes): (&Section, &[u8])| match section.compressed {
            true => Some((packed(section, bytes, self.memory)?.0, section.file_bytes)),
            false => Some((section.file_bytes, section.file_bytes)),
        };
        let Some((end, file_bytes)) = self.find(name).and_then(length) else {
            return;
        };
        parts.sort_unstable();
        let ends = parts.iter().skip(1).map(|(at, _)| *at).chain([end]);
        for ((from, package), to) in parts.iter().zip(ends) {
            let bytes = to.min(end).saturating_sub(*from);
            if let Some(package) = package {
                *sums.entry((*package).to_owned()).or_default() += share(bytes, end, file_bytes);
            }
        }
    }

    /// A section of lists, each of a function.
    fn by_function(
        &self,
        name: &str,
        behind: Behind,
        functions: &[Function<'_>],
        packages: &[Package],
        sums: &mut Sums,
    ) {
        let Some(stored) = self.section(name) else {
            return;
        };
        let mut bytes = vec![0_u64; packages.len()];
        let (order, word) = (self.memory.order, self.memory.word);
        lists(&stored.bytes, order, word, behind, |base, length| {
            let place = functions.partition_point(|it| it.start <= base);
            let function = place.checked_sub(1).map(|place| functions[place]);
            let function = function.filter(|it| base - it.start < it.bytes.max(1));
            if let Some(place) = function.and_then(|it| it.package) {
                bytes[place as usize] += length;
            }
        });
        for (package, bytes) in packages.iter().zip(bytes).filter(|(_, bytes)| *bytes > 0) {
            *sums.entry(package.path.clone()).or_default() += stored.share(bytes);
        }
    }

    /// `.debug_frame`: an entry for each function.
    fn frames(&self, functions: &[Function<'_>], packages: &[Package], sums: &mut Sums) {
        let Some(stored) = self.section(".debug_frame") else {
            return;
        };
        const COMMON: u32 = u32::MAX;
        let (order, word) = (self.memory.order, self.memory.word);
        let mut extents = Extents::default();
        let mut at = 0_usize;
        while let Some(length) = order.u32(&stored.bytes, at) {
            let bytes = length as usize + 4;
            let of = order.u32(&stored.bytes, at + 4).filter(|of| *of != COMMON);
            let begins = of.and_then(|_| order.word(&stored.bytes, at + 8, word));
            let place = begins.and_then(|begins| package_at(functions, begins));
            if let Some(place) = place {
                extents.add(at as u64, bytes as u64, place);
            }
            let Some(next) = at.checked_add(bytes) else {
                break;
            };
            at = next;
        }
        extents.settle(stored.bytes.len() as u64, |place, bytes| {
            if let Some(package) = packages.get(place as usize) {
                *sums.entry(package.path.clone()).or_default() += stored.share(bytes);
            }
        });
    }
}

/// Where names stand that are not among the entries.
struct Texts<'a> {
    texts: DebugStr<Slice<'a>>,
    of_lines: DebugLineStr<Slice<'a>>,
}

/// `None` of a unit that cannot be read.
fn unit(
    header: &UnitHeader<Slice<'_>>,
    abbreviations: &Abbreviations,
    texts: &Texts<'_>,
) -> Option<Unit> {
    let mut entries = header.entries(abbreviations);
    let root = entries.next_dfs().ok()??;
    let language = root.attr_value(dw::DW_AT_language);
    let of_go = language == Some(gimli::AttributeValue::Language(dw::DW_LANG_Go));
    let offset = |name: DwAt| {
        let value = root.attr_value_raw(name)?;
        Some(value.offset_value()? as u64)
    };
    let package = || name(root.attr_value_raw(dw::DW_AT_name)?, texts);
    let package = of_go.then(package).flatten();
    // Go's own linker lays all lists behind one header: a unit's own ranges are its first, and its first
    // variable's places.
    let of_5 = header.version() >= 5;
    let own_ranges = || offset(dw::DW_AT_ranges).filter(|_| of_5 && of_go);
    let mut unit = Unit {
        package: package.map(|package| unescaped(&package).into_owned()),
        lines: offset(dw::DW_AT_stmt_list),
        ranges: offset(dw::DW_AT_rnglists_base).or_else(own_ranges),
        locations: offset(dw::DW_AT_loclists_base),
        addresses: offset(dw::DW_AT_addr_base),
    };
    if unit.locations.is_none() && of_5 && of_go {
        unit.locations = first_location(header, abbreviations);
    }
    Some(unit)
}

/// The first list of a variable's places that a unit refers to.
fn first_location(header: &UnitHeader<Slice<'_>>, abbreviations: &Abbreviations) -> Option<u64> {
    let mut entries = header.entries(abbreviations);
    while let Ok(Some(entry)) = entries.next_dfs() {
        let location = entry.attr_value_raw(dw::DW_AT_location);
        if let Some(at) = location.and_then(|it| it.offset_value()) {
            return Some(at as u64);
        }
    }
    None
}

fn name(value: gimli::AttributeValue<Slice<'_>>, texts: &Texts<'_>) -> Option<String> {
    use gimli::AttributeValue as Value;
    let text = match value {
        Value::String(text) => text,
        Value::DebugStrRef(at) => texts.texts.get_str(at).ok()?,
        Value::DebugLineStrRef(at) => texts.of_lines.get_str(at).ok()?,
        _ => return None,
    };
    Some(String::from_utf8_lossy(text.slice()).into_owned())
}

/// Bytes of the descriptions of types in a unit, by the packages of their names.
fn types(header: &UnitHeader<Slice<'_>>, abbreviations: &Abbreviations, texts: &Texts<'_>) -> Sums {
    let mut sums = Sums::new();
    let mut entries = header.entries(abbreviations);
    // To the root, and to its first child.
    if !matches!(entries.next_entry(), Ok(true)) || !matches!(entries.next_entry(), Ok(true)) {
        return sums;
    }
    while let Some(entry) = entries.current() {
        let from = entry.offset().0;
        let package = entry.attr_value_raw(dw::DW_AT_name);
        let is_type = is_type(entry.tag());
        let package = package.filter(|_| is_type);
        let package = package.and_then(|value| package_of(&name(value, texts)?));
        if entries.next_sibling().is_err() {
            break;
        }
        let bytes = entries.offset().0.saturating_sub(from) as u64;
        let known = |package: &String| package != RUNTIME && package != NOBODYS;
        if let Some(package) = package.filter(known) {
            *sums.entry(package).or_default() += bytes;
        }
    }
    sums
}

fn is_type(tag: gimli::DwTag) -> bool {
    matches!(
        tag,
        dw::DW_TAG_structure_type
            | dw::DW_TAG_typedef
            | dw::DW_TAG_pointer_type
            | dw::DW_TAG_array_type
            | dw::DW_TAG_subroutine_type
            | dw::DW_TAG_base_type
    )
}

/// `net/http` of `*net/http.Client` and of `[]net/http.Cookie`.
fn package_of(name: &str) -> Option<String> {
    match owner(element(name)) {
        Owner::Package(path) => Some(unescaped(path).into_owned()),
        Owner::Generated | Owner::Unsaid => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_belong_to_the_package_in_their_name() {
        for (name, package) in [
            ("net/http.Client", Some("net/http")),
            ("*net/http.Client", Some("net/http")),
            ("[]*gopkg.in/yaml%2ev3.Node", Some("gopkg.in/yaml.v3")),
            ("[4]main.table", Some("main")),
            ("map[string]net/http.Header", None),
            ("func(net/http.Client) error", None),
            ("int", None),
            ("[", None),
        ] {
            assert_eq!(package_of(name).as_deref(), package, "{name}");
        }
    }
}
