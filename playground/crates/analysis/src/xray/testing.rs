//! Images made in memory and real Go binaries, for tests.

use crate::image::testing::{Make, image_of, tar};
use crate::image::{Compressed, ImageSelector};
use crate::inspect::{Inspection, inspect};
use crate::subject::{SubjectKind, SubjectName};
use serde_json::Value;
use std::io::Read;

/// An image for amd64 with this config and these layers.
pub fn inspected(config: &Value, layers: &[&[Make<'_>]]) -> Inspection {
    let layers: Vec<_> = layers.iter().map(|layer| tar(layer)).collect();
    let archive = image_of("amd64", config, &layers);
    let read = inspect(&*archive, &ImageSelector::default(), Compressed::AsStored);
    read.expect("an image")
}

/// A Go binary of the corpus: `go1.23-amd64-symbols`.
pub fn go_binary(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/corpus/binaries");
    let packed = std::fs::File::open(format!("{folder}/{name}.gz")).expect("in the corpus");
    let mut bytes = Vec::new();
    let mut reader = flate2::read::GzDecoder::new(packed);
    reader.read_to_end(&mut bytes).expect("gzip");
    bytes
}

pub fn named(name: &str) -> SubjectName {
    SubjectName {
        kind: SubjectKind::Archive,
        name: name.to_owned(),
    }
}
