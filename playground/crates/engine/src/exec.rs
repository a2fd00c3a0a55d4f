//! Handling a container that runs: commands in it, its health, its end.

use crate::connection::Engine;
use crate::error::EngineError;
use crate::refusals::is_exec_refusal;
use bollard::exec::{CreateExecOptions, StartExecResults};
use bollard::query_parameters::StopContainerOptionsBuilder;
use futures_util::StreamExt;
use std::time::Duration;

/// What a command in a container came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Executed {
    /// Output, both streams as they came; or the engine's refusal.
    pub text: String,
    /// Its exit code, where the engine noted one.
    pub exit_code: Option<i64>,
    /// Whether the engine itself says `text`: the command never ran.
    pub refused: bool,
    /// Whether it was still running when the patience was at its end.
    pub timed_out: bool,
}

/// The engine's health check of a container.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct HealthState {
    /// `starting`, `healthy`, `unhealthy`; empty where the image declares no check.
    pub status: String,
    /// What the last check wrote, or why it could not run.
    pub log: String,
}

impl Engine {
    /// `docker exec`: runs a command in a running container, for at most `patience`, and keeps
    /// at most `max_bytes` of what it writes.
    ///
    /// Docker before 28 reports a command that cannot be started in the output and with an exit
    /// code; newer ones refuse the start. Both come back as [`Executed`].
    ///
    /// # Errors
    ///
    /// The container does not run, or no answer.
    pub async fn exec(
        &self,
        container: &str,
        command: &[String],
        max_bytes: usize,
        patience: Duration,
    ) -> Result<Executed, EngineError> {
        let options = CreateExecOptions {
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            cmd: Some(command.to_vec()),
            ..CreateExecOptions::default()
        };
        let created = self.docker.create_exec(container, options).await?;
        let mut done = Executed::default();
        match self.docker.start_exec(&created.id, None).await {
            Ok(StartExecResults::Attached { mut output, .. }) => {
                let all = async {
                    while let Some(piece) = output.next().await {
                        let bytes = piece?.into_bytes();
                        if done.text.len() < max_bytes {
                            done.text.push_str(&String::from_utf8_lossy(&bytes));
                        }
                    }
                    Ok::<_, EngineError>(())
                };
                match tokio::time::timeout(patience, all).await {
                    Ok(read) => read?,
                    Err(_) => done.timed_out = true,
                }
            }
            Ok(StartExecResults::Detached) => {}
            Err(error) => match EngineError::from(error) {
                EngineError::Refused(message) => {
                    done.text = message;
                    done.refused = true;
                }
                error => return Err(error),
            },
        }
        let noted = self.docker.inspect_exec(&created.id).await;
        done.exit_code = noted.ok().and_then(|noted| noted.exit_code);
        // 126 and 127 are what engines note for a command that never ran.
        let never_ran = matches!(done.exit_code, None | Some(-1 | 126 | 127));
        done.refused |= never_ran && is_exec_refusal(&done.text);
        done.text.truncate(done.text.trim_end().len());
        Ok(done)
    }

    /// What the engine's health check says right now.
    ///
    /// # Errors
    ///
    /// There is no such container, or no answer.
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
    ///
    /// # Errors
    ///
    /// There is no such container, or no answer.
    pub async fn stop(&self, container: &str, grace_seconds: u32) -> Result<(), EngineError> {
        let grace = i32::try_from(grace_seconds).unwrap_or(i32::MAX);
        let options = StopContainerOptionsBuilder::default().t(grace).build();
        Ok(self.docker.stop_container(container, Some(options)).await?)
    }
}
