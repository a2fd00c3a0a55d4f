//! Private networks: a lab's containers see one another, and nothing else.

use super::{Engine, EngineError, Owner};
use bollard::models::NetworkCreateRequest;
use std::collections::HashMap;

/// An internal bridge network of one run; remove it with [`Engine::remove_network`].
#[derive(Clone, Debug)]
pub struct PrivateNetwork {
    /// Its name, unique to the run.
    pub name: String,
}

impl Engine {
    /// Makes a network without a way out, and without the host on it: on an internal bridge
    /// the host still answers at the gateway's address, with all that it listens to there.
    ///
    /// Podman does not know the option; there the host stays in reach.
    pub async fn private_network(
        &self,
        owner: &Owner,
        run: &str,
    ) -> Result<PrivateNetwork, EngineError> {
        let name = format!("empty-room-{run}");
        let nameless = ("com.docker.network.bridge.inhibit_ipv4", "true");
        let options = [nameless].map(|(key, value)| (key.to_owned(), value.to_owned()));
        self.docker
            .create_network(NetworkCreateRequest {
                name: name.clone(),
                driver: Some("bridge".to_owned()),
                internal: Some(true),
                options: (!self.is_podman()).then(|| HashMap::from(options)),
                labels: Some(owner.labels("network")),
                ..NetworkCreateRequest::default()
            })
            .await?;
        Ok(PrivateNetwork { name })
    }

    /// Removes a network of ours.
    pub async fn remove_network(&self, network: &PrivateNetwork) -> Result<(), EngineError> {
        self.remove_network_called(&network.name).await
    }

    pub(super) async fn remove_network_called(&self, name: &str) -> Result<(), EngineError> {
        super::gone_by_now(self.docker.remove_network(name).await)
    }
}
