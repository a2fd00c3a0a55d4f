//! Which of an archive's images is meant: manifests and indexes are followed to their images.
//!
//! Knows `manifest.json` (Docker, Podman) and `index.json` (OCI, also nested). Attestations,
//! which BuildKit puts beside images, and other artifacts are no images; what they say of the
//! image that is chosen, [`provenance`](super::provenance) reads.

use super::config::Config;
use super::documents::Documents;
use super::error::{ReadError, damaged};
use super::limits::MAX_LAYERS;
use super::manifest::{Descriptor, Listed, Manifest, Place};
use super::provenance::Provenance;
use super::selector::{ImageIdentity, ImageSelector};
use super::text::shown;
use std::collections::{BTreeMap, HashMap};

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

/// The image that was chosen.
pub(super) struct Chosen {
    pub(super) identity: ImageIdentity,
    pub(super) config: Config,
    /// Where its layers lie, from the base up, as its manifest says.
    pub(super) layers: Vec<Place>,
    /// What it says it was built from.
    pub(super) provenance: Provenance,
    /// Digests of the manifests that lead to it.
    manifests: Vec<String>,
}

/// The image that is meant.
pub(super) fn choose(documents: &Documents, selector: &ImageSelector) -> Result<Chosen, ReadError> {
    let Candidates {
        images: mut all,
        attestations,
        ..
    } = Candidates::of(documents)?;
    let there: Vec<_> = all.values().map(|image| image.identity.clone()).collect();
    all.retain(|_, image| selector.fits(&image.identity, &image.config.diff_ids));
    // What builders say about an image looks like one, where nothing marks it.
    let known = |image: &Chosen| image.config.platform.architecture != "unknown";
    if all.values().any(known) {
        all.retain(|_, image| known(image));
    }
    let Some((_, mut image)) = all.pop_first() else {
        return Err(match there.is_empty() {
            true => ReadError::NoImage,
            false => ReadError::NoSuchImage {
                wanted: selector.to_string(),
                there,
            },
        });
    };
    if !all.is_empty() && selector.diff_ids.is_none() {
        let rest = all.into_values().map(|image| image.identity);
        return Err(ReadError::SeveralImages {
            there: [image.identity].into_iter().chain(rest).collect(),
        });
    }
    if image.config.diff_ids.len().max(image.layers.len()) > MAX_LAYERS {
        return Err(ReadError::ManyLayers);
    }
    let about = attestations
        .iter()
        .filter(|(_, about)| image.manifests.contains(about));
    image.provenance = Provenance::of(documents, about.map(|(at, _)| &**at), &image.config);
    Ok(image)
}

/// All that an archive's documents lead to.
struct Candidates<'a> {
    documents: &'a Documents,
    /// By where their config lies.
    images: BTreeMap<String, Chosen>,
    /// What builders say about images: where it lies, and the digest of the image's manifest.
    attestations: Vec<(String, String)>,
}

