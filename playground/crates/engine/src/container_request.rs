//! What a container is asked to be. Plain data; `hardening` turns it into the engine's terms.

use crate::network::PrivateNetwork;

/// What a container is attached to.
#[derive(Clone, Debug)]
pub enum Attachment {
    /// Loopback only.
    Isolated,
    /// A private network, under this DNS name.
    PrivateNetwork(PrivateNetwork, String),
    /// The network namespace of another container of ours, by id.
    NetworkOf(String),
    /// Network and PID namespaces of another container of ours, by id, and the right to look
    /// into its processes. It sees nothing but them: they are ours as well.
    NamespacesOf(String),
}

/// A container to create.
#[derive(Clone, Debug)]
pub struct ContainerRequest {
    /// Name, unique on the engine.
    pub name: String,
    /// Image id or name.
    pub image: String,
    /// Arguments instead of the image's CMD.
    pub command: Option<Vec<String>>,
    /// `NAME=value`
    pub env: Vec<String>,
    /// What it can reach.
    pub attachment: Attachment,
    /// Running containers on its private network: (their name there, their id). Networks
    /// of Podman may know no names, so there they go into `/etc/hosts`.
    pub peers: Vec<(String, String)>,
    /// Memory in bytes; capped by `hardening`.
    pub memory_bytes: Option<i64>,
    /// CPU time in billionths of a core; capped by `hardening`.
    pub nano_cpus: Option<i64>,
    /// Its file system, where it is not the image's own.
    pub mounts: Mounts,
}

impl ContainerRequest {
    /// A container of this image as it is: its own command and files, nobody beside it.
    pub fn new(name: String, image: &str, attachment: Attachment) -> ContainerRequest {
        ContainerRequest {
            name,
            image: image.to_owned(),
            command: None,
            env: Vec::new(),
            attachment,
            peers: Vec::new(),
            memory_bytes: None,
            nano_cpus: None,
            mounts: Mounts::default(),
        }
    }
}

/// What of a container's file system is not simply the image's.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mounts {
    /// The root file system can only be read.
    pub read_only: bool,
    /// Empty directories in memory, by absolute path.
    pub tmpfs: Vec<String>,
    /// Anonymous volumes, by absolute path.
    pub volumes: Vec<String>,
    /// First port that needs no privilege, in the container's own network namespace.
    pub unprivileged_port_start: Option<u16>,
}
