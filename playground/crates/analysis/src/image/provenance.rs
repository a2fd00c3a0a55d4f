//! What an image was built from, as its builder attested it or its labels say.
//!
//! Sources: BuildKit's `docs/attestations/attestation-storage.md` (where it lies),
//! `slsa-definitions.md` and SLSA provenance v0.2 and v1 (what is in it), `util/purl` (how it
//! writes image names). Nothing here is signed: it is what the archive says of itself. Refuses
//! to judge.

use super::config::{Config, or_default};
use super::documents::Documents;
use super::error::ReadError;
use super::manifest::{Descriptor, Manifest};
use super::text::shown;
use packageurl::PackageUrl;
use policy::image_name::ImageName;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::str::FromStr;
use std::sync::Arc;

/// Materials that are kept. Builds name a handful.
pub const MAX_MATERIALS: usize = 1000;
/// Attestations of an image that are read, and blobs of each: BuildKit writes one, with a blob
/// for the provenance and one for each bill of materials. The same one many times is an attack.
const MAX_READ: usize = 8;
/// Bytes of a material's name: a reference may have 255, and qualifiers.
const MAX_NAME: usize = 1024;
/// What begins the type of every SLSA provenance: `v0.2`, `v1`.
const SLSA: &str = "https://slsa.dev/provenance/";
/// Says of an attestation's blob what it is about, where the builder set it.
const PREDICATE_TYPE: &str = "in-toto.io/predicate-type";

/// What an image was built from.
#[derive(Clone, Debug, Default)]
pub struct Provenance {
    /// Whether a builder attested it. If not, there is nothing but labels.
    pub attested: bool,
    /// Images that went into it, in the builder's order, each once.
    pub materials: Vec<Material>,
    /// Why an attestation that is there could not be read.
    pub error: Option<Arc<ReadError>>,
}

/// An image that went into another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// As people write it: `golang`, `gcr.io/distroless/static-debian12`.
    pub name: String,
    /// The tag that was asked for; builders write `latest` where none was.
    pub tag: Option<String>,
    /// What it was at that moment: `sha256:…` of its index or manifest.
    pub digest: Option<String>,
    /// How it was asked for.
    pub pin: Pin,
    /// For which platform: `linux/amd64`.
    pub platform: Option<String>,
    /// What it was used for.
    pub part: Part,
}

/// How the Dockerfile asked for an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Pin {
    /// By digest: the same today and tomorrow.
    Digest,
    /// By tag alone: whatever that is on the day of the build.
    Tag,
    /// Nobody attested it: `org.opencontainers.image.base.name` and `.digest` name it, and do
    /// not tell. Labels are inherited: it may be the base of the base.
    Unknown,
}

/// What a material was used for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// A stage began with it (`FROM`), or files came from it (`COPY --from`). Which of them
    /// the last stage began with is not told.
    Base,
    /// It built: the Dockerfile's `# syntax=`, or the scanner of a bill of materials.
    Builder,
}

impl Provenance {
    /// What the attestations at these names say, and the labels where there is none.
    pub(super) fn of<'a>(
        documents: &Documents,
        attestations: impl Iterator<Item = &'a str>,
        config: &Config,
    ) -> Provenance {
        let mut found = Provenance::default();
        for at in attestations.take(MAX_READ) {
            if let Err(error) = found.add_attestation(documents, at) {
                found.error = Some(Arc::new(error));
            }
        }
        if found.materials.is_empty() {
            let labels = &config.runtime.labels;
            found.materials.extend(Material::of_labels(labels));
        }
        found
    }

    /// Reads an attestation manifest; what the archive leaves out is not missed.
    fn add_attestation(&mut self, documents: &Documents, at: &str) -> Result<(), ReadError> {
        let manifest: Option<Manifest> = documents.parse(at)?;
        let blobs = manifest.map(|manifest| manifest.layers).unwrap_or_default();
        let slsa = |blob: &&Descriptor| {
            let kind = blob.annotations.get(PREDICATE_TYPE);
            kind.is_none_or(|kind| kind.starts_with(SLSA))
        };
        for blob in blobs.iter().filter(slsa).take(MAX_READ) {
            let statement: Option<Statement> = documents.parse(&blob.path()?)?;
            let statement = statement.filter(|it| it.predicate_type.starts_with(SLSA));
            if let Some(Statement { predicate, .. }) = statement {
                self.attested = true;
                self.add(predicate);
            }
        }
        Ok(())
    }

    fn add(&mut self, predicate: Predicate) {
        let built = predicate.build_definition;
        let frontends = [
            predicate.invocation.parameters,
            built.external_parameters.parameters,
            built.external_parameters.request,
        ];
        let frontend = frontends.into_iter().find_map(|it| it.args.source);
        let frontend = frontend.map(|source| familiar(&source));
        let resources = predicate.materials.into_iter();
        for resource in resources.chain(built.resolved_dependencies) {
            let material = Material::of(&resource, frontend.as_deref());
            if self.materials.len() < MAX_MATERIALS {
                let new = material.filter(|it| !self.materials.contains(it));
                self.materials.extend(new);
            }
        }
    }
}

