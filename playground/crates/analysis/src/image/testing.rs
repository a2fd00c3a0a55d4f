//! Small archives and images for tests; layers out of noise, and a second reading of them.

pub mod generated;
pub mod reference;

use super::notes::{Note, Noted};
use super::tee::diff_id;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// A tar of these files.
pub fn tar_of(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, bytes) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        builder
            .append_data(&mut header, name, *bytes)
            .expect("appended");
    }
    builder.into_inner().expect("a tar")
}

/// An entry of a layer to be made.
#[derive(Clone, Debug)]
pub enum Make<'a> {
    File(&'a str, &'a [u8]),
    Mode(&'a str, u32, &'a [u8]),
    Dir(&'a str),
    DirMode(&'a str, u32),
    /// With an owner: path, mode, uid, gid.
    Owned(&'a str, u32, (u64, u64), &'a [u8]),
    DirOwned(&'a str, u32, (u64, u64)),
    Link(&'a str, &'a str),
    Hard(&'a str, &'a str),
    /// With a mode of its own: path, mode, target.
    HardMode(&'a str, u32, &'a str),
    Fifo(&'a str),
}

pub fn tar(entries: &[Make<'_>]) -> Vec<u8> {
    use tar::EntryType as Type;
    let mut builder = tar::Builder::new(Vec::new());
    for entry in entries {
        let (path, kind, mode, target, bytes): (&str, _, _, &str, &[u8]) = match *entry {
            Make::File(path, bytes) => (path, Type::Regular, 0o644, "", bytes),
            Make::Mode(path, mode, bytes) => (path, Type::Regular, mode, "", bytes),
            Make::Dir(path) => (path, Type::Directory, 0o755, "", b""),
            Make::DirMode(path, mode) => (path, Type::Directory, mode, "", b""),
            Make::Owned(path, mode, _, bytes) => (path, Type::Regular, mode, "", bytes),
            Make::DirOwned(path, mode, _) => (path, Type::Directory, mode, "", b""),
            Make::Link(path, target) => (path, Type::Symlink, 0o777, target, b""),
            Make::Hard(path, target) => (path, Type::Link, mode_of(entries, target), target, b""),
            Make::HardMode(path, mode, target) => (path, Type::Link, mode, target, b""),
            Make::Fifo(path) => (path, Type::Fifo, 0o644, "", b""),
        };
        let mut header = tar::Header::new_gnu();
        // Past the crate, which refuses what hostile archives have.
        if path.len() > 100 || target.len() > 100 {
            for (kind, long) in [(b'L', path), (b'K', target)] {
                if long.len() > 100 {
                    let mut extra = tar::Header::new_gnu();
                    extra.set_entry_type(Type::new(kind));
                    extra.set_size(long.len() as u64 + 1);
                    extra.set_cksum();
                    let long = [long.as_bytes(), b"\0"].concat();
                    builder.append(&extra, long.as_slice()).expect("in memory");
                }
            }
        }
        let gnu = header.as_gnu_mut().expect("a GNU header");
        for (field, text) in [(&mut gnu.name, path), (&mut gnu.linkname, target)] {
            let n = text.len().min(100);
            field[..n].copy_from_slice(&text.as_bytes()[..n]);
        }
        header.set_entry_type(kind);
        header.set_mode(mode);
        let (uid, gid) = match *entry {
            Make::Owned(_, _, owner, _) | Make::DirOwned(_, _, owner) => owner,
            _ => (0, 0),
        };
        header.set_uid(uid);
        header.set_gid(gid);
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        builder.append(&header, bytes).expect("in memory");
    }
    builder.into_inner().expect("in memory")
}

/// What a hard link says is what its file says, where no archive was made by hand.
fn mode_of(entries: &[Make<'_>], wanted: &str) -> u32 {
    let found = entries.iter().rev().find_map(|entry| match *entry {
        Make::Mode(path, mode, _) | Make::Owned(path, mode, ..) if path == wanted => Some(mode),
        _ => None,
    });
    found.unwrap_or(0o644)
}

pub fn files(files: &[(&str, &[u8])]) -> Vec<u8> {
    let entries: Vec<_> = files
        .iter()
        .map(|(path, bytes)| Make::File(path, bytes))
        .collect();
    tar(&entries)
}

pub fn digest(bytes: &[u8]) -> String {
    diff_id(&Sha256::digest(bytes))
}

pub fn hex(bytes: &[u8]) -> String {
    digest(bytes)[7..].to_owned()
}

pub fn pack(members: &[(String, Vec<u8>)]) -> Vec<u8> {
    let members: Vec<_> = members
        .iter()
        .map(|(n, b)| (n.as_str(), b.as_slice()))
        .collect();
    files(&members)
}

/// An archive with one image: `config` is what a container starts with, in Docker's words.
pub fn image_of(architecture: &str, config: &Value, layers: &[Vec<u8>]) -> Vec<u8> {
    image_named("made:1", architecture, config, layers)
}

/// The same under a name of its own.
pub fn image_named(
    name_and_tag: &str,
    architecture: &str,
    config: &Value,
    layers: &[Vec<u8>],
) -> Vec<u8> {
    let ids: Vec<_> = layers.iter().map(|layer| digest(layer)).collect();
    let history = (1..=layers.len()).map(|n| json!({ "created_by": format!("COPY {n}") }));
    let history: Vec<_> = history.collect();
    let file = json!({
        "architecture": architecture, "os": "linux", "config": config,
        "rootfs": { "type": "layers", "diff_ids": ids }, "history": history,
    });
    let file = file.to_string().into_bytes();
    let name = format!("{}.json", hex(&file));
    let mut members = vec![(name.clone(), file)];
    let mut paths = Vec::new();
    for layer in layers {
        let path = format!("{}/layer.tar", hex(layer));
        if !paths.contains(&path) {
            members.push((path.clone(), layer.clone()));
        }
        paths.push(path);
    }
    let manifest = json!([{ "Config": name, "RepoTags": [name_and_tag], "Layers": paths }]);
    members.push(("manifest.json".into(), manifest.to_string().into_bytes()));
    pack(&members)
}

/// What a visitor keeps that only takes notes.
impl Noted for Note {
    fn note(&self) -> Option<&Note> {
        Some(self)
    }
}
