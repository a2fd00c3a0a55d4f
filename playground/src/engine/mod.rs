//! The one doorway to Docker: nothing else names bollard or BuildKit.

mod image;

use bollard::Docker;

/// A reachable Docker engine.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: Docker,
}
