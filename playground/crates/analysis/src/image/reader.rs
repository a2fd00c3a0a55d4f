//! An image read in one forward pass: its config, its layers, and every entry of them.
//!
//! Contents pass by: a visitor may look at each file while it does. All layers of an archive
//! are read, since which of them count is often told only at its end.

use super::archive::{self, Blob, Member};
use super::compress::Compressors;
use super::content::EntryContent;
use super::documents::Documents;
use super::entry::{Entry, Kind};
use super::error::ReadError;
use super::limits::{MAX_ENTRIES, MAX_NAME_BYTES};
use super::meter::Meter;
use super::model::{Image, Layer, Mislabelled, Visited};
use super::select::{Chosen, choose};
use super::selector::ImageSelector;
use super::stream;
use super::tee::{Passed, Tee};
use super::text::shown;
use std::collections::HashMap;
use std::io::{self, Read};
use std::rc::Rc;

/// What to do about layers that come without compression, as engines of the 20.10 kind send them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Compressed {
    /// Tell the size of blobs that are compressed; nothing of others.
    #[default]
    AsStored,
    /// Compress the others, at gzip level 6, to see. Takes several times as long.
    Measured,
}

impl Compressed {
    /// By their diff ids, the plain layers to compress.
    pub(super) fn plain_layers(self) -> Option<WhichLayers<'static>> {
        match self {
            Compressed::AsStored => None,
            Compressed::Measured => Some(&|_| true),
        }
    }
}

/// Says by its diff id whether a plain layer is to be compressed.
pub(super) type WhichLayers<'a> = &'a dyn Fn(&str) -> bool;

