//! Nothing of a run stays behind, however it ends.
//!
//! Names are noted *before* the engine is asked to create anything, and creating happens on
//! a task of its own: Stop may drop the run at any await, but a create that is under way is
//! waited for and then undone.

use engine::{Engine, StoppedBuilds};
use std::sync::{Mutex, PoisonError};
use tokio_util::task::TaskTracker;

/// What a run has created, or is just creating.
#[derive(Debug, Default)]
pub(crate) struct Cleanup {
    tracker: TaskTracker,
    stopped_builds: StoppedBuilds,
    noted: Mutex<Noted>,
}

#[derive(Debug, Default)]
struct Noted {
    containers: Vec<String>,
    networks: Vec<String>,
    images: Vec<String>,
}

impl Cleanup {
    pub(crate) fn container(&self, name: &str) {
        self.note(|n| n.containers.push(name.to_owned()));
    }

    pub(crate) fn network(&self, name: &str) {
        self.note(|n| n.networks.push(name.to_owned()));
    }

    pub(crate) fn image(&self, tag: &str) {
        self.note(|n| n.images.push(tag.to_owned()));
    }

    /// For the run's builds: nothing is removed before those that were stopped have ended.
    pub(crate) fn stopped_builds(&self) -> StoppedBuilds {
        self.stopped_builds.clone()
    }

    fn note(&self, add: impl FnOnce(&mut Noted)) {
        add(&mut self.noted.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Runs `future` to its end even when the caller is dropped meanwhile.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, engine::EngineError> {
        self.tracker
            .spawn(future)
            .await
            .map_err(|error| engine::EngineError::Failed(error.to_string()))
    }

    /// Removes everything, newest first; returns what could not be removed.
    pub(crate) async fn run(self, engine: &Engine) -> Vec<String> {
        self.tracker.close();
        self.tracker.wait().await;
        self.stopped_builds.end().await;
        let noted = self
            .noted
            .into_inner()
            .unwrap_or_else(PoisonError::into_inner);
        let mut left = Vec::new();
        for name in noted.containers.iter().rev() {
            if let Err(error) = engine.remove(name).await {
                left.push(format!("container {name}: {error}"));
            }
        }
        for name in noted.networks {
            if let Err(error) = engine.remove_network(&name).await {
                left.push(format!("network {name}: {error}"));
            }
        }
        for tag in noted.images {
            if let Err(error) = engine.remove_image(&tag).await {
                left.push(format!("image {tag}: {error}"));
            }
        }
        left
    }
}
