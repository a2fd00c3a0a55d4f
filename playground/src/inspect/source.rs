//! What a user pointed at: an archive, a directory with an OCI layout, or a single binary.

use super::{Inspection, Passing, Program};
use crate::binary::{Form, form};
use crate::image::{Compressed, ReadError, Wanted, read, read_directory};
use std::fs::File;
use std::io::{self, Read, Seek};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Something on disk that can be inspected.
#[derive(Debug)]
pub enum Opened {
    /// An image in an archive or layout.
    Image(Box<Inspection>),
    /// An executable by itself.
    Binary(Arc<Program>),
}

/// What to look for in an archive, and how thoroughly.
#[derive(Clone, Debug, Default)]
pub struct Asked {
    /// Which image, where there are several.
    pub wanted: Wanted,
    /// What to do about plain layers.
    pub compressed: Compressed,
}

/// Why a path could not be inspected, in words for people.
#[derive(Debug, thiserror::Error)]
pub enum SourceError {
    /// It cannot be opened or read.
    #[error("{path} cannot be read: {error}")]
    Unreadable {
        /// The path as it was given.
        path: PathBuf,
        /// In the system's words.
        error: io::Error,
    },
    /// It opened, but the image in it could not be read.
    #[error("{path}: {error}")]
    Image {
        /// The path as it was given.
        path: PathBuf,
        /// What is wrong with it.
        error: ReadError,
    },
    /// An executable that is too large.
    #[error("{path} is an executable of {bytes} bytes; more than {} MiB are not read", super::MOST_PROGRAM >> 20)]
    LargeBinary {
        /// The path as it was given.
        path: PathBuf,
        /// Its size in bytes.
        bytes: u64,
    },
}

/// Opens what lies at `path`: by its first bytes, never by its name.
pub fn open(path: &Path, asked: &Asked) -> Result<Opened, SourceError> {
    let unreadable = |error| SourceError::Unreadable {
        path: path.to_owned(),
        error,
    };
    let image = |error| SourceError::Image {
        path: path.to_owned(),
        error,
    };
    let mut passing = Passing::default();
    if path.is_dir() {
        let (image, seen) = read_directory(path, &asked.wanted, asked.compressed, |file| {
            passing.see(file)
        })
        .map_err(image)?;
        return Ok(Opened::Image(Box::new(Inspection { image, seen })));
    }
    let mut file = File::open(path).map_err(unreadable)?;
    let mut head = Vec::new();
    (&mut file)
        .take(256)
        .read_to_end(&mut head)
        .map_err(unreadable)?;
    file.rewind().map_err(unreadable)?;
    if matches!(form(&head), Form::Elf(_) | Form::Windows | Form::Mac) {
        let bytes = file.metadata().map_err(unreadable)?.len();
        if bytes > super::MOST_PROGRAM as u64 {
            return Err(SourceError::LargeBinary {
                path: path.to_owned(),
                bytes,
            });
        }
        let mut whole = Vec::new();
        file.take(bytes)
            .read_to_end(&mut whole)
            .map_err(unreadable)?;
        return Ok(Opened::Binary(Arc::new(Program::of(&whole))));
    }
    let (image, seen) = read(file, &asked.wanted, asked.compressed, |file| {
        passing.see(file)
    })
    .map_err(image)?;
    Ok(Opened::Image(Box::new(Inspection { image, seen })))
}
