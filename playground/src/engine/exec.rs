//! Handling a container that runs: commands in it, its health, its end.

use super::{Engine, EngineError};
use bollard::exec::{CreateExecOptions, StartExecResults};
use bollard::query_parameters::StopContainerOptionsBuilder;
use futures_util::StreamExt;

/// What a command in a container came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Executed {
    /// Output, both streams as they came; or the engine's refusal.
    pub text: String,
    /// Its exit code, where the engine noted one.
    pub exit_code: Option<i64>,
    /// Whether the engine itself says `text`: the command never ran.
    pub refused: bool,
}

/// The engine's health check of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthState {
    /// `starting`, `healthy`, `unhealthy`; empty where the image declares no check.
    pub status: String,
    /// What the last check wrote, or why it could not run.
    pub log: String,
}

/// Whether these are the runtime's words for a command that it could not start, rather than
/// the command's own: runc's, or crun's under Podman.
pub fn is_exec_refusal(text: &str) -> bool {
    text.contains("OCI runtime exec failed") || text.contains("crun: executable file")
}

impl Engine {
    /// `docker exec`: runs a command in a running container and reads at most `most` bytes of it.
    ///
    /// Docker before 28 reports a command that cannot be started in the output and with an exit
    /// code; newer ones refuse the start. Both come back as [`Executed`].
    pub async fn exec(
        &self,
        container: &str,
        command: &[String],
        most: usize,
    ) -> Result<Executed, EngineError> {
        let options = CreateExecOptions {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(command.to_vec()),
            ..CreateExecOptions::default()
        };
        let created = self.docker.create_exec(container, options).await?;
        let mut text = String::new();
        match self.docker.start_exec(&created.id, None).await {
            Ok(StartExecResults::Attached { mut output, .. }) => {
                while let Some(piece) = output.next().await {
                    let bytes = piece?.into_bytes();
                    if text.len() < most {
                        text.push_str(&String::from_utf8_lossy(&bytes));
                    }
                }
            }
            Ok(StartExecResults::Detached) => {}
            Err(error) => text = super::plain(&error),
        }
        let noted = self.docker.inspect_exec(&created.id).await;
        Ok(Executed {
            refused: is_exec_refusal(&text),
            text: text.trim_end().to_owned(),
            exit_code: noted.ok().and_then(|noted| noted.exit_code),
        })
    }

    /// What the engine's health check says right now.
    pub async fn health(&self, container: &str) -> Result<HealthState, EngineError> {
        let found = self.docker.inspect_container(container, None).await?;
        let Some(health) = found.state.and_then(|state| state.health) else {
            return Ok(HealthState::default());
        };
        let last = health.log.unwrap_or_default().pop();
        Ok(HealthState {
            status: health.status.map(|s| s.to_string()).unwrap_or_default(),
            log: last.and_then(|last| last.output).unwrap_or_default(),
        })
    }

    /// `docker stop`: SIGTERM, and SIGKILL after `grace_seconds`; returns when it has ended.
    pub async fn stop(&self, container: &str, grace_seconds: u32) -> Result<(), EngineError> {
        let grace = i32::try_from(grace_seconds).unwrap_or(i32::MAX);
        let options = StopContainerOptionsBuilder::default().t(grace).build();
        Ok(self.docker.stop_container(container, Some(options)).await?)
    }
}
