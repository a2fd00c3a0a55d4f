//! What can go wrong between us and an engine, as values that callers branch on.
//!
//! Owns the one translation from bollard's errors: the engine's own text is kept, because that
//! is what people can search for; the client's wrapping is not. Text that has to be read for
//! want of a code is read in `refusals`.

use crate::event::StepError;
use crate::refusals;
use bollard::errors::Error;
use std::path::PathBuf;
use std::time::Duration;

/// An engine call that failed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EngineError {
    /// The engine answered, and refused; its own words.
    #[error("{0}")]
    Refused(String),
    /// Nobody answers at its address.
    #[error("the engine does not answer (is it still running?)")]
    Unreachable,
    /// The answer broke off or made no sense, or it went wrong on our side.
    #[error("{0}")]
    Failed(String),
}

/// Why there is no engine at an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConnectError {
    /// Its socket does not exist: no engine is installed there, or it was never started.
    #[error("{} does not exist", .0.display())]
    NotThere(PathBuf),
    /// The address cannot be read, or is of a kind that is not spoken here.
    #[error("{0}")]
    BadAddress(String),
    /// There is a socket, and nobody says anything; for so many seconds.
    #[error("no answer within {0} s")]
    Silent(u64),
    /// It refuses, or does not speak Docker's API; in the words of engine or transport.
    #[error("{0}")]
    Refused(String),
}

/// Why something could not be done with an image.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImageError {
    /// Neither name nor id is known; the engine's words.
    #[error("{0}")]
    NotFound(String),
    /// The engine found no way to the registry; its words.
    #[error("{0}")]
    RegistryUnreachable(String),
    /// The engine's disk is full; its words.
    #[error("{0}")]
    NoSpace(String),
    /// Anything else.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// A container that was not created or not started.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum StartError {
    /// The engine answered, and refused: what was asked of it is at fault.
    #[error("{message}")]
    Refused {
        /// The engine's words.
        message: String,
        /// The exit code that the engine noted: 126, 127 or 128.
        exit_code: Option<i64>,
    },
    /// It could not be asked.
    #[error(transparent)]
    Engine(#[from] EngineError),
}

/// Why a build made no image.
#[derive(Clone, Debug, thiserror::Error)]
pub enum BuildError {
    /// The Dockerfile or one of its commands is at fault: the learner's, and a value.
    #[error("{}", .0.message)]
    Failed(StepError),
    /// The time limit was hit.
    #[error("the build took longer than its limit of {} s and was stopped", .0.as_secs())]
    TooLong(Duration),
    /// Nothing was said for too long.
    #[error("{0}")]
    Stalled(Stall),
    /// The engine could not be asked: ours.
    #[error("the engine's builder did not answer: {0}")]
    Engine(#[from] EngineError),
}

/// A build that stood still, and was stopped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stall {
    /// The step that has been silent for the longest time; none where none went on.
    pub step: Option<String>,
    /// Whether a step had come to its end before.
    pub ended: bool,
    /// How long it was silent.
    pub silent: Duration,
    /// Whether it can only have waited for a download.
    pub download: bool,
    /// The last line that the step wrote.
    pub last_line: Option<String>,
}

impl Stall {
    /// What it was waiting for, as far as that can be told: the end of a sentence.
    pub fn waited_for(&self) -> String {
        let what = match (&self.step, self.download) {
            (None, _) if self.ended => "the engine's builder, between two steps".to_owned(),
            (None, _) => "the engine's builder, which has begun no step".to_owned(),
            (_, true) => "a download".to_owned(),
            (_, false) => "its command, which may compute, or wait for a network".to_owned(),
        };
        match &self.last_line {
            Some(line) => format!("{what}; the last that it wrote is `{line}`"),
            None => what,
        }
    }
}

impl std::fmt::Display for Stall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let seconds = self.silent.as_secs();
        match &self.step {
            Some(step) => write!(f, "`{step}` said nothing for {seconds} s and was stopped"),
            None => write!(f, "the build said nothing for {seconds} s and was stopped"),
        }
    }
}

impl StartError {
    /// A refusal, with what the engine noted as exit code; or no answer.
    pub(crate) fn new(error: Error, exit_code: Option<i64>) -> StartError {
        match EngineError::from(error) {
            EngineError::Refused(message) => StartError::Refused { message, exit_code },
            error => StartError::Engine(error),
        }
    }
}

