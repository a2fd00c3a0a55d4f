//! Why an image could not be read, in words for people.

use super::limits::*;
use super::select::There;
use policy::sanitize;
use std::io;

/// Why an image could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The stream or file could not be read.
    #[error(
        "the archive could not be read: {0}\ncause: the engine stopped answering, or the file is \
         damaged or no image archive"
    )]
    Io(#[source] io::Error),
    /// The bytes end too early.
    #[error(
        "the archive breaks off in the middle\ncause: a download or `docker save` that was cut short"
    )]
    BrokenOff,
    /// Nothing at all.
    #[error(
        "there is nothing to read, not one byte\ncause: the command that was to write it failed, \
         or the file is empty"
    )]
    Empty,
    /// No tar, and nothing that could be one once it is unpacked.
    #[error(
        "this is no image: {0}, and neither an archive of `docker save` nor an OCI layout\ncause: \
         another file was meant, or it was damaged from its first bytes on"
    )]
    NoArchive(&'static str),
    /// Neither manifest nor index.
    #[error(
        "there is no image in it: neither manifest.json nor index.json\ncause: it is some other \
         archive, as of `docker export`; only `docker save` and OCI layouts hold images"
    )]
    NoImage,
    /// A compression that is not read here.
    #[error(
        "it is compressed with {0}, which is not read here\ncause: engines write plain, gzip or zstd\nnext: decompress it first, or use gzip or zstd"
    )]
    Compression(&'static str),
    /// Nothing fits what was asked for.
    #[error(
        "no image in it fits {wanted}; there is: {}\ncause: another one was meant, or it was not \
         built for that platform\nnext: choose by --name or --platform, or leave them out",
        list(.there)
    )]
    NoSuchImage {
        /// What was asked for.
        wanted: String,
        /// What is there.
        there: Vec<There>,
    },
    /// More than one image fits.
    #[error(
        "it holds {} images that fit: {}\ncause: they were saved into one archive, or it was \
         built for several platforms\nnext: choose one with --name or --platform",
        .there.len(),
        list(.there)
    )]
    SeveralImages {
        /// What is there.
        there: Vec<There>,
    },
    /// Something that is referred to is not there.
    #[error("the archive lacks {0}\ncause: it was cut short or put together by hand")]
    Missing(String),
    /// Bytes are not what their digest or description says.
    #[error("{name} is damaged: {why}\ncause: a bad copy, or an archive made to deceive")]
    Damaged {
        /// Which blob or document.
        name: String,
        /// What is wrong.
        why: String,
    },
    /// Two members of one name with different content.
    #[error(
        "the archive holds {0} twice, with different content: which one counts cannot be told\n\
         cause: archives joined by hand, or made to deceive"
    )]
    Repeated(String),
    /// A document is larger than [`MAX_JSON`], or all are larger than [`MAX_JSON_TOTAL`].
    #[error(
        "{name} is larger than a manifest or config may be ({} MiB, and {} MiB in all)",
        MAX_JSON >> 20,
        MAX_JSON_TOTAL >> 20
    )]
    LargeJson {
        /// Which document.
        name: String,
    },
    /// More than [`MAX_MEMBERS`].
    #[error("the archive has more than {MAX_MEMBERS} members; no image has")]
    ManyMembers,
    /// More than [`MAX_LAYERS`].
    #[error("the image has more than {MAX_LAYERS} layers; no engine would run it")]
    ManyLayers,
    /// More than [`MAX_ENTRIES`], [`MAX_NAME_BYTES`], [`MAX_NODES`], [`MAX_PATH_BYTES`] or
    /// [`MAX_STEPS`].
    #[error(
        "its layers have more than {MAX_ENTRIES} entries, {MAX_NODES} places in the tree, {} MiB \
         of names, or {} MiB of paths\ncause: an archive made to exhaust whoever reads it",
        MAX_NAME_BYTES >> 20,
        MAX_PATH_BYTES >> 20
    )]
    ManyEntries,
    /// More than [`MAX_NOTED`].
    #[error(
        "its package databases, users and scripts are more than {} MiB\ncause: an archive made to \
         exhaust whoever reads it",
        MAX_NOTED >> 20
    )]
    MuchNoted,
    /// More than [`MAX_PROGRAM_FACTS`].
    #[error(
        "what its executables say of themselves is more than {} MiB\ncause: an archive made to \
         exhaust whoever reads it",
        MAX_PROGRAM_FACTS >> 20
    )]
    ManyFacts,
    /// A path that nothing can be opened by.
    #[error("the name \"{name}\" {why}\ncause: an archive made to deceive; engines refuse it, too")]
    BadName {
        /// Its beginning.
        name: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// A hard link to what is not there.
    #[error(
        "\"{path}\" is a hard link to \"{target}\", which no layer up to it has\ncause: a layer made by hand; engines refuse it, too"
    )]
    LinkToNothing {
        /// The link's path.
        path: String,
        /// What it names.
        target: String,
    },
    /// An entry's description is longer than [`MAX_EXTENSION`].
    #[error(
        "an entry is described by more than {} KiB, which is held in memory\ncause: an archive made to \
         exhaust whoever reads it",
        MAX_EXTENSION >> 10
    )]
    LongDescription,
    /// More than [`MAX_UNPACKED`].
    #[error("it unpacks to more than {} GiB, and is not read further", MAX_UNPACKED >> 30)]
    TooLarge,
    /// More than [`MAX_RATIO`].
    #[error(
        "{raw} bytes of it unpack to {plain} and more, beyond {MAX_RATIO} times as much\ncause: a \
         decompression bomb, or gigabytes of zeros in a file"
    )]
    Bomb {
        /// Bytes that had come out.
        plain: u64,
        /// Bytes that had gone in.
        raw: u64,
    },
}

impl ReadError {
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

    /// Whether reading on, past the blob that holds it, would be wrong: limits, not damage.
    pub(super) fn is_final(&self) -> bool {
        !matches!(self, ReadError::Io(_) | ReadError::BrokenOff)
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

/// Says the end came too early; the tar crate says so only in its words.
fn broken_off(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::UnexpectedEof
        || ["unexpected EOF", "failed to read entire block"]
            .iter()
            .any(|words| error.to_string().contains(words))
}

/// A name from an archive as it may be shown: its beginning, with what is dangerous spelt out.
pub(super) fn shown(name: &str) -> String {
    const MOST: usize = 120;
    let begin: String = name.chars().take(MOST).collect();
    sanitize::shown(&begin).chars().take(MOST).collect()
}

/// A document that is not what it should be.
pub(super) fn damaged(name: &str, why: &str) -> ReadError {
    ReadError::Damaged {
        name: shown(name),
        why: shown(why),
    }
}

fn list(there: &[There]) -> String {
    const MOST: usize = 20;
    let mut words: Vec<_> = there.iter().take(MOST).map(There::to_string).collect();
    match there.len() {
        0 => words.push("nothing".into()),
        n if n > MOST => words.push(format!("and {} more", n - MOST)),
        _ => {}
    }
    words.join(", ")
}
