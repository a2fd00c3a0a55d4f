//! Damaged executables end in an answer or a clear error, within bounded memory.
//!
//! A test binary of its own, because it counts what the whole process allocates.

use analysis::binary::{BinaryError, SectionKind, Segment, xray};
use flate2::read::GzDecoder;
use peak_alloc::PeakAlloc;
use std::io::Read;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

#[global_allocator]
static MEMORY: PeakAlloc = PeakAlloc;

/// What one test holds would be counted as another's.
static ALONE: Mutex<()> = Mutex::new(());

fn alone() -> MutexGuard<'static, ()> {
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Always the same numbers (xorshift), so that a failure can be met again.
struct Dice(u64);

impl Dice {
    fn throw(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        (self.0 % below as u64) as usize
    }
}

fn corpus() -> Vec<(String, Vec<u8>)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus/binaries");
    let mut files: Vec<_> = std::fs::read_dir(folder)
        .expect("the corpus")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.retain(|path| path.extension().is_some_and(|it| it == "gz"));
    files.sort();
    let unpacked = |path: &Path| {
        let mut bytes = Vec::new();
        GzDecoder::new(&*std::fs::read(path).expect("a file"))
            .read_to_end(&mut bytes)
            .expect("gzip");
        (path.display().to_string(), bytes)
    };
    let files: Vec<_> = files.iter().map(|path| unpacked(path)).collect();
    assert!(
        files.len() >= 10,
        "the corpus is incomplete: run tests/corpus/binaries/make.sh"
    );
    files
}

/// Reads and describes; returns the bytes that this took at most.
fn read(name: &str, change: &str, bytes: &[u8]) -> usize {
    let before = MEMORY.current_usage();
    MEMORY.reset_peak_usage();
    if let Err(error) = xray(bytes) {
        assert!(error.to_string().len() < 300, "{name}, {change}: {error}");
    }
    let took = MEMORY.peak_usage().saturating_sub(before);
    assert!(
        took < 2 * bytes.len() + (1 << 20),
        "{name}, {change}: {took} bytes for {}",
        bytes.len()
    );
    took
}

/// Parts whose damage matters: headers, tables, the index of functions.
fn delicate(bytes: &[u8]) -> Vec<(usize, usize)> {
    let mut parts = vec![(0, 1024), (bytes.len() - 2048, 2048)];
    let xray = xray(bytes).expect("an ELF file");
    for section in xray.elf.sections.iter().flatten() {
        let most = match section.kind {
            SectionKind::GoFunctions => 96,
            SectionKind::GoBuildInfo => 256,
            SectionKind::Loader | SectionKind::Data => 512,
            _ => continue,
        };
        let length = most.min(section.file_bytes as usize);
        if length > 0 {
            parts.push((section.offset as usize, length));
        }
        if section.kind == SectionKind::GoFunctions {
            // The names come first, then the index, somewhere in the last two thirds.
            let whole = section.file_bytes as usize;
            parts.push((section.offset as usize + whole / 3, whole - whole / 3));
        }
    }
    // Type descriptors, wherever they lie.
    let go = xray.go.as_ref().and_then(|go| go.code.as_ref().ok());
    if let Some(regions) = go.and_then(|code| code.regions) {
        let holds = |segment: &&Segment| {
            regions
                .types
                .checked_sub(segment.address)
                .is_some_and(|into| into < segment.file_bytes)
        };
        if let Some(segment) = xray.elf.segments.iter().find(holds) {
            let at = segment.offset + regions.types - segment.address;
            parts.push((at as usize, (regions.types_end - regions.types) as usize));
            parts.push((at as usize, 4096));
        }
    }
    parts
}

#[test]
fn damaged_binaries_never_panic_nor_exhaust_memory() {
    let _alone = alone();
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut reads, mut worst, begun) = (0, 0.0_f64, Instant::now());
    for (name, bytes) in corpus() {
        let mut note = |took: usize| {
            reads += 1;
            worst = worst.max(took as f64 / bytes.len() as f64);
        };
        note(read(&name, "as it is", &bytes));
        for length in (0..64).chain((0..16).map(|n| bytes.len() * n / 16)) {
            note(read(
                &name,
                &format!("first {length} bytes"),
                &bytes[..length],
            ));
        }
        let parts = delicate(&bytes);
        let mut damaged = bytes.clone();
        for turn in 0..60 {
            let mut flips = Vec::new();
            for _ in 0..=turn % 4 {
                let (start, length) = parts[dice.throw(parts.len())];
                let at = start + dice.throw(length);
                flips.push((at, damaged[at]));
                damaged[at] = [0, 0xff, 0x80, dice.throw(256) as u8][dice.throw(4)];
            }
            note(read(
                &name,
                &format!("turn {turn}, flips {flips:?}"),
                &damaged,
            ));
            for (at, byte) in flips.into_iter().rev() {
                damaged[at] = byte;
            }
        }
        assert!(damaged == bytes);
    }
    println!(
        "{reads} reads in {:.1?}; at worst {worst:.2} times the file in memory",
        begun.elapsed()
    );
}

/// Every name may end only where all do: looking each up to its end would take the square of
/// the table's length.
#[test]
fn names_that_overlap_are_refused() {
    let _alone = alone();
    let (_, mut bytes) = corpus().swap_remove(0);
    let table = {
        let xray = xray(&bytes).expect("an ELF file");
        xray.elf
            .section(SectionKind::GoFunctions)
            .expect("there")
            .offset as usize
    };
    let field = |n: usize| {
        u64::from_le_bytes(bytes[table + n * 8..][..8].try_into().expect("there")) as usize
    };
    let (from, to) = (table + field(4), table + field(5));
    bytes[from..to - 1].fill(b'a');
    let xray = xray(&bytes).expect("an ELF file");
    let error = xray.go.expect("Go").code.expect_err("names overlap");
    assert_eq!(
        error.to_string(),
        "the Go function table is damaged: its names do not end"
    );
}

#[test]
fn other_files_are_named_and_refused() {
    let _alone = alone();
    for (bytes, words) in [
        (&b""[..], "an empty file"),
        (b"#!/bin/sh\n", "a script for \"/bin/sh\""),
        (b"MZ\x90\0", "a Windows executable"),
        (b"\x7fELF\x02\x01\x01", "some other file"),
    ] {
        assert_eq!(
            xray(bytes).expect_err(words),
            BinaryError::NotElf(words.to_owned())
        );
    }
}
