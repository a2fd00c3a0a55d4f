//! A container's files as the engine sees them: what a merged tree is held against.

use crate::connection::{BULK_LIMIT, Engine};
use crate::error::EngineError;
use bytes::Bytes;
use futures_util::{Stream, TryStreamExt};
use std::io;

impl Engine {
    /// All files of a container, running or not, as one tar; those in volumes are left out.
    pub fn export(&self, container: &str) -> impl Stream<Item = io::Result<Bytes>> + use<> {
        let docker = self.docker.clone().with_timeout(BULK_LIMIT);
        let stream = docker.export_container(container);
        stream.map_err(|error| io::Error::other(EngineError::from(error)))
    }
}
