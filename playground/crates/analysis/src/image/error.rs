//! Why an image could not be read: variants for code, and what happened, why and what next for
//! people.

use super::limits::*;
use super::selector::ImageIdentity;
use super::text::shown;
use policy::UserError;
use std::io;

/// Images that are listed in a sentence.
const MAX_LISTED: usize = 20;

/// Why an image could not be read; what happened, in a line without a full stop.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The stream or file itself failed, in the words of the system or the engine.
    #[error("the archive could not be read: {0}")]
    Source(#[source] io::Error),
    /// What came in could not be read, in the words of whoever tried: tar, gzip, zstd.
    #[error("the archive could not be read: {0}")]
    Io(#[source] io::Error),
    /// The bytes end too early.
    #[error("the archive breaks off in the middle")]
    BrokenOff,
    /// A tar that Go's `archive/tar`, which engines read with, refuses.
    #[error("its tar is damaged: {0}")]
    BadTar(String),
    /// Nothing at all.
    #[error("there is nothing to read, not one byte")]
    Empty,
    /// No tar, and nothing that could be one once it is unpacked; what it looks like.
    #[error("this is no image: {0}, and neither an archive of `docker save` nor an OCI layout")]
    NoArchive(&'static str),
    /// An image for another system than Linux, where Linux is asked for.
    #[error("the image is for {0}, and what is known here of failing starts is true of Linux")]
    OtherSystem(String),
    /// Neither manifest nor index.
    #[error("there is no image in it: neither manifest.json nor index.json")]
    NoImage,
    /// A compression that is not read here.
    #[error("it is compressed with {0}, which is not read here")]
    Compression(&'static str),
    /// Bytes that this compression does not take.
    #[error("its {0} compression is damaged")]
    BadCompression(&'static str),
    /// Nothing fits what was asked for.
    #[error("no image in it fits {wanted}; there is: {}", list(there))]
    NoSuchImage {
        /// What was asked for.
        wanted: String,
        /// What is there.
        there: Vec<ImageIdentity>,
    },
    /// More than one image fits.
    #[error("it holds {} images that fit: {}", there.len(), list(there))]
    SeveralImages {
        /// What is there.
        there: Vec<ImageIdentity>,
    },
    /// Something that is referred to is not there.
    #[error("the archive lacks {0}")]
    Missing(String),
    /// Bytes are not what their digest or description says.
    #[error("{name} is damaged: {why}")]
    Damaged {
        /// Which blob or document.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// Two members of one name with different content.
    #[error("the archive holds {0} twice, with different content: which one counts cannot be told")]
    Repeated(String),
    /// A document is larger than `MAX_JSON`, or all are larger than `MAX_JSON_TOTAL`.
    #[error(
        "{name} is larger than a manifest or config may be ({} MiB, and {} MiB in all)",
        MAX_JSON >> 20,
        MAX_JSON_TOTAL >> 20
    )]
    LargeJson {
        /// Which document.
        name: String,
    },
    /// More than `MAX_MEMBERS`.
    #[error("the archive has more than {MAX_MEMBERS} members; no image has")]
    ManyMembers,
    /// More than `MAX_LAYERS`.
    #[error("the image has more than {MAX_LAYERS} layers; no engine would run it")]
    ManyLayers,
    /// More than `MAX_ENTRIES`, `MAX_NAME_BYTES`, `MAX_NODES`, `MAX_PATH_BYTES` or
    /// `MAX_STEPS`.
    #[error(
        "its layers have more than {MAX_ENTRIES} entries, {MAX_NODES} places in the tree, {} MiB of \
         names, or {} MiB of paths",
        MAX_NAME_BYTES >> 20,
        MAX_PATH_BYTES >> 20
    )]
    ManyEntries,
    /// More than `MAX_NOTED`.
    #[error(
        "its package databases, users and scripts are more than {} MiB",
        MAX_NOTED >> 20
    )]
    MuchNoted,
    /// More than `MAX_PROGRAM_FACTS`.
    #[error(
        "what its executables say of themselves is more than {} MiB",
        MAX_PROGRAM_FACTS >> 20
    )]
    ManyFacts,
    /// A path that nothing can be opened by.
    #[error("the name \"{name}\" {why}")]
    BadName {
        /// Its beginning.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A hard link to what is not there.
    #[error("\"{path}\" is a hard link to \"{target}\", which no layer up to it has")]
    LinkToNothing {
        /// The link's path.
        path: String,
        /// What it names.
        target: String,
    },
    /// An entry's description is longer than `MAX_EXTENSION`.
    #[error(
        "an entry is described by more than {} KiB, which is held in memory",
        MAX_EXTENSION >> 10
    )]
    LongDescription,
    /// More bytes of the archive came in than whoever reads it allows.
    #[error("it is larger than {} GiB", max >> 30)]
    LargeArchive {
        /// Bytes that are allowed.
        max: u64,
    },
    /// More than `MAX_UNPACKED`.
    #[error(
        "it unpacks to more than {} GiB, and is not read further",
        MAX_UNPACKED >> 30
    )]
    TooLarge,
    /// More than `MAX_RATIO`.
    #[error("{raw} bytes of it unpack to {plain} and more, beyond {MAX_RATIO} times as much")]
    Bomb {
        /// Bytes that had come out.
        plain: u64,
        /// Bytes that had gone in.
        raw: u64,
    },
}

