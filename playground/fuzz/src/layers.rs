//! Tars and archives for targets: from noise that looks like a tar, and from a short notation.

use analysis::image::limits::MAX_LAYERS;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;

/// A layer or archive in the notation of [`tar_of`].
pub const BASE: &str = "\
d bin/\nf bin/sh=#!\nl usr/bin>../bin\nf etc/passwd=root:x:0:0::/:/bin/sh\nh etc/same>etc/passwd
f a/b/c=ccc\nf a/b/d=dddd\nl a/l>b\nd tmp/\nf x=x\n";

/// Bytes of a header, and what contents are filled up to.
const BLOCK: usize = 512;

/// Makes every checksum fit that a reader would look at: without it, nearly all damage would
/// end there.
pub fn with_checksums(tar: &mut [u8]) {
    let mut at: usize = 0;
    while let Some(block) = tar.get_mut(at..at.saturating_add(BLOCK)) {
        at += BLOCK;
        if block.iter().all(|byte| *byte == 0) {
            continue;
        }
        let mut header = tar::Header::new_old();
        header.as_mut_bytes().copy_from_slice(block);
        header.set_cksum();
        block.copy_from_slice(header.as_bytes());
        let content = header.entry_size().unwrap_or_default();
        let blocks = usize::try_from(content.div_ceil(BLOCK as u64)).unwrap_or(usize::MAX);
        at = at.saturating_add(blocks.saturating_mul(BLOCK));
    }
}

/// One entry for each line: a letter for its kind, its path, and behind `=` or `>` its content
/// or what it points to. Lines that mean nothing are left out.
///
/// f file, x executable, s set-user-id, d directory, l link, h hard link, p pipe.
pub fn tar_of(notation: &str) -> Vec<u8> {
    use tar::EntryType as Type;
    let mut builder = tar::Builder::new(Vec::new());
    for line in notation.lines() {
        let Some((letter, rest)) = line.split_once(' ') else {
            continue;
        };
        let (path, more) = rest.split_once(['=', '>']).unwrap_or((rest, ""));
        let (kind, mode) = match letter {
            "f" => (Type::Regular, 0o644),
            "x" => (Type::Regular, 0o755),
            "s" => (Type::Regular, 0o4755),
            "d" => (Type::Directory, 0o755),
            "l" => (Type::Symlink, 0o777),
            "h" => (Type::Link, 0o644),
            "p" => (Type::Fifo, 0o644),
            _ => continue,
        };
        let (content, target) = match kind {
            Type::Regular => (more.as_bytes(), ""),
            _ => (&b""[..], more),
        };
        append(&mut builder, kind, mode, path, target, content);
    }
    builder.into_inner().unwrap_or_default()
}

/// A tar of these files.
pub fn tar_of_files<'a>(files: impl IntoIterator<Item = (&'a str, u32, &'a [u8])>) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (path, mode, bytes) in files {
        append(&mut builder, tar::EntryType::Regular, mode, path, "", bytes);
    }
    builder.into_inner().unwrap_or_default()
}

/// Past the crate's own ways, which refuse what hostile archives have.
fn append(
    builder: &mut tar::Builder<Vec<u8>>,
    kind: tar::EntryType,
    mode: u32,
    path: &str,
    target: &str,
    content: &[u8],
) {
    for (kind, long) in [(b'L', path), (b'K', target)] {
        if long.len() > 100 {
            let mut extra = tar::Header::new_gnu();
            extra.set_entry_type(tar::EntryType::new(kind));
            extra.set_size(long.len() as u64 + 1);
            extra.set_cksum();
            let long = [long.as_bytes(), b"\0"].concat();
            // Into memory: that cannot fail.
            let _ = builder.append(&extra, long.as_slice());
        }
    }
    let mut header = tar::Header::new_gnu();
    if let Some(gnu) = header.as_gnu_mut() {
        for (field, text) in [(&mut gnu.name, path), (&mut gnu.linkname, target)] {
            let n = text.len().min(100);
            field[..n].copy_from_slice(&text.as_bytes()[..n]);
        }
    }
    header.set_entry_type(kind);
    header.set_mode(mode);
    header.set_uid(0);
    header.set_gid(0);
    header.set_size(content.len() as u64);
    header.set_cksum();
    let _ = builder.append(&header, content);
}

