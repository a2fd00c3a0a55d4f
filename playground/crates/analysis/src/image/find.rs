//! Whether a text lies in any layer of an image, hidden by a later one or not.

use super::archive;
use super::tee::Tee;
use std::collections::HashMap;
use std::io::{self, Read};

/// Files of a layer named at the most: one tells as much as a hundred.
const MAX_FOUND: usize = 20;

/// A file that holds the text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    /// The layer, from 1 for the base.
    pub layer: usize,
    /// Path in the image, without a leading slash.
    pub path: String,
    /// The instruction that made the layer, where the image's history tells.
    pub created_by: String,
}

/// Searches every file of every layer; `diff_ids` are the layers from the base up.
///
/// Only plain bytes are compared: what is packed into an archive inside a layer stays hidden.
pub fn search(stream: impl Read, diff_ids: &[String], needle: &[u8]) -> io::Result<Vec<Found>> {
    let mut by_layer: HashMap<String, Vec<String>> = HashMap::new();
    let created_by = archive::layers(stream, |layer| {
        let mut tee = Tee::new(layer.tar, false);
        let mut paths = Vec::new();
        archive::entries(&mut tee, |entry| {
            let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
            if holds(entry, needle)? && paths.len() < MAX_FOUND {
                paths.push(path);
            }
            Ok(())
        })?;
        by_layer.insert(tee.finish()?.0, paths);
        Ok(())
    })?;
    let mut found = Vec::new();
    for (i, id) in diff_ids.iter().enumerate() {
        let paths = by_layer.get(id).ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("the engine's archive lacks the layer {id}"),
            )
        })?;
        found.extend(paths.iter().map(|path| Found {
            layer: i + 1,
            path: path.clone(),
            created_by: created_by.get(i).cloned().unwrap_or_default(),
        }));
    }
    Ok(found)
}

/// Whether the bytes hold `needle`, read piece by piece.
fn holds(reader: &mut impl Read, needle: &[u8]) -> io::Result<bool> {
    let mut window = Vec::with_capacity((64 << 10) + needle.len());
    let mut piece = vec![0; 64 << 10];
    loop {
        let n = reader.read(&mut piece)?;
        if n == 0 {
            return Ok(false);
        }
        window.extend_from_slice(&piece[..n]);
        if window.windows(needle.len()).any(|part| part == needle) {
            return Ok(true);
        }
        // The needle may lie across the border to the next piece.
        let keep = window.len().min(needle.len().saturating_sub(1));
        window.drain(..window.len() - keep);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::archive::diff_id;
    use crate::image::testing::tar_of;
    use sha2::{Digest, Sha256};

    #[test]
    fn a_secret_is_found_below_the_layer_that_deletes_it() {
        let mut padded = vec![b'x'; (64 << 10) - 3];
        padded.extend_from_slice(b"KEY=not-a-secret");
        let base = tar_of(&[("bin/sh", b"#!"), ("src/.env", &padded)]);
        let hiding = tar_of(&[("src/.wh..env", b"")]);
        let ids = [&base, &hiding].map(|tar| diff_id(&Sha256::digest(tar)));
        let config =
            br#"{"rootfs":{},"history":[{"created_by":"COPY . ."},{"created_by":"RUN rm"}]}"#;
        let image = tar_of(&[
            ("b/layer.tar", &hiding),
            ("a/layer.tar", &base),
            ("config.json", config),
        ]);
        let found = search(image.as_slice(), &ids, b"not-a-secret").expect("searched");
        assert_eq!(
            found,
            [Found {
                layer: 1,
                path: "src/.env".into(),
                created_by: "COPY . .".into()
            }]
        );
        assert_eq!(
            search(image.as_slice(), &ids, b"another one").expect("searched"),
            []
        );
    }
}
