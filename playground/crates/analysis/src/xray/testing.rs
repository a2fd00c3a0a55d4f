//! Images made in memory and read, for tests.

use crate::image::testing::{Make, image_of, tar};
use crate::image::{Compressed, ImageSelector};
use crate::inspect::{Inspection, inspect};
use crate::subject::{SubjectKind, SubjectName};
use serde_json::Value;

/// An image for amd64 with this config and these layers.
pub fn inspected(config: &Value, layers: &[&[Make<'_>]]) -> Inspection {
    let layers: Vec<_> = layers.iter().map(|layer| tar(layer)).collect();
    let archive = image_of("amd64", config, &layers);
    let read = inspect(&*archive, &ImageSelector::default(), Compressed::AsStored);
    read.expect("an image")
}

pub fn named(name: &str) -> SubjectName {
    SubjectName {
        kind: SubjectKind::Archive,
        name: name.to_owned(),
    }
}
