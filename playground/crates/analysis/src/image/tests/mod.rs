//! Images made in memory, in every layout, for the tests beside this file.

mod bounds;
mod findings;
mod hostile;
mod layouts;
mod mutated;
mod provenance;
mod trees;

use super::testing::hex;
pub(super) use super::testing::{Make, digest, files, pack, tar};
use super::{Compressed, Image, ImageSelector, ReadError, Visited, read_archive};
use serde_json::{Value, json};
use std::io::Write;

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::new(6));
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

pub(super) fn zstd(bytes: &[u8]) -> Vec<u8> {
    use ruzstd::encoding::{CompressionLevel, compress_to_vec};
    compress_to_vec(bytes, CompressionLevel::Fastest)
}

/// A config for these layers, plain, from the base up.
pub(super) fn config(architecture: &str, layers: &[Vec<u8>]) -> Vec<u8> {
    let ids: Vec<_> = layers.iter().map(|layer| digest(layer)).collect();
    let mut history: Vec<Value> = (1..=layers.len())
        .map(|n| json!({ "created_by": format!("COPY {n}") }))
        .collect();
    history.insert(0, json!({ "created_by": "ENV A=b", "empty_layer": true }));
    json!({
        "architecture": architecture, "os": "linux",
        "config": { "Cmd": ["/app"], "Env": ["A=b"] },
        "rootfs": { "type": "layers", "diff_ids": ids }, "history": history,
    })
    .to_string()
    .into_bytes()
}

/// As Docker 20.10 saves: layers first, in any order, the manifest last.
pub(super) fn legacy(images: &[(&str, &[Vec<u8>])]) -> Vec<u8> {
    let mut members: Vec<(String, Vec<u8>)> = Vec::new();
    let mut manifest = Vec::new();
    for (tag, layers) in images {
        let config = config("amd64", layers);
        let paths: Vec<_> = layers
            .iter()
            .map(|layer| format!("{}/layer.tar", hex(layer)))
            .collect();
        for (path, layer) in paths.iter().zip(*layers).rev() {
            if !members.iter().any(|(known, _)| known == path) {
                members.push((path.replace("layer.tar", "VERSION"), b"1.0".to_vec()));
                members.push((path.clone(), layer.clone()));
            }
        }
        let name = format!("{}.json", hex(&config));
        manifest.push(json!({ "Config": name, "RepoTags": [tag], "Layers": paths }));
        members.push((name, config));
    }
    members.push((
        "manifest.json".into(),
        json!(manifest).to_string().into_bytes(),
    ));
    members.push(("repositories".into(), b"{}".to_vec()));
    pack(&members)
}

/// How layers are stored.
pub(super) type Pack = fn(&[u8]) -> Vec<u8>;

/// Members of an OCI layout with one image for each (name, architecture, layers).
pub(super) fn oci(images: &[(&str, &str, &[Vec<u8>])], store: Pack) -> Vec<(String, Vec<u8>)> {
    let mut members = Vec::new();
    let mut blob = |bytes: Vec<u8>, kind: &str| {
        let found = json!({ "mediaType": format!("application/vnd.oci.image.{kind}"),
            "digest": digest(&bytes), "size": bytes.len() });
        members.push((format!("blobs/sha256/{}", hex(&bytes)), bytes));
        found
    };
    let mut manifests = Vec::new();
    for (name, architecture, layers) in images {
        let config = blob(config(architecture, layers), "config.v1+json");
        let layers: Vec<_> = layers
            .iter()
            .map(|l| blob(store(l), "layer.v1.tar"))
            .collect();
        let manifest = json!({ "schemaVersion": 2, "config": config, "layers": layers });
        let mut manifest = blob(manifest.to_string().into_bytes(), "manifest.v1+json");
        manifest["annotations"] = json!({ "org.opencontainers.image.ref.name": name });
        manifests.push(manifest);
    }
    let index = json!({ "schemaVersion": 2, "manifests": manifests })
        .to_string()
        .into_bytes();
    members.insert(
        0,
        (
            "oci-layout".into(),
            b"{\"imageLayoutVersion\":\"1.0.0\"}".to_vec(),
        ),
    );
    members.push(("index.json".into(), index));
    members
}

pub(super) fn wanted(name: &str) -> ImageSelector {
    ImageSelector {
        name: (!name.is_empty()).then(|| name.to_owned()),
        ..ImageSelector::default()
    }
}

/// Reads without looking at contents.
pub(super) fn plainly(bytes: &[u8]) -> Result<Image, ReadError> {
    let read = read_archive(
        bytes,
        &ImageSelector::default(),
        Compressed::AsStored,
        |_| Ok(None::<()>),
    );
    read.map(|(image, _)| image)
}

/// Reads the image that these layers make.
pub(super) fn of_layers(layers: &[Vec<u8>]) -> Result<Image, ReadError> {
    plainly(&legacy(&[("made:1", layers)]))
}

/// Reads with notes.
pub(super) fn with_notes(layers: &[Vec<u8>]) -> (Image, Visited<super::notes::Note>) {
    let archive = legacy(&[("made:1", layers)]);
    let mut noting = super::notes::NoteTaker::default();
    let read = read_archive(
        archive.as_slice(),
        &ImageSelector::default(),
        Compressed::AsStored,
        |content| noting.note(content),
    );
    read.expect("read")
}
