//! Builds that were stopped, and what the engine still does of them.
//!
//! Owns waiting for their ends. Refuses to know how an end shows: each way of building tells.

use tokio::runtime::Handle;
use tokio_util::task::TaskTracker;

/// The builds of one owner (a run, say) that were stopped and may still name their images.
#[derive(Clone, Debug, Default)]
pub struct StoppedBuilds(TaskTracker);

impl StoppedBuilds {
    /// Waits until the engine has ended those that were stopped so far, for some seconds at the
    /// most. Where a builder does not say when it has, waits as long as that usually takes.
    pub async fn end(&self) {
        self.0.close();
        self.0.wait().await;
    }

    /// From now on waits for `end`, too.
    pub(super) fn wait_for(&self, end: impl Future<Output = ()> + Send + 'static) {
        // Without a runtime the whole process ends, and its connections with it.
        if let Ok(runtime) = Handle::try_current() {
            self.0.spawn_on(end, &runtime);
        }
    }
}