impl<'a> Candidates<'a> {
    fn of(documents: &'a Documents) -> Result<Candidates<'a>, ReadError> {
        let listed: Option<Vec<Listed>> = documents.parse("manifest.json")?;
        let index: Option<Manifest> = documents.parse("index.json")?;
        if listed.is_none() && index.is_none() {
            return Err(ReadError::NoImage);
        }
        let mut candidates = Candidates {
            documents,
            images: BTreeMap::new(),
            attestations: Vec::new(),
        };
        for listed in listed.into_iter().flatten().take(MAX_IMAGES) {
            candidates.add_listed(listed)?;
        }
        if let Some(index) = index {
            candidates.add_index(index.manifests)?;
        }
        Ok(candidates)
    }

    /// An image of Docker's `manifest.json`.
    fn add_listed(&mut self, listed: Listed) -> Result<(), ReadError> {
        let at = listed.config.trim_start_matches("./").to_owned();
        if !self.images.contains_key(&at) {
            let config = Config::parse(self.config_at(&at)?);
            let config = config.map_err(|error| damaged(&at, &error.to_string()))?;
            let layers = listed.layers.into_iter();
            let layers = layers.map(|at| Place { at, plain: false }).collect();
            self.add(&at, config, layers);
        }
        self.name(&at, listed.tags);
        Ok(())
    }

    /// All images of an OCI index, and of those in it.
    fn add_index(&mut self, index: Vec<Descriptor>) -> Result<(), ReadError> {
        // Where the config lies of what a descriptor has led to; `None` for what is no image.
        let mut seen: HashMap<String, Option<String>> = HashMap::new();
        let mut open = vec![(index, None)];
        while let Some((index, inherited)) = open.pop() {
            for entry in index {
                if let Some(about) = entry.attests() {
                    if self.attestations.len() < MAX_ATTESTATIONS {
                        self.attestations.push((entry.path()?, about.to_owned()));
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
                    let manifest: Option<Manifest> = self.documents.parse(&at)?;
                    let config = match manifest {
                        Some(Manifest {
                            config: Some(config),
                            layers,
                            ..
                        }) => self.add_manifest(&config, &layers)?,
                        Some(Manifest { manifests, .. }) if open.len() < MAX_INDEXES => {
                            open.push((manifests, tag.clone()));
                            None
                        }
                        _ => None,
                    };
                    seen.insert(at.clone(), config);
                }
                if let Some(Some(config)) = seen.get(&at) {
                    self.name(config, tag);
                    if let Some(image) = self.images.get_mut(config)
                        && image.manifests.len() < MAX_MANIFESTS
                        && !image.manifests.contains(&entry.digest)
                    {
                        image.manifests.push(entry.digest);
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds an image; where its config lies.
    fn add_manifest(
        &mut self,
        descriptor: &Descriptor,
        layers: &[Descriptor],
    ) -> Result<Option<String>, ReadError> {
        let at = descriptor.path()?;
        let layers: Result<Vec<_>, _> = layers.iter().map(Descriptor::place).collect();
        if let Some(known) = self.images.get_mut(&at) {
            // Docker's list, which comes first, has no media types.
            let layers = layers.unwrap_or_default();
            let path = |place: &Place| place.at.clone();
            if layers.iter().map(path).eq(known.layers.iter().map(path)) {
                known.layers = layers;
            }
            return Ok(Some(at));
        }
        let config = match Config::parse(self.config_at(&at)?) {
            Ok(config) => config,
            // A chart, a signature, a bill of materials.
            Err(_) if !descriptor.media_type.contains("image") => return Ok(None),
            Err(error) => return Err(damaged(&at, &error.to_string())),
        };
        self.add(&at, config, layers?);
        Ok(Some(at))
    }

    fn config_at(&self, at: &str) -> Result<&'a [u8], ReadError> {
        let missing = || ReadError::Missing(format!("the config {}", shown(at)));
        self.documents.get(at)?.ok_or_else(missing)
    }

    fn add(&mut self, at: &str, config: Config, layers: Vec<Place>) {
        let hex = at.rsplit(['/', ':']).next().unwrap_or(at);
        let identity = ImageIdentity {
            names: Vec::new(),
            platform: config.platform.clone(),
            id: format!("sha256:{}", hex.trim_end_matches(".json")),
        };
        let image = Chosen {
            identity,
            config,
            layers,
            provenance: Provenance::default(),
            manifests: Vec::new(),
        };
        self.images.insert(at.to_owned(), image);
    }

    /// Gives an image names, each once, and no more than anybody would.
    fn name(&mut self, at: &str, names: impl IntoIterator<Item = String>) {
        if let Some(image) = self.images.get_mut(at) {
            for name in names.into_iter().take(MAX_NAMES) {
                let known = &mut image.identity.names;
                if known.len() < MAX_NAMES && !known.contains(&name) {
                    known.push(name);
                }
            }
        }
    }
}
