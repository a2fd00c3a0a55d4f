//! How big an image is, from its own bytes.
//!
//! Memory stays bounded: a large layer is spooled to disk until it is compressed, which
//! other threads do while the next layer is read.

use super::archive;
use super::compress::{Compressors, Job};
use super::tee::Tee;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};
use std::io::{self, Read};
use tempfile::SpooledTempFile;

/// A layer as (diff id, unpacked bytes, compressed bytes).
pub type KnownLayer = (String, u64, u64);

/// The three sizes of an image, in bytes. See the book's “Three sizes” page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sizes {
    /// Content of all files in all layers: what the image takes unpacked.
    pub unpacked_bytes: u64,
    /// The layers as gzip blobs: what a pull transfers.
    pub compressed_bytes: u64,
    /// What `docker images` of this engine prints.
    pub engine_bytes: u64,
    /// Layers from the base up.
    pub layers: Vec<LayerSize>,
}

/// One layer's share.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LayerSize {
    /// Content of its files, in bytes.
    pub unpacked_bytes: u64,
    /// As a gzip blob, in bytes.
    pub compressed_bytes: u64,
    /// The instruction that made it, where the image's history tells.
    pub created_by: String,
}

/// A measured image.
#[derive(Clone, Debug)]
pub struct Measured {
    /// Its sizes; `engine_bytes` is left at 0 for the engine to say.
    pub sizes: Sizes,
    /// Layers that were not known before.
    pub layers: Vec<KnownLayer>,
}

/// Measures the image that `stream` holds.
///
/// `diff_ids` are its layers from the base up, as the engine lists them; `known` answers for
/// layers measured before, which are then not compressed again. Unpacked is the content of
/// all regular files (a hard link counts nothing); compressed is gzip at level 6, as a push
/// would store it, or the blob's own size where the engine kept it as it was pulled.
pub fn measure(
    stream: impl Read,
    diff_ids: &[String],
    known: impl Fn(&str) -> Option<(u64, u64)>,
) -> io::Result<Measured> {
    std::thread::scope(|scope| {
        let compressors = Compressors::start(scope);
        let read = read_archive(stream, diff_ids, &known, &compressors);
        // Also where reading failed: the threads end with their queue.
        let compressed = compressors.finish();
        let mut read = read?;
        read.new.extend(compressed?);
        read.measured(diff_ids)
    })
}

/// What an archive held.
#[derive(Default)]
struct Archive {
    known: HashMap<String, (u64, u64)>,
    new: Vec<KnownLayer>,
    created_by: Vec<String>,
}

fn read_archive(
    stream: impl Read,
    diff_ids: &[String],
    known: &impl Fn(&str) -> Option<(u64, u64)>,
    compressors: &Compressors<'_>,
) -> io::Result<Archive> {
    let mut read = Archive::default();
    let mut seen = HashSet::new();
    // Where every layer is known nothing will be compressed, so nothing need be kept.
    let keep = match diff_ids.iter().all(|diff_id| known(diff_id).is_some()) {
        true => Keep::Nothing,
        false => Keep::Content,
    };
    read.created_by = archive::layers(stream, |layer| {
        let keep = match layer.compressed {
            Some(_) => Keep::Nothing,
            None => keep,
        };
        let (diff_id, unpacked, tar) = read_layer(layer.tar, keep)?;
        if !seen.insert(diff_id.clone()) {
            return Ok(());
        }
        if let Some(compressed) = layer.compressed {
            read.new.push((diff_id, unpacked, compressed));
        } else if let Some(sizes) = known(&diff_id) {
            read.known.insert(diff_id, sizes);
        } else if let Some(tar) = tar {
            compressors.add(Job {
                diff_id,
                unpacked,
                tar,
            });
        }
        Ok(())
    })?;
    Ok(read)
}

impl Archive {
    /// The sizes of the layers that the image has.
    fn measured(mut self, diff_ids: &[String]) -> io::Result<Measured> {
        for (diff_id, unpacked, compressed) in &self.new {
            self.known.insert(diff_id.clone(), (*unpacked, *compressed));
        }
        let mut sizes = Sizes {
            unpacked_bytes: 0,
            compressed_bytes: 0,
            engine_bytes: 0,
            layers: Vec::with_capacity(diff_ids.len()),
        };
        for (i, diff_id) in diff_ids.iter().enumerate() {
            let (unpacked_bytes, compressed_bytes) = *self.known.get(diff_id).ok_or_else(|| {
                io::Error::new(
                    io::ErrorKind::InvalidData,
                    format!("the engine's archive lacks the layer {diff_id}"),
                )
            })?;
            sizes.unpacked_bytes += unpacked_bytes;
            sizes.compressed_bytes += compressed_bytes;
            sizes.layers.push(LayerSize {
                unpacked_bytes,
                compressed_bytes,
                created_by: match self.created_by.len() == diff_ids.len() {
                    true => self.created_by[i].clone(),
                    false => String::new(),
                },
            });
        }
        Ok(Measured {
            sizes,
            layers: self.new,
        })
    }
}

