//! What an executable is made of, read from its own bytes.
//!
//! [`form`] says from the first bytes what a file is; [`xray`] reads an ELF executable whole:
//! headers, linkage, sections and, for Go, build info and the bytes of machine code by package.
//! Pure and sync. Refuses to know images, engines, and what any of it means for production:
//! [`linked`] only answers which code is in there, [`called`] what the program's own code calls.
//!
//! Every input may be hostile. Names and tables are borrowed from it or counted against its
//! length, so that memory and time stay within a few times what was handed in.

pub mod called;
mod elf;
mod error;
mod form;
pub mod go;
mod head;
mod leb128;
pub mod linked;
mod memory;
mod section;
#[cfg(any(test, feature = "testing"))]
pub mod testing;
mod wasm;

pub use elf::{Elf, Linkage, Packer, PathKind, SearchPath, Segment};
pub use error::{BinaryError, Part};
pub use form::{Form, form};
pub use head::{Class, Head, Kind, Order};
pub use section::{Section, SectionKind};

/// An executable, seen through.
#[derive(Clone, Debug, serde::Serialize)]
pub struct XRay<'a> {
    /// Bytes of the file.
    pub bytes: u64,
    /// What its ELF structures say.
    pub elf: Elf,
    /// What Go left in it; `None` where there is no trace of Go.
    pub go: Option<go::Go<'a>>,
}

/// Reads a whole ELF executable.
///
/// # Errors
/// Where the file is no ELF or its ELF structures are cut off or damaged. Damage in Go's own
/// tables is none: it stands in [`go::Go::code`], beside all that could be read.
pub fn xray(bytes: &[u8]) -> Result<XRay<'_>, BinaryError> {
    let (elf, memory) = elf::read_elf(bytes)?;
    let go = go::read_go(&elf, &memory, called::asked);
    Ok(XRay {
        bytes: bytes.len() as u64,
        elf,
        go,
    })
}
