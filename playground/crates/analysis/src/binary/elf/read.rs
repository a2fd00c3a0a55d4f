//! From bytes to [`Elf`] and [`Memory`].

use super::dynamic::dynamic;
use super::outside::Outside;
use super::{Elf, Linkage, Packer, Segment, bytes_of};
use crate::binary::error::{BinaryError, Part};
use crate::binary::form::form;
use crate::binary::head::{Class, Head, Kind};
use crate::binary::memory::Memory;
use crate::binary::section::{Section, SectionKind};
use object::Endianness;
use object::elf::{
    FileHeader32, FileHeader64, PF_W, PF_X, PT_INTERP, PT_LOAD, SHF_ALLOC, SHF_COMPRESSED,
    SHT_NOBITS,
};
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};

/// Real executables have a dozen of each. Addresses are looked up segment by segment.
const MAX_SEGMENTS: usize = 128;
const MAX_SECTIONS: usize = 4096;
/// Longest part of a section's name that is kept, in bytes.
const SECTION_NAME: usize = 128;

/// Reads ELF structures; see [`crate::binary::xray`].
pub(in crate::binary) fn read_elf(file: &[u8]) -> Result<(Elf, Memory<'_>), BinaryError> {
    let Some(head) = Head::parse(file) else {
        return Err(BinaryError::NotElf(form(file).to_string()));
    };
    match head.kind {
        Kind::Executable | Kind::Dynamic => {}
        Kind::Object => return Err(BinaryError::NotElf("an object file for a linker".into())),
        Kind::Core => return Err(BinaryError::NotElf("a core dump".into())),
        Kind::Other => return Err(BinaryError::NotElf("an ELF file of unknown type".into())),
    }
    match head.class {
        Class::Bits32 => read_class::<FileHeader32<Endianness>>(file, head),
        Class::Bits64 => read_class::<FileHeader64<Endianness>>(file, head),
    }
}

fn read_class<H>(file: &[u8], head: Head) -> Result<(Elf, Memory<'_>), BinaryError>
where
    H: FileHeader<Endian = Endianness>,
{
    let damaged = |part| {
        move |why: object::Error| BinaryError::Damaged {
            part,
            why: why.to_string(),
        }
    };
    let header = H::parse(file).map_err(damaged(Part::ElfHeaders))?;
    let endian = header.endian().map_err(damaged(Part::ElfHeaders))?;
    let programs = header
        .program_headers(endian, file)
        .map_err(damaged(Part::ProgramHeaders))?;
    at_most("segments", programs.len(), MAX_SEGMENTS)?;

    let (segments, mut memory) = load::<H>(file, head, endian, programs)?;
    let interpreter = programs
        .iter()
        .find(|program| program.p_type(endian) == PT_INTERP)
        .and_then(|program| program.data(endian, file).ok())
        .map(|path| text(path, 4096));
    let dynamic = dynamic::<H>(endian, file, programs, &memory);
    memory.relocations = dynamic.relocations;

    let entry = header.e_entry(endian).into();
    let linkage = match (head.kind, &interpreter) {
        (_, Some(_)) => Linkage::Dynamic,
        (Kind::Executable, None) if dynamic.needed.is_empty() => Linkage::Static,
        (Kind::Executable, None) => Linkage::Dynamic,
        _ if dynamic.position_independent => Linkage::StaticPie,
        _ if entry != 0 && !dynamic.named && dynamic.needed.is_empty() => Linkage::StaticPie,
        _ => Linkage::Library,
    };
    let sections = sections::<H>(file, header, endian)?;
    let all_sections = || sections.iter().flatten();
    let beyond = |offset: u64, bytes: u64| offset..offset.saturating_add(bytes);
    let of_programs = beyond(header.e_phoff(endian).into(), size_of_val(programs) as u64);
    let headers = of_programs.end;
    let outside = match &sections {
        Some(sections) => {
            let each = u64::from(header.e_shentsize(endian));
            let bytes = each.saturating_mul(sections.len() as u64 + 1);
            let of_sections = beyond(header.e_shoff(endian).into(), bytes);
            Outside::of(file, &[0..head.bytes(), of_programs, of_sections], sections)
        }
        None => Outside::default(),
    };
    let elf = Elf {
        head,
        entry,
        linkage,
        interpreter,
        needed: dynamic.needed,
        search_path: dynamic.search_path,
        needs_versions: dynamic.needs_versions,
        defines_versions: dynamic.defines_versions,
        pie: head.kind == Kind::Dynamic && linkage != Linkage::Library,
        stripped: !all_sections().any(|section| section.name == ".symtab"),
        symbol_bytes: bytes_of(all_sections(), SectionKind::Symbols),
        dwarf_bytes: bytes_of(all_sections(), SectionKind::Debug),
        code_bytes: match &sections {
            Some(_) => bytes_of(all_sections(), SectionKind::Code),
            None => executable_bytes(&segments, headers),
        },
        header_bytes: outside.headers,
        padding_bytes: outside.padding,
        packer: packer(file, sections.is_none()),
        sections,
        segments,
    };
    Ok((elf, memory))
}

/// What is loaded, and the memory this makes.
fn load<'a, H: FileHeader<Endian = Endianness>>(
    file: &'a [u8],
    head: Head,
    endian: Endianness,
    programs: &[H::ProgramHeader],
) -> Result<(Vec<Segment>, Memory<'a>), BinaryError> {
    let mut memory = Memory {
        file,
        order: head.order,
        word: head.word(),
        loads: Vec::new(),
        relocations: Vec::new(),
    };
    let mut segments = Vec::new();
    let is_loaded = |program: &&H::ProgramHeader| program.p_type(endian) == PT_LOAD;
    for program in programs.iter().filter(is_loaded) {
        let flags = program.p_flags(endian);
        let segment = Segment {
            address: program.p_vaddr(endian).into(),
            offset: program.p_offset(endian).into(),
            file_bytes: program.p_filesz(endian).into(),
            memory_bytes: program.p_memsz(endian).into(),
            write: flags & PF_W != 0,
            execute: flags & PF_X != 0,
        };
        if segment.file_bytes > 0 {
            let needs = segment.offset.saturating_add(segment.file_bytes);
            let has = file.len() as u64;
            if needs > has {
                let part = Part::LoadedSegments;
                return Err(BinaryError::Truncated { part, needs, has });
            }
            memory.loads.push(segment);
        }
        segments.push(segment);
    }
    Ok((segments, memory))
}

