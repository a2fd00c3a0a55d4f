//! An image as engines save it, taken apart: its configuration, and its layers unpacked.
//!
//! Reads what `docker save` has written in ten years: layers in folders of their own or as blobs,
//! links between them, gzip or not. Nothing is believed: names are looked up, never opened, and
//! what is no layer of this image is forgotten.

use super::index::{KitImage, Role};
use super::writer::Writer;
use flate2::read::MultiGzDecoder;
use serde::Deserialize;
use serde_json::Value;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Component, Path, PathBuf};

/// Documents are smaller, in bytes; what is larger is a layer.
const SMALL: u64 = 1 << 20;

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Manifest {
    config: String,
    layers: Vec<String>,
}

/// What lies under a name of the archive.
enum Found {
    Small(Vec<u8>),
    /// Was taken into the kit.
    Taken(String),
    Link(PathBuf),
}

/// Takes the image of an archive into the kit.
///
/// # Errors
/// The archive is none, or lacks something; the kit's disk is full.
pub(super) fn take(
    archive: &mut dyn Read,
    name: &str,
    role: Role,
    kit: &mut Writer,
) -> io::Result<KitImage> {
    let mut found = HashMap::new();
    for entry in tar::Archive::new(archive).entries()? {
        let mut entry = entry?;
        let path = normal(&entry.path()?);
        let kind = entry.header().entry_type();
        if let Some(target) = entry.link_name()? {
            let target = match kind.is_hard_link() {
                true => normal(&target),
                false => normal(&path.parent().unwrap_or(Path::new("")).join(target)),
            };
            found.insert(path, Found::Link(target));
        } else if kind.is_file() && entry.size() <= SMALL {
            let mut bytes = Vec::new();
            entry.read_to_end(&mut bytes)?;
            found.insert(path, Found::Small(bytes));
        } else if kind.is_file() {
            found.insert(path, Found::Taken(kit.add(&mut unzipped(entry)?)?));
        }
    }
    let manifest = small(&found, "manifest.json")?;
    let manifests: Vec<Manifest> = serde_json::from_slice(manifest)?;
    let [manifest] = &manifests[..] else {
        return Err(broken(format!("it holds {} images", manifests.len())));
    };
    let config = small(&found, &manifest.config)?;
    let diff_ids = diff_ids(config)?;
    let config = kit.add(&mut &*config)?;
    let mut layers = Vec::new();
    for (layer, diff_id) in manifest.layers.iter().zip(&diff_ids) {
        let digest = match look_up(&found, layer)? {
            Found::Taken(digest) => digest.clone(),
            Found::Small(bytes) => kit.add(&mut unzipped(bytes.as_slice())?)?,
            Found::Link(_) => return Err(broken(format!("{layer} leads nowhere"))),
        };
        if digest != *diff_id {
            return Err(broken(format!(
                "{layer} is not {diff_id}, as its configuration says"
            )));
        }
        layers.push(digest);
    }
    if layers.len() != diff_ids.len() {
        return Err(broken("it has not all of its layers".into()));
    }
    let name = name.to_owned();
    Ok(KitImage {
        name,
        role,
        config,
        layers,
    })
}

fn diff_ids(config: &[u8]) -> io::Result<Vec<String>> {
    let config: Value = serde_json::from_slice(config)?;
    let diff_ids = config["rootfs"]["diff_ids"].as_array();
    let diff_ids = diff_ids.ok_or_else(|| broken("its configuration names no layers".into()))?;
    let names = diff_ids.iter().map(|id| id.as_str().map(str::to_owned));
    let names: Option<_> = names.collect();
    names.ok_or_else(|| broken("its configuration names layers otherwise".into()))
}

fn small<'f>(found: &'f HashMap<PathBuf, Found>, name: &str) -> io::Result<&'f [u8]> {
    match look_up(found, name)? {
        Found::Small(bytes) => Ok(bytes),
        _ => Err(broken(format!("{name} is too large"))),
    }
}

/// What a name leads to, by way of one link at most: engines write no longer chains.
fn look_up<'f>(found: &'f HashMap<PathBuf, Found>, name: &str) -> io::Result<&'f Found> {
    let there = match found.get(&normal(Path::new(name))) {
        Some(Found::Link(target)) => found.get(target),
        there => there,
    };
    there.ok_or_else(|| broken(format!("it lacks {name}")))
}

/// A path without `.` and `..`, as it lies below the archive's top.
fn normal(path: &Path) -> PathBuf {
    let mut normal = PathBuf::new();
    for component in path.components() {
        match component {
            Component::Normal(name) => normal.push(name),
            Component::ParentDir => {
                normal.pop();
            }
            _ => {}
        }
    }
    normal
}

/// Layers of the containerd store are packed as they were pushed.
fn unzipped<'r>(content: impl Read + 'r) -> io::Result<Box<dyn Read + 'r>> {
    let mut content = BufReader::with_capacity(1 << 18, content);
    let begin = content.fill_buf()?;
    Ok(match begin {
        [0x1f, 0x8b, ..] => Box::new(MultiGzDecoder::new(content)),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Box::new(zstd::Decoder::with_buffer(content)?),
        _ => Box::new(content),
    })
}

