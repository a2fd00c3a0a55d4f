//! The one doorway to Docker: nothing else names bollard or BuildKit.
//!
//! Owns connecting (`discover`, `private`), building (`build`, `session`, `steps`; `classic`
//! where there is no BuildKit), running (`container`, `hardening`, `exec`, `network`), images (`image`) and cleaning up (`owner`, `sweep`).
//! It knows nothing of labs: it is handed plain requests and hands back plain values.

mod address;
mod blocking_reader;
mod build;
mod classic;
mod container;
mod discover;
mod emulation;
mod event;
mod exec;
mod export;
mod hardening;
mod image;
mod image_archive;
mod inspect;
mod network;
mod owner;
mod private;
mod session;
mod steps;
mod sweep;
mod upgrade;

pub use address::Address;
pub use build::{BuildError, BuildRequest, Built};
pub use container::{Attachment, ContainerRequest, Exit, Mounts, StartError};
pub use discover::{NoEngine, discover};
pub use event::{BuildEvent, StepError, StepStatus, Stream};
pub use exec::{Executed, HealthState, is_exec_refusal};
pub use hardening::{Limits, limits};
pub use network::PrivateNetwork;
pub use owner::Owner;
pub use private::{PrivateEngine, PrivateError};
pub use sweep::Swept;

pub use image_archive::{ImageReadError, Transfer, in_thread, unreadable};
pub use inspect::SMALL;

pub use image::{ImageError, ImageFacts, ImageListed, PullProgress};

use bollard::Docker;
use serde::Serialize;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Every object of ours carries this label; nothing without it is ever touched.
pub const LABEL: &str = "org.emptyroom";

/// What an engine says of itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EngineFacts {
    /// `Docker Engine - Community`, `Podman Engine`.
    pub name: String,
    /// `20.10.24+dfsg1`
    pub version: String,
    /// As Go spells it: `amd64`, `arm64`.
    pub arch: String,
    /// `linux`
    pub os: String,
    /// Where it was found.
    pub address: String,
}

/// The software that speaks Docker's API.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    /// Docker.
    Docker {
        /// Its major version (20, 28); `None` where it cannot be read.
        major: Option<u32>,
    },
    /// Podman.
    Podman,
}

/// A reachable Docker engine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    docker: Docker,
    address: Address,
    facts: EngineFacts,
    /// Learnt from the first build; then nobody asks again.
    no_buildkit: Arc<AtomicBool>,
    /// Whether it runs programs for other CPUs, once that was tried.
    emulates: Arc<tokio::sync::OnceCell<bool>>,
}

impl Engine {
    /// Connects and asks for the version; the error is the transport's own words.
    pub async fn connect(address: Address) -> Result<Engine, String> {
        const MINUTES_20: u64 = 20 * 60;
        let version = bollard::API_DEFAULT_VERSION;
        let docker = match &address {
            Address::Unix(path) => {
                if !path.exists() {
                    return Err(format!("{} does not exist", path.display()));
                }
                let path = path.to_string_lossy();
                Docker::connect_with_unix(&path, MINUTES_20, version)
            }
            Address::Tcp(host) => {
                Docker::connect_with_http(&format!("tcp://{host}"), MINUTES_20, version)
            }
        }
        .map_err(|e| plain(&e))?;
        let hello = async {
            let docker = docker.negotiate_version().await.map_err(|e| plain(&e))?;
            let version = docker.version().await.map_err(|e| plain(&e))?;
            Ok::<_, String>((docker, version))
        };
        let (docker, version) = tokio::time::timeout(Duration::from_secs(5), hello)
            .await
            .map_err(|_| "no answer within 5 s".to_owned())??;
        let components = version.components.iter().flatten();
        let facts = EngineFacts {
            name: engine_name(
                version.platform.map(|p| p.name),
                components.map(|c| c.name.as_str()),
            ),
            version: version.version.unwrap_or_default(),
            arch: version.arch.unwrap_or_default(),
            os: version.os.unwrap_or_default(),
            address: address.to_string(),
        };
        Ok(Engine {
            docker,
            address,
            facts,
            no_buildkit: Arc::default(),
            emulates: Arc::default(),
        })
    }

    /// What the engine said of itself when it was connected.
    pub fn facts(&self) -> &EngineFacts {
        &self.facts
    }

    /// Where it listens.
    pub fn address(&self) -> &Address {
        &self.address
    }

    /// Whether it is a Podman, which speaks Docker's API but knows fewer options.
    fn is_podman(&self) -> bool {
        self.facts.name.contains("Podman")
    }

