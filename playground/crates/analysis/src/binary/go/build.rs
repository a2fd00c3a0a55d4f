//! Go's build info: the `\xff Go buildinf:` block that `go version -m` reads.
//!
//! Format: `debug/buildinfo` of Go's standard library. Since Go 1.18 both texts follow the
//! header; before, it holds two pointers to string headers. Which settings are recorded, and
//! when: `setBuildInfo` in `cmd/go/internal/load/pkg.go`. Refuses to say what is good.

use super::settings::{self, Module};
use crate::binary::elf::Elf;
use crate::binary::leb128::counted;
use crate::binary::memory::Memory;
use crate::binary::section::SectionKind;
use crate::binary::wasm;
use serde::Serialize;

const MAGIC: &[u8] = b"\xff Go buildinf:";
/// Where the linker aligns the block to.
const ALIGN: usize = 16;
/// Bytes before the texts.
const HEADER: usize = 32;
/// Kubernetes' are 30 KB.
const MAX_TEXT: usize = 1 << 20;
/// Blocks that look right but are not, before the search gives up.
const MAX_TRIES: usize = 64;

/// How a Go program was built.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BuildInfo {
    /// `go1.23.9`, with `X:` experiments if there were any.
    pub go_version: String,
    /// Import path of the main package; empty where it was removed.
    pub path: String,
    /// The main module; none for programs built outside of one.
    pub main: Option<Module>,
    /// All modules that packages were taken from.
    pub modules: Vec<Module>,
    /// `CGO_ENABLED`, `GOOS`, `-ldflags`, `vcs.revision` … as they were recorded (Go ≥ 1.18).
    pub settings: Vec<(String, String)>,
}

impl BuildInfo {
    /// The value of a setting.
    pub fn setting(&self, key: &str) -> Option<&str> {
        let found = self.settings.iter().find(|(known, _)| known == key);
        found.map(|(_, value)| value.as_str())
    }

    /// Whether paths of the machine that built it were left out (`-trimpath`).
    pub fn has_trimmed_paths(&self) -> bool {
        self.setting("-trimpath") == Some("true")
    }

    /// Whether C code could be compiled in (`CGO_ENABLED`); `None` where that was not recorded
    /// (Go < 1.18). A program without any C has this, too.
    pub fn cgo(&self) -> Option<bool> {
        self.setting("CGO_ENABLED").map(|value| value == "1")
    }

    /// 23 of `go1.23.9`; `None` for a development version.
    pub fn minor(&self) -> Option<u32> {
        let rest = self.go_version.strip_prefix("go1.")?;
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len());
        rest[..digits].parse().ok()
    }
}

/// Looks where the linker puts it, then in writable parts, then in all the others.
pub(super) fn find(elf: &Elf, memory: &Memory<'_>) -> Option<BuildInfo> {
    let section = elf.section(SectionKind::GoBuildInfo);
    let in_section =
        section.and_then(|it| Some((it.address, memory.slice(it.address, it.file_bytes)?)));
    let parts = |write| {
        let chosen = memory.loads.iter().filter(move |load| load.write == write);
        chosen.map(|load| (load.address, memory.bytes_of(load)))
    };
    let places = in_section
        .into_iter()
        .chain(parts(true))
        .chain(parts(false));
    let blocks = places.flat_map(|(address, bytes)| {
        memchr::memmem::find_iter(bytes, MAGIC)
            .filter(|at| at % ALIGN == 0)
            .map(move |at| (address.wrapping_add(at as u64), &bytes[at..]))
    });
    blocks
        .take(MAX_TRIES)
        .find_map(|(address, block)| build_info_at(memory, address, block))
}

/// Longest block that is put together from a WebAssembly module's memory.
const MAX_BLOCK: usize = 256 << 10;

/// The same of a program that is no ELF file: the block with both texts in it (Go ≥ 1.18), wherever it
/// stands.
pub(crate) fn find_anywhere(file: &[u8]) -> Option<BuildInfo> {
    anywhere(file).or_else(|| in_module(file))
}

