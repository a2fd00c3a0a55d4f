//! What can be wrong with a kit: variants for code, sentences for people.

use policy::UserError;
use std::io;
use std::path::Path;

/// Why a kit cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum KitError {
    /// Its file cannot be read or written.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// It does not begin or end as kits do.
    #[error("it is no kit, or only the beginning of one")]
    NoKit,
    /// It was made by a playground whose kits are laid out otherwise.
    #[error("it is a kit of another layout ({0})")]
    OtherLayout(String),
    /// Its index cannot be true.
    #[error("its index is damaged: {0}")]
    Unsound(String),
    /// These bytes are not what the index says.
    #[error("{} damaged: {}", count(.0.len()), list(.0))]
    Damaged(Vec<Damage>),
    /// It is for another processor than the engine's.
    #[error("it is for {kit}, and the engine is {engine}")]
    OtherArchitecture {
        /// The kit's.
        kit: String,
        /// The engine's.
        engine: String,
    },
    /// Another version of the playground made it.
    #[error("it was made by the playground {kit}, and this is {own}")]
    OtherVersion {
        /// The kit's.
        kit: String,
        /// This program's.
        own: String,
    },
    /// Who should have signed it did not.
    #[error("{0}")]
    Signature(SignatureError),
}

/// A blob that is not what its digest says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Damage {
    /// The blob's digest.
    pub digest: String,
    /// Where it lies in the file, in bytes.
    pub at: u64,
    /// What it is part of, for people.
    pub uses: Vec<String>,
}

/// What is wrong with a signature.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignatureError {
    /// There is none, and one was asked for.
    #[error("it is not signed")]
    Missing,
    /// It is of another key than the one that was asked for.
    #[error("it is signed with another key than the one that was named")]
    OtherKey,
    /// It does not fit what the kit holds.
    #[error("its signature is wrong: the kit was changed after it was signed")]
    Wrong,
}

impl KitError {
    /// For people: why the kit at `path` cannot be used.
    #[must_use]
    pub fn user_error(&self, path: &Path) -> UserError {
        let (cause, next) = match self {
            KitError::Io(_) => (
                "the file is not there, belongs to another user, or its disk fails",
                "see whether it can be read: ls -l".to_owned(),
            ),
            KitError::NoKit => (
                "it was named by mistake, or a copy of it was cut short",
                "copy it again: playground kit copy FROM TO goes on where it stopped".to_owned(),
            ),
            KitError::OtherLayout(_) | KitError::OtherVersion { .. } => (
                "kit and playground must be of one version: labs, bases and modules fit together",
                "use the playground that is in the kit, or make a kit with this one: playground kit make".to_owned(),
            ),
            KitError::Unsound(_) | KitError::Damaged(_) => (
                "a copy of it went wrong, or its disk fails",
                "copy it again from a whole one: playground kit copy FROM TO takes what is whole".to_owned(),
            ),
            KitError::OtherArchitecture { .. } => (
                "programs in its images could not run on this engine",
                "make one where the engine is of the same kind: playground kit make".to_owned(),
            ),
            KitError::Signature(_) => (
                "it is not from whom you think, or was changed on its way",
                "ask whoever made it for the key, and for a whole copy".to_owned(),
            ),
        };
        UserError {
            what: format!("The kit {} cannot be used: {self}.", path.display()),
            cause: cause.into(),
            next,
        }
    }
}

impl std::fmt::Display for Damage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (digest, at) = (&self.digest, self.at);
        write!(f, "{digest} at byte {at} ({})", self.uses.join(", "))
    }
}

fn count(number: usize) -> String {
    match number {
        1 => "one blob is".into(),
        number => format!("{number} blobs are"),
    }
}

fn list(damages: &[Damage]) -> String {
    let damages: Vec<_> = damages.iter().map(ToString::to_string).collect();
    damages.join("; ")
}