/// Reads the image that `selector` means from a stream, as `docker save` writes it, or from an
/// archive of a layout, perhaps gzip or zstd as a whole.
///
/// `visit` is called for every regular file of every layer (not for sparse ones) while it
/// passes by; what it returns is kept.
///
/// # Errors
/// Whatever is wrong with the archive or with one of the layers that the image needs, what lies
/// beyond [`limits`](super::limits), and what `visit` returns.
pub fn read_archive<T>(
    stream: impl Read,
    selector: &ImageSelector,
    compressed: Compressed,
    visit: impl FnMut(&mut EntryContent<'_>) -> io::Result<Option<T>>,
) -> Result<(Image, Visited<T>), ReadError> {
    read_compressing(stream, selector, compressed.plain_layers(), dense(visit))
}

/// The visitor for all but sparse files: few bytes of an archive may make terabytes of zeros.
pub(super) fn dense<T>(
    mut visit: impl FnMut(&mut EntryContent<'_>) -> io::Result<Option<T>>,
) -> impl FnMut(&mut EntryContent<'_>) -> io::Result<Option<T>> {
    move |file| match file.is_sparse() {
        true => Ok(None),
        false => visit(file),
    }
}

/// [`read_archive`], with a choice of layers to compress (`None` is none of them), and with
/// sparse files visited, too.
pub(super) fn read_compressing<T>(
    stream: impl Read,
    selector: &ImageSelector,
    compress: Option<WhichLayers<'_>>,
    visit: impl FnMut(&mut EntryContent<'_>) -> io::Result<Option<T>>,
) -> Result<(Image, Visited<T>), ReadError> {
    collect(compress, visit, |reading| {
        let meter = Rc::<Meter>::default();
        archive::members(stream, &meter, |name, member| {
            reading.member(name, member).map_err(io::Error::from)
        })?;
        choose(&reading.documents, selector)
    })
}

/// Calls `pass` with what collects, and puts together the image that it chose.
pub(super) fn collect<T, V>(
    compress: Option<WhichLayers<'_>>,
    visit: V,
    pass: impl FnOnce(&mut Reading<'_, T, V>) -> Result<Chosen, ReadError>,
) -> Result<(Image, Visited<T>), ReadError>
where
    V: FnMut(&mut EntryContent<'_>) -> io::Result<Option<T>>,
{
    std::thread::scope(|scope| {
        let mut reading = Reading {
            documents: Documents::default(),
            blobs: Vec::new(),
            by_diff_id: HashMap::new(),
            by_name: HashMap::new(),
            seen: Vec::new(),
            entries: 0,
            name_bytes: 0,
            compress: compress.map(|which| (Compressors::start(scope), which)),
            visit,
        };
        let chosen = pass(&mut reading);
        // Also where reading failed: the threads end with their queue.
        let compressors = reading.compress.take();
        let measured = compressors.map(|(compressors, _)| compressors.finish());
        let chosen = chosen?;
        for (diff_id, bytes) in measured.transpose()?.unwrap_or_default() {
            if let Some(blob) = reading.by_diff_id.get(&diff_id) {
                reading.blobs[*blob].compressed_bytes = Some(bytes);
            }
        }
        reading.assemble(chosen)
    })
}

/// What has been read of an archive.
pub(super) struct Reading<'a, T, V> {
    pub(super) documents: Documents,
    /// Every layer that was read, whichever image has it, without what made it.
    blobs: Vec<Layer>,
    by_diff_id: HashMap<String, usize>,
    /// What every layer is by its name, or why what seemed to be a layer is none: that matters only
    /// if the image needs it.
    by_name: HashMap<String, Result<Known, String>>,
    /// Beside `blobs`.
    seen: Vec<Vec<(u32, T)>>,
    entries: usize,
    name_bytes: u64,
    compress: Option<(Compressors<'a>, WhichLayers<'a>)>,
    visit: V,
}

/// A layer that was read, under one of its names.
struct Known {
    diff_id: String,
    /// It came compressed.
    packed: bool,
    /// It is named by its digest, and has another.
    other_digest: bool,
}

impl<T, V> Reading<'_, T, V>
where
    V: FnMut(&mut EntryContent<'_>) -> io::Result<Option<T>>,
{
    pub(super) fn member(&mut self, name: &str, member: Member<'_>) -> Result<(), ReadError> {
        match member {
            Member::Json(json) => self.documents.add(name, json),
            Member::LargeJson => {
                self.documents.add_large(name);
                Ok(())
            }
            Member::Unread(error) => {
                self.by_name.insert(name.to_owned(), Err(error.to_string()));
                Ok(())
            }
            Member::Layer(layer) => {
                let packed = layer.packed.clone();
                let read = match self.read_layer(layer) {
                    Err(error) if error.is_final() => return Err(error),
                    read => read.map_err(|error| error.to_string()),
                };
                let known = read.map(|diff_id| {
                    let hex = name.strip_prefix("blobs/sha256/");
                    let digest = packed.as_ref().map(Passed::digest);
                    let digest = digest.as_ref().unwrap_or(&diff_id);
                    Known {
                        packed: packed.is_some(),
                        other_digest: hex.is_some_and(|hex| digest[7..] != *hex),
                        diff_id,
                    }
                });
                self.by_name.insert(name.to_owned(), known);
                Ok(())
            }
        }
    }

    /// Reads a layer; its diff id.
    fn read_layer(&mut self, layer: Blob<'_>) -> Result<String, ReadError> {
        let spool = self.compress.is_some() && layer.compressed.is_none();
        let mut tee = Tee::new(layer.tar, spool);
        let (mut entries, mut seen) = (Vec::new(), Vec::new());
        let mut unpacked: u64 = 0;
        stream::entries(&mut tee, |header, tar| {
            self.entries += 1;
            if self.entries > MAX_ENTRIES {
                return Err(ReadError::ManyEntries.into());
            }
            let Some(entry) = Entry::of(header)? else {
                return Ok(());
            };
            self.name_bytes += entry.name_bytes();
            if self.name_bytes > MAX_NAME_BYTES {
                return Err(ReadError::ManyEntries.into());
            }
            unpacked = unpacked.saturating_add(entry.size);
            if entry.kind == Kind::File {
                let mut content = EntryContent::new(&entry, header.sparse, tar);
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
        self.blobs.push(Layer {
            diff_id: diff_id.clone(),
            created_by: String::new(),
            unpacked_bytes: unpacked,
            compressed_bytes: layer.compressed,
            entries: entries.into(),
            mislabelled: Mislabelled::default(),
        });
        self.by_diff_id.insert(diff_id.clone(), blob);
        if let (Some((compressors, which)), Some(tar)) = (&self.compress, tar)
            && which(&diff_id)
        {
            compressors.add((diff_id.clone(), tar));
        }
        Ok(diff_id)
    }

    fn assemble(self, chosen: Chosen) -> Result<(Image, Visited<T>), ReadError> {
        let (told, named) = (chosen.config.diff_ids.len(), chosen.layers.len());
        if told != named {
            return Err(ReadError::Damaged {
                name: "the image".to_owned(),
                why: format!("its config tells of {told} layers, and its manifest of {named}"),
            });
        }
        let (mut layers, mut blobs) = (Vec::new(), Vec::new());
        let mut entries = 0;
        let ids = chosen.config.diff_ids.iter();
        for (i, (diff_id, created_by)) in ids.zip(chosen.config.created_by()).enumerate() {
            let place = chosen.layers.get(i).cloned().unwrap_or_default();
            let at = place.at.as_str();
            let another = |is: &Result<Known, String>| {
                let is = is.as_ref();
                is.is_ok_and(|is| is.diff_id != *diff_id)
            };
            let placed = self.by_diff_id.get(diff_id);
            // Engines unpack the layers in the manifest's order, and hold each to its diff id.
            let placed = placed.filter(|_| !self.by_name.get(at).is_some_and(another));
            let Some(&blob) = placed else {
                let damaged = |why| ReadError::Damaged {
                    name: format!("layer {} ({})", i + 1, shown(at)),
                    why,
                };
                let diff_id = shown(diff_id);
                return Err(match self.by_name.get(at) {
                    Some(Err(why)) => damaged(why.clone()),
                    Some(Ok(is)) => damaged(format!(
                        "its digest is {}, and the config says {diff_id}",
                        is.diff_id
                    )),
                    None => ReadError::Missing(format!("layer {} of the image, {diff_id}", i + 1)),
                });
            };
            let known = self.blobs[blob].clone();
            entries += known.entries.len();
            if entries > MAX_ENTRIES {
                return Err(ReadError::ManyEntries);
            }
            let named = self.by_name.get(at).and_then(|is| is.as_ref().ok());
            layers.push(Layer {
                created_by,
                mislabelled: Mislabelled {
                    digest: named.is_some_and(|is| is.other_digest),
                    plain: place.plain && named.is_some_and(|is| is.packed),
                },
                ..known
            });
            blobs.push(blob);
        }
        let seen = Visited {
            by_blob: self.seen,
            blobs,
        };
        let image = Image {
            identity: chosen.identity,
            config: chosen.config,
            provenance: chosen.provenance,
            layers,
        };
        Ok((image, seen))
    }
}
