//! Nothing of a run stays behind, however it ends.
//!
//! Names are noted *before* the engine is asked to create anything, and creating happens on
//! a task of its own: Stop may drop the run at any await, but a create that is under way is
//! waited for and then undone.

use crate::kept::Kept;
use engine::{Engine, EngineError, Object, StoppedBuilds};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio_util::task::TaskTracker;

/// What a run has created, or is just creating.
#[derive(Debug, Default)]
pub(crate) struct Cleanup {
    tracker: TaskTracker,
    stopped_builds: StoppedBuilds,
    noted: Mutex<Vec<Object>>,
    /// What is not to be removed by others before all of this is.
    held: Mutex<Vec<Arc<Kept>>>,
}

impl Cleanup {
    pub(crate) fn container(&self, name: &str) {
        self.note(Object::Container(name.to_owned()));
    }

    pub(crate) fn network(&self, name: &str) {
        self.note(Object::Network(name.to_owned()));
    }

    pub(crate) fn image(&self, tag: &str) {
        self.note(Object::Image(tag.to_owned()));
    }

    /// For the run's builds: nothing is removed before those that were stopped have ended.
    pub(crate) fn stopped_builds(&self) -> StoppedBuilds {
        self.stopped_builds.clone()
    }

    /// The image is not removed: it is somebody else's from now on.
    pub(crate) fn leave_image(&self, tag: &str) {
        let left = Object::Image(tag.to_owned());
        self.noted().retain(|noted| *noted != left);
    }

    /// Holds on to a kept image until all is removed.
    pub(crate) fn hold(&self, kept: Arc<Kept>) {
        let held = self.held.lock();
        held.unwrap_or_else(PoisonError::into_inner).push(kept);
    }

    fn note(&self, object: Object) {
        self.noted().push(object);
    }

    fn noted(&self) -> MutexGuard<'_, Vec<Object>> {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Runs `future` to its end even when the caller is dropped meanwhile.
    pub(crate) async fn to_the_end<T: Send + 'static>(
        &self,
        future: impl Future<Output = T> + Send + 'static,
    ) -> Result<T, EngineError> {
        self.tracker
            .spawn(future)
            .await
            .map_err(|error| EngineError::Failed(error.to_string()))
    }

    /// Removes everything, containers first and the newest of them before the others, and what
    /// `earlier` runs could not remove. Returns what is still there, and why.
    pub(crate) async fn run(
        self,
        engine: &Engine,
        earlier: Vec<Object>,
    ) -> Vec<(Object, EngineError)> {
        self.tracker.close();
        self.tracker.wait().await;
        self.stopped_builds.end().await;
        let noted = self.noted.into_inner();
        let mut all = noted.unwrap_or_else(PoisonError::into_inner);
        all.splice(0..0, earlier);
        all.reverse();
        all.sort_by_key(|object| match object {
            Object::Container(_) => 0,
            Object::Network(_) => 1,
            Object::Image(_) => 2,
        });
        let mut left = Vec::new();
        for object in all {
            if let Err(error) = engine.remove_object(&object).await {
                left.push((object, error));
            }
        }
        left
    }
}