impl Material {
    /// `None` for what is no image: Git repositories, downloads.
    fn of(resource: &Resource, frontend: Option<&str>) -> Option<Material> {
        if resource.uri.len() > MAX_NAME {
            return None;
        }
        let package = PackageUrl::from_str(&resource.uri).ok()?;
        if !matches!(package.ty(), "docker" | "oci") {
            return None;
        }
        let name = match package.namespace() {
            Some(namespace) => format!("{namespace}/{}", package.name()),
            None => package.name().to_owned(),
        };
        let name = familiar(&name);
        let qualifier = |key| package.qualifiers().get(key).map(|value| value.as_ref());
        let (version, tag) = match package.version() {
            Some(version) if is_digest(version) => (Some(version), None),
            tag => (None, tag),
        };
        let asked = qualifier("digest").filter(|it| is_digest(it)).or(version);
        let taken = resource.digest.get("sha256");
        let taken = taken.map(|hex| format!("sha256:{hex}"));
        let scanner = name == "docker/buildkit-syft-scanner";
        Some(Material {
            part: match scanner || frontend == Some(name.as_str()) {
                true => Part::Builder,
                false => Part::Base,
            },
            name: shown(&name),
            tag: tag.map(shown),
            digest: taken
                .filter(|it| is_digest(it))
                .or(asked.map(str::to_owned)),
            pin: match asked {
                Some(_) => Pin::Digest,
                None => Pin::Tag,
            },
            platform: qualifier("platform").map(shown),
        })
    }

    /// OCI's annotations, which builders also write as labels.
    fn of_labels(labels: &BTreeMap<String, String>) -> Option<Material> {
        let name = labels.get("org.opencontainers.image.base.name")?;
        if name.is_empty() || name.len() > MAX_NAME {
            return None;
        }
        let named = ImageName::of(name);
        let digest = labels.get("org.opencontainers.image.base.digest").cloned();
        Some(Material {
            name: shown(&named.familiar()),
            tag: named.tag.map(shown),
            digest: digest
                .or(named.digest.map(str::to_owned))
                .filter(|it| is_digest(it)),
            pin: Pin::Unknown,
            platform: None,
            part: Part::Base,
        })
    }
}

/// Without what people leave out: `docker.io/library/`.
fn familiar(name: &str) -> String {
    ImageName::of(name).familiar().into_owned()
}

fn is_digest(text: &str) -> bool {
    let hex = |c: char| matches!(c, '0'..='9' | 'a'..='f');
    text.strip_prefix("sha256:")
        .is_some_and(|digits| digits.len() == 64 && digits.chars().all(hex))
}

/// An in-toto statement.
#[derive(Deserialize)]
struct Statement {
    #[serde(rename = "predicateType", default, deserialize_with = "or_default")]
    predicate_type: String,
    #[serde(default, deserialize_with = "or_default")]
    predicate: Predicate,
}

/// SLSA's v0.2 and v1 in one: they share no name.
#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Predicate {
    #[serde(deserialize_with = "or_default")]
    materials: Vec<Resource>,
    #[serde(deserialize_with = "or_default")]
    invocation: Parameters,
    #[serde(deserialize_with = "or_default")]
    build_definition: BuildDefinition,
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct BuildDefinition {
    #[serde(deserialize_with = "or_default")]
    external_parameters: Parameters,
    #[serde(deserialize_with = "or_default")]
    resolved_dependencies: Vec<Resource>,
}

/// What the client asked for; BuildKit has called it both.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Parameters {
    #[serde(deserialize_with = "or_default")]
    parameters: Request,
    #[serde(deserialize_with = "or_default")]
    request: Request,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Request {
    #[serde(deserialize_with = "or_default")]
    args: Args,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Args {
    /// The image that reads the Dockerfile (`# syntax=`).
    source: Option<String>,
}

#[derive(Deserialize)]
struct Resource {
    #[serde(default, deserialize_with = "or_default")]
    uri: String,
    #[serde(default, deserialize_with = "or_default")]
    digest: BTreeMap<String, String>,
}
