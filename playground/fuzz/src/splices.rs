//! Damage in the function tables of executables that Go's own linkers made.

use analysis::binary::{SectionKind, xray};
use flate2::read::GzDecoder;
use std::io::Read;
use std::path::Path;
use std::sync::LazyLock;

/// An executable, and where its function table is.
struct Whole {
    bytes: Vec<u8>,
    table: (usize, usize),
}

/// The smallest of each layout, width and byte order.
const NAMES: [&str; 5] = [
    "go1.18-amd64",
    "go1.20-arm64",
    "go1.24-386",
    "go1.26-amd64-pie",
    "go1.27-s390x",
];

static CORPUS: LazyLock<Vec<Whole>> =
    LazyLock::new(|| NAMES.iter().map(|name| whole(name)).collect());

fn whole(name: &str) -> Whole {
    let folder =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../crates/analysis/tests/corpus/binaries");
    let packed = std::fs::read(folder.join(format!("{name}.gz"))).expect("in the corpus");
    let mut bytes = Vec::new();
    GzDecoder::new(&*packed)
        .read_to_end(&mut bytes)
        .expect("gzip");
    let seen = xray(&bytes).expect("an executable");
    let table = seen
        .elf
        .section(SectionKind::GoFunctions)
        .expect("a function table");
    let table = (table.offset as usize, table.file_bytes as usize);
    Whole { bytes, table }
}

/// An executable with damage: the first byte chooses which, then each eight bytes are one
/// splice: three say where, the fourth how many of the other four are set there.
///
/// Its upper bits say what `where` is counted from, since damage to the header and to the first
/// descriptions does most.
pub fn spliced(input: &[u8]) -> Option<Vec<u8>> {
    let (which, splices) = input.split_first()?;
    let Whole { bytes, table } = CORPUS.get(usize::from(*which) % NAMES.len())?;
    let mut bytes = bytes.clone();
    let (from, length) = *table;
    for splice in splices.chunks_exact(8).take(32) {
        let [a, b, c, how, new @ ..] = *splice.first_chunk::<8>()?;
        let place = u32::from_le_bytes([a, b, c, 0]) as usize;
        let place = match how >> 6 {
            0 => place % 72,
            1 => length - 1 - place % length,
            _ => place % length,
        };
        let many = usize::from(how & 3) + 1;
        let at = from + place;
        let end = (at + many).min(from + length);
        bytes[at..end].copy_from_slice(&new[..end - at]);
    }
    Some(bytes)
}
