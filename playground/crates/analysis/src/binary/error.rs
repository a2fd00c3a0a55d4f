//! Why a file could not be seen through, in words for people.

/// What is wrong with the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BinaryError {
    /// It is something else.
    #[error("this is no ELF executable but {0}")]
    NotElf(String),
    /// Its headers promise more than there is.
    #[error(
        "its {what} reach to byte {needs}, but the file ends after {has}: it was cut off or damaged"
    )]
    Truncated {
        /// The part that is missing.
        what: &'static str,
        /// Bytes the file would need to have.
        needs: u64,
        /// Bytes it has.
        has: u64,
    },
    /// Its headers make no sense.
    #[error("its {what} are damaged: {why}")]
    Damaged {
        /// The part.
        what: &'static str,
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
