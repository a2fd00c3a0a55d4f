//! A connection to an engine, and what the engine says of itself.
//!
//! Owns connecting and whether the engine still answers. What can be asked of an engine stands
//! in the files that ask it; where engines are looked for, in `discover`.

use crate::address::Address;
use crate::error::ConnectError;
use crate::kind::{EngineKind, Route, executes_with_rights, surely_emulates};
use bollard::Docker;
use serde::Serialize;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::OnceCell;
use tokio::time::timeout;

/// How long an answer may take, for what is quick.
const ANSWER_LIMIT: Duration = Duration::from_secs(20 * 60);
/// Sending, making or walking a large image may take long before the engine says a word.
pub(crate) const BULK_LIMIT: Duration = Duration::from_secs(3600);
/// How long an engine may take to tell its version, in seconds.
const HELLO_SECONDS: u64 = 5;
/// How long an engine that is there may take to say so.
const PING_LIMIT: Duration = Duration::from_secs(2);

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
    /// Whether its runtime executes a command with the container's capabilities, its user's or not:
    /// runc does from 1.5 on. `None` where it names no runc.
    #[serde(skip)]
    pub executes_with_rights: Option<bool>,
}

impl EngineFacts {
    /// Whether it is known, without trying, to run programs for other CPUs.
    pub fn surely_emulates(&self) -> bool {
        surely_emulates(&self.name)
    }
}

/// What an engine runs on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// Cores.
    pub cpus: usize,
    /// All of its memory, in bytes.
    pub memory_bytes: u64,
    /// Where it keeps images and build cache, where that is a folder of this machine.
    pub data_root: Option<PathBuf>,
}

/// A reachable Docker engine. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Engine {
    pub(crate) docker: Docker,
    pub(crate) kind: EngineKind,
    address: Address,
    facts: EngineFacts,
    /// Its API version, where that can be read.
    pub(crate) api: Option<(u32, u32)>,
    /// Learnt from the first build, where the kind does not tell.
    pub(crate) builder: Arc<OnceCell<Route>>,
    /// Whether it runs programs for other CPUs, once that was tried.
    pub(crate) emulates: Arc<OnceCell<bool>>,
}

impl Engine {
    /// Connects and asks for the version.
    ///
    /// # Errors
    ///
    /// There is no engine at this address, or none that answers.
    pub async fn connect(address: Address) -> Result<Engine, ConnectError> {
        let (limit, version) = (ANSWER_LIMIT.as_secs(), bollard::API_DEFAULT_VERSION);
        let docker = match &address {
            Address::Unix(path) if !path.exists() => {
                return Err(ConnectError::NotThere(path.clone()));
            }
            Address::Unix(path) => {
                Docker::connect_with_unix(&path.to_string_lossy(), limit, version)
            }
            Address::Tcp(host) => {
                Docker::connect_with_http(&format!("tcp://{host}"), limit, version)
            }
        }?;
        let hello = async {
            let docker = docker.negotiate_version().await?;
            let version = docker.version().await?;
            Ok::<_, ConnectError>((docker, version))
        };
        let (docker, version) = timeout(Duration::from_secs(HELLO_SECONDS), hello)
            .await
            .map_err(|_| ConnectError::Silent(HELLO_SECONDS))??;
        let (kind, name) = EngineKind::recognise(&version);
        let executes_with_rights = executes_with_rights(&version);
        let facts = EngineFacts {
            name,
            version: version.version.unwrap_or_default(),
            arch: version.arch.unwrap_or_default(),
            os: version.os.unwrap_or_default(),
            address: address.to_string(),
            executes_with_rights,
        };
        Ok(Engine {
            docker,
            kind,
            address,
            facts,
            api: version.api_version.as_deref().and_then(api_version),
            builder: Arc::new(OnceCell::new_with(kind.known_route())),
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

    /// Which software it is.
    pub fn kind(&self) -> EngineKind {
        self.kind
    }

    /// The same engine, built on as if it had no BuildKit, as Podman has none.
    #[must_use]
    pub fn without_buildkit(mut self) -> Engine {
        self.builder = Arc::new(OnceCell::new_with(Some(Route::Classic)));
        self
    }

    /// What it runs on; `None` where it does not say within two seconds.
    pub async fn machine(&self) -> Option<Machine> {
        let info = timeout(PING_LIMIT, self.docker.info()).await.ok()?.ok()?;
        let here = matches!(self.address, Address::Unix(_));
        let root = info.docker_root_dir.map(PathBuf::from);
        Some(Machine {
            cpus: info.ncpu.and_then(|cpus| usize::try_from(cpus).ok())?,
            memory_bytes: info.mem_total.and_then(|bytes| u64::try_from(bytes).ok())?,
            data_root: root.filter(|root| here && root.is_dir()),
        })
    }

    /// Whether it still answers, within two seconds.
    pub async fn is_reachable(&self) -> bool {
        let pong = timeout(PING_LIMIT, self.docker.ping()).await;
        pong.is_ok_and(|pong| pong.is_ok())
    }
}

/// `1.53` as numbers that can be compared.
fn api_version(text: &str) -> Option<(u32, u32)> {
    let (major, minor) = text.split_once('.')?;
    Some((major.parse().ok()?, minor.parse().ok()?))
}
