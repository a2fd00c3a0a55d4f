//! Images on the engine: inspect, list, load, save, tag, remove; `pull` gets them.
//!
//! Knows nothing of bases or labs; [`ImageError`] says what callers branch on.

mod pull;

pub use pull::PullProgress;

use crate::connection::{BULK_LIMIT, Engine};
use crate::error::{ImageError, absent_is_removed};
use crate::names::familiar;
use bollard::errors::Error;
use bollard::models::ImageInspect;
use bollard::query_parameters::{
    ImportImageOptionsBuilder, ListImagesOptionsBuilder, RemoveImageOptionsBuilder,
    TagImageOptionsBuilder,
};
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use std::collections::HashMap;
use tokio::sync::RwLock;

/// What an engine knows about an image.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ImageFacts {
    /// The engine's id.
    pub id: String,
    /// All its names.
    pub names: Vec<String>,
    /// As this engine prints it, in bytes.
    pub size_bytes: u64,
    /// Labels of its configuration.
    pub labels: HashMap<String, String>,
    /// `amd64`, `arm64`.
    pub architecture: String,
    /// `linux`.
    pub os: String,
    /// Digests of the unpacked layers, from the bottom up.
    pub diff_ids: Vec<String>,
    /// Instructions, from the bottom up; also those that made no layer.
    pub history: Vec<String>,
    /// `NAME=value`.
    pub env: Vec<String>,
}

/// An image in the engine's list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageListed {
    /// The engine's id.
    pub id: String,
    /// All its names; none of one that lost them to a newer image.
    pub names: Vec<String>,
    /// As this engine prints it, in bytes.
    pub size_bytes: u64,
}

/// Removals of images that are under way in this process, on whichever connection.
static REMOVALS: RwLock<()> = RwLock::const_new(());

