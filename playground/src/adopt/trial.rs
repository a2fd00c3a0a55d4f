//! One start of an image that was built, locked down as every container here: what it does then.
//!
//! Not root, nothing to write to but what the plan names, no capabilities, no network but its own
//! loopback. The prober joins it and finds out where it listens. Refuses to judge.

mod listening;

pub use listening::{Answer, Listening};

use super::plan::{Linkage, Plan};
use crate::event::{Event, Phase, Stream};
use crate::run::{
    Site, Step, create, engine_error, found_command, parse_found, prober_image, read_rest, reading,
    start, start_error,
};
use engine::{Attachment, ContainerRequest, Mounts, StartError};
use futures_util::StreamExt;
use policy::UserError;
use policy::ansi::plain;
use policy::limits::{MAX_MOUNTS, MAX_OUTPUT_BYTES, STOP_GRACE_SECONDS};
use serde::Serialize;
use std::time::{Duration, Instant};
use tokio::time::timeout;

/// A service gets this long to listen, in seconds.
const PATIENCE: u32 = 20;
/// A tool gets this long to tell what it can do.
const TOOL_PATIENCE: Duration = Duration::from_secs(10);
/// An engine gets this long to note an end, and to hand out the rest of a log.
const GRACE: Duration = Duration::from_secs(2);

/// What a start came to.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Trial {
    /// How it ended, or stood when it was asked.
    pub how: How,
    /// What it wrote.
    pub output: String,
    /// Where it listens, with its answers.
    pub ports: Vec<Listening>,
    /// From its start to its last answer, in milliseconds.
    pub ms: u64,
    /// From SIGTERM to its end, in milliseconds; `None` where it did not end in time.
    pub stopped_ms: Option<u64>,
}

/// How a start ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "as")]
pub enum How {
    /// It ran and listened nowhere as long as it was watched.
    #[default]
    Silent,
    /// The engine, the runtime or the kernel did not start it.
    Refused {
        /// In their words.
        message: String,
    },
    /// It ended by itself.
    Exited {
        /// With this code.
        code: i64,
        /// Whether it was killed for its memory.
        out_of_memory: bool,
    },
    /// It listens.
    Listens,
}

impl Trial {
    /// Whether somebody who calls from outside is heard.
    pub(super) fn reachable(&self) -> bool {
        self.how == How::Listens && self.ports.iter().any(|port| !port.loopback)
    }

    /// Whether it answers somebody who calls from outside.
    pub(super) fn answers(&self) -> bool {
        let mut reachable = self.ports.iter().filter(|port| !port.loopback);
        reachable.any(Listening::answers)
    }

    /// Whether whom it serves may not be heard: all that is open to others is UDP, or nothing. A
    /// server on loopback beside an open one is a debugger's, and is left where it is.
    pub(super) fn shut(&self) -> bool {
        let open = |port: &Listening| !port.loopback && !port.udp;
        let alone = |port: &Listening| port.loopback && !port.udp;
        !self.ports.iter().any(open) && (self.ports.iter().any(alone) || !self.reachable())
    }

    /// Whether something answers where only it can call.
    pub(super) fn answers_itself(&self) -> bool {
        let mut alone = self.ports.iter().filter(|port| port.loopback);
        alone.any(Listening::answers)
    }
}

/// What is started, and how.
pub(super) struct Start<'a> {
    pub(super) site: Site<'a>,
    /// Names of containers begin with it.
    pub(super) id: &'a str,
    /// Tells the containers of one adoption apart.
    pub(super) n: usize,
    pub(super) image: &'a str,
    pub(super) plan: &'a Plan,
}

/// What of the container's files can be written to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Room {
    /// What the plan names, and nothing else.
    Planned,
    /// All of it, as far as its user may.
    AsItIs,
}