/// An archive of one image, as Docker 20.10 saves it.
pub fn archive_of(layers: &[Vec<u8>]) -> Vec<u8> {
    archive_with(&json!({ "Cmd": ["/app"], "Env": ["PATH=/bin"] }), layers)
}

/// An image in the notation of [`tar_of`], its layers parted by a line with a dash. Lines that
/// begin with a capital are its config: E entrypoint, C command, H health check, S shell, each
/// with its words parted by `|`; U user, W directory, V variable, P port.
pub fn image_of(notation: &str) -> Vec<u8> {
    let mut words = [Vec::new(), Vec::new(), Vec::new(), Vec::new(), Vec::new()];
    let (mut user, mut directory, mut ports) = ("", "", BTreeMap::new());
    for line in notation.lines() {
        let Some((letter, rest)) = line.split_once(' ') else {
            continue;
        };
        match letter {
            "E" => words[0] = rest.split('|').collect(),
            "C" => words[1] = rest.split('|').collect(),
            "H" => words[2] = rest.split('|').collect(),
            "S" => words[3] = rest.split('|').collect(),
            "V" => words[4].push(rest),
            "U" => user = rest,
            "W" => directory = rest,
            "P" => drop(ports.insert(rest, json!({}))),
            _ => {}
        }
    }
    let [entrypoint, command, health, shell, env] = words;
    let config = json!({ "Entrypoint": entrypoint, "Cmd": command, "Shell": shell, "Env": env,
        "User": user, "WorkingDir": directory, "ExposedPorts": ports,
        "Healthcheck": { "Test": health } });
    let layers: Vec<_> = notation.split("\n-\n").take(16).map(tar_of).collect();
    archive_with(&config, &layers)
}

fn archive_with(config: &Value, layers: &[Vec<u8>]) -> Vec<u8> {
    let layers = &layers[..layers.len().min(MAX_LAYERS)];
    let hex: Vec<String> = layers.iter().map(|layer| hex(layer)).collect();
    let ids: Vec<_> = hex.iter().map(|hex| format!("sha256:{hex}")).collect();
    let paths: Vec<_> = hex.iter().map(|hex| format!("{hex}/layer.tar")).collect();
    let config = json!({ "architecture": "amd64", "os": "linux", "config": config,
        "rootfs": { "type": "layers", "diff_ids": ids } });
    let manifest = json!([{ "Config": "c.json", "RepoTags": ["a:1"], "Layers": paths }]);
    let (config, manifest) = (config.to_string(), manifest.to_string());
    let members = paths.iter().zip(layers);
    let members = members.map(|(path, layer)| (path.as_str(), 0o644, &layer[..]));
    let documents = [
        ("c.json", 0o644, config.as_bytes()),
        ("manifest.json", 0o644, manifest.as_bytes()),
    ];
    tar_of_files(members.chain(documents))
}

/// The same image as an OCI layout, with its layers stored by `store`.
pub fn layout_of(layers: &[Vec<u8>], store: fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let mut files: Vec<(String, Vec<u8>)> = Vec::new();
    let mut blob = |bytes: Vec<u8>, kind: &str| {
        let told = json!({ "mediaType": format!("application/vnd.oci.image.{kind}"),
            "digest": format!("sha256:{}", hex(&bytes)), "size": bytes.len() });
        files.push((format!("blobs/sha256/{}", hex(&bytes)), bytes));
        told
    };
    let ids: Vec<_> = layers
        .iter()
        .map(|layer| format!("sha256:{}", hex(layer)))
        .collect();
    let config = json!({ "architecture": "amd64", "os": "linux", "rootfs": { "diff_ids": ids } });
    let config = blob(config.to_string().into_bytes(), "config.v1+json");
    let layers: Vec<_> = layers
        .iter()
        .map(|layer| blob(store(layer), "layer.v1.tar"))
        .collect();
    let manifest = json!({ "schemaVersion": 2, "config": config, "layers": layers });
    let manifest = blob(manifest.to_string().into_bytes(), "manifest.v1+json");
    let index = json!({ "schemaVersion": 2, "manifests": [manifest] });
    files.push(("index.json".to_owned(), index.to_string().into_bytes()));
    tar_of_files(
        files
            .iter()
            .map(|(name, bytes)| (name.as_str(), 0o644, &bytes[..])),
    )
}

fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}