    /// Which software it is.
    pub fn kind(&self) -> EngineKind {
        if self.is_podman() {
            return EngineKind::Podman;
        }
        let digits = |c: char| !c.is_ascii_digit();
        let major = self.facts.version.split(digits).next();
        EngineKind::Docker {
            major: major.and_then(|major| major.parse().ok()),
        }
    }

    /// The same engine, built on as if it had no BuildKit, as Podman has none.
    #[must_use]
    pub fn without_buildkit(self) -> Engine {
        self.no_buildkit.store(true, Ordering::Relaxed);
        self
    }

    /// Whether it still answers.
    pub async fn answers(&self) -> bool {
        tokio::time::timeout(Duration::from_secs(2), self.docker.ping())
            .await
            .is_ok_and(|pong| pong.is_ok())
    }
}

/// What people call it. Podman gives the host's distribution as its platform.
fn engine_name<'a>(
    platform: Option<String>,
    mut components: impl Iterator<Item = &'a str>,
) -> String {
    if let Some(podman) = components.find(|name| name.contains("Podman")) {
        return podman.to_owned();
    }
    platform
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "Docker Engine".to_owned())
}

/// An engine call that failed, in the engine's own words.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct EngineError(pub String);

impl From<bollard::errors::Error> for EngineError {
    fn from(error: bollard::errors::Error) -> Self {
        EngineError(plain(&error))
    }
}

/// bollard's error without its wrapping; the engine's text is what people can search for.
fn plain(error: &bollard::errors::Error) -> String {
    use bollard::errors::Error;
    match error {
        Error::DockerResponseServerError { message, .. } => message.trim().to_owned(),
        Error::SocketNotFoundError(path) => format!("{path} does not exist"),
        other => {
            let text = other.to_string();
            if text.contains("hyper legacy client") || text.contains("client error (Connect)") {
                "the engine does not answer (is it still running?)".to_owned()
            } else {
                text
            }
        }
    }
}

/// Removing what somebody else has removed is no failure.
fn gone_by_now(removed: Result<(), bollard::errors::Error>) -> Result<(), EngineError> {
    match removed {
        Err(bollard::errors::Error::DockerResponseServerError {
            status_code: 404, ..
        }) => Ok(()),
        removed => Ok(removed?),
    }
}

/// Random bytes as lower-case hex; `bytes` of them.
pub fn random_hex(bytes: usize) -> std::io::Result<String> {
    let mut raw = vec![0; bytes];
    getrandom::fill(&mut raw).map_err(std::io::Error::other)?;
    Ok(raw.iter().map(|b| format!("{b:02x}")).collect())
}

/// The tag of a run's image: says whose it is without changing the image itself.
pub fn run_tag(owner: &Owner, run: &str) -> String {
    format!("empty-room/run:{}-{run}", owner.id())
}

/// Whether it is the tag of a run's image, which goes when the run ends.
pub fn is_run_tag(name: &str) -> bool {
    name.starts_with("empty-room/run:")
}

fn run_tag_owner(tag: &str) -> Option<&str> {
    // <machine>-<owner>-<run>.<what>, where <what> may be a peer's id with hyphens in it.
    let rest = tag.strip_prefix("empty-room/run:")?;
    let (ends, _) = rest.match_indices('-').nth(1)?;
    Some(&rest[..ends])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn podman_is_known_by_its_component() {
        let podman = ["Podman Engine", "Conmon"].into_iter();
        let platform = || Some("linux/amd64/debian-12".to_owned());
        assert_eq!(engine_name(platform(), podman), "Podman Engine");
        let community = Some("Docker Engine - Community".to_owned());
        let docker = ["Engine", "containerd"].into_iter();
        assert_eq!(
            engine_name(community, docker.clone()),
            "Docker Engine - Community"
        );
        for unnamed in [None, Some(String::new())] {
            assert_eq!(engine_name(unnamed, docker.clone()), "Docker Engine");
        }
    }

    #[test]
    fn a_runs_image_says_whose_it_is() -> std::io::Result<()> {
        let dir = tempfile::tempdir()?;
        let owner = Owner::register(dir.path())?;
        for run in ["1f.image", "1f.a-tls-server"] {
            let tag = run_tag(&owner, run);
            assert_eq!(run_tag_owner(&tag), Some(owner.id()), "{tag}");
        }
        for other in [
            "<none>:<none>",
            "alpine:3.20",
            "empty-room/run:x",
            "a/b:1-2-3",
        ] {
            assert_eq!(run_tag_owner(other), None, "{other}");
        }
        Ok(())
    }
}