impl ReadError {
    /// The likely cause, where there is one to tell.
    pub fn cause(&self) -> Option<&'static str> {
        Some(match self {
            ReadError::Source(_) | ReadError::Io(_) => {
                "the engine stopped answering, or the file is damaged or no image archive"
            }
            ReadError::BrokenOff => "a download or `docker save` that was cut short",
            ReadError::Empty => "the command that was to write it failed, or the file is empty",
            ReadError::NoArchive(_) => {
                "another file was meant, or it was damaged from its first bytes on"
            }
            ReadError::NoImage => {
                "it is some other archive, as of `docker export`; only `docker save` and OCI \
                 layouts hold images"
            }
            ReadError::Compression(_) => "engines write plain, gzip or zstd",
            ReadError::NoSuchImage { .. } => {
                "another one was meant, or it was not built for that platform"
            }
            ReadError::OtherSystem(_) => "it was built for another system, such as Windows",
            ReadError::SeveralImages { .. } => {
                "they were saved into one archive, or it was built for several platforms"
            }
            ReadError::Missing(_) => "it was cut short or put together by hand",
            ReadError::Damaged { .. } | ReadError::BadTar(_) | ReadError::BadCompression(_) => {
                "a bad copy, or an archive made to deceive"
            }
            ReadError::Repeated(_) => "archives joined by hand, or made to deceive",
            ReadError::ManyEntries
            | ReadError::MuchNoted
            | ReadError::ManyFacts
            | ReadError::LongDescription => "an archive made to exhaust whoever reads it",
            ReadError::BadName { .. } => "an archive made to deceive",
            ReadError::LinkToNothing { .. } => "a layer made by hand; engines refuse it, too",
            ReadError::Bomb { .. } => "a decompression bomb, or gigabytes of zeros in a file",
            ReadError::LargeJson { .. }
            | ReadError::ManyMembers
            | ReadError::ManyLayers
            | ReadError::LargeArchive { .. }
            | ReadError::TooLarge => return None,
        })
    }

    /// What to do next, where that follows from the error alone.
    pub fn next(&self) -> Option<&'static str> {
        match self {
            ReadError::Compression(_) => Some("decompress it first, or use gzip or zstd"),
            ReadError::NoSuchImage { .. } => {
                Some("choose by --name or --platform, or leave them out")
            }
            ReadError::SeveralImages { .. } => Some("choose one with --name or --platform"),
            _ => None,
        }
    }

    /// For people: what happened to `subject`, which is a name as it may be shown. `or_next`
    /// is what to do where the error itself does not tell.
    pub fn user_error(&self, subject: &str, or_next: &str) -> UserError {
        let cause = self.cause();
        UserError {
            what: format!("{subject}: {self}"),
            cause: cause
                .unwrap_or("what was read is not what an image's archive should be")
                .into(),
            next: self.next().unwrap_or(or_next).into(),
        }
    }

    /// What is said of a file that begins with `head`, which is no tar's.
    pub(super) fn no_archive(head: &[u8]) -> ReadError {
        let text = |byte: &u8| matches!(byte, b'\t' | b'\n' | b'\r' | b' '..=b'~' | 0x80..);
        match head {
            [] => ReadError::Empty,
            [b'P', b'K', 3, 4, ..] => ReadError::NoArchive("a zip archive"),
            head if head.iter().all(text) => ReadError::NoArchive("it looks like text"),
            _ => ReadError::NoArchive("it begins as no archive does"),
        }
    }

    /// Whether reading on, past the blob that holds it, would be wrong: limits and a source that failed, not
    /// damage.
    pub(super) fn is_final(&self) -> bool {
        !matches!(
            self,
            ReadError::Io(_)
                | ReadError::BrokenOff
                | ReadError::BadTar(_)
                | ReadError::BadCompression(_)
        )
    }
}

impl From<io::Error> for ReadError {
    fn from(error: io::Error) -> Self {
        match error.downcast::<ReadError>() {
            Ok(error) => error,
            Err(error) if broken_off(&error) => ReadError::BrokenOff,
            Err(error) => ReadError::Io(error),
        }
    }
}

impl From<ReadError> for io::Error {
    fn from(error: ReadError) -> Self {
        io::Error::new(io::ErrorKind::InvalidData, error)
    }
}

/// Says the end came too early.
fn broken_off(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
}

/// A document that is not what it should be.
pub(super) fn damaged(name: &str, why: &str) -> ReadError {
    ReadError::Damaged {
        name: shown(name),
        why: shown(why),
    }
}

fn list(there: &[ImageIdentity]) -> String {
    let first = there.iter().take(MAX_LISTED);
    let mut words: Vec<_> = first.map(ImageIdentity::to_string).collect();
    match there.len() {
        0 => words.push("nothing".into()),
        n if n > MAX_LISTED => words.push(format!("and {} more", n - MAX_LISTED)),
        _ => {}
    }
    words.join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_are_told_cause_and_next_even_where_the_error_knows_neither() {
        let cut = ReadError::BrokenOff.user_error("app:1", "look again");
        assert_eq!(cut.what, "app:1: the archive breaks off in the middle");
        assert!(cut.cause.contains("cut short"), "{cut}");
        assert_eq!(cut.next, "look again");
        let large = ReadError::TooLarge.user_error("app:1", "look again");
        assert!(
            large.cause.contains("not what an image's archive"),
            "{large}"
        );
        let xz = ReadError::Compression("xz").user_error("app.tar", "look again");
        assert!(xz.next.contains("decompress it first"), "{xz}");
    }
}
