//! Which of an archive's images is meant: manifests and indexes, names and platforms.
//!
//! Knows `manifest.json` (Docker, Podman) and `index.json` (OCI, also nested). Attestations,
//! which BuildKit puts beside images, and other artifacts are no images; what they say of the
//! image that is chosen, [`provenance`](super::provenance) reads.

use super::config::Config;
use super::error::{ReadError, damaged, shown};
use super::limits::{MAX_JSON_TOTAL, MAX_LAYERS};
use super::manifest::{Descriptor, Index, Listed, Manifest};
use super::provenance::Provenance;
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;

/// Nested indexes that are opened: images in use have two levels.
const MAX_INDEXES: usize = 64;
/// Images that are looked at.
const MAX_IMAGES: usize = 4096;
/// Attestations that are remembered; there is one for each image.
const MAX_ATTESTATIONS: usize = 4096;
/// Manifests of one image that are remembered: the same layers, compressed in several ways.
const MAX_MANIFESTS: usize = 16;
/// Names of one image that are kept.
const MAX_NAMES: usize = 1000;

/// What an image runs on.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Platform {
    /// `linux`.
    pub os: String,
    /// `amd64`, `arm64`, in Go's words.
    pub architecture: String,
    /// `v7`.
    pub variant: Option<String>,
}

impl Platform {
    /// From `linux/arm64` or `linux/arm/v7`.
    pub fn parse(text: &str) -> Option<Platform> {
        let mut parts = text.split('/').map(str::to_owned);
        let platform = Platform {
            os: parts.next().filter(|os| !os.is_empty())?,
            architecture: parts.next().filter(|arch| !arch.is_empty())?,
            variant: parts.next(),
        };
        parts.next().is_none().then_some(platform)
    }

    /// Whether it is what was asked for; a variant counts only where one was asked for.
    fn fits(&self, wanted: &Platform) -> bool {
        self.os == wanted.os
            && self.architecture == wanted.architecture
            && (wanted.variant.is_none() || self.variant == wanted.variant)
    }
}

impl fmt::Display for Platform {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", shown(&self.os), shown(&self.architecture))?;
        match &self.variant {
            Some(variant) => write!(f, "/{}", shown(variant)),
            None => Ok(()),
        }
    }
}

/// Which image of an archive is meant; by default the only one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Wanted {
    /// A name with or without tag (`latest`), or the image's id.
    pub name: Option<String>,
    /// A platform.
    pub platform: Option<Platform>,
}

/// An image that an archive holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct There {
    /// Its names; there may be none.
    pub names: Vec<String>,
    /// What it runs on.
    pub platform: Platform,
    /// Digest of its config, as engines name images.
    pub id: String,
}

impl fmt::Display for There {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.names.first() {
            Some(name) => shown(name),
            None => shown(self.id.get(..19).unwrap_or(&self.id)),
        };
        write!(f, "{name} ({})", self.platform)
    }
}

/// The image that was chosen.
pub(super) struct Chosen {
    pub(super) there: There,
    pub(super) config: Config,
    /// Where its layers lie, from the base up, as its manifest says.
    pub(super) layers: Vec<String>,
    /// What it says it was built from.
    pub(super) provenance: Provenance,
    /// Digests of the manifests that lead to it.
    manifests: Vec<String>,
}

/// What a builder says about an image.
pub(super) struct Attestation {
    /// Where its manifest lies.
    pub(super) at: String,
    /// Digest of the image's manifest.
    about: String,
}

/// All that an archive leads to.
#[derive(Default)]
struct Found {
    /// By where their config lies.
    images: BTreeMap<String, Chosen>,
    attestations: Vec<Attestation>,
}

/// The JSON of an archive, by name.
#[derive(Default)]
pub(super) struct Documents {
    by_name: HashMap<String, Vec<u8>>,
    large: HashSet<String>,
    bytes: u64,
}

impl Documents {
    pub(super) fn add(&mut self, name: &str, json: Vec<u8>) -> Result<(), ReadError> {
        self.bytes += (json.len() + name.len()) as u64;
        if self.bytes > MAX_JSON_TOTAL {
            return Err(ReadError::LargeJson { name: shown(name) });
        }
        match self.by_name.get(name) {
            Some(before) if *before != json => Err(ReadError::Repeated(shown(name))),
            Some(_) => Ok(()),
            None => {
                self.by_name.insert(name.to_owned(), json);
                Ok(())
            }
        }
    }

