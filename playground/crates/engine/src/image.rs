//! Images on the engine: inspect, load, save, pull, tag, remove, and the one small build
//! that needs no BuildKit.
//!
//! Knows nothing of bases or labs; says in [`ImageError`] what callers branch on.

use super::Engine;
use bollard::errors::Error;
use bollard::models::{CreateImageInfo, ImageInspect};
use bollard::query_parameters::{
    BuildImageOptionsBuilder, CreateImageOptionsBuilder, ImportImageOptionsBuilder,
    ListImagesOptionsBuilder, RemoveImageOptionsBuilder, TagImageOptionsBuilder,
};
use bytes::Bytes;
use futures_util::{Stream, StreamExt, TryStreamExt};
use std::collections::HashMap;
use std::time::Duration;

/// Sending or making a large image may take long before the engine says a word.
const PATIENCE: Duration = Duration::from_secs(3600);

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

/// Why something could not be done with an image.
#[derive(Debug, thiserror::Error)]
pub enum ImageError {
    /// Neither name nor id is known.
    #[error("{0}")]
    NotFound(String),
    /// The engine found no way to the registry.
    #[error("{0}")]
    RegistryUnreachable(String),
    /// The engine's disk is full.
    #[error("{0}")]
    NoSpace(String),
    /// Anything else, in the engine's words.
    #[error("{0}")]
    Refused(String),
}

/// How far a pull has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PullProgress {
    /// Bytes of layers that have come in.
    pub current: u64,
    /// Bytes of all layers that have been announced so far.
    pub total: u64,
}

