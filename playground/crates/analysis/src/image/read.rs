//! An image read in one forward pass: its config, its layers, and every entry of them.
//!
//! Contents pass by: a visitor may look at each file while it does. All layers of an archive
//! are read, since which of them count is often told only at its end.

use super::archive::{self, Layer as Blob, Member};
use super::compress::{Compressors, Job};
use super::config::Config;
use super::content::Content;
use super::entry::{Entry, Kind};
use super::error::{ReadError, shown};
use super::limits::{MAX_ENTRIES, MAX_NAME_BYTES, Meter};
use super::provenance::Provenance;
use super::select::{Chosen, Documents, There, Wanted};
use super::tee::Tee;
use std::collections::HashMap;
use std::io::{self, Read};
use std::rc::Rc;
use std::sync::Arc;

/// An image, read.
#[derive(Clone, Debug)]
pub struct Image {
    /// Its names, id and platform, as the archive tells.
    pub there: There,
    /// What its config says.
    pub config: Config,
    /// What it was built from, where it tells.
    pub provenance: Provenance,
    /// Its layers, from the base up.
    pub layers: Vec<Layer>,
}

/// A layer of an image.
#[derive(Clone, Debug)]
pub struct Layer {
    /// SHA-256 of its plain tar, computed from its bytes.
    pub diff_id: String,
    /// The instruction that made it; empty where the history does not tell.
    pub created_by: String,
    /// Content of its regular files in bytes; a hard link counts nothing.
    pub unpacked_bytes: u64,
    /// Bytes as a gzip or zstd blob: as the archive has it, or measured where
    /// [`Compressed::Measured`] was asked for; otherwise `None`.
    pub compressed_bytes: Option<u64>,
    /// In the order of its tar; shared between equal layers.
    pub entries: Arc<[Entry]>,
    blob: usize,
}

/// What to do about layers that come without compression, as engines of the 20.10 kind send them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compressed {
    /// Tell the size of blobs that are compressed; nothing of others.
    #[default]
    AsStored,
    /// Compress the others, at gzip level 6, to see. Takes several times as long.
    Measured,
}

/// Where an entry stands: in which layer, from 0 for the base, and at which place in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EntryId {
    /// The layer.
    pub layer: u32,
    /// Its place in the layer's tar.
    pub entry: u32,
}

/// What a visitor made of files.
#[derive(Clone, Debug)]
pub struct Seen<T> {
    /// Of each layer that was read, by the entry's place.
    by_blob: Vec<Vec<(u32, T)>>,
    blobs: Vec<usize>,
}

impl<T> Seen<T> {
    /// What the visitor made of a file.
    pub fn get(&self, id: EntryId) -> Option<&T> {
        let seen = self.by_blob.get(*self.blobs.get(id.layer as usize)?)?;
        let at = seen.binary_search_by_key(&id.entry, |(entry, _)| *entry);
        Some(&seen.get(at.ok()?)?.1)
    }

    /// For tests, to put facts there that no small file has.
    #[cfg(test)]
    pub(crate) fn get_mut(&mut self, id: EntryId) -> Option<&mut T> {
        let seen = self.by_blob.get_mut(*self.blobs.get(id.layer as usize)?)?;
        let at = seen.binary_search_by_key(&id.entry, |(entry, _)| *entry);
        Some(&mut seen.get_mut(at.ok()?)?.1)
    }
}

impl Image {
    /// An entry of a layer.
    pub fn entry(&self, id: EntryId) -> Option<&Entry> {
        let layer = self.layers.get(id.layer as usize)?;
        layer.entries.get(id.entry as usize)
    }
}