fn broken(why: String) -> io::Error {
    io::Error::new(
        io::ErrorKind::InvalidData,
        format!("the engine's archive is broken: {why}"),
    )
}

#[cfg(test)]
mod tests {
    use super::super::{Kit, VERSION};
    use super::*;
    use flate2::write::GzEncoder;
    use sha2::{Digest, Sha256};
    use std::io::Write;

    fn digest(bytes: &[u8]) -> String {
        format!("sha256:{:x}", Sha256::digest(bytes))
    }

    enum Entry<'a> {
        File(&'a str, Vec<u8>),
        Link(&'a str, &'a str),
    }
    use Entry::{File, Link};

    fn archive(entries: Vec<Entry<'_>>) -> Vec<u8> {
        let mut archive = tar::Builder::new(Vec::new());
        for entry in entries {
            let mut header = tar::Header::new_gnu();
            match entry {
                File(name, bytes) => {
                    header.set_size(bytes.len() as u64);
                    header.set_mode(0o644);
                    header.set_cksum();
                    archive
                        .append_data(&mut header, name, bytes.as_slice())
                        .expect("added");
                }
                Link(name, target) => {
                    header.set_entry_type(tar::EntryType::Symlink);
                    header.set_size(0);
                    archive
                        .append_link(&mut header, name, target)
                        .expect("added");
                }
            }
        }
        archive.into_inner().expect("finished")
    }

    fn config(layers: &[&[u8]]) -> Vec<u8> {
        let ids: Vec<_> = layers.iter().map(|layer| digest(layer)).collect();
        serde_json::json!({ "rootfs": { "diff_ids": ids } })
            .to_string()
            .into_bytes()
    }

    fn manifest(config: &str, layers: &[&str]) -> Vec<u8> {
        serde_json::json!([{ "Config": config, "Layers": layers }])
            .to_string()
            .into_bytes()
    }

    fn taken(entries: Vec<Entry<'_>>) -> io::Result<(Kit, KitImage)> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("kit");
        let mut kit = Writer::begin(&path, VERSION, "recipe", "amd64")?;
        let image = take(
            &mut archive(entries).as_slice(),
            "a:1",
            Role::Base,
            &mut kit,
        )?;
        kit.image(image.clone());
        kit.finish(None).map_err(io::Error::other)?;
        Ok((Kit::open(&path).map_err(io::Error::other)?, image))
    }

    #[test]
    fn layers_in_folders_and_links_to_them_are_taken() {
        let (one, two) = (b"one".to_vec(), vec![7; 3 << 20]);
        let layers: [&[u8]; 3] = [&one, &two, &one];
        let (kit, image) = taken(vec![
            File("1/layer.tar", one.clone()),
            File("1/VERSION", b"1.0".to_vec()),
            File("2/layer.tar", two.clone()),
            Link("3/layer.tar", "../1/layer.tar"),
            File("c.json", config(&layers)),
            File(
                "manifest.json",
                manifest("c.json", &["1/layer.tar", "2/layer.tar", "3/layer.tar"]),
            ),
        ])
        .expect("taken");
        assert_eq!(image.layers, layers.map(digest));
        assert_eq!(
            kit.index().blobs.len(),
            3,
            "two layers and the configuration"
        );
        kit.verify(|_| {}).expect("whole");
    }

    #[test]
    fn packed_blobs_are_taken_unpacked() {
        let layer = vec![5; 2 << 20];
        let mut gzip = GzEncoder::new(Vec::new(), flate2::Compression::none());
        gzip.write_all(&layer).expect("packed");
        let gzip = gzip.finish().expect("packed");
        let small = b"small".to_vec();
        let zstd = zstd::encode_all(small.as_slice(), 1).expect("packed");
        let (_, image) = taken(vec![
            File("blobs/sha256/aa", gzip),
            File("blobs/sha256/bb", zstd),
            File("blobs/sha256/cc", config(&[&layer, &small])),
            File("index.json", b"{}".to_vec()),
            File(
                "manifest.json",
                manifest("blobs/sha256/cc", &["blobs/sha256/aa", "blobs/sha256/bb"]),
            ),
        ])
        .expect("taken");
        assert_eq!(image.layers, [digest(&layer), digest(&small)]);
    }

    #[test]
    fn what_is_no_image_or_not_the_one_it_says_is_refused() {
        let layer = b"layer".to_vec();
        let with = |layers: &[&str], said: &[u8]| {
            taken(vec![
                File("1/layer.tar", layer.clone()),
                Link("2/layer.tar", "../../../etc/passwd"),
                Link("3/layer.tar", "3/layer.tar"),
                File("c.json", config(&[said])),
                File("manifest.json", manifest("c.json", layers)),
            ])
        };
        assert!(with(&["1/layer.tar"], &layer).is_ok());
        for (layers, said) in [
            (&["1/layer.tar"][..], &b"another"[..]),
            (&[], &layer),
            (&["2/layer.tar"], &layer),
            (&["3/layer.tar"], &layer),
            (&["none"], &layer),
        ] {
            let told = with(layers, said).err().map(|error| error.to_string());
            assert!(
                told.is_some_and(|told| told.contains("broken")),
                "{layers:?}"
            );
        }
        assert!(taken(vec![]).is_err());
    }
}
