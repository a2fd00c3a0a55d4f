//! Containers: created, started, listened to, waited for, removed.
//!
//! What they may do is decided elsewhere (`hardening`), the same for all of them.

use super::hardening::{host_config, volumes};
use super::{Engine, EngineError, Owner, PrivateNetwork};
use crate::event::Stream;
use bollard::container::LogOutput;
use bollard::models::{
    ContainerCreateBody, ContainerState, EndpointSettings, HostConfig, NetworkingConfig,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, LogsOptionsBuilder, RemoveContainerOptionsBuilder,
    WaitContainerOptionsBuilder,
};
use futures_util::StreamExt;
use std::collections::HashMap;

/// What a container is attached to.
#[derive(Clone, Debug)]
pub enum Attachment {
    /// Loopback only.
    Nothing,
    /// A private network, under this DNS name.
    Private(PrivateNetwork, String),
    /// The network namespace of another container of ours, by id.
    Beside(String),
    /// Network and PID namespaces of another container of ours, by id, and the right to look
    /// into its processes. It sees nothing but them: they are ours as well.
    Inside(String),
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
    pub neighbours: Vec<(String, String)>,
    /// Memory in bytes; capped by [`limits`].
    pub memory_bytes: Option<i64>,
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
            neighbours: Vec::new(),
            memory_bytes: None,
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

/// A container that the engine refused to start.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{message}")]
pub struct StartError {
    /// The engine's words.
    pub message: String,
    /// The exit code that the engine noted: 126, 127 or 128.
    pub exit_code: Option<i64>,
    /// The engine said so itself, rather than not answering at all.
    pub answered: bool,
}

impl From<EngineError> for StartError {
    fn from(error: EngineError) -> Self {
        StartError {
            message: error.0,
            exit_code: None,
            answered: false,
        }
    }
}

/// How a container ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exit {
    /// Exit code; 137 after SIGKILL.
    pub code: i64,
    /// Killed for using more than its memory.
    pub out_of_memory: bool,
}