/// The sections, or `None` where there are no usable section headers: nobody who runs a
/// program reads them, and packers leave them out or leave them wrong.
fn sections<H: FileHeader<Endian = Endianness>>(
    file: &[u8],
    header: &H,
    endian: Endianness,
) -> Result<Option<Vec<Section>>, BinaryError> {
    let Ok(headers) = header.section_headers(endian, file) else {
        return Ok(None);
    };
    at_most("sections", headers.len(), MAX_SECTIONS)?;
    let Ok(names) = header.shstrndx(endian, file) else {
        return Ok(None);
    };
    let names: &[u8] = headers
        .get(names as usize)
        .and_then(|names| names.data(endian, file).ok())
        .unwrap_or_default();
    let mut sections = Vec::new();
    for section in headers.iter().skip(1) {
        let name = names
            .get(section.sh_name(endian) as usize..)
            .unwrap_or_default();
        let name = text(name, SECTION_NAME);
        let (kind, flags) = (section.sh_type(endian), section.sh_flags(endian).into());
        let is_loaded = flags & u64::from(SHF_ALLOC) != 0;
        let offset = section.sh_offset(endian).into();
        let size = section.sh_size(endian).into();
        let in_file = if kind == SHT_NOBITS { 0 } else { size };
        // Data without bytes in the file may claim any place.
        let beyond = offset.saturating_add(in_file) > file.len() as u64;
        if in_file > 0 && is_loaded && beyond {
            return Ok(None);
        }
        // A program that was cut off in its debug information runs, and has the rest of it.
        let in_file = match beyond {
            true => (file.len() as u64).saturating_sub(offset),
            false => in_file,
        };
        sections.push(Section {
            kind: SectionKind::of(&name, kind, flags),
            name,
            address: section.sh_addr(endian).into(),
            offset,
            file_bytes: in_file,
            memory_bytes: if is_loaded { size } else { 0 },
            compressed: flags & u64::from(SHF_COMPRESSED) != 0,
        });
    }
    Ok((!sections.is_empty()).then_some(sections))
}

fn executable_bytes(segments: &[Segment], headers: u64) -> u64 {
    let executable = segments.iter().filter(|segment| segment.execute);
    executable.fold(0, |sum, segment| {
        let headers = if segment.offset == 0 { headers } else { 0 };
        sum.saturating_add(segment.file_bytes.saturating_sub(headers))
    })
}

/// UPX leaves its mark right behind the program headers, and drops section headers.
fn packer(file: &[u8], no_sections: bool) -> Option<Packer> {
    let start = &file[..file.len().min(1024)];
    (no_sections && memchr::memmem::find(start, b"UPX!").is_some()).then_some(Packer::Upx)
}

/// A zero-ended text, or the first `most` bytes of it.
fn text(bytes: &[u8], most: usize) -> String {
    let bytes = &bytes[..bytes.len().min(most)];
    let end = memchr::memchr(0, bytes).unwrap_or(bytes.len());
    String::from_utf8_lossy(&bytes[..end]).into_owned()
}

fn at_most(what: &'static str, count: usize, most: usize) -> Result<(), BinaryError> {
    if count <= most {
        return Ok(());
    }
    Err(BinaryError::TooMany {
        what,
        count: count as u64,
        most: most as u64,
    })
}