impl From<Error> for EngineError {
    fn from(error: Error) -> Self {
        match error {
            Error::DockerResponseServerError { message, .. } => {
                EngineError::Refused(message.trim().to_owned())
            }
            Error::DockerStreamError { error } => EngineError::Refused(error),
            Error::SocketNotFoundError(path) => {
                EngineError::Failed(format!("{path} does not exist"))
            }
            Error::HyperLegacyError { .. } => EngineError::Unreachable,
            other => EngineError::Failed(other.to_string()),
        }
    }
}

impl From<Error> for ConnectError {
    fn from(error: Error) -> Self {
        match error {
            Error::SocketNotFoundError(path) => ConnectError::NotThere(path.into()),
            other => ConnectError::Refused(EngineError::from(other).to_string()),
        }
    }
}

impl From<Error> for ImageError {
    fn from(error: Error) -> Self {
        if let Error::DockerResponseServerError {
            status_code: 404,
            message,
        } = error
        {
            return ImageError::NotFound(message);
        }
        match EngineError::from(error) {
            EngineError::Refused(text) if refusals::is_disk_full(&text) => {
                ImageError::NoSpace(text)
            }
            EngineError::Refused(text) if refusals::is_registry_unreachable(&text) => {
                ImageError::RegistryUnreachable(text)
            }
            error => ImageError::Engine(error),
        }
    }
}

impl From<StartError> for EngineError {
    fn from(error: StartError) -> Self {
        match error {
            StartError::Refused { message, .. } => EngineError::Refused(message),
            StartError::Engine(error) => error,
        }
    }
}

impl From<ImageError> for EngineError {
    fn from(error: ImageError) -> Self {
        match error {
            ImageError::NotFound(text)
            | ImageError::RegistryUnreachable(text)
            | ImageError::NoSpace(text) => EngineError::Refused(text),
            ImageError::Engine(error) => error,
        }
    }
}

impl From<std::io::Error> for EngineError {
    fn from(error: std::io::Error) -> Self {
        EngineError::Failed(error.to_string())
    }
}

/// The answer of a call that removes: what somebody else has removed already is no failure.
pub(crate) fn absent_is_removed<T>(answer: Result<T, Error>) -> Result<(), Error> {
    match answer {
        Ok(_)
        | Err(Error::DockerResponseServerError {
            status_code: 404, ..
        }) => Ok(()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(status_code: u16, message: &str) -> Error {
        Error::DockerResponseServerError {
            status_code,
            message: message.into(),
        }
    }

    #[test]
    fn what_an_image_error_means_is_told_by_code_first_and_by_text_last() {
        let kind = |error: Error| ImageError::from(error);
        let text = "Get \"https://r/v2/\": dial tcp: lookup r on [::1]:53: no such host";
        let unreachable = kind(refused(500, text));
        assert_eq!(unreachable, ImageError::RegistryUnreachable(text.into()));
        assert!(matches!(kind(refused(404, text)), ImageError::NotFound(_)));
        let error = "write /a: no space left on device".to_owned();
        assert!(matches!(
            kind(Error::DockerStreamError { error }),
            ImageError::NoSpace(_)
        ));
        let error = "toomanyrequests: slow down".to_owned();
        assert_eq!(
            kind(Error::DockerStreamError {
                error: error.clone()
            }),
            ImageError::Engine(EngineError::Refused(error))
        );
    }

    #[test]
    fn only_an_engine_that_answers_refuses() {
        let started = StartError::new(refused(400, "no such file\n"), Some(127));
        let message = "no such file".to_owned();
        assert_eq!(
            started,
            StartError::Refused {
                message,
                exit_code: Some(127)
            }
        );
        let silent = StartError::new(Error::RequestTimeoutError, None);
        assert!(matches!(silent, StartError::Engine(EngineError::Failed(_))));
    }

    /// A real client, a port where nobody listens: told by the error's type, not by its text.
    #[tokio::test]
    async fn an_engine_that_is_gone_is_unreachable() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port");
        let address = format!("tcp://{}", listener.local_addr().expect("an address"));
        drop(listener);
        let docker = bollard::Docker::connect_with_http(&address, 5, bollard::API_DEFAULT_VERSION)
            .expect("no connection is made yet");
        let error = docker.ping().await.expect_err("nobody listens");
        assert_eq!(EngineError::from(error), EngineError::Unreachable);
    }

    #[test]
    fn what_is_gone_already_counts_as_removed() {
        assert!(absent_is_removed::<()>(Err(refused(404, "No such container"))).is_ok());
        assert!(absent_is_removed::<()>(Err(refused(409, "in use"))).is_err());
    }
}
