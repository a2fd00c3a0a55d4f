//! A second reading of layers, to hold the first against: each is unpacked alone into a directory, in
//! the order of its tar, and then they are laid over each other as overlayfs does it. Slow and plain.
//!
//! Sources: OCI's `layer.md`; `Unpack` of moby's archive package, with its overlay whiteouts; the
//! kernel's `filesystems/overlayfs.rst`. What these refuse, or where a link within the layer leads the
//! way, is left unsaid.

use super::generated::{self, Step, tar_of_steps};
use super::image_of;
use crate::image::tree::{NodeId, Refusal, Tree};
use crate::image::{Compressed, ImageSelector, read_archive};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What lies at a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seen {
    /// Its mode; `None` where it is only implied, so that engines differ.
    Dir(Option<u32>),
    /// Its mode and bytes.
    File(u32, u64),
    /// Where it points.
    Link(String),
}

/// By path, without the slash before it.
pub type Listing = BTreeMap<String, Seen>;

/// Reads the layers that some noise means, and holds them against the reference; whether that says
/// anything about them.
///
/// # Panics
/// Where the two readings differ.
pub fn held_to_reference(noise: &[u8]) -> bool {
    let layers = generated::layers(noise);
    let Some(wanted) = reference(&layers) else {
        return false;
    };
    let tars: Vec<_> = layers.iter().map(|steps| tar_of_steps(steps)).collect();
    let archive = image_of("amd64", &serde_json::Value::Null, &tars);
    let read = read_archive(
        &*archive,
        &ImageSelector::default(),
        Compressed::AsStored,
        |_| Ok(None::<()>),
    );
    let image = read.unwrap_or_else(|error| panic!("{error}: {layers:?}")).0;
    let tree = Tree::of(&image).unwrap_or_else(|error| panic!("{error}: {layers:?}"));
    // Some are only the classic store's to refuse.
    let classic = [Refusal::Twice, Refusal::LeadsOut];
    let refused = tree
        .refused()
        .iter()
        .find(|one| !classic.contains(&one.why));
    assert!(refused.is_none(), "{refused:?}: {layers:?}");
    let difference = difference(&wanted, &listed(&tree));
    assert!(difference.is_empty(), "{difference}\n{layers:?}");
    true
}

/// What an engine sees of these layers; `None` where one of them is refused, or this does not say.
pub fn reference(layers: &[Vec<Step>]) -> Option<Listing> {
    let mut inodes = Vec::new();
    let mut merged = Merged::Dir(None, BTreeMap::new());
    for steps in layers {
        let upper = unpacked(steps, &mut inodes)?;
        merged = overlaid(Some(merged), upper, true)?;
    }
    let mut listing = Listing::new();
    list(&merged, "", &inodes, &mut listing);
    Some(listing)
}

/// The same of a tree that was read.
pub fn listed(tree: &Tree<'_>) -> Listing {
    let seen = |id: NodeId| {
        let node = tree.node(id);
        match node.target() {
            Some(target) => Seen::Link(target.to_owned()),
            None if node.is_directory() => Seen::Dir(Some(node.mode())),
            None => Seen::File(node.mode(), node.entry.map_or(0, |entry| entry.size)),
        }
    };
    let path = |id: NodeId| tree.path(id).trim_start_matches('/').to_owned();
    tree.walk().map(|id| (path(id), seen(id))).collect()
}

/// Where two readings differ, in words; empty where they agree.
pub fn difference(wanted: &Listing, found: &Listing) -> String {
    let mut said = String::new();
    let paths: std::collections::BTreeSet<_> = wanted.keys().chain(found.keys()).collect();
    for path in paths {
        let (wanted, found) = (wanted.get(path), found.get(path));
        let same = match (wanted, found) {
            (Some(Seen::Dir(None)), Some(Seen::Dir(_))) => true,
            (Some(Seen::Dir(_)), Some(Seen::Dir(None))) => true,
            (wanted, found) => wanted == found,
        };
        if !same {
            let _ = writeln!(said, "{path}: {wanted:?}, read as {found:?}");
        }
    }
    said
}

/// A directory that a layer is unpacked into, as overlayfs finds it.
enum Upper {
    Dir {
        mode: Option<u32>,
        opaque: bool,
        below: BTreeMap<String, Upper>,
    },
    /// The number of its inode.
    File(usize),
    Link(String),
    Whiteout,
}

/// Mode and bytes.
type Inode = (u32, u64);

impl Upper {
    fn implied() -> Upper {
        Upper::Dir {
            mode: None,
            opaque: false,
            below: BTreeMap::new(),
        }
    }

    fn below(&mut self) -> Option<&mut BTreeMap<String, Upper>> {
        match self {
            Upper::Dir { below, .. } => Some(below),
            _ => None,
        }
    }

