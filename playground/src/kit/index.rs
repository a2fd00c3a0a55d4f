//! What a kit says that is in it, and what must hold of it before any of it is believed.

use super::KitError;
use serde::{Deserialize, Serialize};
use std::collections::{HashMap, HashSet};

/// The largest blob, in bytes unpacked: twice the heaviest layer of today's bases.
const MAX_BLOB: u64 = 4 << 30;
/// The most blobs.
const MAX_BLOBS: usize = 4096;
/// The most images, and the most files beside them.
const MAX_PARTS: usize = 256;
/// The most layers of an image: engines take no more.
const MAX_LAYERS: usize = 127;
/// All that engine and disk are to hold of it, in bytes unpacked, were no layer shared: many times what
/// a kit has today.
const MAX_BYTES: u64 = 64 << 30;

/// All that is in a kit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// Which playground made it.
    pub version: String,
    /// What rebuilt bases are made by: those of another recipe would be made anew.
    pub recipe: String,
    /// The processor it is for, as engines name it: amd64, arm64.
    pub architecture: String,
    /// Where the bytes lie, in order.
    pub blobs: Vec<Blob>,
    /// Images for the engine.
    pub images: Vec<KitImage>,
    /// Files beside them.
    pub files: Vec<KitFile>,
}

/// Bytes that are named by their digest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Blob {
    /// `sha256:` and the SHA-256 of the bytes unpacked, in hex.
    pub digest: String,
    /// Unpacked, in bytes.
    pub bytes: u64,
    /// Where its packed bytes begin in the file.
    pub at: u64,
    /// Packed, in bytes.
    pub packed: u64,
}

/// What an image is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// Dockerfiles start from it.
    Base,
    /// It asks containers their questions.
    Prober,
    /// It holds what builds of labs and exercises download: Go modules and packages, or wheels.
    Modules,
}

impl Role {
    /// For people.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Role::Base => "base",
            Role::Prober => "prober",
            Role::Modules => "modules",
        }
    }
}

/// An image, by the digests of what it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KitImage {
    /// Its name on an engine.
    pub name: String,
    /// What it is for.
    pub role: Role,
    /// Its configuration.
    pub config: String,
    /// Its layers unpacked, from the bottom up.
    pub layers: Vec<String>,
}

/// A file that a kit brings along.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KitFile {
    /// A plain name, without a folder.
    pub name: String,
    /// Its content.
    pub digest: String,
    /// Whether it is a program.
    pub executable: bool,
}

impl Index {
    /// The blob of a digest.
    ///
    /// # Errors
    /// There is none.
    pub fn blob(&self, digest: &str) -> Result<&Blob, KitError> {
        let found = self.blobs.iter().find(|blob| blob.digest == digest);
        found.ok_or_else(|| KitError::Unsound(format!("there is no blob {digest}")))
    }

    /// All that a blob is part of, for people: a damaged one is told by what is lost with it.
    #[must_use]
    pub fn uses(&self, digest: &str) -> Vec<String> {
        let mut uses = Vec::new();
        for image in &self.images {
            if image.config == digest {
                uses.push(format!("the configuration of {}", image.name));
            }
            let layers = (1..).zip(&image.layers);
            for (number, _) in layers.filter(|(_, layer)| *layer == digest) {
                uses.push(format!("layer {number} of {}", image.name));
            }
        }
        let files = self.files.iter().filter(|file| file.digest == digest);
        uses.extend(files.map(|file| file.name.clone()));
        uses
    }

    /// Whether it can be true of a file whose blobs lie from `begin` up to `end`.
    ///
    /// # Errors
    /// What cannot be: blobs that overlap or lie outside, names that lead elsewhere, digests that
    /// are none or that nothing has.
    pub fn check(&self, begin: u64, end: u64) -> Result<(), KitError> {
        let unsound = |why: String| Err(KitError::Unsound(why));
        if self.blobs.len() > MAX_BLOBS {
            return unsound(format!("it has {} blobs", self.blobs.len()));
        }
        let mut at = begin;
        let mut sizes = HashMap::new();
        for blob in &self.blobs {
            if !is_digest(&blob.digest) || sizes.insert(blob.digest.as_str(), blob.bytes).is_some()
            {
                return unsound(format!("{:?} is no digest, or there twice", blob.digest));
            }
            if blob.at != at || blob.bytes > MAX_BLOB {
                return unsound(format!("{} cannot lie there", blob.digest));
            }
            at = at.saturating_add(blob.packed);
        }
        if at != end {
            return unsound("its blobs end elsewhere than its index begins".into());
        }
        let labels = [&self.version, &self.recipe, &self.architecture];
        if let Some(label) = labels.into_iter().find(|label| !is_label(label)) {
            return unsound(format!("{label:?} is no version and no processor"));
        }
        let parts = self.images.len().max(self.files.len());
        if parts > MAX_PARTS || self.images.iter().any(|one| one.layers.len() > MAX_LAYERS) {
            return unsound("it has more parts than a kit can have".into());
        }
        let images = self.images.iter();
        let named = images.flat_map(|image| image.layers.iter().chain([&image.config]));
        let named = named.chain(self.files.iter().map(|file| &file.digest));
        let mut bytes: u64 = 0;
        for digest in named {
            let Some(size) = sizes.get(digest.as_str()) else {
                return unsound(format!("there is no blob {digest:?}"));
            };
            // Engines keep a layer once for each stack below it, disks a blob once for each file.
            bytes = bytes.saturating_add(*size);
        }
        // What nothing has is still read where a kit is verified.
        let bytes = bytes.max(sizes.values().sum());
        if bytes > MAX_BYTES {
            return unsound(format!("it would unpack to {bytes} bytes"));
        }
        let mut names = HashSet::new();
        for file in &self.files {
            if !is_plain(&file.name) || !names.insert(&file.name) {
                return unsound(format!("a file cannot be called {:?}", file.name));
            }
        }
        let fits = |c: char| c.is_ascii_alphanumeric() || "._-/:".contains(c);
        for image in &self.images {
            if image.name.is_empty() || !image.name.chars().all(fits) || !names.insert(&image.name)
            {
                return unsound(format!("an image cannot be called {:?}", image.name));
            }
        }
        Ok(())
    }
}

