//! A kit on disk: its index, and blobs that prove themselves while they are read.

use super::error::{Damage, SignatureError};
use super::footer::{self, BEGIN, Footer};
use super::index::{Blob, Index};
use super::signature::Signed;
use super::{KitError, WINDOW};
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufReader, Read};
use std::os::unix::fs::FileExt;
use std::path::Path;
use std::sync::Arc;

/// The longest index, unpacked, in bytes.
const MAX_INDEX: u64 = 64 << 20;

/// A kit whose index is sound; its blobs are looked at when they are read.
#[derive(Clone, Debug)]
pub struct Kit {
    file: Arc<File>,
    index: Arc<Index>,
    signed: Option<Signed>,
    /// In bytes.
    length: u64,
}

impl Kit {
    /// Reads the index of a kit.
    ///
    /// # Errors
    /// It is no kit, its index is damaged, or a signature that it has is wrong.
    pub fn open(path: &Path) -> Result<Kit, KitError> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        let mut begin = [0; BEGIN.len()];
        if length < BEGIN.len() as u64 + footer::LENGTH {
            return Err(KitError::NoKit);
        }
        file.read_exact_at(&mut begin, 0)?;
        if begin != *BEGIN {
            let same = begin.starts_with(&BEGIN[..14]);
            let layout = String::from_utf8_lossy(&begin[14..15]).into_owned();
            return Err(match same {
                true => KitError::OtherLayout(layout.escape_default().to_string()),
                false => KitError::NoKit,
            });
        }
        let mut end = vec![0; footer::LENGTH as usize];
        file.read_exact_at(&mut end, length - footer::LENGTH)?;
        let footer = Footer::parse(&end, length)?;
        let mut packed = vec![0; footer.packed as usize];
        file.read_exact_at(&mut packed, footer.at)?;
        if Sha256::digest(&packed)[..] != footer.digest {
            return Err(KitError::Unsound(
                "its bytes are not what the kit's end says".into(),
            ));
        }
        let unsound = |error: &dyn std::error::Error| KitError::Unsound(error.to_string());
        let mut json = Vec::new();
        let unpacked = zstd::Decoder::new(packed.as_slice())?.take(MAX_INDEX);
        { unpacked }
            .read_to_end(&mut json)
            .map_err(|error| unsound(&error))?;
        let index: Index = serde_json::from_slice(&json).map_err(|error| unsound(&error))?;
        index.check(BEGIN.len() as u64, footer.at)?;
        if let Some(signed) = &footer.signed {
            signed.check(&footer.digest).map_err(KitError::Signature)?;
        }
        Ok(Kit {
            file: Arc::new(file),
            index: Arc::new(index),
            signed: footer.signed,
            length,
        })
    }

    /// What is in it.
    #[must_use]
    pub fn index(&self) -> &Index {
        &self.index
    }

    /// Who has signed it; that the signature is right was seen to.
    #[must_use]
    pub fn signed(&self) -> Option<&Signed> {
        self.signed.as_ref()
    }

    /// The file's length in bytes.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.length
    }

    /// Whether the holder of this key has signed it.
    ///
    /// # Errors
    /// Nobody has, or somebody else.
    pub fn must_be_signed_by(&self, key: &[u8; 32]) -> Result<(), KitError> {
        match &self.signed {
            Some(signed) if signed.key == *key => Ok(()),
            Some(_) => Err(KitError::Signature(SignatureError::OtherKey)),
            None => Err(KitError::Signature(SignatureError::Missing)),
        }
    }

    /// The bytes of a blob. Reading fails where they are not what its digest says, at the latest at
    /// their end: nothing of it may be used before.
    ///
    /// # Errors
    /// There is no such blob.
    pub fn blob(&self, digest: &str) -> Result<impl Read + Send + use<>, KitError> {
        let blob = self.index.blob(digest)?.clone();
        Ok(Unpacked::of(self.file.clone(), blob)?)
    }

    /// A small blob as a whole, at most `max` bytes of it.
    ///
    /// # Errors
    /// There is no such blob, it is larger, or damaged.
    pub fn small_blob(&self, digest: &str, max: u64) -> Result<Vec<u8>, KitError> {
        if self.index.blob(digest)?.bytes > max {
            return Err(KitError::Unsound(format!(
                "{digest} is larger than {max} bytes"
            )));
        }
        let mut bytes = Vec::new();
        self.blob(digest)?.read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Reads every blob; returns those that are damaged. `on` is told how many bytes of the file
    /// have been read.
    ///
    /// # Errors
    /// The file cannot be read at all.
    pub fn verify(&self, mut on: impl FnMut(u64)) -> Result<(), KitError> {
        let mut damages = Vec::new();
        for blob in &self.index.blobs {
            if !is_whole(&self.file, blob)? {
                damages.push(Damage {
                    digest: blob.digest.clone(),
                    at: blob.at,
                    uses: self.index.uses(&blob.digest),
                });
            }
            on(blob.at + blob.packed);
        }
        match damages.is_empty() {
            true => Ok(()),
            false => Err(KitError::Damaged(damages)),
        }
    }
}

/// Whether the blob lies in the file as the index says.
pub(super) fn is_whole(file: &Arc<File>, blob: &Blob) -> io::Result<bool> {
    let read = Unpacked::of(file.clone(), blob.clone())
        .and_then(|mut bytes| io::copy(&mut bytes, &mut io::sink()));
    match read {
        Ok(_) => Ok(true),
        // What the disk says is no damage of the kit's; what the bytes are, is.
        Err(error) if error.raw_os_error().is_some() => Err(error),
        Err(_) => Ok(false),
    }
}

/// A stretch of a file.
struct Stretch {
    file: Arc<File>,
    at: u64,
    end: u64,
}

impl Read for Stretch {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end - self.at).unwrap_or(usize::MAX);
        let wanted = left.min(buffer.len());
        let read = self.file.read_at(&mut buffer[..wanted], self.at)?;
        self.at += read as u64;
        Ok(read)
    }
}

/// A blob's bytes, which are counted and hashed while they pass.
struct Unpacked {
    bytes: zstd::Decoder<'static, BufReader<Stretch>>,
    blob: Blob,
    hash: Sha256,
    read: u64,
}

impl Unpacked {
    fn of(file: Arc<File>, blob: Blob) -> io::Result<Unpacked> {
        let end = blob.at + blob.packed;
        let stretch = Stretch {
            file,
            at: blob.at,
            end,
        };
        let mut bytes = zstd::Decoder::new(stretch)?;
        bytes.window_log_max(WINDOW)?;
        Ok(Unpacked {
            bytes,
            blob,
            hash: Sha256::new(),
            read: 0,
        })
    }

    fn damaged(&self) -> io::Error {
        let (digest, at) = (&self.blob.digest, self.blob.at);
        let told = format!("the blob {digest} at byte {at} of the kit is damaged");
        io::Error::new(io::ErrorKind::InvalidData, told)
    }
}

impl Read for Unpacked {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if buffer.is_empty() {
            return Ok(0);
        }
        let read = match self.bytes.read(buffer) {
            Ok(read) => read,
            Err(error) if error.raw_os_error().is_some() => return Err(error),
            Err(_) => return Err(self.damaged()),
        };
        self.read += read as u64;
        self.hash.update(&buffer[..read]);
        if read == 0 {
            let digest = format!("sha256:{:x}", self.hash.clone().finalize());
            if self.read != self.blob.bytes || digest != self.blob.digest {
                return Err(self.damaged());
            }
        } else if self.read > self.blob.bytes {
            // Larger than it said: never more than that is unpacked.
            return Err(self.damaged());
        }
        Ok(read)
    }
}
