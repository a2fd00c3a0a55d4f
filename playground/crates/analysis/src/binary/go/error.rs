//! Why Go's function table could not be read, in words for people.

use serde::Serialize;

/// What is wrong with the function table (pclntab).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error, Serialize)]
#[serde(tag = "trouble", rename_all = "kebab-case")]
pub enum CodeError {
    /// There is none.
    #[error("no Go function table is in here: this is no Go program, or it is packed or encrypted")]
    NoTable,
    /// Its program is no ELF file.
    #[error("the Go function table is read of programs for Linux alone")]
    OtherSystem,
    /// It is of another version.
    #[error(
        "the Go function table begins with {magic:#010x}, which Go 1.2 to 1.27 do not write: \
         a newer Go made it, or a tool hides it"
    )]
    UnknownLayout {
        /// The first four bytes.
        magic: u32,
    },
    /// It makes no sense.
    #[error("the Go function table is damaged: {why}")]
    Damaged {
        /// What does not fit.
        why: &'static str,
    },
}

/// Short for a table that makes no sense.
pub(super) const fn damaged(why: &'static str) -> CodeError {
    CodeError::Damaged { why }
}
