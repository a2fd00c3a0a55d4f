//! Why a file could not be seen through: typed for code, in words for people.

use std::fmt;

/// What is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BinaryError {
    /// It is something else.
    #[error("this is no ELF executable but {0}")]
    NotElf(String),
    /// Its headers promise more than there is.
    #[error(
        "its {part} reach to byte {needs}, but the file ends after {has}: it was cut off or damaged"
    )]
    Truncated {
        /// The part that is missing.
        part: Part,
        /// Bytes the file would need to have.
        needs: u64,
        /// Bytes it has.
        has: u64,
    },
    /// Its headers make no sense.
    #[error("its {part} are damaged: {why}")]
    Damaged {
        /// The part.
        part: Part,
        /// In the words of whoever read it.
        why: String,
    },
    /// Its headers promise more than anyone needs.
    #[error("it claims {count} {what}; more than {most} are not read")]
    TooMany {
        /// Of what.
        what: &'static str,
        /// How many it claims.
        count: u64,
        /// How many are read.
        most: u64,
    },
}

/// A part of an executable file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The ELF header.
    ElfHeaders,
    /// What the kernel reads to load it (`e_phoff`).
    ProgramHeaders,
    /// What the kernel maps (`PT_LOAD`).
    LoadedSegments,
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Part::ElfHeaders => "ELF headers",
            Part::ProgramHeaders => "program headers",
            Part::LoadedSegments => "loaded segments",
        })
    }
}
