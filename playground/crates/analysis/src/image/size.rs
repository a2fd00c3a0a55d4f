//! How big an image is, from its own bytes.
//!
//! Owns the three sizes and what is asked of the reader for them. Refuses to know where a
//! measurement is remembered.

use super::error::ReadError;
use super::reader::{WhichLayers, read_compressing};
use super::selector::ImageSelector;
use super::text::shown;
use serde::{Deserialize, Serialize};
use std::collections::HashMap;
use std::io::Read;

/// A layer as (diff id, unpacked bytes, compressed bytes).
pub type KnownLayer = (String, u64, u64);

/// The three sizes of an image, in bytes. See the book's “Three sizes” page.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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
#[derive(Clone, Debug, Default)]
pub struct Measured {
    /// Its sizes; `engine_bytes` is left at 0 for the engine to say.
    pub sizes: Sizes,
    /// Layers that were not known before.
    pub layers: Vec<KnownLayer>,
}

/// Measures the image with the layers `diff_ids`, from the base up as the engine lists them,
/// that `stream` holds.
///
/// `known` answers for layers measured before as (unpacked bytes, compressed bytes); those are
/// not compressed again. Unpacked is the content of all regular files (a hard link counts
/// nothing); compressed is gzip at level 6, as a push would store it, or the blob's own size
/// where the engine kept it as it was pulled.
///
/// # Errors
/// As [`read_archive`](super::read_archive).
pub fn measure(
    stream: impl Read,
    diff_ids: &[String],
    known: impl Fn(&str) -> Option<(u64, u64)>,
) -> Result<Measured, ReadError> {
    let known: HashMap<&str, (u64, u64)> = diff_ids
        .iter()
        .filter_map(|diff_id| Some((diff_id.as_str(), known(diff_id)?)))
        .collect();
    let is_new = |diff_id: &str| !known.contains_key(diff_id);
    // Where every layer is known nothing will be compressed, so nothing need be kept.
    let any_new = diff_ids.iter().any(|diff_id| is_new(diff_id));
    let compress: Option<WhichLayers<'_>> = if any_new { Some(&is_new) } else { None };
    let selector = ImageSelector::of_layers(diff_ids);
    let (image, _) = read_compressing(stream, &selector, compress, |_| Ok(None::<()>))?;
    let mut measured = Measured::default();
    for layer in image.layers {
        let known = known.get(layer.diff_id.as_str()).copied();
        let stored = layer.compressed_bytes;
        let of_layer = stored.map(|bytes| (layer.unpacked_bytes, bytes)).or(known);
        let (unpacked, compressed) = of_layer
            .ok_or_else(|| ReadError::Missing(format!("the size of {}", shown(&layer.diff_id))))?;
        let sizes = &mut measured.sizes;
        sizes.unpacked_bytes += unpacked;
        sizes.compressed_bytes += compressed;
        sizes.layers.push(LayerSize {
            unpacked_bytes: unpacked,
            compressed_bytes: compressed,
            created_by: layer.created_by,
        });
        let layer = (layer.diff_id, unpacked, compressed);
        if known != of_layer && !measured.layers.contains(&layer) {
            measured.layers.push(layer);
        }
    }
    Ok(measured)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::testing::{Make, digest, pack, tar, tar_of};
    use crate::image::tests::{config, gzip, legacy, oci, with_short_history};
    use serde_json::json;

    fn ids(layers: &[Vec<u8>]) -> Vec<String> {
        layers.iter().map(|layer| digest(layer)).collect()
    }

    fn measured(archive: &[u8], layers: &[Vec<u8>]) -> Measured {
        measure(archive, &ids(layers), |_| None).expect("measured")
    }

    /// An OCI layout's archive with one image, and its layers as blobs.
    fn stored(layers: &[Vec<u8>], store: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
        pack(&oci(&[("made:1", "amd64", layers)], store))
    }

    /// Layers in all layouts, in an order that is not theirs, with hard link and directory.
    #[test]
    fn legacy_podman_and_oci_layouts_measure_the_same() {
        let layers = [
            tar_of(&[("bin/sh", &[7; 5000])]),
            tar(&[
                Make::Dir("d"),
                Make::File("app", b"abc"),
                Make::Hard("again", "app"),
            ]),
        ];
        let podman = {
            let config = config("amd64", &layers);
            let tars: Vec<_> = ids(&layers)
                .iter()
                .map(|id| format!("{}.tar", &id[7..]))
                .collect();
            let manifest = json!([{ "Config": "c.json", "RepoTags": ["made:1"], "Layers": tars }]);
            let mut members: Vec<_> = tars.into_iter().zip(layers.clone()).collect();
            members.push(("b/VERSION".into(), b"1.0".to_vec()));
            members.push(("c.json".into(), config));
            members.push(("manifest.json".into(), manifest.to_string().into_bytes()));
            pack(&members)
        };
        let one = measured(&legacy(&[("made:1", &layers)]), &layers);
        let two = measured(&stored(&layers, <[u8]>::to_vec), &layers);
        let three = measured(&podman, &layers);
        assert_eq!(one.sizes, two.sizes);
        assert_eq!(one.sizes, three.sizes);
        assert_eq!(one.sizes.unpacked_bytes, 5003);
        assert_eq!(one.sizes.layers[1].created_by, "COPY 2");
        assert!(one.sizes.compressed_bytes < 1000);
        assert_eq!(one.layers.len(), 2);
    }

    #[test]
    fn a_layer_kept_as_it_was_pulled_counts_as_it_is() {
        let layers = [tar_of(&[("app", &[1; 9000])])];
        let sizes = measured(&stored(&layers, gzip), &layers).sizes;
        assert_eq!(sizes.unpacked_bytes, 9000);
        assert_eq!(sizes.compressed_bytes, gzip(&layers[0]).len() as u64);
        let plain = measured(&legacy(&[("made:1", &layers)]), &layers).sizes;
        assert_eq!(plain, sizes, "measured as a blob would be");
    }

    #[test]
    fn known_layers_are_taken_at_their_word() {
        let layers = [tar_of(&[("app", &[1; 9000])]), tar_of(&[("b", &[2; 5])])];
        let archive = legacy(&[("made:1", &layers)]);
        let all = measure(archive.as_slice(), &ids(&layers), |_| Some((9000, 42)));
        let all = all.expect("measured");
        assert_eq!(all.sizes.compressed_bytes, 84);
        assert!(all.layers.is_empty());
        let first = digest(&layers[0]);
        let one = measure(archive.as_slice(), &ids(&layers), |id| {
            (id == first).then_some((9000, 42))
        });
        let one = one.expect("measured");
        assert_eq!(one.sizes.layers[0].compressed_bytes, 42);
        assert_eq!(one.layers.len(), 1);
        assert_eq!(one.layers[0].0, digest(&layers[1]));
    }

    /// Journals of earlier launches may hold what another engine compressed.
    #[test]
    fn a_blobs_own_size_corrects_what_was_known() {
        let layers = [tar_of(&[("app", &[1; 9000])])];
        let archive = stored(&layers, gzip);
        let measured = measure(archive.as_slice(), &ids(&layers), |_| Some((9000, 1)));
        let blob = gzip(&layers[0]).len() as u64;
        let layer = (digest(&layers[0]), 9000, blob);
        assert_eq!(measured.expect("measured").layers, [layer]);
    }

    #[test]
    fn an_image_without_layers_has_no_size() {
        let sizes = measured(&legacy(&[("made:1", &[])]), &[]).sizes;
        assert_eq!((sizes.unpacked_bytes, sizes.compressed_bytes), (0, 0));
    }

    #[test]
    fn a_history_that_disagrees_with_the_layers_names_no_instruction() {
        let layers = [tar_of(&[("a", &[1; 100])]), tar_of(&[("b", &[2; 200])])];
        let sizes = measured(&with_short_history(&layers), &layers).sizes;
        let each: Vec<_> = sizes
            .layers
            .iter()
            .map(|layer| (layer.unpacked_bytes, layer.created_by.as_str()))
            .collect();
        assert_eq!(each, [(100, ""), (200, "")]);
    }

    #[test]
    fn a_missing_layer_is_named() {
        let layer = tar_of(&[("app", b"abc")]);
        let saved = pack(&[
            (
                "c.json".into(),
                config("amd64", std::slice::from_ref(&layer)),
            ),
            (
                "manifest.json".into(),
                br#"[{"Config":"c.json","Layers":["gone/layer.tar"]}]"#.to_vec(),
            ),
        ]);
        let id = digest(&layer);
        let error = measure(saved.as_slice(), std::slice::from_ref(&id), |_| None);
        assert!(error.is_err_and(|e| e.to_string().contains(&id)));
        let other = measure(saved.as_slice(), &["sha256:gone".into()], |_| None);
        assert!(other.is_err_and(|e| e.to_string().contains("sha256:gone")));
    }

    /// Of platforms and tags with the same layers, any will do.
    #[test]
    fn among_several_images_the_one_with_these_layers_is_measured() {
        let a = [tar_of(&[("a", &[1; 100])])];
        let b = [tar_of(&[("b", &[1; 200])])];
        let images: &[(&str, &str, &[Vec<u8>])] = &[
            ("x:1", "amd64", &a),
            ("x:1", "arm64", &b),
            ("y:1", "riscv64", &b),
        ];
        let archive = pack(&oci(images, <[u8]>::to_vec));
        assert_eq!(measured(&archive, &a).sizes.unpacked_bytes, 100);
        assert_eq!(measured(&archive, &b).sizes.unpacked_bytes, 200);
    }

    /// The legacy layout's link to an equal layer, and a tar that looks like JSON.
    #[test]
    fn equal_layers_are_linked_and_odd_names_are_no_json() {
        let layer = tar_of(&[("{odd}", &[1; 900])]);
        let layers = [layer.clone(), layer.clone()];
        let manifest =
            br#"[{"Config":"c.json","Layers":["a/layer.tar","b/layer.tar"]}]"#.as_slice();
        let saved = tar(&[
            Make::Link("a/layer.tar", "../b/layer.tar"),
            Make::File("b/layer.tar", &layer),
            Make::File("c.json", &config("amd64", &layers)),
            Make::File("manifest.json", manifest),
        ]);
        let measured = measured(&saved, &layers);
        assert_eq!(measured.sizes.unpacked_bytes, 1800);
        assert_eq!(measured.layers.len(), 1);
    }

    #[test]
    fn members_of_a_gzip_make_one_layer() {
        let layers = [tar_of(&[("app", &[1; 9000])])];
        let two = |layer: &[u8]| [gzip(&layer[..4000]), gzip(&layer[4000..])].concat();
        assert_eq!(
            measured(&stored(&layers, two), &layers)
                .sizes
                .unpacked_bytes,
            9000
        );
    }

    #[test]
    fn many_layers_find_their_sizes_again() {
        let layers: Vec<_> = (0u8..40)
            .map(|n| tar_of(&[("app", &vec![n; 1000 * usize::from(n)])]))
            .collect();
        let measured = measured(&legacy(&[("made:1", &layers)]), &layers);
        for (n, layer) in measured.sizes.layers.iter().enumerate() {
            assert_eq!(layer.unpacked_bytes, 1000 * n as u64);
        }
    }

    #[test]
    fn an_archive_that_breaks_off_is_an_error() {
        let layers = [tar_of(&[("app", &[1; 900]), ("b", b"c")])];
        let saved = legacy(&[("made:1", &layers)]);
        // Behind the manifest stand only `repositories`, which nobody needs, and padding.
        let end = saved.len() - 2 * 512 - 2 * 512;
        for cut in 1..end {
            assert!(
                measure(&saved[..cut], &ids(&layers), |_| None).is_err(),
                "{cut}"
            );
        }
        assert!(measure(&saved[..], &ids(&layers), |_| None).is_ok());
    }

    proptest::proptest! {
        #[test]
        fn damaged_archives_never_panic(cut in 0usize..6000, at in 0usize..6000, byte: u8) {
            let layers = [tar_of(&[("app", &[1; 900]), ("b", b"c")])];
            let mut saved = stored(&layers, gzip);
            let at = at % saved.len();
            saved[at] = byte;
            saved.truncate(saved.len().saturating_sub(cut));
            let _ = measure(saved.as_slice(), &ids(&layers), |_| None);
        }
    }
}