    pub(super) fn add_large(&mut self, name: &str) {
        self.large.insert(name.to_owned());
    }

    /// `None` where it is not there.
    fn get(&self, name: &str) -> Result<Option<&[u8]>, ReadError> {
        if self.large.contains(name) {
            return Err(ReadError::LargeJson { name: shown(name) });
        }
        let Some(json) = self.by_name.get(name) else {
            return Ok(None);
        };
        if let Some(hex) = name.strip_prefix("blobs/sha256/")
            && super::archive::diff_id(&Sha256::digest(json))[7..] != *hex
        {
            return Err(damaged(name, "its digest is another"));
        }
        Ok(Some(json))
    }

    pub(super) fn parse<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, ReadError> {
        let Some(json) = self.get(name)? else {
            return Ok(None);
        };
        match serde_json::from_slice(json) {
            Ok(parsed) => Ok(Some(parsed)),
            Err(error) => Err(damaged(name, &error.to_string())),
        }
    }

    /// The image that is meant.
    pub(super) fn choose(&self, wanted: &Wanted) -> Result<Chosen, ReadError> {
        let Found {
            images: mut all,
            attestations,
        } = self.images()?;
        let there: Vec<_> = all.values().map(|image| image.there.clone()).collect();
        all.retain(|_, image| wanted.fits(&image.there));
        match (all.pop_first(), all.is_empty()) {
            (Some((_, image)), true)
                if image.config.diff_ids.len().max(image.layers.len()) > MAX_LAYERS =>
            {
                Err(ReadError::ManyLayers)
            }
            (Some((_, mut image)), true) => {
                let about = |it: &&Attestation| image.manifests.contains(&it.about);
                let about: Vec<_> = attestations.iter().filter(about).collect();
                image.provenance = Provenance::of(self, &about, &image.config);
                Ok(image)
            }
            (Some((_, first)), false) => {
                let rest = all.into_values().map(|image| image.there);
                Err(ReadError::SeveralImages {
                    there: [first.there].into_iter().chain(rest).collect(),
                })
            }
            (None, _) if there.is_empty() => Err(ReadError::NoImage),
            (None, _) => Err(ReadError::NoSuchImage {
                wanted: wanted.to_string(),
                there,
            }),
        }
    }

    /// All images, and what is said about them.
    fn images(&self) -> Result<Found, ReadError> {
        let Found {
            mut images,
            mut attestations,
        } = Found::default();
        let listed: Option<Vec<Listed>> = self.parse("manifest.json")?;
        let index: Option<Index> = self.parse("index.json")?;
        if listed.is_none() && index.is_none() {
            return Err(ReadError::NoImage);
        }
        for listed in listed.into_iter().flatten().take(MAX_IMAGES) {
            let at = listed.config.trim_start_matches("./").to_owned();
            if !images.contains_key(&at) {
                let json = self.get(&at)?.ok_or_else(|| missing("the config", &at))?;
                let config = Config::parse(json).map_err(|e| damaged(&at, &e.to_string()))?;
                add(&mut images, &at, config, listed.layers);
            }
            name(&mut images, &at, listed.tags);
        }
        // Where the config lies of what a descriptor has led to; `None` for what is no image.
        let mut seen: HashMap<String, Option<String>> = HashMap::new();
        let mut open: Vec<_> = index.into_iter().map(|index| (index, None)).collect();
        while let Some((index, inherited)) = open.pop() {
            for entry in index.manifests {
                if let Some(about) = entry.attests() {
                    if attestations.len() < MAX_ATTESTATIONS {
                        let (at, about) = (entry.path()?, about.to_owned());
                        attestations.push(Attestation { at, about });
                    }
                    continue;
                }
                if !entry.is_image() {
                    continue;
                }
                let tag = entry.name().or_else(|| inherited.clone());
                let at = entry.path()?;
                if !seen.contains_key(&at) && seen.len() < MAX_IMAGES {
                    // What the archive leaves out, such as other platforms, is no choice.
                    let manifest: Option<Manifest> = self.parse(&at)?;
                    let config = match manifest {
                        Some(Manifest {
                            config: Some(config),
                            layers,
                            ..
                        }) => self.add_manifest(&mut images, &config, &layers)?,
                        Some(Manifest { manifests, .. }) if open.len() < MAX_INDEXES => {
                            open.push((Index { manifests }, tag.clone()));
                            None
                        }
                        _ => None,
                    };
                    seen.insert(at.clone(), config);
                }
                if let Some(Some(config)) = seen.get(&at) {
                    name(&mut images, config, tag);
                    if let Some(image) = images.get_mut(config)
                        && image.manifests.len() < MAX_MANIFESTS
                        && !image.manifests.contains(&entry.digest)
                    {
                        image.manifests.push(entry.digest);
                    }
                }
            }
        }
        Ok(Found {
            images,
            attestations,
        })
    }

