//! Images of a kit as one archive that engines load; layers that they share are in it once.

use super::index::KitImage;
use super::{Kit, KitError};
use crate::bases::archive::{entry, header, padding};
use serde_json::json;
use std::collections::HashSet;
use std::io::{self, Write};

/// The largest configuration of an image, in bytes.
const MAX_CONFIG: u64 = 4 << 20;

/// Writes the archive of these images, each under the name that `tag` gives it. Nothing is finished
/// where a blob is damaged: the engine gets no manifest then, and takes no image.
///
/// # Errors
/// A blob is damaged, or whoever reads went away.
pub(super) fn write(
    kit: &Kit,
    images: &[(KitImage, String)],
    to: &mut dyn Write,
) -> Result<(), KitError> {
    let mut sent = HashSet::new();
    let mut manifest = Vec::new();
    for (image, tag) in images {
        for layer in &image.layers {
            if sent.insert(layer) {
                let bytes = kit.index().blob(layer)?.bytes;
                to.write_all(&header(&layer_name(layer), bytes)?)?;
                io::copy(&mut kit.blob(layer)?, to)?;
                to.write_all(&padding(bytes))?;
            }
        }
        let config = kit.small_blob(&image.config, MAX_CONFIG)?;
        let name = format!("{}.json", hex(&image.config));
        to.write_all(&entry(&name, config)?)?;
        manifest.push(json!({
            "Config": name,
            "RepoTags": [tag],
            "Layers": image.layers.iter().map(|layer| layer_name(layer)).collect::<Vec<_>>(),
        }));
    }
    let manifest = serde_json::to_vec(&manifest).map_err(io::Error::from)?;
    to.write_all(&entry("manifest.json", manifest)?)?;
    to.write_all(&[0; 1024])?;
    Ok(())
}

fn layer_name(digest: &str) -> String {
    format!("{}/layer.tar", hex(digest))
}

/// The digits of a digest, which the index has made sure of.
fn hex(digest: &str) -> &str {
    digest.trim_start_matches("sha256:")
}
