//! What reading an image promises.

use super::message;
use crate::memory;
use analysis::image::tree::{NodeId, Tree};
use analysis::image::{Compressed, EntryId, Image, ImageSelector, ReadError, changes, notable};
use analysis::inspect::{Inspection, inspect};

/// Reads an archive within `most` bytes of memory and holds the answer to all that is promised.
pub fn archive(bytes: &[u8], most: usize) -> Option<Inspection> {
    let read = memory::within(most, || asked(bytes));
    let again = asked(bytes);
    match (read, again) {
        (Ok((inspection, words)), Ok((_, others))) => {
            assert_eq!(words, others, "the same bytes, another answer");
            Some(inspection)
        }
        (Err(error), Err(other)) => {
            message(&error);
            assert_eq!(error.to_string(), other.to_string());
            None
        }
        (one, other) => panic!("first {:?}, then {:?}", one.err(), other.err()),
    }
}

fn asked(bytes: &[u8]) -> Result<(Inspection, String), ReadError> {
    let inspection = inspect(bytes, &ImageSelector::default(), Compressed::AsStored)?;
    let words = self::inspection(&inspection)?;
    Ok((inspection, words))
}

/// Asks an image everything; the answers, in words that can be compared.
pub fn inspection(inspection: &Inspection) -> Result<String, ReadError> {
    let Inspection { image, seen } = inspection;
    let tree = inspection.tree()?;
    sums(&tree);
    ways(&tree);
    let changes = changes(image, &tree);
    let found = format!(
        "{:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?} {:?}",
        notable::shells(&tree),
        notable::package_managers(&tree),
        notable::setuid_files(&tree),
        notable::executables(&tree),
        notable::users(&tree, seen),
        notable::packages(&tree, seen),
        notable::ca_bundles(&tree, seen),
        notable::zoneinfo(&tree),
        notable::tmp(&tree),
        notable::git_directories(image, &tree),
        notable::secrets(image, &tree, seen),
    );
    let mut programs = String::new();
    for id in tree.walk() {
        if let Some(program) = inspection.program(&tree, id) {
            assert!(serde_json::to_string(program).is_ok());
            programs += &format!("{id:?} {program:?}\n");
        }
    }
    Ok(format!("{image:?}\n{changes:?}\n{found}\n{programs}"))
}

/// What lies in a directory makes up the directory, and nothing lies in a file.
fn sums(tree: &Tree<'_>) {
    for id in std::iter::once(NodeId::ROOT).chain(tree.walk()) {
        let node = tree.node(id);
        let below = tree.children(id).fold(0, |sum: u64, child| {
            sum.saturating_add(tree.node(child).bytes)
        });
        if node.is_directory() {
            assert_eq!(node.bytes, below, "{:?}", node.name);
        } else {
            assert_eq!(tree.children(id).count(), 0, "{:?}", node.name);
        }
    }
}

/// A place's own path leads to it.
fn ways(tree: &Tree<'_>) {
    for id in tree.walk() {
        let path = tree.path(id);
        assert!(path.len() <= analysis::image::limits::MAX_NAME, "{path:?}");
        assert_eq!(tree.lookup_link(&path), Ok(id), "{path:?}");
        let _ = tree.lookup(&path);
    }
}

/// What layers brought is in the tree or was lost, to the byte.
fn changes(image: &Image, tree: &Tree<'_>) -> changes::Changes {
    let changes = changes::changes(image, tree);
    let bytes = |id: EntryId| image.entry(id).map_or(0, |entry| entry.size);
    assert_eq!(changes.layers.len(), image.layers.len());
    for layer in &changes.layers {
        for id in layer.added.iter().chain(&layer.changed) {
            assert!(image.entry(*id).is_some(), "{id:?}");
        }
    }
    for wasted in &changes.wasted {
        assert_eq!(wasted.bytes, bytes(wasted.id), "{wasted:?}");
        assert!(
            wasted.by >= wasted.id.layer && !tree.shows(wasted.id),
            "{wasted:?}"
        );
    }
    assert!((0.0..=1.0).contains(&changes.efficiency()), "{changes:?}");
    let unpacked = image.layers.iter().fold(0, |sum: u64, layer| {
        sum.saturating_add(layer.unpacked_bytes)
    });
    assert_eq!(unpacked, changes.total_bytes);
    if unpacked < u64::MAX {
        assert_eq!(
            unpacked - changes.wasted_bytes,
            tree.node(NodeId::ROOT).bytes,
            "{changes:?}"
        );
        let by_layer: u64 = changes.layers.iter().map(|layer| layer.wasted_bytes).sum();
        assert_eq!(changes.wasted_bytes, by_layer);
    }
    changes
}
