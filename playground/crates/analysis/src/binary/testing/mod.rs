//! Small executables that are sound, made in memory: unit tests break them, fuzz targets begin
//! from them. And real ones of the corpus.

mod frame;
mod table;

pub use frame::{Frame, TEXT_ADDRESS};
pub use table::{FUNCTIONS, function_table};

use std::io::Read;

/// A Go binary of the corpus: `go1.23-amd64-symbols`.
pub fn go_binary(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/binaries");
    let packed = std::fs::File::open(format!("{folder}/{name}.gz")).expect("in the corpus");
    let mut bytes = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(packed);
    reader.read_to_end(&mut bytes).expect("gzip");
    bytes
}
