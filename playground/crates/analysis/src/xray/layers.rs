//! What each layer did, and what later ones made useless.

use super::instruction::instruction;
use super::report::{Layer, LayerFile, Sum, Wasted, What};
use crate::image::changes::Changes;
use crate::image::{EntryId, Image, Kind};

/// Files that are named of each layer.
const LARGEST: usize = 20;

/// From the base up.
pub(super) fn layers(image: &Image, changes: &Changes) -> Vec<Layer> {
    let layers = (1u32..).zip(&image.layers).zip(&changes.layers);
    let layers = layers.map(|((index, layer), did)| {
        let files = layer
            .entries
            .iter()
            .filter(|entry| !matches!(entry.kind, Kind::Directory | Kind::Whiteout | Kind::Opaque));
        let mut removed = Sum::default();
        for gone in did.removed.values() {
            let (files, bytes) = (gone.files, gone.bytes);
            removed.merge(Sum { files, bytes });
        }
        Layer {
            index,
            diff_id: layer.diff_id.clone(),
            created_by: layer.created_by.clone(),
            instruction: instruction(&layer.created_by),
            unpacked_bytes: layer.unpacked_bytes,
            compressed_bytes: layer.compressed_bytes,
            files: files.count() as u64,
            added: sum(image, &did.added),
            changed: sum(image, &did.changed),
            removed,
            wasted_bytes: did.wasted_bytes,
            largest: largest(image, &did.added, &did.changed),
        }
    });
    layers.collect()
}

fn sum(image: &Image, ids: &[EntryId]) -> Sum {
    let mut sum = Sum::default();
    let entries = ids.iter().filter_map(|id| image.entry(*id));
    for entry in entries.filter(|entry| entry.kind != Kind::Directory) {
        sum.add(entry.size);
    }
    sum
}

fn largest(image: &Image, added: &[EntryId], changed: &[EntryId]) -> Vec<LayerFile> {
    let of = |ids: &[EntryId], what: What| {
        let found = ids.iter().filter_map(|id| image.entry(*id));
        let sized = found.filter(|entry| entry.size > 0);
        sized.map(|entry| (entry, what)).collect::<Vec<_>>()
    };
    let mut all = of(added, What::Added);
    all.extend(of(changed, What::Changed));
    all.sort_by(|(a, _), (b, _)| b.size.cmp(&a.size).then_with(|| a.path.cmp(&b.path)));
    let files = all
        .into_iter()
        .take(LARGEST)
        .map(|(entry, what)| LayerFile {
            path: format!("/{}", entry.path),
            bytes: entry.size,
            what,
        });
    files.collect()
}

/// The largest first.
pub(super) fn wasted(image: &Image, changes: &Changes) -> Vec<Wasted> {
    let named = changes.wasted.iter().filter_map(|wasted| {
        let entry = image.entry(wasted.id)?;
        Some(Wasted {
            path: format!("/{}", entry.path),
            bytes: wasted.bytes,
            layer: wasted.id.layer + 1,
            by: wasted.by + 1,
        })
    });
    named.collect()
}