/// A WebAssembly module has no such block. The text about modules lies in its memory, between the marks
/// of `cmd/go/internal/modload`, and the version among its producers.
fn in_module(file: &[u8]) -> Option<BuildInfo> {
    const BEGINS: [u8; MARK] = *b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
    const ENDS: [u8; MARK] = *b"\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";
    let memory = wasm::Memory::of(file.starts_with(b"\0asm").then_some(file)?)?;
    let version = wasm::go_version(file)?;
    let blocks = memory.find(&BEGINS).take(MAX_TRIES);
    let mut blocks = blocks.map(|at| memory.copy(at, MAX_BLOCK));
    blocks.find_map(|block| {
        let end = memchr::memmem::find(&block, &ENDS)? + MARK;
        info(version, &block[..end])
    })
}

fn anywhere(file: &[u8]) -> Option<BuildInfo> {
    let places = memchr::memmem::find_iter(file, MAGIC).take(MAX_TRIES);
    let mut blocks = places.filter_map(|at| texts(file.get(at..)?));
    blocks.find_map(|(version, modules)| info(version, modules))
}

/// Version and modules, where they follow the header.
fn texts(block: &[u8]) -> Option<(&[u8], &[u8])> {
    const INLINE: u8 = 2;
    if block.get(..HEADER)?[15] & INLINE == 0 {
        return None;
    }
    let (version, rest) = counted(&block[HEADER..])?;
    let (modules, _) = counted(rest)?;
    (modules.len() <= MAX_TEXT).then_some((version, modules))
}

fn info(version: &[u8], modules: &[u8]) -> Option<BuildInfo> {
    let go_version = std::str::from_utf8(version).ok()?;
    if go_version.is_empty() || go_version.len() > 256 {
        return None;
    }
    Some(BuildInfo {
        go_version: go_version.to_owned(),
        ..settings::parse(&String::from_utf8_lossy(unwrapped(modules)))
    })
}

fn build_info_at(memory: &Memory<'_>, address: u64, block: &[u8]) -> Option<BuildInfo> {
    let header = block.get(..HEADER)?;
    if let Some((version, modules)) = texts(block) {
        return info(version, modules);
    }
    let word = memory.word;
    if usize::from(header[14]) != word {
        return None;
    }
    let text = |n: usize| {
        let header = memory.pointer(address.checked_add((16 + n * word) as u64)?)?;
        let length = memory.integer(header.checked_add(word as u64)?)?;
        // A Go string: pointer and length.
        let text = memory.slice(memory.pointer(header)?, length);
        text.filter(|text| text.len() <= MAX_TEXT)
    };
    info(text(0)?, text(1).unwrap_or_default())
}

/// Bytes of the marks around the text about modules.
const MARK: usize = 16;

/// It lies between them for whoever searches a process.
fn unwrapped(text: &[u8]) -> &[u8] {
    if text.len() > 2 * MARK && text[text.len() - MARK - 1] == b'\n' {
        &text[MARK..text.len() - MARK]
    } else {
        b""
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_info_of_a_module_is_found_in_its_memory() {
        let begins = b"\x30\x77\xaf\x0c\x92\x74\x08\x02\x41\xe1\xc1\x07\xe6\xd6\x18\xe6";
        let ends = b"\xf9\x32\x43\x31\x86\x18\x20\x72\x00\x82\x42\x10\x41\x16\xd8\xf2";
        let text = [&begins[..], b"path\tx/y\nmod\tx\tv1\t\n", ends].concat();
        let mut data = vec![1, 0, 0x41, 16, 0x0b, text.len() as u8];
        data.extend(&text);
        let producers = b"\x09producers\x01\x08language\x01\x02Go\x06go1.26";
        let mut file = b"\0asm\x01\0\0\0".to_vec();
        for (kind, bytes) in [(11, &data[..]), (0, producers)] {
            file.extend([kind, bytes.len() as u8]);
            file.extend(bytes);
        }
        let found = find_anywhere(&file).expect("Go");
        assert_eq!((&*found.go_version, &*found.path), ("go1.26", "x/y"));
        assert_eq!(find_anywhere(&file[..file.len() - 1]), None);
    }
}
