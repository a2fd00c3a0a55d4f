//! Whether a text lies in any layer of an image, hidden by a later one or not.

use super::content::EntryContent;
use super::error::ReadError;
use super::reader::read_compressing;
use super::selector::ImageSelector;
use memchr::memmem::Finder;
use std::io::{self, Read};

/// Files of a layer named at the most: one tells as much as a hundred.
const MAX_FOUND: usize = 20;

/// A file that holds the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileMatch {
    /// The layer, from 1 for the base.
    pub layer: usize,
    /// Path in the image, without a leading slash.
    pub path: String,
    /// The instruction that made the layer, where the image's history tells.
    pub created_by: String,
}

/// Searches every file of every layer of the image with the layers `diff_ids`, from the base up
/// as the engine lists them.
///
/// Only plain bytes are compared: what is packed into an archive inside a layer stays hidden.
///
/// # Errors
/// As [`read_archive`](super::read_archive).
pub fn search(
    stream: impl Read,
    diff_ids: &[String],
    needle: &[u8],
) -> Result<Vec<FileMatch>, ReadError> {
    let selector = ImageSelector::of_layers(diff_ids);
    let finder = Finder::new(needle);
    let visit = |file: &mut EntryContent<'_>| holds(file, &finder).map(|found| found.then_some(()));
    let (image, found) = read_compressing(stream, &selector, None, visit)?;
    let mut matches = Vec::new();
    for (layer, number) in image.layers.iter().zip(0..) {
        let files = found.of_layer(number).unwrap_or_default();
        let entries = files
            .iter()
            .filter_map(|(at, ())| layer.entries.get(*at as usize));
        matches.extend(entries.take(MAX_FOUND).map(|entry| FileMatch {
            layer: number as usize + 1,
            path: entry.path.to_string(),
            created_by: layer.created_by.clone(),
        }));
    }
    Ok(matches)
}

/// Whether a file holds what is looked for, also across the border of two pieces.
fn holds(file: &mut EntryContent<'_>, finder: &Finder<'_>) -> io::Result<bool> {
    let overlap = finder.needle().len().saturating_sub(1);
    let mut window = Vec::new();
    let mut found = false;
    file.pieces(|piece| {
        if found {
            return;
        }
        window.extend_from_slice(piece);
        found = finder.find(&window).is_some();
        window.drain(..window.len().saturating_sub(overlap));
    })?;
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::testing::{digest, tar_of};
    use crate::image::tests::{legacy, sparse, with_short_history};

    #[test]
    fn a_secret_is_found_below_the_layer_that_deletes_it() {
        let mut padded = vec![b'x'; (64 << 10) - 3];
        padded.extend_from_slice(b"KEY=not-a-secret");
        let base = tar_of(&[("bin/sh", b"#!"), ("src/.env", &padded)]);
        let hiding = tar_of(&[("src/.wh..env", b"")]);
        let layers = [base, hiding];
        let ids = layers.each_ref().map(|layer| digest(layer));
        let image = legacy(&[("made:1", &layers)]);
        let found = search(image.as_slice(), &ids, b"not-a-secret").expect("searched");
        assert_eq!(
            found,
            [FileMatch {
                layer: 1,
                path: "src/.env".into(),
                created_by: "COPY 1".into()
            }]
        );
        assert_eq!(
            search(image.as_slice(), &ids, b"another one").expect("searched"),
            []
        );
    }

    #[test]
    fn of_each_layer_no_more_files_are_named_than_tell_something() {
        let names: Vec<_> = (0..MAX_FOUND + 5).map(|n| format!("{n}")).collect();
        let files: Vec<_> = names
            .iter()
            .map(|name| (name.as_str(), &b"secret"[..]))
            .collect();
        let layers = [tar_of(&files), tar_of(&[("last", b"secret")])];
        let ids = layers.each_ref().map(|layer| digest(layer));
        let image = legacy(&[("made:1", &layers)]);
        let found = search(image.as_slice(), &ids, b"secret").expect("searched");
        assert_eq!(found.len(), MAX_FOUND + 1);
        assert_eq!(
            (found[MAX_FOUND].layer, &*found[MAX_FOUND].path),
            (2, "last")
        );
    }

    #[test]
    fn a_sparse_file_is_searched_as_it_unpacks() {
        let layers = [sparse("disk.img", 8192, &[(1024, b"a secret")])];
        let ids = layers.each_ref().map(|layer| digest(layer));
        let image = legacy(&[("made:1", &layers)]);
        for needle in [&b"a secret"[..], b"\0\0a sec"] {
            let found = search(image.as_slice(), &ids, needle).expect("searched");
            let paths: Vec<_> = found.iter().map(|found| found.path.as_str()).collect();
            assert_eq!(paths, ["disk.img"]);
        }
    }

    #[test]
    fn an_image_without_layers_holds_nothing() {
        let image = legacy(&[("made:1", &[])]);
        assert_eq!(search(image.as_slice(), &[], b"x").expect("searched"), []);
    }

    /// A missing line does not say whose it is: none is better than another layer's.
    #[test]
    fn a_history_that_disagrees_with_the_layers_hides_no_match() {
        let layers = [tar_of(&[("a", b"secret")]), tar_of(&[("b", b"secret")])];
        let ids = layers.each_ref().map(|layer| digest(layer));
        let image = with_short_history(&layers);
        let found = search(image.as_slice(), &ids, b"secret").expect("searched");
        let found: Vec<_> = found
            .iter()
            .map(|found| (found.layer, found.path.as_str(), found.created_by.as_str()))
            .collect();
        assert_eq!(found, [(1, "a", ""), (2, "b", "")]);
    }
}
