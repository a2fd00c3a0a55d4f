//! What `docker save` streams, taken apart: the legacy layout (20.10: `<id>/layer.tar`;
//! Podman: `<diff id>.tar`, and links to it) and OCI layouts (`blobs/sha256/…`, plain or gzip).
//!
//! Layers are told apart by their diff id, the SHA-256 of the plain tar, so the order of the
//! stream does not matter. Refuses to know what is done with a layer.

use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::io::{self, BufRead, BufReader, Read};

/// A config or manifest larger than this is not one.
const MOST_JSON: u64 = 4 << 20;
/// More entries than any layer here has (golang:1.23 has 45 000), far fewer than would hurt.
const MOST_ENTRIES: usize = 2_000_000;

/// A layer, as plain tar.
pub(super) struct Layer<'a> {
    /// The tar's bytes, from the first to the last.
    pub(super) tar: &'a mut dyn Read,
    /// Bytes of the blob where the engine kept it compressed.
    pub(super) compressed: Option<u64>,
}

/// Calls `on` for every layer in the order of the stream; returns what made each layer, from
/// the base up, as the image's config tells.
pub(super) fn layers(
    stream: impl Read,
    mut on: impl FnMut(Layer<'_>) -> io::Result<()>,
) -> io::Result<Vec<String>> {
    let mut created_by = Vec::new();
    let mut archive = tar::Archive::new(BufReader::with_capacity(256 << 10, stream));
    for entry in archive.entries()? {
        let entry = entry?;
        if !entry.header().entry_type().is_file() {
            // Also the legacy layout's links between equal layers: the diff id finds them.
            continue;
        }
        let name = entry.path_bytes().into_owned();
        let size = entry.size();
        let at_the_top = !name.contains(&b'/');
        let is_layer = name.ends_with(b"layer.tar") || (at_the_top && name.ends_with(b".tar"));
        let is_blob = name.starts_with(b"blobs/");
        let mut reader = BufReader::with_capacity(256 << 10, entry);
        let start = reader.fill_buf()?;
        if !is_layer && start.first() == Some(&b'{') {
            if size <= MOST_JSON
                && let Some(history) = history(reader)
            {
                created_by = history;
            }
        } else if !is_layer && !is_blob {
            // `repositories`, `VERSION`, and what later engines may add.
        } else if start.starts_with(&[0x1f, 0x8b]) {
            on(Layer {
                tar: &mut MultiGzDecoder::new(reader),
                compressed: Some(size),
            })?;
        } else if start.starts_with(&[0x28, 0xb5, 0x2f, 0xfd]) {
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                "it has zstd-compressed layers, which are not read here yet",
            ));
        } else {
            on(Layer {
                tar: &mut reader,
                compressed: None,
            })?;
        }
    }
    Ok(created_by)
}

/// Calls `on` for every entry of a layer's tar.
fn entries<R: Read>(
    tar: R,
    mut on: impl FnMut(&mut tar::Entry<'_, R>) -> io::Result<()>,
) -> io::Result<()> {
    let mut archive = tar::Archive::new(tar);
    for (i, entry) in archive.entries()?.enumerate() {
        if i >= MOST_ENTRIES {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                format!("a layer has more than {MOST_ENTRIES} entries"),
            ));
        }
        on(&mut entry?)?;
    }
    Ok(())
}

/// Reads a layer's tar to its end, with `on` for every entry; returns its diff id.
pub(super) fn read_layer(
    tar: impl Read,
    on: impl FnMut(&mut tar::Entry<'_, &mut Hashed<'_>>) -> io::Result<()>,
) -> io::Result<String> {
    let mut tar = tar;
    let mut hashed = Hashed {
        reader: &mut tar,
        hash: Sha256::new(),
    };
    entries(&mut hashed, on)?;
    // The diff id covers the padding after the last entry, too.
    io::copy(&mut hashed, &mut io::sink())?;
    Ok(diff_id(&hashed.hash.finalize()))
}

/// A reader that hashes what passes.
pub(super) struct Hashed<'r> {
    reader: &'r mut dyn Read,
    hash: Sha256,
}

impl Read for Hashed<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = self.reader.read(buf)?;
        self.hash.update(&buf[..n]);
        Ok(n)
    }
}

/// Lower-case hex with the algorithm before it, as diff ids are written.
pub(super) fn diff_id(digest: &[u8]) -> String {
    let hex: String = digest.iter().map(|b| format!("{b:02x}")).collect();
    format!("sha256:{hex}")
}

#[derive(Deserialize)]
struct Config {
    history: Vec<History>,
    /// Only an image config has one; manifests and indexes do not.
    #[serde(rename = "rootfs")]
    _rootfs: serde::de::IgnoredAny,
}

#[derive(Deserialize)]
struct History {
    #[serde(default)]
    created_by: String,
    #[serde(default)]
    empty_layer: bool,
}

/// What made each layer, where this JSON is the image's config.
fn history(json: impl Read) -> Option<Vec<String>> {
    let config: Config = serde_json::from_reader(json).ok()?;
    let filled = config.history.into_iter().filter(|h| !h.empty_layer);
    Some(filled.map(|h| h.created_by).collect())
}