impl Engine {
    /// Creates a container; returns its id.
    pub async fn create(
        &self,
        owner: &Owner,
        request: &ContainerRequest,
    ) -> Result<String, StartError> {
        let options = CreateContainerOptionsBuilder::default()
            .name(&request.name)
            .build();
        let networking = match &request.attachment {
            Attachment::Private(network, alias) => Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(
                    network.name.clone(),
                    EndpointSettings {
                        aliases: Some(vec![alias.clone()]),
                        ..EndpointSettings::default()
                    },
                )])),
            }),
            _ => None,
        };
        let body = ContainerCreateBody {
            image: Some(request.image.clone()),
            cmd: request.command.clone(),
            env: Some(request.env.clone()),
            labels: Some(owner.labels("container")),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            host_config: Some(HostConfig {
                extra_hosts: self.hosts(request).await?,
                mounts: volumes(owner, request),
                ..host_config(request)
            }),
            networking_config: networking,
            ..ContainerCreateBody::default()
        };
        let created = self.docker.create_container(Some(options), body).await;
        created
            .map(|container| container.id)
            .map_err(|error| refusal(&error, None))
    }

    /// `name:address` of each neighbour, where the engine's networks may know no names.
    async fn hosts(&self, request: &ContainerRequest) -> Result<Option<Vec<String>>, EngineError> {
        let Attachment::Private(network, _) = &request.attachment else {
            return Ok(None);
        };
        if !self.is_podman() {
            return Ok(None);
        }
        let mut hosts = Vec::new();
        for (name, container) in &request.neighbours {
            let found = self.docker.inspect_container(container, None).await?;
            let address = found
                .network_settings
                .and_then(|settings| settings.networks?.remove(&network.name)?.ip_address)
                .filter(|address| !address.is_empty());
            hosts.extend(address.map(|address| format!("{name}:{address}")));
        }
        Ok(Some(hosts))
    }

    /// What a started container writes, from its first byte, until it ends.
    ///
    /// Read from the engine's log of it. Attaching before the start is a race on Docker: what
    /// is written at once may come twice or not at all. Text is lossy UTF-8.
    pub fn output(
        &self,
        container: &str,
    ) -> impl futures_util::Stream<Item = (Stream, String)> + Send + use<> {
        let options = LogsOptionsBuilder::default()
            .stdout(true)
            .stderr(true)
            .follow(true)
            .build();
        let pieces = self.docker.logs(container, Some(options));
        pieces.filter_map(|piece| async move {
            let (stream, bytes) = match piece.ok()? {
                LogOutput::StdErr { message } => (Stream::Stderr, message),
                LogOutput::StdOut { message } | LogOutput::Console { message } => {
                    (Stream::Stdout, message)
                }
                LogOutput::StdIn { .. } => return None,
            };
            Some((stream, String::from_utf8_lossy(&bytes).into_owned()))
        })
    }

    /// Starts a created container.
    pub async fn start(&self, container: &str) -> Result<(), StartError> {
        let Err(error) = self.docker.start_container(container, None).await else {
            return Ok(());
        };
        let exit_code = self.noted_exit_code(container).await;
        Err(refusal(&error, exit_code))
    }

    async fn noted_exit_code(&self, container: &str) -> Option<i64> {
        let found = self.docker.inspect_container(container, None).await.ok()?;
        found.state?.exit_code
    }

    /// Waits for a started container's end.
    pub async fn wait(&self, container: &str) -> Result<Exit, EngineError> {
        let options = WaitContainerOptionsBuilder::default()
            .condition("not-running")
            .build();
        let mut waiting = self.docker.wait_container(container, Some(options));
        let code = match waiting.next().await {
            Some(Ok(response)) => response.status_code,
            // bollard turns every exit but 0 into an error.
            Some(Err(bollard::errors::Error::DockerContainerWaitError { code, .. })) => code,
            Some(Err(error)) => return Err(error.into()),
            None => return Err(EngineError("the engine stopped answering".to_owned())),
        };
        let state = self.state(container).await?;
        Ok(Exit {
            code,
            out_of_memory: state.oom_killed.unwrap_or(false),
        })
    }

    /// How a started container has ended; `None` while it runs.
    pub async fn exited(&self, container: &str) -> Result<Option<Exit>, EngineError> {
        let state = self.state(container).await?;
        Ok(match state.running {
            Some(true) => None,
            _ => Some(Exit {
                code: state.exit_code.unwrap_or_default(),
                out_of_memory: state.oom_killed.unwrap_or(false),
            }),
        })
    }

    async fn state(&self, container: &str) -> Result<ContainerState, EngineError> {
        let found = self.docker.inspect_container(container, None).await?;
        Ok(found.state.unwrap_or_default())
    }

    /// Sends SIGTERM.
    pub async fn terminate(&self, container: &str) -> Result<(), EngineError> {
        let options = bollard::query_parameters::KillContainerOptionsBuilder::default()
            .signal("SIGTERM")
            .build();
        Ok(self.docker.kill_container(container, Some(options)).await?)
    }

    /// Removes a container, running or not, with its anonymous volumes.
    pub async fn remove(&self, container: &str) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::default()
            .force(true)
            .v(true)
            .build();
        super::gone_by_now(self.docker.remove_container(container, Some(options)).await)
    }

    /// Reads one file out of a container, running or not; at most `most` bytes.
    pub async fn read_file(
        &self,
        container: &str,
        path: &str,
        most: usize,
    ) -> Result<Vec<u8>, EngineError> {
        let options = bollard::query_parameters::DownloadFromContainerOptionsBuilder::default()
            .path(path)
            .build();
        let mut stream = self
            .docker
            .download_from_container(container, Some(options));
        let mut archive = Vec::new();
        while let Some(piece) = stream.next().await {
            archive.extend_from_slice(&piece?);
            if archive.len() > most + 4096 {
                return Err(EngineError(format!("{path} is larger than {most} bytes")));
            }
        }
        let mut tar = tar::Archive::new(archive.as_slice());
        let unreadable = |e: std::io::Error| EngineError(format!("{path}: {e}"));
        for entry in tar.entries().map_err(unreadable)? {
            let mut entry = entry.map_err(unreadable)?;
            if entry.header().entry_type().is_file() {
                let mut bytes = Vec::new();
                std::io::Read::read_to_end(&mut entry, &mut bytes).map_err(unreadable)?;
                return Ok(bytes);
            }
        }
        Err(EngineError(format!("{path} is not a file")))
    }
}

fn refusal(error: &bollard::errors::Error, exit_code: Option<i64>) -> StartError {
    use bollard::errors::Error::DockerResponseServerError;
    StartError {
        message: super::plain(error),
        exit_code,
        answered: matches!(error, DockerResponseServerError { .. }),
    }
}
