//! The documents that lead to images: Docker's `manifest.json`, OCI's indexes and manifests.
//!
//! Only what choosing needs of them. What a document names is a blob of the same archive,
//! never a path elsewhere.

use super::config::or_default;
use super::error::{ReadError, damaged};
use super::text::shown;
use serde::Deserialize;
use std::collections::HashMap;

/// One image of Docker's `manifest.json`.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Listed {
    pub(super) config: String,
    #[serde(rename = "RepoTags", default, deserialize_with = "or_default")]
    pub(super) tags: Vec<String>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) layers: Vec<String>,
}

/// An image's manifest, or an index.
#[derive(Deserialize)]
pub(super) struct Manifest {
    pub(super) config: Option<Descriptor>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) layers: Vec<Descriptor>,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) manifests: Vec<Descriptor>,
}

/// Media types of layers that are not compressed. Docker's own says nothing of that.
const PLAIN: [&str; 2] = [
    "application/vnd.oci.image.layer.v1.tar",
    "application/vnd.oci.image.layer.nondistributable.v1.tar",
];

/// Where a layer lies, as a manifest says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) at: String,
    /// Whether it is said to be a plain tar.
    pub(super) plain: bool,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Descriptor {
    pub(super) digest: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) media_type: String,
    #[serde(default, deserialize_with = "or_default")]
    pub(super) annotations: HashMap<String, String>,
}

impl Descriptor {
    pub(super) fn is_image(&self) -> bool {
        !self.annotations.contains_key("vnd.docker.reference.type")
    }

    /// The digest of the manifest that it is an attestation about, where it is one.
    /// Source: BuildKit's `docs/attestations/attestation-storage.md`.
    pub(super) fn attests(&self) -> Option<&str> {
        let kind = self.annotations.get("vnd.docker.reference.type")?;
        let about = self.annotations.get("vnd.docker.reference.digest")?;
        (kind == "attestation-manifest").then_some(about)
    }

    /// The full name where there is one, else the bare tag that the OCI layout has.
    pub(super) fn name(&self) -> Option<String> {
        let named = |key| self.annotations.get(key).cloned();
        named("io.containerd.image.name").or_else(|| named("org.opencontainers.image.ref.name"))
    }

    /// The same of a layer.
    pub(super) fn place(&self) -> Result<Place, ReadError> {
        Ok(Place {
            at: self.path()?,
            plain: PLAIN.contains(&self.media_type.as_str()),
        })
    }

    /// Where its blob lies; nowhere else, whatever the digest says.
    pub(super) fn path(&self) -> Result<String, ReadError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit();
        match self.digest.split_once(':') {
            Some((algorithm, hex))
                if (1..=16).contains(&algorithm.len())
                    && (32..=128).contains(&hex.len())
                    && algorithm.chars().all(plain)
                    && hex.chars().all(plain) =>
            {
                Ok(format!("blobs/{algorithm}/{hex}"))
            }
            _ => Err(damaged(
                "a manifest",
                &format!("\"{}\" is no digest", shown(&self.digest)),
            )),
        }
    }
}
