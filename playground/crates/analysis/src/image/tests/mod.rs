//! Images made in memory, in every layout, for the tests beside this file.

mod bounds;
mod findings;
mod generated;
mod hostile;
mod layouts;
mod mutated;
mod odd;
mod provenance;
mod trees;

use super::testing::hex;
pub(super) use super::testing::{Make, digest, files, pack, tar};
use super::{Compressed, EntryId, Image, ImageSelector, ReadError, Visited, read_archive};
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

/// An archive whose config tells of one layer fewer than there are.
pub(super) fn with_short_history(layers: &[Vec<u8>]) -> Vec<u8> {
    let mut config: Value = serde_json::from_slice(&config("amd64", layers)).expect("JSON");
    let history = config["history"].as_array_mut().expect("a list");
    history.pop();
    let paths: Vec<_> = layers
        .iter()
        .map(|layer| format!("{}/layer.tar", hex(layer)))
        .collect();
    let manifest = json!([{ "Config": "c.json", "RepoTags": ["made:1"], "Layers": paths }]);
    let mut members: Vec<_> = paths.into_iter().zip(layers.iter().cloned()).collect();
    members.push(("c.json".into(), config.to_string().into_bytes()));
    members.push(("manifest.json".into(), manifest.to_string().into_bytes()));
    pack(&members)
}

/// A layer with one file of `size` bytes that the tar stores as GNU tar does sparse ones: only
/// these pieces, up to four, each at its offset; all else is holes.
pub(super) fn sparse(path: &str, size: u64, pieces: &[(u64, &[u8])]) -> Vec<u8> {
    let mut header = tar::Header::new_gnu();
    header.set_path(path).expect("a short path");
    header.set_mode(0o644);
    header.set_entry_type(tar::EntryType::GNUSparse);
    let data: Vec<u8> = pieces
        .iter()
        .flat_map(|(_, piece)| piece.to_vec())
        .collect();
    header.set_size(data.len() as u64);
    let octal = |field: &mut [u8; 12], number: u64| {
        field.copy_from_slice(format!("{number:011o}\0").as_bytes());
    };
    let gnu = header.as_gnu_mut().expect("a GNU header");
    octal(&mut gnu.realsize, size);
    let end: (u64, &[u8]) = (size, b"");
    for (field, (at, piece)) in gnu.sparse.iter_mut().zip(pieces.iter().chain([&end])) {
        octal(&mut field.offset, *at);
        octal(&mut field.numbytes, piece.len() as u64);
    }
    header.set_cksum();
    let mut builder = tar::Builder::new(Vec::new());
    builder.append(&header, data.as_slice()).expect("in memory");
    builder.into_inner().expect("in memory")
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

impl<T> Visited<T> {
    /// To put facts there that no small file has.
    pub(crate) fn get_mut(&mut self, id: EntryId) -> Option<&mut T> {
        let files = self.by_blob.get_mut(*self.blobs.get(id.layer as usize)?)?;
        let at = files.binary_search_by_key(&id.entry, |(entry, _)| *entry);
        Some(&mut files.get_mut(at.ok()?)?.1)
    }
}
