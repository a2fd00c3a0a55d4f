//! The one doorway to Docker: nothing else names bollard or BuildKit.

mod image;

pub use image::{ImageError, ImageFacts, PullProgress};

use bollard::Docker;

/// A reachable Docker engine.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: Docker,
}

impl Engine {
    /// Connects to a `unix://` address.
    pub async fn connect(address: &str) -> anyhow::Result<Engine> {
        let docker = Docker::connect_with_unix(address, 120, bollard::API_DEFAULT_VERSION)?;
        let docker = docker.negotiate_version().await?;
        Ok(Engine { docker })
    }
}
