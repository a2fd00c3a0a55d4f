//! Cleaning up what a killed playground left behind.
//!
//! Only objects with our label are looked at, and of those only the ones whose owner is
//! dead (see `owner`). Images are swept by their label too: a run removes its own image at
//! its end, so one that is still there was left by a killed run.

use super::image::familiar;
use super::{Engine, EngineError, LABEL, Owner};
use bollard::query_parameters::{
    ListContainersOptionsBuilder, ListImagesOptionsBuilder, ListNetworksOptionsBuilder,
};
use std::collections::HashMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// What a sweep removed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Swept {
    /// Containers removed.
    pub containers: usize,
    /// Networks removed.
    pub networks: usize,
    /// Images removed.
    pub images: usize,
}

impl Engine {
    /// Removes what dead playgrounds left on this engine.
    pub async fn sweep(&self, owner: &Owner) -> Result<Swept, EngineError> {
        let owner_label = format!("{LABEL}.owner");
        let ours = HashMap::from([("label".to_owned(), vec![owner_label.clone()])]);
        let dead = |labels: &Option<HashMap<String, String>>| {
            labels
                .as_ref()
                .and_then(|l| l.get(&owner_label))
                .is_some_and(|id| !owner.lives(id))
        };
        let mut swept = Swept::default();
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&ours)
            .build();
        for container in self.docker.list_containers(Some(options)).await? {
            if let (true, Some(id)) = (dead(&container.labels), &container.id) {
                self.remove(id).await?;
                swept.containers += 1;
            }
        }
        let options = ListNetworksOptionsBuilder::default().filters(&ours).build();
        for network in self.docker.list_networks(Some(options)).await? {
            if let (true, Some(id)) = (dead(&network.labels), &network.id) {
                self.docker.remove_network(id).await?;
                swept.networks += 1;
            }
        }
        swept.images = self.sweep_images(owner).await?;
        owner.forget_the_dead();
        Ok(swept)
    }

    /// Images are tagged `empty-room/run:<owner>-…`: the label is part of the image's
    /// config and would make every warm build export a new image.
    async fn sweep_images(&self, owner: &Owner) -> Result<usize, EngineError> {
        let labelled = HashMap::from([("label".to_owned(), vec![format!("{LABEL}=lab")])]);
        let options = ListImagesOptionsBuilder::default()
            .filters(&labelled)
            .build();
        let mut removed = 0;
        for image in self.docker.list_images(Some(options)).await? {
            let mut lives = false;
            for tag in &image.repo_tags {
                match super::run_tag_owner(familiar(tag)) {
                    Some(id) if !owner.lives(id) => {
                        self.remove_tag(tag).await?;
                        removed += 1;
                    }
                    _ => lives = true,
                }
            }
            if image.repo_tags.is_empty() && !lives && !self.may_be_cache(image.created) {
                self.remove_tag(&image.id).await?;
                removed += 1;
            }
        }
        Ok(removed)
    }

    /// Podman's build cache is nameless images that carry our label. Those of the last week
    /// keep builds warm.
    fn may_be_cache(&self, created: i64) -> bool {
        const WEEK: Duration = Duration::from_secs(7 * 24 * 3600);
        let created = UNIX_EPOCH + Duration::from_secs(created.try_into().unwrap_or(0));
        self.is_podman() && SystemTime::now() < created + WEEK
    }

    /// Removes one name of an image, and the image with its last name.
    pub async fn remove_tag(&self, tag: &str) -> Result<(), EngineError> {
        match self
            .docker
            .remove_image(
                tag,
                None::<bollard::query_parameters::RemoveImageOptions>,
                None,
            )
            .await
        {
            Ok(_) => Ok(()),
            Err(bollard::errors::Error::DockerResponseServerError {
                status_code: 404 | 409,
                ..
            }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

impl Engine {
    /// Names of everything on the engine that belongs to an owner.
    pub async fn objects_of(&self, owner: &str) -> Result<Vec<String>, EngineError> {
        let label = format!("{LABEL}.owner={owner}");
        let ours = HashMap::from([("label".to_owned(), vec![label])]);
        let mut names = Vec::new();
        let options = ListContainersOptionsBuilder::default()
            .all(true)
            .filters(&ours)
            .build();
        for container in self.docker.list_containers(Some(options)).await? {
            names.extend(container.names.into_iter().flatten());
        }
        let options = ListNetworksOptionsBuilder::default().filters(&ours).build();
        for network in self.docker.list_networks(Some(options)).await? {
            names.extend(network.name);
        }
        for image in self
            .docker
            .list_images(None::<bollard::query_parameters::ListImagesOptions>)
            .await?
        {
            let tags = image.repo_tags.into_iter();
            let tags = tags.map(|tag| familiar(&tag).to_owned());
            names.extend(tags.filter(|tag| super::run_tag_owner(tag) == Some(owner)));
        }
        Ok(names)
    }
}
