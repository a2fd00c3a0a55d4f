//! Pulling an image from a registry, and how far that has come.

use crate::connection::Engine;
use crate::error::ImageError;
use bollard::models::CreateImageInfo;
use bollard::query_parameters::CreateImageOptionsBuilder;
use futures_util::StreamExt;
use std::collections::HashMap;
use std::time::Duration;

/// How far a pull has come.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PullProgress {
    /// Bytes of layers that have come in.
    pub current: u64,
    /// Bytes of all layers that have been announced so far.
    pub total: u64,
}

impl Engine {
    /// Pulls `name`, telling how many bytes of its layers are there.
    ///
    /// A registry that gives no sign of life for `first_sign` counts as unreachable.
    ///
    /// # Errors
    ///
    /// The registry cannot be reached or does not have it, or the engine refuses.
    pub async fn pull(
        &self,
        name: &str,
        first_sign: Duration,
        on_progress: &(dyn Fn(PullProgress) + Send + Sync),
    ) -> Result<(), ImageError> {
        let options = CreateImageOptionsBuilder::default()
            .from_image(name)
            .build();
        let mut lines = Box::pin(self.docker.create_image(Some(options), None, None));
        let mut layers = HashMap::new();
        let mut limit = first_sign;
        loop {
            let Ok(next) = tokio::time::timeout(limit, lines.next()).await else {
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
}
