//! What a running container holds in memory, as its engine counts it.

use crate::connection::Engine;
use crate::error::EngineError;
use bollard::query_parameters::StatsOptionsBuilder;
use futures_util::StreamExt;

impl Engine {
    /// Bytes that the container holds now, counted as `docker stats` does: without pages of
    /// files that the kernel could drop. `None` where the engine does not count.
    ///
    /// # Errors
    /// The engine does not answer, or knows no such container.
    pub async fn memory(&self, container: &str) -> Result<Option<u64>, EngineError> {
        let options = StatsOptionsBuilder::default()
            .stream(false)
            .one_shot(true)
            .build();
        let mut stats = Box::pin(self.docker.stats(container, Some(options)));
        let Some(stats) = stats.next().await.transpose()? else {
            return Ok(None);
        };
        let Some((usage, memory)) = stats.memory_stats.and_then(|m| Some((m.usage?, m))) else {
            return Ok(None);
        };
        // cgroup v2 calls it `inactive_file`, v1 `total_inactive_file`.
        let counts = memory.stats.unwrap_or_default();
        let dropped = ["total_inactive_file", "inactive_file"];
        let dropped = dropped.iter().find_map(|name| counts.get(*name));
        Ok(Some(usage.saturating_sub(dropped.copied().unwrap_or(0))))
    }
}
