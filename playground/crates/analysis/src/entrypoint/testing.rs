//! Images made in memory and inspected, for the tests of this module and of what stands on it.

pub(crate) use crate::image::testing::{Make, tar};

use crate::image::testing::image_of;
use crate::image::tree::Tree;
use crate::image::{Compressed, ImageSelector};
use crate::inspect::{Inspection, inspect};
use serde_json::Value;

/// An image for amd64 with this config and this one layer.
pub(crate) fn image(config: &Value, entries: &[Make<'_>]) -> Inspection {
    layered(config, &[tar(entries)])
}

/// An image for amd64 with this config and these layers.
pub(crate) fn layered(config: &Value, layers: &[Vec<u8>]) -> Inspection {
    image_for("amd64", config, layers)
}

pub(crate) fn image_for(cpu: &str, config: &Value, layers: &[Vec<u8>]) -> Inspection {
    let archive = image_of(cpu, config, layers);
    let read = inspect(&*archive, &ImageSelector::default(), Compressed::AsStored);
    read.expect("an image")
}

pub(crate) fn tree(inspection: &Inspection) -> Tree<'_> {
    Tree::of(&inspection.image).expect("merged")
}

/// A static ELF executable without any code, for this `e_machine`.
pub(crate) fn elf_for(machine: u16) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..7].copy_from_slice(b"\x7fELF\x02\x01\x01");
    bytes[16] = 2;
    bytes[18..20].copy_from_slice(&machine.to_le_bytes());
    bytes[20] = 1;
    bytes[52] = 64;
    bytes[54] = 56;
    bytes[58] = 64;
    bytes
}

/// A static ELF executable for amd64.
pub(crate) fn elf() -> Vec<u8> {
    elf_for(62)
}
