//! Containers: created, started, listened to, waited for, removed.
//!
//! What they may do is decided elsewhere (`hardening`), the same for all of them.

use crate::connection::Engine;
use crate::container_request::{Attachment, ContainerRequest};
use crate::error::{EngineError, StartError, absent_is_removed};
use crate::event::Stream;
use crate::hardening::{host_config, volumes};
use crate::owner::Owner;
use bollard::container::LogOutput;
use bollard::errors::Error;
use bollard::models::{
    ContainerCreateBody, ContainerState, EndpointSettings, HostConfig, NetworkingConfig,
};
use bollard::query_parameters::{
    CreateContainerOptionsBuilder, DownloadFromContainerOptionsBuilder,
    KillContainerOptionsBuilder, LogsOptionsBuilder, RemoveContainerOptionsBuilder,
    WaitContainerOptionsBuilder,
};
use futures_util::StreamExt;
use std::collections::HashMap;
use std::time::{Duration, Instant};

/// The exit code of what was killed: 128 and the signal's number.
const SIGKILLED: i64 = 137;
/// How long after an end an engine may note why, and how often it is asked.
const NOTED_WITHIN: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(50);

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
    ///
    /// # Errors
    ///
    /// The engine refuses the request, or cannot be asked.
    pub async fn create(
        &self,
        owner: &Owner,
        request: &ContainerRequest,
    ) -> Result<String, StartError> {
        let options = CreateContainerOptionsBuilder::default()
            .name(&request.name)
            .build();
        let networking = match &request.attachment {
            Attachment::PrivateNetwork(network, alias) => Some(NetworkingConfig {
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
            .map_err(|error| StartError::new(error, None))
    }

    /// `name:address` of each peer, where the engine's networks may know no names.
    async fn hosts(&self, request: &ContainerRequest) -> Result<Option<Vec<String>>, EngineError> {
        let Attachment::PrivateNetwork(network, _) = &request.attachment else {
            return Ok(None);
        };
        if self.kind.networks_know_names() {
            return Ok(None);
        }
        let mut hosts = Vec::new();
        for (name, container) in &request.peers {
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
    ///
    /// # Errors
    ///
    /// The engine refuses, as where there is no such program; or it cannot be asked.
    pub async fn start(&self, container: &str) -> Result<(), StartError> {
        let Err(error) = self.docker.start_container(container, None).await else {
            return Ok(());
        };
        let noted = self.state(container).await.ok();
        let exit_code = noted.and_then(|state| state.exit_code);
        Err(StartError::new(error, exit_code))
    }

    /// Waits for a started container's end.
    ///
    /// # Errors
    ///
    /// The engine stopped answering.
    pub async fn wait(&self, container: &str) -> Result<Exit, EngineError> {
        let options = WaitContainerOptionsBuilder::default()
            .condition("not-running")
            .build();
        let mut waiting = self.docker.wait_container(container, Some(options));
        let code = match waiting.next().await {
            Some(Ok(response)) => response.status_code,
            // bollard turns every exit but 0 into an error.
            Some(Err(Error::DockerContainerWaitError { code, .. })) => code,
            Some(Err(error)) => return Err(error.into()),
            None => return Err(EngineError::Unreachable),
        };
        let state = self.state(container).await?;
        Ok(Exit {
            code,
            out_of_memory: state.oom_killed.unwrap_or(false),
        })
    }

    /// Waits for the end of a started container that nobody stops meanwhile. What kills it is the
    /// kernel then, as a rule for its memory; engines hear of that and of the end from different
    /// places, so that they may note it a moment later.
    ///
    /// # Errors
    ///
    /// The engine stopped answering.
    pub async fn wait_undisturbed(&self, container: &str) -> Result<Exit, EngineError> {
        let mut exit = self.wait(container).await?;
        let ended = Instant::now();
        while exit.code == SIGKILLED && !exit.out_of_memory && ended.elapsed() < NOTED_WITHIN {
            tokio::time::sleep(LOOK).await;
            let state = self.state(container).await?;
            exit.out_of_memory = state.oom_killed.unwrap_or(false);
        }
        Ok(exit)
    }

    /// How a started container has ended; `None` while it runs.
    ///
    /// # Errors
    ///
    /// There is no such container, or no answer.
    pub async fn exited(&self, container: &str) -> Result<Option<Exit>, EngineError> {
        let state = self.state(container).await?;
        let ended = state.running != Some(true);
        Ok(ended.then(|| Exit {
            code: state.exit_code.unwrap_or_default(),
            out_of_memory: state.oom_killed.unwrap_or(false),
        }))
    }

    async fn state(&self, container: &str) -> Result<ContainerState, EngineError> {
        let found = self.docker.inspect_container(container, None).await?;
        Ok(found.state.unwrap_or_default())
    }

    /// Sends SIGTERM.
    ///
    /// # Errors
    ///
    /// It does not run, or no answer.
    pub async fn terminate(&self, container: &str) -> Result<(), EngineError> {
        let options = KillContainerOptionsBuilder::default()
            .signal("SIGTERM")
            .build();
        Ok(self.docker.kill_container(container, Some(options)).await?)
    }

    /// Removes a container, running or not, with its anonymous volumes.
    ///
    /// # Errors
    ///
    /// The engine cannot remove it, or does not answer.
    pub async fn remove(&self, container: &str) -> Result<(), EngineError> {
        let options = RemoveContainerOptionsBuilder::default()
            .force(true)
            .v(true)
            .build();
        let removed = self.docker.remove_container(container, Some(options)).await;
        Ok(absent_is_removed(removed)?)
    }

    /// Reads one file out of a container, running or not; at most `max_bytes`.
    ///
    /// # Errors
    ///
    /// There is no such file, it is none, or larger than that.
    pub async fn read_file(
        &self,
        container: &str,
        path: &str,
        max_bytes: usize,
    ) -> Result<Vec<u8>, EngineError> {
        let options = DownloadFromContainerOptionsBuilder::default()
            .path(path)
            .build();
        let mut stream = self
            .docker
            .download_from_container(container, Some(options));
        let mut archive = Vec::new();
        while let Some(piece) = stream.next().await {
            archive.extend_from_slice(&piece?);
            if archive.len() > max_bytes + 4096 {
                return Err(EngineError::Failed(format!(
                    "{path} is larger than {max_bytes} bytes"
                )));
            }
        }
        let mut tar = tar::Archive::new(archive.as_slice());
        let unreadable = |e: std::io::Error| EngineError::Failed(format!("{path}: {e}"));
        for entry in tar.entries().map_err(unreadable)? {
            let mut entry = entry.map_err(unreadable)?;
            if entry.header().entry_type().is_file() {
                let mut bytes = Vec::new();
                std::io::Read::read_to_end(&mut entry, &mut bytes).map_err(unreadable)?;
                return Ok(bytes);
            }
        }
        Err(EngineError::Failed(format!("{path} is not a file")))
    }
}