impl Start<'_> {
    fn request(&self, command: Option<Vec<String>>, room: Room) -> ContainerRequest {
        let mut tmpfs = Vec::new();
        if self.plan.tmp || self.plan.linkage == Linkage::Glibc {
            tmpfs.push("/tmp".to_owned());
        }
        let name = format!("empty-room-{}-try{}", self.id, self.n);
        let given = self
            .plan
            .given
            .iter()
            .map(|(name, value)| format!("{name}={value}"));
        let volumes = self.plan.writable.iter().take(MAX_MOUNTS);
        let mounts = match room {
            Room::Planned => Mounts {
                read_only: true,
                tmpfs,
                volumes: volumes.cloned().collect(),
                unprivileged_port_start: None,
            },
            Room::AsItIs => Mounts::default(),
        };
        ContainerRequest {
            command,
            env: given.collect(),
            mounts,
            ..ContainerRequest::new(name, self.image, Attachment::Isolated)
        }
    }

    /// Starts it as its image says, finds where it listens, asks for these paths there, and ends it.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(super) async fn serve(&self, paths: &[String]) -> Result<Trial, UserError> {
        self.serve_in(Room::Planned, paths).await
    }

    /// The same of an image that is not the plan's: it may write wherever its user may.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(super) async fn serve_as_it_is(&self, paths: &[String]) -> Result<Trial, UserError> {
        self.serve_in(Room::AsItIs, paths).await
    }

    async fn serve_in(&self, room: Room, paths: &[String]) -> Result<Trial, UserError> {
        let id = format!("try{}", self.n);
        let step = Step::start(self.site.log, Phase::Run, &id, "starting it, locked down");
        let since = Instant::now();
        let container = match self.begin(None, room).await? {
            Ok(container) => container,
            Err(message) => {
                step.failed(&message);
                return Ok(refused(message));
            }
        };
        let mut trial = Trial::default();
        let mut output = Box::pin(self.site.engine.output(&container));
        let watched = self.watch(&container, paths, &mut trial.ports);
        let text = &mut trial.output;
        let keep = |stream, piece| self.keep(text, stream, piece);
        let how = reading(&mut output, keep, watched).await?;
        trial.ms = millis(since);
        trial.how = how;
        if !matches!(trial.how, How::Exited { .. }) {
            trial.stopped_ms = self.end(&container, &mut output, &mut trial.output).await;
        }
        self.rest(&mut output, &mut trial.output).await;
        if let How::Exited { code, .. } = trial.how
            && let Some(line) = engine::exec_failure(code, &trial.output)
        {
            trial.how = How::Refused { message: line };
        }
        self.drop_container(&container).await;
        step.done();
        Ok(trial)
    }

    /// Runs it with these arguments to its end: exit code and output.
    ///
    /// # Errors
    /// The engine does not answer.
    pub(super) async fn tool(&self, args: &[&str]) -> Result<Trial, UserError> {
        let words: Vec<String> = args.iter().map(|word| (*word).to_owned()).collect();
        let id = format!("try{}", self.n);
        let title = format!("asking it with {}", words.join(" "));
        let step = Step::start(self.site.log, Phase::Run, &id, &title);
        let since = Instant::now();
        let container = match self.begin(Some(words), Room::Planned).await? {
            Ok(container) => container,
            Err(message) => {
                step.failed(&message);
                return Ok(refused(message));
            }
        };
        let mut trial = Trial::default();
        let mut output = Box::pin(self.site.engine.output(&container));
        let ended = timeout(TOOL_PATIENCE, self.site.engine.wait_undisturbed(&container));
        let text = &mut trial.output;
        let keep = |stream, piece| self.keep(text, stream, piece);
        let ended = reading(&mut output, keep, ended).await;
        if let Ok(exit) = ended {
            let exit = exit.map_err(engine_error)?;
            trial.how = How::Exited {
                code: exit.code,
                out_of_memory: exit.out_of_memory,
            };
        }
        self.rest(&mut output, &mut trial.output).await;
        trial.ms = millis(since);
        self.drop_container(&container).await;
        step.done();
        Ok(trial)
    }

    /// Creates and starts it; the inner error is the engine's refusal, which is evidence.
    async fn begin(
        &self,
        command: Option<Vec<String>>,
        room: Room,
    ) -> Result<Result<String, String>, UserError> {
        let refusal = |error: StartError| match error {
            StartError::Refused { message, .. } => Ok(Err(message)),
            error => Err(start_error(error)),
        };
        let container = match create(&self.site, self.request(command, room)).await {
            Ok(container) => container,
            Err(error) => return refusal(error),
        };
        match start(&self.site, &container).await {
            Ok(()) => Ok(Ok(container)),
            Err(error) => {
                self.drop_container(&container).await;
                refusal(error)
            }
        }
    }

    /// Waits for its end, or for the prober's answers.
    async fn watch(
        &self,
        container: &str,
        paths: &[String],
        ports: &mut Vec<Listening>,
    ) -> Result<How, UserError> {
        let exit = self.site.engine.wait_undisturbed(container);
        tokio::pin!(exit);
        let exited = |exit: Result<engine::Exit, engine::EngineError>| {
            let exit = exit.map_err(engine_error)?;
            Ok(How::Exited {
                code: exit.code,
                out_of_memory: exit.out_of_memory,
            })
        };
        let asked = tokio::select! {
            biased;
            exit = &mut exit => return exited(exit),
            asked = self.ask(container, paths, ports) => asked,
        };
        // It may have ended while it was asked: the engine notes that a little later.
        if (asked.is_err() || ports.is_empty())
            && let Ok(exit) = timeout(GRACE, &mut exit).await
        {
            return exited(exit);
        }
        asked?;
        Ok(match ports.is_empty() {
            true => How::Silent,
            false => How::Listens,
        })
    }

    async fn ask(
        &self,
        container: &str,
        paths: &[String],
        ports: &mut Vec<Listening>,
    ) -> Result<(), UserError> {
        let name = format!("empty-room-{}-ask{}", self.id, self.n);
        let attachment = Attachment::NetworkOf(container.to_owned());
        let request = ContainerRequest {
            command: Some(found_command(PATIENCE, paths)),
            ..ContainerRequest::new(name, &prober_image(), attachment)
        };
        let prober = create(&self.site, request).await.map_err(start_error)?;
        start(&self.site, &prober).await.map_err(start_error)?;
        let mut output = Box::pin(self.site.engine.output(&prober));
        let mut pending = String::new();
        while let Some((_, text)) = output.next().await {
            pending.push_str(&text);
            while let Some(end) = pending.find('\n') {
                let line: String = pending.drain(..=end).collect();
                listening::note(ports, parse_found(line.trim()));
            }
        }
        self.drop_container(&prober).await;
        Ok(())
    }

    /// SIGTERM; how long it took to end.
    async fn end(
        &self,
        container: &str,
        output: &mut (impl futures_util::Stream<Item = (Stream, String)> + Unpin),
        text: &mut String,
    ) -> Option<u64> {
        let since = Instant::now();
        self.site.engine.terminate(container).await.ok()?;
        let grace = Duration::from_secs(STOP_GRACE_SECONDS.into());
        let ended = timeout(grace, self.site.engine.wait(container));
        let keep = |stream, piece| self.keep(text, stream, piece);
        let ended = reading(output, keep, ended).await;
        ended.ok().map(|_| millis(since))
    }

    fn keep(&self, kept: &mut String, stream: Stream, text: String) {
        if kept.len() < MAX_OUTPUT_BYTES {
            kept.push_str(&plain(&text));
            self.site.log.push(Event::Output { stream, text });
        }
    }

    /// The rest of a log that is about to end, with a bound of its own.
    async fn rest(
        &self,
        output: &mut (impl futures_util::Stream<Item = (Stream, String)> + Unpin),
        text: &mut String,
    ) {
        let mut rest = String::new();
        let keep = |stream, piece| self.keep(&mut rest, stream, piece);
        read_rest(output, GRACE, keep).await;
        text.push_str(&rest);
    }

    /// The next one does not have to wait for the memory; what stays is removed at the end.
    async fn drop_container(&self, container: &str) {
        if let Err(error) = self.site.engine.remove(container).await {
            log::warn!("a container of a trial stays until the end: {error}");
        }
    }
}