/// What the engine answers of an image; `None` where it has no such image.
fn if_there<T>(answer: Result<T, Error>) -> Result<Option<T>, ImageError> {
    match answer {
        Ok(answer) => Ok(Some(answer)),
        Err(Error::DockerResponseServerError {
            status_code: 404, ..
        }) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

impl Engine {
    /// Whether an image that was just built, and got this name, is there to stay.
    ///
    /// Docker counts an image's names, then removes it with all that it has by then: a removal that
    /// began before this name was given may take it along. Those under way are waited for; a later
    /// one sees the name. What other processes remove meanwhile is not seen.
    ///
    /// # Errors
    ///
    /// The engine does not answer.
    pub async fn has_kept(&self, name: &str) -> Result<bool, ImageError> {
        drop(REMOVALS.write().await);
        Ok(self.image_id(name).await?.is_some())
    }

    /// The id of the image `name`; `None` where it has no such image.
    ///
    /// # Errors
    ///
    /// The engine does not answer.
    pub async fn image_id(&self, name: &str) -> Result<Option<String>, ImageError> {
        let found = if_there(self.docker.inspect_image(name).await)?;
        Ok(found.map(|found| found.id.unwrap_or_default()))
    }

    /// What the engine knows about `name`; `None` where it has no such image.
    ///
    /// # Errors
    ///
    /// The engine does not answer.
    pub async fn image(&self, name: &str) -> Result<Option<ImageFacts>, ImageError> {
        let (found, history) = tokio::join!(
            self.docker.inspect_image(name),
            self.docker.image_history(name)
        );
        let Some(found) = if_there(found)? else {
            return Ok(None);
        };
        let mut facts = facts(found);
        let history = match history {
            // Of an image without layers, engines with containerd's store write `null`.
            Err(Error::JsonDataError { .. } | Error::JsonSerdeError { .. }) => Vec::new(),
            history => match if_there(history)? {
                Some(history) => history,
                // Removed between the two answers.
                None => return Ok(None),
            },
        };
        facts.history = history
            .into_iter()
            .rev()
            .map(|line| line.created_by)
            .collect();
        Ok(Some(facts))
    }

    /// Loads a docker-archive.
    ///
    /// # Errors
    ///
    /// The engine refuses the archive, its disk is full, or the stream breaks off.
    pub async fn load<S>(&self, archive: S) -> Result<(), ImageError>
    where
        S: Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    {
        let docker = self.docker.clone().with_timeout(BULK_LIMIT);
        let options = ImportImageOptionsBuilder::default().build();
        let answer = docker.import_image_stream(options, archive, None);
        answer
            .try_for_each(|_| async { Ok(()) })
            .await
            .map_err(ImageError::from)
    }

    /// The image as a docker-archive, as the engine writes it; the last item is an error where
    /// there is no such image or the engine breaks off.
    pub fn save(&self, name: &str) -> impl Stream<Item = Result<Bytes, ImageError>> + use<> {
        let docker = self.docker.clone().with_timeout(BULK_LIMIT);
        docker.export_image(name).map_err(ImageError::from)
    }

    /// Gives an image another name.
    ///
    /// # Errors
    ///
    /// There is no such image, or `name` is none.
    pub async fn tag(&self, image: &str, name: &str) -> Result<(), ImageError> {
        let (repo, tag) = name.rsplit_once(':').unwrap_or((name, "latest"));
        let options = TagImageOptionsBuilder::default()
            .repo(repo)
            .tag(tag)
            .build();
        Ok(self.docker.tag_image(image, Some(options)).await?)
    }

    /// Removes one name of an image, and the image with its last name, or by its id; one that
    /// is not there is no error.
    ///
    /// # Errors
    ///
    /// The image is in use, or the engine does not answer.
    pub async fn remove_image(&self, name: &str) -> Result<(), ImageError> {
        let _under_way = REMOVALS.read().await;
        let options = RemoveImageOptionsBuilder::default().build();
        let removed = self.docker.remove_image(name, Some(options), None).await;
        Ok(absent_is_removed(removed)?)
    }

    /// Every image that the engine has, but for the layers between: those with a name first,
    /// by name.
    ///
    /// # Errors
    ///
    /// The engine does not answer.
    pub async fn images(&self) -> Result<Vec<ImageListed>, ImageError> {
        let options = ListImagesOptionsBuilder::default().build();
        let found = self.docker.list_images(Some(options)).await?;
        let mut images: Vec<_> = found
            .into_iter()
            .map(|image| ImageListed {
                id: image.id,
                names: names(&image.repo_tags),
                size_bytes: image.size.try_into().unwrap_or_default(),
            })
            .collect();
        images.sort_by(|a, b| {
            let key = |image: &ImageListed| (image.names.is_empty(), image.names.first().cloned());
            key(a).cmp(&key(b)).then_with(|| a.id.cmp(&b.id))
        });
        Ok(images)
    }

    /// Names (or ids, where there is no name) of the images that carry `label`
    /// (`key` or `key=value`).
    ///
    /// # Errors
    ///
    /// The engine does not answer.
    pub async fn images_labelled(&self, label: &str) -> Result<Vec<String>, ImageError> {
        let filters = HashMap::from([("label".to_string(), vec![label.to_string()])]);
        let options = ListImagesOptionsBuilder::default()
            .filters(&filters)
            .build();
        let found = self.docker.list_images(Some(options)).await?;
        Ok(found
            .into_iter()
            .flat_map(|image| match names(&image.repo_tags) {
                names if names.is_empty() => vec![image.id],
                names => names,
            })
            .collect())
    }
}

/// An image's names in a list, where an image without any has a placeholder.
fn names(repo_tags: &[String]) -> Vec<String> {
    let named = repo_tags.iter().filter(|name| *name != "<none>:<none>");
    named.map(|name| familiar(name).to_owned()).collect()
}

fn facts(found: ImageInspect) -> ImageFacts {
    let config = found.config.unwrap_or_default();
    ImageFacts {
        id: found.id.unwrap_or_default(),
        names: found
            .repo_tags
            .unwrap_or_default()
            .iter()
            .map(|name| familiar(name).to_owned())
            .collect(),
        size_bytes: found
            .size
            .and_then(|size| size.try_into().ok())
            .unwrap_or_default(),
        labels: config.labels.unwrap_or_default(),
        architecture: found.architecture.unwrap_or_default(),
        os: found.os.unwrap_or_default(),
        diff_ids: found
            .root_fs
            .and_then(|root| root.layers)
            .unwrap_or_default(),
        history: Vec::new(),
        env: config.env.unwrap_or_default(),
    }
}