/// Reads the image that `wanted` means from a stream, as `docker save` writes it, or from an
/// archive of a layout, perhaps gzip or zstd as a whole.
///
/// `visit` is called for every regular file of every layer (not for sparse ones) while it
/// passes by; what it returns is kept.
pub fn read<T>(
    stream: impl Read,
    wanted: &Wanted,
    compressed: Compressed,
    visit: impl FnMut(&mut Content<'_>) -> io::Result<Option<T>>,
) -> Result<(Image, Seen<T>), ReadError> {
    collect(compressed, visit, |reading| {
        let meter = Rc::<Meter>::default();
        archive::members(stream, &meter, |name, member| {
            reading.member(name, member).map_err(io::Error::from)
        })?;
        reading.documents.choose(wanted)
    })
}

/// Calls `pass` with what collects, and puts together the image that it chose.
pub(super) fn collect<T, V>(
    compressed: Compressed,
    visit: V,
    pass: impl FnOnce(&mut Reading<'_, T, V>) -> Result<Chosen, ReadError>,
) -> Result<(Image, Seen<T>), ReadError>
where
    V: FnMut(&mut Content<'_>) -> io::Result<Option<T>>,
{
    std::thread::scope(|scope| {
        let compressors = match compressed {
            Compressed::Measured => Some(Compressors::start(scope)),
            Compressed::AsStored => None,
        };
        let mut reading = Reading {
            documents: Documents::default(),
            blobs: Vec::new(),
            by_diff_id: HashMap::new(),
            by_name: HashMap::new(),
            seen: Vec::new(),
            entries: 0,
            name_bytes: 0,
            compressors: compressors.as_ref(),
            visit,
        };
        let chosen = pass(&mut reading);
        let Reading {
            mut blobs,
            by_diff_id,
            by_name,
            seen,
            ..
        } = reading;
        // Also where reading failed: the threads end with their queue.
        let measured = compressors.map(Compressors::finish);
        let chosen = chosen?;
        for (diff_id, _, bytes) in measured.transpose()?.unwrap_or_default() {
            if let Some(blob) = by_diff_id.get(&diff_id) {
                blobs[*blob].compressed = Some(bytes);
            }
        }
        assemble(chosen, &blobs, &by_diff_id, &by_name, seen)
    })
}

/// A layer that was read, whichever image has it.
struct Known {
    unpacked: u64,
    compressed: Option<u64>,
    entries: Arc<[Entry]>,
}

/// What has been read of an archive.
pub(super) struct Reading<'a, T, V> {
    pub(super) documents: Documents,
    blobs: Vec<Known>,
    by_diff_id: HashMap<String, usize>,
    /// The diff id of every layer by its name, or why what seemed to be a layer is none: that
    /// matters only if the image needs it.
    by_name: HashMap<String, Result<String, String>>,
    /// Beside `blobs`.
    seen: Vec<Vec<(u32, T)>>,
    entries: usize,
    name_bytes: u64,
    compressors: Option<&'a Compressors<'a>>,
    visit: V,
}

impl<T, V> Reading<'_, T, V>
where
    V: FnMut(&mut Content<'_>) -> io::Result<Option<T>>,
{
    pub(super) fn member(&mut self, name: &str, member: Member<'_>) -> Result<(), ReadError> {
        match member {
            Member::Json(json) => self.documents.add(name, json),
            Member::LargeJson => {
                self.documents.add_large(name);
                Ok(())
            }
            Member::Layer(layer) => match self.layer(layer) {
                Err(error) if error.is_final() => Err(error),
                done => {
                    let done = done.map_err(|error| error.to_string());
                    self.by_name.insert(name.to_owned(), done);
                    Ok(())
                }
            },
        }
    }

    /// Reads a layer; its diff id.
    fn layer(&mut self, layer: Blob<'_>) -> Result<String, ReadError> {
        let spool = self.compressors.is_some() && layer.compressed.is_none();
        let mut tee = Tee::new(layer.tar, spool);
        let (mut entries, mut seen) = (Vec::new(), Vec::new());
        let mut unpacked: u64 = 0;
        archive::described(&mut tee, |tar, described| {
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(ReadError::ManyEntries.into());
            }
            let Some(entry) = Entry::of(tar, described)? else {
                return Ok(());
            };
            self.name_bytes += entry.name_bytes();
            if self.name_bytes > MAX_NAME_BYTES {
                return Err(ReadError::ManyEntries.into());
            }
            unpacked = unpacked.saturating_add(entry.size);
            if entry.kind == Kind::File && !tar.header().entry_type().is_gnu_sparse() {
                let mut content = Content::new(&entry, tar);
                let made = (self.visit)(&mut content)?;
                seen.extend(made.map(|made| (entries.len() as u32, made)));
            }
            entries.push(entry);
            Ok(())
        })?;
        let (diff_id, tar) = tee.finish()?;
        if self.by_diff_id.contains_key(&diff_id) {
            // Again the same layer: what was just seen of it is known.
            return Ok(diff_id);
        }
        let blob = self.blobs.len();
        self.seen.push(seen);
        self.blobs.push(Known {
            unpacked,
            compressed: layer.compressed,
            entries: entries.into(),
        });
        self.by_diff_id.insert(diff_id.clone(), blob);
        if let (Some(compressors), Some(tar)) = (self.compressors, tar) {
            compressors.add(Job {
                diff_id: diff_id.clone(),
                unpacked,
                tar,
            });
        }
        Ok(diff_id)
    }
}

fn assemble<T>(
    chosen: Chosen,
    blobs: &[Known],
    by_diff_id: &HashMap<String, usize>,
    by_name: &HashMap<String, Result<String, String>>,
    seen: Vec<Vec<(u32, T)>>,
) -> Result<(Image, Seen<T>), ReadError> {
    let created_by = chosen.config.created_by();
    let mut layers = Vec::with_capacity(created_by.len());
    let mut entries = 0;
    for (i, (diff_id, created_by)) in chosen.config.diff_ids.iter().zip(created_by).enumerate() {
        let Some(&blob) = by_diff_id.get(diff_id) else {
            let at = chosen.layers.get(i).map_or("", String::as_str);
            let damaged = |why| ReadError::Damaged {
                name: format!("layer {} ({})", i + 1, shown(at)),
                why,
            };
            let diff_id = shown(diff_id);
            return Err(match by_name.get(at) {
                Some(Err(why)) => damaged(why.clone()),
                Some(Ok(is)) => {
                    damaged(format!("its digest is {is}, and the config says {diff_id}"))
                }
                None => ReadError::Missing(format!("layer {} of the image, {diff_id}", i + 1)),
            });
        };
        let known = &blobs[blob];
        entries += known.entries.len();
        if entries > MAX_ENTRIES {
            return Err(ReadError::ManyEntries);
        }
        layers.push(Layer {
            diff_id: diff_id.clone(),
            created_by,
            unpacked_bytes: known.unpacked,
            compressed_bytes: known.compressed,
            entries: known.entries.clone(),
            blob,
        });
    }
    let seen = Seen {
        by_blob: seen,
        blobs: layers.iter().map(|layer| layer.blob).collect(),
    };
    let image = Image {
        there: chosen.there,
        config: chosen.config,
        provenance: chosen.provenance,
        layers,
    };
    Ok((image, seen))
}