#[derive(Clone, Copy, PartialEq)]
enum Keep {
    Content,
    Nothing,
}

/// Reads a layer's tar to its end: (diff id, content of its files in bytes, the tar itself
/// where it was to be kept).
fn read_layer(reader: impl Read, keep: Keep) -> io::Result<(String, u64, Option<SpooledTempFile>)> {
    let mut tee = Tee::new(reader, keep == Keep::Content);
    let mut unpacked: u64 = 0;
    archive::entries(&mut tee, |entry| {
        let kind = entry.header().entry_type();
        if kind.is_file() || kind.is_gnu_sparse() || kind.is_contiguous() {
            unpacked = unpacked.saturating_add(entry.size());
        }
        Ok(())
    })?;
    let (diff_id, tar) = tee.finish()?;
    Ok((diff_id, unpacked, tar))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::testing::tar_of;
    use flate2::Compression;
    use flate2::write::GzEncoder;
    use sha2::{Digest, Sha256};
    use std::io::Write;

    fn diff_id(tar: &[u8]) -> String {
        archive::diff_id(&Sha256::digest(tar))
    }

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(9));
        encoder.write_all(bytes).expect("written");
        encoder.finish().expect("a gzip")
    }

    const CONFIG: &[u8] = br#"{"rootfs":{"diff_ids":[]},"history":[
        {"created_by":"base"},{"created_by":"ENV x","empty_layer":true},{"created_by":"COPY app"}]}"#;

    /// Layers in all layouts, in an order that is not theirs, with hard link and directory.
    #[test]
    fn legacy_podman_and_oci_layouts_measure_the_same() {
        let base = tar_of(&[("bin/sh", &[7; 5000])]);
        let mut builder = tar::Builder::new(Vec::new());
        let mut header = tar::Header::new_gnu();
        header.set_size(3);
        builder
            .append_data(&mut header, "app", &b"abc"[..])
            .expect("appended");
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(tar::EntryType::Link);
        link.set_size(0);
        builder
            .append_link(&mut link, "again", "app")
            .expect("appended");
        let app = builder.into_inner().expect("a tar");
        let ids = [diff_id(&base), diff_id(&app)];

        let legacy = tar_of(&[
            ("b/layer.tar", &app),
            ("a/layer.tar", &base),
            ("config.json", CONFIG),
            ("manifest.json", b"[{}]"),
        ]);
        let oci = tar_of(&[
            ("blobs/sha256/1", CONFIG),
            ("blobs/sha256/2", &app),
            ("blobs/sha256/3", &base),
            ("index.json", b"{}"),
        ]);
        let podman = tar_of(&[
            (&format!("{}.tar", &ids[0][7..]), &base),
            (&format!("{}.tar", &ids[1][7..]), &app),
            ("config.json", CONFIG),
            ("b/VERSION", b"1.0"),
        ]);
        let one = measure(legacy.as_slice(), &ids, |_| None).expect("measured");
        let three = measure(podman.as_slice(), &ids, |_| None).expect("measured");
        assert_eq!(one.sizes, three.sizes);
        let two = measure(oci.as_slice(), &ids, |_| None).expect("measured");
        assert_eq!(one.sizes, two.sizes);
        assert_eq!(one.sizes.unpacked_bytes, 5003);
        assert_eq!(one.sizes.layers[1].created_by, "COPY app");
        assert!(one.sizes.compressed_bytes < 1000);
        assert_eq!(one.layers.len(), 2);
    }

    #[test]
    fn a_layer_kept_as_it_was_pulled_counts_as_it_is() {
        let layer = tar_of(&[("app", &[1; 9000])]);
        let blob = gzip(&layer);
        let oci = tar_of(&[("blobs/sha256/1", &blob)]);
        let measured = measure(oci.as_slice(), &[diff_id(&layer)], |_| None).expect("measured");
        assert_eq!(measured.sizes.unpacked_bytes, 9000);
        assert_eq!(measured.sizes.compressed_bytes, blob.len() as u64);
    }

    #[test]
    fn known_layers_are_taken_at_their_word() {
        let layer = tar_of(&[("app", &[1; 9000])]);
        let saved = tar_of(&[("a/layer.tar", &layer)]);
        let measured =
            measure(saved.as_slice(), &[diff_id(&layer)], |_| Some((9000, 42))).expect("measured");
        assert_eq!(measured.sizes.compressed_bytes, 42);
        assert!(measured.layers.is_empty());
    }

    #[test]
    fn an_image_without_layers_has_no_size() {
        let saved = tar_of(&[("config.json", CONFIG)]);
        let measured = measure(saved.as_slice(), &[], |_| None).expect("measured");
        assert_eq!(measured.sizes.unpacked_bytes, 0);
    }

    #[test]
    fn a_missing_layer_is_named() {
        let saved = tar_of(&[("config.json", CONFIG)]);
        let error = measure(saved.as_slice(), &["sha256:gone".into()], |_| None);
        assert!(error.is_err_and(|e| e.to_string().contains("sha256:gone")));
    }

    /// The legacy layout's link to an equal layer, and a tar that looks like JSON.
    #[test]
    fn equal_layers_are_linked_and_odd_names_are_no_json() {
        let layer = tar_of(&[("{odd}", &[1; 900])]);
        let mut saved = tar::Builder::new(Vec::new());
        let mut link = tar::Header::new_gnu();
        link.set_entry_type(tar::EntryType::Symlink);
        link.set_size(0);
        saved
            .append_link(&mut link, "a/layer.tar", "../b/layer.tar")
            .expect("appended");
        let mut header = tar::Header::new_gnu();
        header.set_size(layer.len() as u64);
        saved
            .append_data(&mut header, "b/layer.tar", layer.as_slice())
            .expect("appended");
        let saved = saved.into_inner().expect("a tar");
        let ids = [diff_id(&layer), diff_id(&layer)];
        let measured = measure(saved.as_slice(), &ids, |_| None).expect("measured");
        assert_eq!(measured.sizes.unpacked_bytes, 1800);
        assert_eq!(measured.layers.len(), 1);
    }

    #[test]
    fn members_of_a_gzip_make_one_layer() {
        let layer = tar_of(&[("app", &[1; 9000])]);
        let blob = [gzip(&layer[..4000]), gzip(&layer[4000..])].concat();
        let oci = tar_of(&[("blobs/sha256/1", &blob)]);
        let measured = measure(oci.as_slice(), &[diff_id(&layer)], |_| None).expect("measured");
        assert_eq!(measured.sizes.unpacked_bytes, 9000);
    }

    #[test]
    fn many_layers_find_their_sizes_again() {
        let layers: Vec<_> = (0u8..40)
            .map(|n| tar_of(&[("app", &vec![n; 1000 * usize::from(n)])]))
            .collect();
        let names: Vec<_> = (0..40).map(|n| format!("{n}/layer.tar")).collect();
        let files: Vec<_> = names
            .iter()
            .zip(&layers)
            .map(|(n, l)| (n.as_str(), l.as_slice()))
            .collect();
        let ids: Vec<_> = layers.iter().map(|layer| diff_id(layer)).collect();
        let measured = measure(tar_of(&files).as_slice(), &ids, |_| None).expect("measured");
        for (n, layer) in measured.sizes.layers.iter().enumerate() {
            assert_eq!(layer.unpacked_bytes, 1000 * n as u64);
        }
    }

    #[test]
    fn an_archive_that_breaks_off_is_an_error() {
        let layer = tar_of(&[("app", &[1; 900]), ("b", b"c")]);
        let saved = tar_of(&[("a/layer.tar", &layer), ("config.json", CONFIG)]);
        // Behind the last entry stands only padding.
        let end = saved.len() - 2 * 512 - (512 - CONFIG.len() % 512);
        for cut in 1..end {
            let measured = measure(&saved[..cut], &[diff_id(&layer)], |_| None);
            assert!(measured.is_err() || cut == 512 + layer.len(), "{cut}");
        }
    }

    proptest::proptest! {
        #[test]
        fn damaged_archives_never_panic(cut in 0usize..6000, at in 0usize..6000, byte: u8) {
            let layer = tar_of(&[("app", &[1; 900]), ("b", b"c")]);
            let mut saved = tar_of(&[("blobs/sha256/1", &gzip(&layer)), ("a/layer.tar", &layer)]);
            let at = at % saved.len();
            saved[at] = byte;
            saved.truncate(saved.len().saturating_sub(cut));
            let _ = measure(saved.as_slice(), &[diff_id(&layer)], |_| None);
        }
    }
}