fn refused(message: String) -> Trial {
    Trial {
        how: How::Refused { message },
        ..Trial::default()
    }
}

fn millis(since: Instant) -> u64 {
    u64::try_from(since.elapsed().as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trial(ports: &[(u16, bool, bool, bool)]) -> Trial {
        let ports = ports
            .iter()
            .map(|(port, udp, loopback, answers)| Listening {
                port: *port,
                udp: *udp,
                loopback: *loopback,
                answers: vec![Answer {
                    get: "/".into(),
                    status: answers.then_some(200),
                    body: String::new(),
                    ms: 1,
                }],
            });
        Trial {
            how: How::Listens,
            ports: ports.collect(),
            ..Trial::default()
        }
    }

    #[test]
    fn a_server_that_only_it_can_call_is_not_excused_by_another_open_port() {
        let discovery = trial(&[(8384, false, true, true), (21027, true, false, false)]);
        assert!(discovery.reachable() && !discovery.answers() && discovery.shut());
        let both = trial(&[(80, false, false, true), (6060, false, true, true)]);
        assert!(both.answers() && !both.shut());
        let debugger = trial(&[(179, false, false, false), (6060, false, true, true)]);
        assert!(!debugger.answers() && debugger.answers_itself() && !debugger.shut());
        let mail = trial(&[(25, false, false, false)]);
        assert!(!mail.answers() && !mail.shut());
        assert!(trial(&[(25, false, true, false)]).shut());
        assert!(!trial(&[(53, true, false, false)]).shut());
    }
}
