//! A container's files as the engine sees them: what a merged tree is held against.

use super::{Engine, plain};
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use std::io;
use std::time::Duration;

/// The engine may take long to walk a large tree before it says a word.
const PATIENCE: Duration = Duration::from_secs(3600);

impl Engine {
    /// All files of a container, running or not, as one tar; those in volumes are left out.
    pub fn export(&self, container: &str) -> impl Stream<Item = io::Result<Bytes>> + use<> {
        let docker = self.docker.clone().with_timeout(PATIENCE);
        let stream = docker.export_container(container);
        stream.map_err(|error| io::Error::other(plain(&error)))
    }
}
