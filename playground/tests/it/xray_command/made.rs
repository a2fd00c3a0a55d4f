//! Archives made in memory of what the engine saved.

use flate2::Compression;
use flate2::write::GzEncoder;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use std::io::{Read, Write};

pub(super) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o755);
        builder
            .append_data(&mut header, name, *bytes)
            .expect("in memory");
    }
    builder.into_inner().expect("in memory")
}

pub(super) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
    encoder.write_all(bytes).expect("in memory");
    encoder.finish().expect("in memory")
}

fn members(archive: &[u8]) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(archive);
    let mut members = BTreeMap::new();
    for entry in archive.entries().expect("a tar") {
        let mut entry = entry.expect("an entry");
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).expect("read");
        members.insert(path, bytes);
    }
    members
}

/// The files of an OCI layout with gzip layers, of what the engine saved.
pub(super) fn oci(saved: &[u8]) -> Vec<(String, Vec<u8>)> {
    let members = members(saved);
    let manifest: Value = serde_json::from_slice(&members["manifest.json"]).expect("JSON");
    let mut files = Vec::new();
    let mut blob = |bytes: Vec<u8>, kind: &str| {
        let digest: String = Sha256::digest(&bytes)
            .iter()
            .map(|b| format!("{b:02x}"))
            .collect();
        let found = json!({ "mediaType": format!("application/vnd.oci.image.{kind}"),
            "digest": format!("sha256:{digest}"), "size": bytes.len() });
        files.push((format!("blobs/sha256/{digest}"), bytes));
        found
    };
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let config = blob(
        members[&text(&manifest[0]["Config"])].clone(),
        "config.v1+json",
    );
    let layers = manifest[0]["Layers"].as_array().expect("layers").iter();
    let layers: Vec<_> = layers
        .map(|layer| blob(gzip(&members[&text(layer)]), "layer.v1.tar+gzip"))
        .collect();
    let image = json!({ "schemaVersion": 2, "config": config, "layers": layers });
    let image = blob(image.to_string().into_bytes(), "manifest.v1+json");
    let index = json!({ "schemaVersion": 2, "manifests": [image] });
    files.push(("index.json".into(), index.to_string().into_bytes()));
    files.push((
        "oci-layout".into(),
        br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec(),
    ));
    files
}
