//! What `docker save` streams, taken apart: the legacy layout (20.10: `<id>/layer.tar`;
//! Podman: `<diff id>.tar`, and links to it) and OCI layouts (`blobs/sha256/…`), with layers
//! plain or compressed.
//!
//! Layers are told apart by their diff id, the SHA-256 of the plain tar, so the order of the
//! stream does not matter. Refuses to know what is done with a layer.

use super::error::ReadError;
use super::limits::{MAX_JSON, MAX_MEMBERS};
use super::meter::{Gauge, Meter, Metered};
use super::stream::entries;
use super::tee::Passed;
use super::unpack::{self, Packing};
use std::io::{self, BufReader, Read};
use std::rc::Rc;

/// Bytes of a member's name: what matters has fewer than 100, and all names are held.
const MAX_MEMBER_NAME: usize = 512;

/// What may be a layer, as plain tar.
pub(super) struct Blob<'a> {
    /// The tar's bytes, from the first to the last.
    pub(super) tar: &'a mut dyn Read,
    /// Bytes of the blob where the engine kept it compressed.
    pub(super) compressed: Option<u64>,
    /// What the blob was before it was unpacked; `None` of what was plain.
    pub(super) packed: Option<Passed>,
}

/// One file of an archive or layout.
pub(super) enum Member<'a> {
    /// What may be a manifest, an index or a config.
    Json(Vec<u8>),
    /// What would be JSON, but is larger than [`MAX_JSON`].
    LargeJson,
    /// What may be a layer.
    Layer(Blob<'a>),
    /// What may be one, too, in a compression that is not read here.
    Unread(ReadError),
}

/// Calls `on` with the name of every member that can matter, in the order of the stream.
pub(super) fn members(
    stream: impl Read,
    meter: &Rc<Meter>,
    mut on: impl FnMut(&str, Member<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let stream = BufReader::with_capacity(256 << 10, stream);
    let (head, reader) = unpack::peek(Metered::new(stream, meter, Gauge::Raw))?;
    let packing = Packing::of(&head)?;
    if packing == Packing::Plain && !unpack::is_tar(&head) {
        return Err(ReadError::no_archive(&head).into());
    }
    let plain = unpack::unpacked(reader, packing);
    let mut plain = Metered::new(plain, meter, Gauge::Outer);
    let mut count = 0;
    entries(&mut plain, |header, content| {
        count += 1;
        if count > MAX_MEMBERS {
            return Err(ReadError::ManyMembers.into());
        }
        // The legacy layout's links between equal layers are left out: the diff id finds them.
        if !header.is_file() || header.name.len() > MAX_MEMBER_NAME {
            return Ok(());
        }
        let name = String::from_utf8_lossy(&header.name);
        let name = name.trim_start_matches("./");
        member(name, header.size, content, meter, &mut |member| {
            on(name, member)
        })
    })?;
    // Behind the last entry stands only padding, and a compression's checksum.
    io::copy(&mut plain, &mut io::sink())?;
    Ok(())
}

/// Calls `on` with a member, where it can matter.
pub(super) fn member(
    name: &str,
    size: u64,
    reader: impl Read,
    meter: &Rc<Meter>,
    on: &mut dyn FnMut(Member<'_>) -> io::Result<()>,
) -> io::Result<()> {
    let (head, mut reader) = unpack::peek(reader)?;
    let is_blob = name.starts_with("blobs/");
    let is_layer = name.ends_with("layer.tar") || (!name.contains('/') && name.ends_with(".tar"));
    let is_tar = is_layer || unpack::is_tar(&head);
    if !is_tar && matches!(head.first(), Some(b'{' | b'[')) {
        if size > MAX_JSON {
            return on(Member::LargeJson);
        }
        let mut bytes = Vec::new();
        reader.read_to_end(&mut bytes)?;
        return on(Member::Json(bytes));
    }
    let packing = match Packing::of(&head) {
        Ok(packing) => packing,
        // That matters to whoever needs the blob.
        Err(error) if is_blob || is_layer => return on(Member::Unread(error)),
        Err(_) => Packing::Plain,
    };
    if !is_tar && !is_blob && packing == Packing::Plain {
        // `repositories`, `VERSION`, and what later engines may add.
        return Ok(());
    }
    let packed = (packing != Packing::Plain).then(Passed::default);
    let reader: Box<dyn Read> = match &packed {
        Some(passed) => Box::new(passed.through(reader)),
        None => Box::new(reader),
    };
    let blob = BufReader::with_capacity(256 << 10, reader);
    let mut tar = Metered::new(unpack::unpacked(blob, packing), meter, Gauge::Layers);
    on(Member::Layer(Blob {
        tar: &mut tar,
        compressed: packed.is_some().then_some(size),
        packed,
    }))
}