/// `sha256:` and 64 digits: it becomes part of names in archives.
fn is_digest(text: &str) -> bool {
    let digits = |c: u8| c.is_ascii_digit() || (b'a'..=b'f').contains(&c);
    let hex = text.strip_prefix("sha256:");
    hex.is_some_and(|hex| hex.len() == 64 && hex.bytes().all(digits))
}

/// What people are shown of a kit: short, and of letters that command no terminal.
fn is_label(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-+/".contains(c);
    text.len() <= 100 && text.chars().all(fits)
}

fn is_plain(name: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    !name.is_empty() && !name.starts_with('.') && name.chars().all(fits)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    fn digest(letter: char) -> String {
        format!("sha256:{}", letter.to_string().repeat(64))
    }

    fn sound() -> Index {
        let blob = |letter, at, packed| Blob {
            digest: digest(letter),
            bytes: 9,
            at,
            packed,
        };
        Index {
            version: "0.1.0".into(),
            recipe: "abc".into(),
            architecture: "amd64".into(),
            blobs: vec![blob('a', 16, 4), blob('b', 20, 6)],
            images: vec![KitImage {
                name: "golang:1.23".into(),
                role: Role::Base,
                config: digest('a'),
                layers: vec![digest('b'), digest('b')],
            }],
            files: vec![KitFile {
                name: "book.tar.gz".into(),
                digest: digest('b'),
                executable: false,
            }],
        }
    }

    #[test]
    fn a_sound_index_is_believed_and_blobs_are_told_by_their_use() {
        let index = sound();
        index.check(16, 26).expect("sound");
        assert_eq!(
            index.uses(&digest('a')),
            ["the configuration of golang:1.23"]
        );
        let uses = [
            "layer 1 of golang:1.23",
            "layer 2 of golang:1.23",
            "book.tar.gz",
        ];
        assert_eq!(index.uses(&digest('b')), uses);
    }

    /// Were no layer shared: a hundred images of half a gigabyte, on the same base.
    #[test]
    fn a_full_kit_of_images_on_shared_bases_is_believed() {
        let mut index = sound();
        index.blobs[1].bytes = 512 << 20;
        let image = |n| KitImage {
            name: format!("golang:{n}"),
            layers: vec![digest('b'), digest('a'), digest('a')],
            ..index.images[0].clone()
        };
        index.images = (0..100).map(image).collect();
        index.check(16, 26).expect("sound");
    }

    #[test]
    fn what_cannot_be_true_is_not_believed() {
        type Change = fn(&mut Index);
        let changes: [(&str, Change); 15] = [
            ("a gap", |index| index.blobs[1].at = 21),
            ("an overlap", |index| index.blobs[1].at = 19),
            ("beyond the end", |index| index.blobs[1].packed = 7),
            ("more than all numbers", |index| {
                index.blobs[1].packed = u64::MAX
            }),
            ("a bomb", |index| index.blobs[0].bytes = 5 << 30),
            ("a layer over and over", |index| {
                index.blobs[1].bytes = 4 << 30;
                index.images[0].layers = vec![digest('b'); 127];
            }),
            ("a file over and over", |index| {
                index.blobs[1].bytes = 4 << 30;
                let file = |n| KitFile {
                    name: format!("f{n}"),
                    ..index.files[0].clone()
                };
                index.files = (0..17).map(file).collect();
            }),
            ("many that nothing has", |index| {
                index.blobs[1].packed = 0;
                let blob = |n| Blob {
                    digest: format!("sha256:{n:064x}"),
                    bytes: 4 << 30,
                    at: 20,
                    packed: 0,
                };
                index.blobs.extend((0..17).map(blob));
                index.blobs[18].packed = 6;
            }),
            ("twice", |index| {
                index.blobs[1].digest = index.blobs[0].digest.clone()
            }),
            ("a digest that leads elsewhere", |index| {
                index.blobs[0].digest = format!("sha256:../{}", "a".repeat(61));
            }),
            ("a layer that is not there", |index| {
                index.images[0].layers[0] = digest('c')
            }),
            ("a file that is not there", |index| {
                index.files[0].digest = digest('c')
            }),
            ("a file outside", |index| {
                index.files[0].name = "../.bashrc".into()
            }),
            ("a hidden file", |index| {
                index.files[0].name = ".profile".into()
            }),
            ("an image's name with a line in it", |index| {
                index.images[0].name = "golang\n:1".into();
            }),
        ];
        for (what, change) in changes {
            let mut index = sound();
            change(&mut index);
            assert!(index.check(16, 26).is_err(), "{what}");
        }
    }
}
