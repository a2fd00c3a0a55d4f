//! What a manifest makes of an image: command, user, mounts, rights, as it will really be started.
//!
//! Reads Kubernetes objects, Compose files and ECS task definitions into [`Container`]s, each an
//! image's configuration with what the manifest changes in it. Pure, and believes nothing: a
//! manifest may come from anywhere, so its size, depth and aliases are bounded. What only the
//! cluster knows is noted as such, never guessed. Refuses to know files, rules and reports.

mod capabilities;
mod choose;
mod compose;
mod container;
mod document;
mod ecs;
mod error;
mod kubernetes;
mod node;
#[cfg(test)]
mod tests;
mod words;

pub use container::{Container, Mount, MountKind, System};
pub use error::ManifestError;

use document::documents;
use node::Node;

/// Bytes of a manifest: etcd takes no larger object either.
pub const MAX_BYTES: usize = 1 << 20;
/// Containers of one manifest.
const MAX_CONTAINERS: usize = 1000;

/// Everything that a manifest says about containers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Manifest {
    /// In the order of the file.
    pub containers: Vec<Container>,
    /// What starts no containers, by kind, name and line: `Service/api (line 30)`.
    pub others: Vec<String>,
}

impl Manifest {
    /// Reads a manifest, whichever kind it is.
    ///
    /// # Errors
    ///
    /// Where it is too large, no YAML or JSON, or says something that its system would refuse.
    pub fn read(bytes: &[u8]) -> Result<Manifest, ManifestError> {
        if bytes.len() > MAX_BYTES {
            return Err(ManifestError::whole(
                format!("it is larger than {MAX_BYTES} bytes"),
                "name the one manifest that starts this image",
            ));
        }
        let text = std::str::from_utf8(bytes).map_err(|error| {
            let before = &bytes[..error.valid_up_to()];
            let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
            ManifestError::at(line as u32, "a byte here is no UTF-8", "save it as UTF-8")
        })?;
        let mut manifest = Manifest::default();
        let documents = documents(text)?;
        for document in &documents {
            manifest.add(document)?;
        }
        if manifest.containers.is_empty() {
            let others = match manifest.others.is_empty() {
                true => "it is empty".to_owned(),
                false => format!("it has only {}", manifest.others.join(", ")),
            };
            return Err(ManifestError::whole(
                format!("nothing in it starts a container: {others}"),
                "name a Pod or what makes Pods (Deployment, Job …), a Compose file, or an ECS task \
                 definition",
            ));
        }
        if manifest.containers.len() > MAX_CONTAINERS {
            return Err(ManifestError::whole(
                format!("it has more than {MAX_CONTAINERS} containers"),
                "name the one manifest that starts this image",
            ));
        }
        Ok(manifest)
    }

    fn add(&mut self, document: &Node) -> Result<(), ManifestError> {
        if document.is_null() {
            return Ok(());
        }
        let has = |key: &str| document.get(key).is_some();
        match () {
            () if has("kind") => kubernetes::read(document, self),
            () if has("containerDefinitions") || has("taskDefinition") => ecs::read(document, self),
            () if has("services") => compose::read(document, self),
            () => {
                let keys = document.keys().take(8).collect::<Vec<_>>().join(", ");
                let has = match keys.is_empty() {
                    true => "it is no mapping".to_owned(),
                    false => format!("its keys are {keys}"),
                };
                Err(ManifestError::at(
                    document.line,
                    format!(
                        "neither a Kubernetes object (`kind`), nor a Compose file (`services`), nor \
                         an ECS task definition (`containerDefinitions`): {has}"
                    ),
                    "render templates first, be it with `helm template` or `kustomize build`",
                ))
            }
        }
    }
}