    /// The directory at this path, made where it is missing; `None` where another thing is in the way.
    fn directory(&mut self, path: &str) -> Option<&mut Upper> {
        let mut at = self;
        for part in path.split('/').filter(|part| !part.is_empty()) {
            let below = at.below()?;
            at = below.entry(part.to_owned()).or_insert_with(Upper::implied);
            at.below()?;
        }
        Some(at)
    }
}

fn unpacked(steps: &[Step], inodes: &mut Vec<Inode>) -> Option<Upper> {
    let mut root = Upper::implied();
    let split = |path: &str| -> (String, String) {
        let (directory, name) = path.rsplit_once('/').unwrap_or(("", path));
        (directory.to_owned(), name.to_owned())
    };
    for step in steps {
        let (path, made) = match step {
            Step::Opaque(path) => {
                if let Upper::Dir { opaque, .. } = root.directory(path)? {
                    *opaque = true;
                }
                continue;
            }
            Step::Dir(path, mode) => {
                let (directory, name) = split(path);
                let below = root.directory(&directory)?.below()?;
                // Only a directory keeps what lies in it.
                match below.get_mut(&name) {
                    Some(Upper::Dir { mode: known, .. }) => *known = Some(*mode),
                    // The classic store refuses a path that comes twice; containerd's has the
                    // directory lie over those below, which nobody means.
                    Some(Upper::File(_) | Upper::Link(_)) => return None,
                    Some(Upper::Whiteout) | None => {
                        let made = Upper::Dir {
                            mode: Some(*mode),
                            opaque: false,
                            below: BTreeMap::new(),
                        };
                        below.insert(name, made);
                    }
                }
                continue;
            }
            Step::Whiteout(path) => {
                let (directory, name) = split(path);
                let below = root.directory(&directory)?.below()?;
                // The mark is a device, and cannot be made where something is.
                if below.contains_key(&name) {
                    return None;
                }
                below.insert(name, Upper::Whiteout);
                continue;
            }
            Step::File(path, mode, bytes) => {
                inodes.push((*mode, *bytes as u64));
                (path, Upper::File(inodes.len() - 1))
            }
            Step::Link(path, target) => (path, Upper::Link(target.clone())),
            Step::Hard(path, mode, target) => {
                let (directory, name) = split(path);
                // What is there goes before the link is made, be it the file itself.
                root.directory(&directory)?.below()?.remove(&name);
                let (of, named) = split(target);
                let mut at = &mut root;
                for part in of.split('/').filter(|part| !part.is_empty()) {
                    at = at.below()?.get_mut(part)?;
                }
                match at.below()?.get(&named)? {
                    Upper::File(inode) => {
                        inodes[*inode].0 = *mode;
                        (path, Upper::File(*inode))
                    }
                    Upper::Link(target) => (path, Upper::Link(target.clone())),
                    Upper::Dir { .. } | Upper::Whiteout => return None,
                }
            }
        };
        let (directory, name) = split(path);
        root.directory(&directory)?.below()?.insert(name, made);
    }
    Some(root)
}

/// What is seen of layers that lie over each other.
enum Merged {
    Dir(Option<u32>, BTreeMap<String, Merged>),
    File(usize),
    Link(String),
}

/// `None` where there is nothing any more. At a layer's own root, overlayfs does not look whether it is
/// opaque.
fn overlaid(lower: Option<Merged>, upper: Upper, root: bool) -> Option<Merged> {
    let (mode, opaque, above) = match upper {
        Upper::Whiteout => return None,
        Upper::File(inode) => return Some(Merged::File(inode)),
        Upper::Link(target) => return Some(Merged::Link(target)),
        Upper::Dir {
            mode,
            opaque,
            below,
        } => (mode, opaque && !root, below),
    };
    let mut below = match lower {
        Some(Merged::Dir(_, below)) if !opaque => below,
        _ => BTreeMap::new(),
    };
    for (name, upper) in above {
        let lower = below.remove(&name);
        if let Some(merged) = overlaid(lower, upper, false) {
            below.insert(name, merged);
        }
    }
    Some(Merged::Dir(mode, below))
}

fn list(merged: &Merged, at: &str, inodes: &[Inode], listing: &mut Listing) {
    let seen = match merged {
        Merged::File(inode) => {
            let (mode, bytes) = inodes[*inode];
            Seen::File(mode, bytes)
        }
        Merged::Link(target) => Seen::Link(target.clone()),
        Merged::Dir(mode, below) => {
            for (name, merged) in below {
                let path = format!("{at}/{name}");
                list(merged, path.trim_start_matches('/'), inodes, listing);
            }
            Seen::Dir(*mode)
        }
    };
    if !at.is_empty() {
        listing.insert(at.to_owned(), seen);
    }
}
