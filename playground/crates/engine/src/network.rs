//! Private networks: a lab's containers see one another, and nothing else.

use crate::connection::Engine;
use crate::error::{EngineError, absent_is_removed};
use crate::owner::Owner;
use bollard::models::NetworkCreateRequest;

/// An internal bridge network of one run; remove it with [`Engine::remove_network`].
#[derive(Clone, Debug)]
pub struct PrivateNetwork {
    /// Its name, unique to the run.
    pub name: String,
}

impl Engine {
    /// Makes a network without a way out, and without the host on it where the kind of engine
    /// can do that.
    ///
    /// # Errors
    ///
    /// The engine refuses, as for want of free subnets.
    pub async fn private_network(
        &self,
        owner: &Owner,
        run: &str,
    ) -> Result<PrivateNetwork, EngineError> {
        let name = format!("empty-room-{run}");
        self.docker
            .create_network(NetworkCreateRequest {
                name: name.clone(),
                driver: Some("bridge".to_owned()),
                internal: Some(true),
                options: self.kind.host_isolation_options(),
                labels: Some(owner.labels("network")),
                ..NetworkCreateRequest::default()
            })
            .await?;
        Ok(PrivateNetwork { name })
    }

    /// Removes a network of ours, by name or id; one that is gone is no error.
    ///
    /// # Errors
    ///
    /// A container still uses it.
    pub async fn remove_network(&self, name: &str) -> Result<(), EngineError> {
        Ok(absent_is_removed(self.docker.remove_network(name).await)?)
    }
}
