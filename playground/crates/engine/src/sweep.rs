//! Cleaning up what a killed playground left behind.
//!
//! Only what provably belongs to a dead owner is removed (see `owner`): containers and
//! networks say so by a label, images by their tag, since a label in the image's config
//! would make every warm build export a new one. An image without a tag names nobody; it
//! may be another machine's that shares the engine, so it is left to `docker image prune`.
//!
//! What cannot be removed does not keep the rest: it is reported, and tried again at the
//! next start.

use crate::connection::Engine;
use crate::error::{EngineError, absent_is_removed};
use crate::names::{familiar, run_tag_owner};
use crate::owner::{LABEL, Owner};
use bollard::errors::Error;
use bollard::models::{ContainerSummary, Network, Volume};
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptions, ListImagesOptionsBuilder,
    ListNetworksOptionsBuilder, ListVolumesOptionsBuilder, RemoveVolumeOptions,
};
use std::collections::HashMap;
use std::fmt::Display;

/// What a sweep did.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Containers removed.
    pub containers: usize,
    /// Networks removed.
    pub networks: usize,
    /// Anonymous volumes removed that had outlived their container.
    pub volumes: usize,
    /// Images removed.
    pub images: usize,
    /// What is still there, and why.
    pub not_removed: Vec<String>,
}

impl Swept {
    /// Counts what was removed; notes what was not.
    fn count(&mut self, what: &str, name: &str, outcome: Result<(), impl Display>) -> usize {
        match outcome {
            Ok(()) => 1,
            Err(error) => {
                self.not_removed.push(format!("{what} {name}: {error}"));
                0
            }
        }
    }

    fn listed<T>(&mut self, what: &str, answer: Result<Vec<T>, Error>) -> Vec<T> {
        answer.unwrap_or_else(|error| {
            self.not_removed
                .push(format!("{what}: {}", EngineError::from(error)));
            Vec::new()
        })
    }
}

/// Something on an engine that is to be removed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Object {
    /// A container, by its name.
    Container(String),
    /// A network, by its name.
    Network(String),
    /// An image, by its tag.
    Image(String),
}

impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Object::Container(name) => write!(f, "container {name}"),
            Object::Network(name) => write!(f, "network {name}"),
            Object::Image(tag) => write!(f, "image {tag}"),
        }
    }
}

type Filters = HashMap<String, Vec<String>>;

/// Lets through what carries `label` (`key` or `key=value`).
fn labelled(label: String) -> Filters {
    HashMap::from([("label".to_owned(), vec![label])])
}

impl Engine {
    /// Removes an object; one that is gone already is removed.
    ///
    /// # Errors
    ///
    /// The engine does not answer, or refuses.
    pub async fn remove_object(&self, object: &Object) -> Result<(), EngineError> {
        match object {
            Object::Container(name) => self.remove(name).await,
            Object::Network(name) => self.remove_network(name).await,
            Object::Image(tag) => {
                let removed = self.remove_image(tag).await;
                removed.map_err(|error| EngineError::Failed(error.to_string()))
            }
        }
    }

    /// Removes what dead playgrounds left on this engine.
    pub async fn sweep(&self, owner: &Owner) -> Swept {
        let owner_label = format!("{LABEL}.owner");
        let ours = labelled(owner_label.clone());
        let dead = |labels: &Option<HashMap<String, String>>| {
            labels
                .as_ref()
                .and_then(|l| l.get(&owner_label))
                .is_some_and(|id| !owner.is_alive(id))
        };
        let mut swept = Swept::default();
        for container in swept.listed("containers", self.containers(&ours).await) {
            if let (true, Some(id)) = (dead(&container.labels), &container.id) {
                let removed = self.remove(id).await;
                swept.containers += swept.count("container", id, removed);
            }
        }
        for network in swept.listed("networks", self.networks(&ours).await) {
            if let (true, Some(id)) = (dead(&network.labels), &network.id) {
                let removed = self.remove_network(id).await;
                swept.networks += swept.count("network", id, removed);
            }
        }
        for volume in swept.listed("volumes", self.volumes(&ours).await) {
            if dead(&Some(volume.labels)) {
                let removed = self
                    .docker
                    .remove_volume(&volume.name, None::<RemoveVolumeOptions>)
                    .await;
                let removed = absent_is_removed(removed).map_err(EngineError::from);
                swept.volumes += swept.count("volume", &volume.name, removed);
            }
        }
        let options = ListImagesOptionsBuilder::default()
            .filters(&labelled(format!("{LABEL}=lab")))
            .build();
        let images = self.docker.list_images(Some(options)).await;
        for image in swept.listed("images", images) {
            for tag in &image.repo_tags {
                if run_tag_owner(familiar(tag)).is_some_and(|id| !owner.is_alive(id)) {
                    let removed = self.remove_image(tag).await;
                    swept.images += swept.count("image", tag, removed);
                }
            }
        }
        owner.forget_dead();
        swept
    }

    async fn containers(&self, filters: &Filters) -> Result<Vec<ContainerSummary>, Error> {
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(filters)
            .build();
        self.docker.list_containers(Some(options)).await
    }

    async fn networks(&self, filters: &Filters) -> Result<Vec<Network>, Error> {
        let options = ListNetworksOptionsBuilder::default()
            .filters(filters)
            .build();
        self.docker.list_networks(Some(options)).await
    }

    async fn volumes(&self, filters: &Filters) -> Result<Vec<Volume>, Error> {
        let options = ListVolumesOptionsBuilder::default()
            .filters(filters)
            .build();
        let listed = self.docker.list_volumes(Some(options)).await?;
        Ok(listed.volumes.unwrap_or_default())
    }

    /// Names of everything on the engine that belongs to an owner.
    ///
    /// # Errors
    ///
    /// The engine does not answer.
    pub async fn objects_of(&self, owner: &str) -> Result<Vec<String>, EngineError> {
        let ours = labelled(format!("{LABEL}.owner={owner}"));
        let mut names = Vec::new();
        for container in self.containers(&ours).await? {
            names.extend(container.names.into_iter().flatten());
        }
        for network in self.networks(&ours).await? {
            names.extend(network.name);
        }
        names.extend(self.volumes(&ours).await?.into_iter().map(|v| v.name));
        for image in self.docker.list_images(None::<ListImagesOptions>).await? {
            let tags = image.repo_tags.into_iter();
            let tags = tags.map(|tag| familiar(&tag).to_owned());
            names.extend(tags.filter(|tag| run_tag_owner(tag) == Some(owner)));
        }
        Ok(names)
    }
}
