//! A docker-archive of several images over shared layers, as a list of parts to send.
//!
//! Pure: plans headers and small files; the layers' own bytes are named, not read.

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::HashSet;
use std::path::PathBuf;

/// One image to put together.
#[derive(Clone, Debug)]
pub(super) struct Image {
    /// The name it is loaded under.
    pub(super) tag: String,
    pub(super) architecture: String,
    /// RFC 3339.
    pub(super) created: String,
    /// The `config` object of the image's configuration.
    pub(super) config: Value,
    /// History from the bottom up, with a layer where the line makes one.
    pub(super) history: Vec<(String, Option<Layer>)>,
}

/// A layer's tar on disk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Layer {
    /// `sha256:…` of the tar.
    pub(super) diff_id: String,
    pub(super) tar: PathBuf,
    pub(super) bytes: u64,
}

/// A stretch of the archive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// These bytes.
    Bytes(Vec<u8>),
    /// The content of this file, exactly so many bytes.
    File(PathBuf, u64),
}

/// The archive's length and parts, in order.
pub(super) fn plan<'a>(
    images: impl Iterator<Item = &'a Image>,
) -> std::io::Result<(u64, Vec<Part>)> {
    let mut parts = Vec::new();
    let mut sent = HashSet::new();
    let mut manifest = Vec::new();
    for image in images {
        let layers = image.history.iter().filter_map(|line| line.1.as_ref());
        let layers: Vec<&Layer> = layers.collect();
        for layer in &layers {
            // Layers that images share are sent and stored once.
            if sent.insert(&layer.diff_id) {
                parts.push(Part::Bytes(header(&name_of(layer), layer.bytes)?));
                parts.push(Part::File(layer.tar.clone(), layer.bytes));
                parts.push(Part::Bytes(padding(layer.bytes)));
            }
        }
        let config = serde_json::to_vec(&configuration(image, &layers))?;
        let config_name = format!("{:x}.json", Sha256::digest(&config));
        parts.push(Part::Bytes(entry(&config_name, config)?));
        manifest.push(json!({
            "Config": config_name,
            "RepoTags": [image.tag],
            "Layers": layers.iter().map(|layer| name_of(layer)).collect::<Vec<_>>(),
        }));
    }
    let manifest = serde_json::to_vec(&manifest)?;
    parts.push(Part::Bytes(entry("manifest.json", manifest)?));
    parts.push(Part::Bytes(vec![0; 1024]));
    let length = parts.iter().map(|part| match part {
        Part::Bytes(bytes) => bytes.len() as u64,
        Part::File(_, bytes) => *bytes,
    });
    Ok((length.sum(), parts))
}

fn configuration(image: &Image, layers: &[&Layer]) -> Value {
    let history = image.history.iter().map(|(created_by, layer)| {
        let mut line = json!({ "created": image.created, "created_by": created_by });
        if layer.is_none() {
            line["empty_layer"] = json!(true);
        }
        line
    });
    json!({
        "architecture": image.architecture,
        "os": "linux",
        "created": image.created,
        "config": image.config,
        "history": history.collect::<Vec<_>>(),
        "rootfs": {
            "type": "layers",
            "diff_ids": layers.iter().map(|layer| layer.diff_id.as_str()).collect::<Vec<_>>(),
        },
    })
}

fn name_of(layer: &Layer) -> String {
    format!("{}/layer.tar", layer.diff_id.trim_start_matches("sha256:"))
}

pub(crate) fn entry(name: &str, content: Vec<u8>) -> std::io::Result<Vec<u8>> {
    let mut bytes = header(name, content.len() as u64)?;
    let padding = padding(content.len() as u64);
    bytes.extend(content);
    bytes.extend(padding);
    Ok(bytes)
}

pub(crate) fn header(name: &str, size: u64) -> std::io::Result<Vec<u8>> {
    let mut header = tar::Header::new_gnu();
    header.set_path(name)?;
    header.set_size(size);
    header.set_mode(0o644);
    header.set_cksum();
    Ok(header.as_bytes().to_vec())
}

pub(crate) fn padding(size: u64) -> Vec<u8> {
    vec![0; (size.next_multiple_of(512) - size) as usize]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn layer(dir: &std::path::Path, name: &str, content: &[u8]) -> Layer {
        let tar = dir.join(name);
        std::fs::write(&tar, content).unwrap_or_else(|e| panic!("{e}"));
        let diff_id = format!("sha256:{:x}", Sha256::digest(content));
        Layer {
            diff_id,
            tar,
            bytes: content.len() as u64,
        }
    }

    fn image(tag: &str, layers: &[&Layer]) -> Image {
        let mut history: Vec<_> = layers
            .iter()
            .map(|layer| ("ADD".to_string(), Some((*layer).clone())))
            .collect();
        history.push(("CMD".to_string(), None));
        Image {
            tag: tag.to_string(),
            architecture: "arm64".to_string(),
            created: "2025-01-01T00:00:00Z".to_string(),
            config: json!({ "User": "65532" }),
            history,
        }
    }

    #[test]
    fn shared_layers_are_sent_once_and_all_is_a_sound_tar() -> anyhow::Result<()> {
        let dir = tempfile::tempdir()?;
        let below = layer(dir.path(), "below", &[7; 700]);
        let above = layer(dir.path(), "above", &[8; 512]);
        let (length, parts) =
            plan([image("a:1", &[&below]), image("b:1", &[&below, &above])].iter())?;
        let mut archive = Vec::new();
        for part in parts {
            match part {
                Part::Bytes(bytes) => archive.extend(bytes),
                Part::File(path, _) => archive.extend(std::fs::read(path)?),
            }
        }
        assert_eq!(length, archive.len() as u64);
        let mut files = std::collections::HashMap::new();
        let mut names = Vec::new();
        for file in tar::Archive::new(archive.as_slice()).entries()? {
            let mut file = file?;
            let name = file.path()?.to_string_lossy().into_owned();
            let mut content = Vec::new();
            file.read_to_end(&mut content)?;
            names.push(name.clone());
            files.insert(name, content);
        }
        assert_eq!(
            names.len(),
            5,
            "two layers, two configurations, one manifest: {names:?}"
        );
        let manifest: Value = serde_json::from_slice(&files["manifest.json"])?;
        assert_eq!(manifest[1]["RepoTags"], json!(["b:1"]));
        assert_eq!(
            files[manifest[1]["Layers"][1].as_str().unwrap_or("")],
            vec![8; 512]
        );
        let config: Value =
            serde_json::from_slice(&files[manifest[1]["Config"].as_str().unwrap_or("")])?;
        assert_eq!(
            config["rootfs"]["diff_ids"],
            json!([below.diff_id, above.diff_id])
        );
        assert_eq!(config["history"][2]["empty_layer"], json!(true));
        assert_eq!(config["architecture"], "arm64");
        assert_eq!(config["config"]["User"], "65532");
        Ok(())
    }
}