impl Engine {
    /// What the engine knows about `name`; `None` where it has no such image.
    pub async fn image(&self, name: &str) -> Result<Option<ImageFacts>, ImageError> {
        let found = match self.docker.inspect_image(name).await {
            Ok(found) => found,
            Err(Error::DockerResponseServerError {
                status_code: 404, ..
            }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let mut facts = facts(found);
        let history = self.docker.image_history(name).await?;
        facts.history = history
            .into_iter()
            .rev()
            .map(|line| line.created_by)
            .collect();
        Ok(Some(facts))
    }

    /// Loads a docker-archive.
    pub async fn load<S>(&self, archive: S) -> Result<(), ImageError>
    where
        S: Stream<Item = std::io::Result<Bytes>> + Send + 'static,
    {
        let docker = self.docker.clone().with_timeout(PATIENCE);
        let options = ImportImageOptionsBuilder::default().build();
        let said = docker.import_image_stream(options, archive, None);
        said.try_for_each(|_| async { Ok(()) })
            .await
            .map_err(ImageError::from)
    }

    /// Pulls `name`, telling how many bytes of its layers are there.
    ///
    /// A registry that gives no sign of life for `first_sign` counts as unreachable.
    pub async fn pull(
        &self,
        name: &str,
        first_sign: Duration,
        on_progress: &(dyn Fn(PullProgress) + Send + Sync),
    ) -> Result<(), ImageError> {
        let options = CreateImageOptionsBuilder::default()
            .from_image(name)
            .build();
        let mut said = Box::pin(self.docker.create_image(Some(options), None, None));
        let mut layers = HashMap::new();
        let mut limit = first_sign;
        loop {
            let Ok(next) = tokio::time::timeout(limit, said.next()).await else {
                let silence = format!("no answer for {} s", limit.as_secs());
                return Err(ImageError::RegistryUnreachable(silence));
            };
            match next {
                None => return Ok(()),
                Some(info) => on_progress(count(&mut layers, info?)),
            }
            // Once it talks, only a dead connection is silent for this long.
            limit = first_sign.max(Duration::from_secs(120));
        }
    }

    /// The image as a docker-archive, as the engine writes it.
    pub fn save(&self, name: &str) -> impl Stream<Item = Result<Bytes, ImageError>> + use<> {
        let docker = self.docker.clone().with_timeout(PATIENCE);
        docker.export_image(name).map_err(ImageError::from)
    }

    /// Gives an image another name.
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
    pub async fn remove_image(&self, name: &str) -> Result<(), ImageError> {
        let options = RemoveImageOptionsBuilder::default().build();
        match self.docker.remove_image(name, Some(options), None).await {
            Ok(_)
            | Err(Error::DockerResponseServerError {
                status_code: 404, ..
            }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }

    /// Every image that the engine has, but for the layers between: those with a name first,
    /// by name.
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

    /// Builds a context (a tar with a `Dockerfile`) whose FROM the engine has, with the
    /// classic builder: no registry, no session. Returns what the build said; a failed one
    /// says it in the error.
    pub async fn build_classic(&self, context: Vec<u8>, name: &str) -> Result<String, ImageError> {
        let docker = self.docker.clone().with_timeout(PATIENCE);
        let options = BuildImageOptionsBuilder::default()
            .dockerfile("Dockerfile")
            .t(name)
            .rm(true)
            .forcerm(true)
            .build();
        let body = bollard::body_full(Bytes::from(context));
        let mut lines = docker.build_image(options, None, Some(body));
        let mut said = String::new();
        while let Some(line) = lines.next().await {
            match line {
                Ok(line) => said.push_str(line.stream.as_deref().unwrap_or_default()),
                Err(error) => {
                    return Err(match ImageError::from(error) {
                        ImageError::Refused(text) => ImageError::Refused(format!("{said}{text}")),
                        other => other,
                    });
                }
            }
        }
        Ok(said)
    }
}

/// An image's names in a list, where an image without any has a placeholder.
fn names(repo_tags: &[String]) -> Vec<String> {
    let named = repo_tags.iter().filter(|name| *name != "<none>:<none>");
    named.map(|name| familiar(name).to_owned()).collect()
}

/// A name as Docker says it; Podman says them in full (`docker.io/library/golang:1.23`).
pub(super) fn familiar(name: &str) -> &str {
    ["docker.io/library/", "docker.io/", "localhost/"]
        .iter()
        .find_map(|registry| name.strip_prefix(registry))
        .unwrap_or(name)
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

/// Adds a line of the pull to what is known of its layers.
fn count(layers: &mut HashMap<String, (u64, u64)>, info: CreateImageInfo) -> PullProgress {
    let status = info.status.unwrap_or_default();
    if let (Some(id), Some(detail)) = (info.id, info.progress_detail) {
        let layer = layers.entry(id).or_default();
        if status == "Downloading" {
            let bytes = |n: Option<i64>| n.and_then(|n| n.try_into().ok()).unwrap_or_default();
            *layer = (bytes(detail.current), bytes(detail.total));
        } else if status == "Download complete" || status == "Pull complete" {
            layer.0 = layer.1;
        }
    }
    let (current, total) = layers
        .values()
        .fold((0, 0), |sum, l| (sum.0 + l.0, sum.1 + l.1));
    PullProgress { current, total }
}

impl From<Error> for ImageError {
    fn from(error: Error) -> ImageError {
        let text = match error {
            Error::DockerResponseServerError {
                status_code: 404,
                message,
            } => {
                return ImageError::NotFound(message);
            }
            Error::DockerResponseServerError { message, .. } => message,
            Error::DockerStreamError { error } => error,
            other => other.to_string(),
        };
        // The engine passes on what its HTTP client said; there is no code for it.
        const NO_WAY: [&str; 14] = [
            "no such host",
            "server misbehaving",
            "name resolution",
            "i/o timeout",
            "connection refused",
            "connection reset",
            "network is unreachable",
            "no route to host",
            "TLS handshake timeout",
            "deadline exceeded",
            "Client.Timeout",
            "request canceled",
            "proxyconnect",
            "x509: ",
        ];
        if super::is_disk_full(&text) {
            ImageError::NoSpace(text)
        } else if NO_WAY.iter().any(|sign| text.contains(sign)) {
            ImageError::RegistryUnreachable(text)
        } else {
            ImageError::Refused(text)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bollard::models::ProgressDetail;

    fn line(status: &str, id: &str, current: i64, total: i64) -> CreateImageInfo {
        CreateImageInfo {
            id: Some(id.to_string()),
            status: Some(status.to_string()),
            progress_detail: Some(ProgressDetail {
                current: Some(current),
                total: Some(total),
            }),
            ..Default::default()
        }
    }

    #[test]
    fn pull_progress_adds_up_layers_and_never_counts_unpacking() {
        let mut layers = HashMap::new();
        count(&mut layers, line("Downloading", "a", 10, 100));
        assert_eq!(
            count(&mut layers, line("Downloading", "b", 5, 50)),
            PullProgress {
                current: 15,
                total: 150
            }
        );
        count(&mut layers, line("Download complete", "a", 0, 0));
        let extracting = count(&mut layers, line("Extracting", "a", 3, 900));
        assert_eq!(
            extracting,
            PullProgress {
                current: 105,
                total: 150
            }
        );
    }

    #[test]
    fn podmans_full_names_are_dockers_familiar_ones() {
        for full in [
            "docker.io/empty-room/run:a-b",
            "localhost/empty-room/run:a-b",
        ] {
            assert_eq!(familiar(full), "empty-room/run:a-b");
        }
        assert_eq!(familiar("docker.io/library/golang:1.23"), "golang:1.23");
        assert_eq!(familiar("quay.io/x/y:1"), "quay.io/x/y:1");
    }

    #[test]
    fn a_name_that_does_not_resolve_is_an_unreachable_registry() {
        let error = Error::DockerResponseServerError {
            status_code: 500,
            message: "Get \"https://r/v2/\": dial tcp: lookup r on [::1]:53: no such host".into(),
        };
        assert!(matches!(
            ImageError::from(error),
            ImageError::RegistryUnreachable(_)
        ));
        let error = Error::DockerStreamError {
            error: "toomanyrequests: slow down".into(),
        };
        assert!(matches!(ImageError::from(error), ImageError::Refused(_)));
    }
}