    /// Adds an image; where its config lies.
    fn add_manifest(
        &self,
        images: &mut BTreeMap<String, Chosen>,
        descriptor: &Descriptor,
        layers: &[Descriptor],
    ) -> Result<Option<String>, ReadError> {
        let at = descriptor.path()?;
        if images.contains_key(&at) {
            return Ok(Some(at));
        }
        let json = self.get(&at)?.ok_or_else(|| missing("the config", &at))?;
        let config = match Config::parse(json) {
            Ok(config) => config,
            // A chart, a signature, a bill of materials.
            Err(_) if !descriptor.media_type.contains("image") => return Ok(None),
            Err(error) => return Err(damaged(&at, &error.to_string())),
        };
        let layers: Result<_, _> = layers.iter().map(Descriptor::path).collect();
        add(images, &at, config, layers?);
        Ok(Some(at))
    }
}

fn add(images: &mut BTreeMap<String, Chosen>, at: &str, config: Config, layers: Vec<String>) {
    let hex = at.rsplit(['/', ':']).next().unwrap_or(at);
    let there = There {
        names: Vec::new(),
        platform: config.platform.clone(),
        id: format!("sha256:{}", hex.trim_end_matches(".json")),
    };
    let image = Chosen {
        there,
        config,
        layers,
        provenance: Provenance::default(),
        manifests: Vec::new(),
    };
    images.insert(at.to_owned(), image);
}

/// Gives an image names, each once, and no more than anybody would.
fn name(images: &mut BTreeMap<String, Chosen>, at: &str, names: impl IntoIterator<Item = String>) {
    if let Some(image) = images.get_mut(at) {
        for name in names.into_iter().take(MAX_NAMES) {
            let known = &mut image.there.names;
            if known.len() < MAX_NAMES && !known.contains(&name) {
                known.push(name);
            }
        }
    }
}

impl Wanted {
    fn fits(&self, there: &There) -> bool {
        let name = self.name.as_ref().is_none_or(|wanted| {
            let id = wanted.strip_prefix("sha256:").unwrap_or(wanted);
            let is_id = id.len() >= 12 && there.id[7..].starts_with(id);
            let wanted = familiar(wanted);
            is_id || there.names.iter().any(|name| familiar(name) == wanted)
        });
        let platform = self.platform.as_ref();
        name && platform.is_none_or(|wanted| there.platform.fits(wanted))
    }
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.name, &self.platform) {
            (Some(name), Some(platform)) => write!(f, "{} on {platform}", shown(name)),
            (Some(name), None) => write!(f, "{}", shown(name)),
            (None, Some(platform)) => write!(f, "{platform}"),
            (None, None) => write!(f, "any image"),
        }
    }
}

/// `docker.io/library/alpine` as people write it: `alpine:latest`.
fn familiar(name: &str) -> String {
    let name = name.strip_prefix("docker.io/").unwrap_or(name);
    let name = name.strip_prefix("library/").unwrap_or(name);
    match name.rsplit('/').next() {
        Some(last) if !last.contains([':', '@']) => format!("{name}:latest"),
        _ => name.to_owned(),
    }
}

fn missing(what: &str, name: &str) -> ReadError {
    ReadError::Missing(format!("{what} {}", shown(name)))
}
