//! Making a kit's file: blobs as they come, each once, then the index.

use super::footer::{BEGIN, Footer};
use super::index::{Blob, Index, KitFile, KitImage};
use super::signature::Signed;
use super::{KitError, WINDOW};
use ed25519_dalek::SigningKey;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, BufWriter, Read, Seek, Write};
use std::path::{Path, PathBuf};

/// Good at the speed of a disk; above it, minutes buy a hundredth.
const LEVEL: i32 = 9;

/// A kit that is being made, in a file beside its place.
#[derive(Debug)]
pub struct Writer {
    file: File,
    part: tempfile::TempPath,
    to: PathBuf,
    index: Index,
    at: u64,
}

impl Writer {
    /// Begins a kit at `to`.
    ///
    /// # Errors
    /// Nothing can be written there.
    pub fn begin(to: &Path, version: &str, recipe: &str, architecture: &str) -> io::Result<Writer> {
        let folder = to.parent().filter(|folder| !folder.as_os_str().is_empty());
        let mut builder = tempfile::Builder::new();
        // A kit holds no secret, and who loads it is often another user: in a container, 65532.
        #[cfg(unix)]
        builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
        let named = builder
            .prefix(".kit-")
            .suffix(".part")
            .tempfile_in(folder.unwrap_or(Path::new(".")))?;
        let (mut file, part) = named.into_parts();
        file.write_all(BEGIN)?;
        Ok(Writer {
            file,
            part,
            to: to.to_owned(),
            index: Index {
                version: version.into(),
                recipe: recipe.into(),
                architecture: architecture.into(),
                blobs: Vec::new(),
                images: Vec::new(),
                files: Vec::new(),
            },
            at: BEGIN.len() as u64,
        })
    }

    /// Takes bytes in, unless they are there; returns their digest.
    ///
    /// # Errors
    /// They cannot be read, or the disk is full.
    pub fn add(&mut self, content: &mut dyn Read) -> io::Result<String> {
        // Packing costs more than a copy: what is there already is found out before.
        let mut spool = tempfile::tempfile()?;
        let mut hash = Sha256::new();
        let mut buffer = vec![0; 1 << 18];
        let mut bytes = 0;
        loop {
            let read = match content.read(&mut buffer) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(error),
            };
            hash.update(&buffer[..read]);
            spool.write_all(&buffer[..read])?;
            bytes += read as u64;
        }
        let digest = format!("sha256:{:x}", hash.finalize());
        if self.index.blobs.iter().any(|blob| blob.digest == digest) {
            return Ok(digest);
        }
        spool.rewind()?;
        let end = pack(&mut spool, &mut self.file, bytes)?;
        self.index.blobs.push(Blob {
            digest: digest.clone(),
            bytes,
            at: self.at,
            packed: end - self.at,
        });
        self.at = end;
        Ok(digest)
    }

    /// Says that an image is in it, whose blobs were taken in.
    pub fn image(&mut self, image: KitImage) {
        self.index.images.push(image);
    }

    /// Takes a file in.
    ///
    /// # Errors
    /// It cannot be read, or the disk is full.
    pub fn file(&mut self, name: &str, executable: bool, content: &mut dyn Read) -> io::Result<()> {
        let digest = self.add(content)?;
        self.index.files.push(KitFile {
            name: name.into(),
            digest,
            executable,
        });
        Ok(())
    }

    /// For the test of what a hostile kit could do: every blob says that it is one byte long.
    #[cfg(test)]
    pub(super) fn lie_about_sizes(&mut self) {
        self.index.blobs.iter_mut().for_each(|blob| blob.bytes = 1);
    }

    /// Writes the index, signs it where there is a key, and puts the kit in its place. Returns the
    /// file's length in bytes.
    ///
    /// # Errors
    /// The index would not be believed, or the disk is full.
    pub fn finish(mut self, key: Option<&SigningKey>) -> Result<u64, KitError> {
        self.index.check(BEGIN.len() as u64, self.at)?;
        let json = serde_json::to_vec(&self.index).map_err(io::Error::from)?;
        let packed = zstd::encode_all(json.as_slice(), LEVEL)?;
        let digest: [u8; 32] = Sha256::digest(&packed).into();
        let footer = Footer {
            at: self.at,
            packed: packed.len() as u64,
            digest,
            signed: key.map(|key| Signed::sign(key, &digest)),
        };
        self.file.write_all(&packed)?;
        self.file.write_all(&footer.to_bytes())?;
        self.file.sync_all()?;
        let length = self.file.stream_position()?;
        self.part.persist(&self.to).map_err(|error| error.error)?;
        Ok(length)
    }
}

/// Packs a blob at the file's end; returns where that is now.
fn pack(content: &mut File, file: &mut File, bytes: u64) -> io::Result<u64> {
    let mut packer = zstd::Encoder::new(BufWriter::new(&mut *file), LEVEL)?;
    packer.long_distance_matching(true)?;
    packer.window_log(WINDOW)?;
    // With it, small blobs get no larger window than they are long.
    packer.set_pledged_src_size(Some(bytes))?;
    packer.include_contentsize(true)?;
    io::copy(content, &mut packer)?;
    packer.finish()?.flush()?;
    file.stream_position()
}
