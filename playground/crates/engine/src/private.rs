//! A `dockerd` of our own, where none answers but one is installed and we are root.
//!
//! It shares nothing with an engine that the machine may have: own data root, exec root,
//! socket, pid file, bridge and subnet, all of them made from its folder. Commands that
//! share a data directory share its engine, and the last one out stops it. One that a killed
//! playground left behind is taken over rather than doubled.

mod daemon;

use crate::address::Address;
use crate::connection::Engine;
use daemon::{Daemon, PAUSE, STOP_LIMIT, within};
use std::fs::{self, File, TryLockError};
use std::io;
use std::path::Path;
use std::process::Child;
use std::time::{Duration, Instant};

/// Locked by whoever starts or stops the engine, one at a time.
const START_LOCK: &str = "door";
/// Locked, together, by everybody who uses it.
const USERS_LOCK: &str = "users";
/// How long a first start may take; it took 1.6 s on two busy cores.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A private engine, in use by us; call [`PrivateEngine::stop`] before the process ends.
#[derive(Debug)]
pub struct PrivateEngine {
    engine: Engine,
    share: Share,
}

/// Why there is no private engine.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PrivateError {
    /// There is no `dockerd` on the PATH.
    #[error("dockerd is not installed")]
    NotInstalled,
    /// Only root may run one.
    #[error("dockerd is installed, but starting one needs root")]
    NotRoot,
    /// It was started and went wrong; ends with the last lines of its log.
    #[error("{0}")]
    Failed(String),
}

impl PrivateEngine {
    /// Starts an engine below `dir`, or joins the one that runs there.
    ///
    /// A start that is dropped half-way takes back what it has begun.
    ///
    /// # Errors
    ///
    /// There is no `dockerd`, we are not root, or it did not come up.
    pub async fn start(dir: &Path) -> Result<PrivateEngine, PrivateError> {
        if !on_path("dockerd") {
            return Err(PrivateError::NotInstalled);
        }
        if !is_root() {
            return Err(PrivateError::NotRoot);
        }
        let failed = |error: io::Error| PrivateError::Failed(format!("{}: {error}", dir.display()));
        let daemon = Daemon::at(dir).map_err(failed)?;
        let starting = daemon.open(START_LOCK).map_err(failed)?;
        let since = Instant::now();
        while !try_lock(&starting).map_err(failed)? {
            if since.elapsed() > START_LIMIT + STOP_LIMIT {
                return Err(PrivateError::Failed(
                    "another playground has been starting or stopping the engine for too long"
                        .into(),
                ));
            }
            tokio::time::sleep(PAUSE).await;
        }
        let users = daemon.open(USERS_LOCK).map_err(failed)?;
        // Only who holds the other lock as well ever holds this one exclusively.
        users.lock_shared().map_err(failed)?;
        let mut share = Share {
            daemon,
            users,
            starting: Some(starting),
            child: None,
        };
        let engine = share.engine().await?;
        share.starting = None;
        Ok(PrivateEngine { engine, share })
    }

    /// The engine itself.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether its process has ended.
    pub fn is_over(&mut self) -> bool {
        match &mut self.share.child {
            Some(child) => !matches!(child.try_wait(), Ok(None)),
            None => self.share.daemon.running().is_none(),
        }
    }

    /// Lets go of the engine; stops it and waits until it has, unless others still use it.
    pub async fn stop(self) {
        let _ = tokio::task::spawn_blocking(move || drop(self)).await;
    }
}

/// Our share in an engine, from before its start. Dropping it stops the engine where
/// nobody else has one: also when a start is given up half-way, which is why this blocks.
#[derive(Debug)]
struct Share {
    daemon: Daemon,
    users: File,
    /// The lock on [`START_LOCK`], while starting.
    starting: Option<File>,
    /// Only where it was us who started it.
    child: Option<Child>,
}

impl Share {
    async fn engine(&mut self) -> Result<Engine, PrivateError> {
        let socket = self.daemon.socket();
        if let Ok(engine) = Engine::connect(Address::Unix(socket.clone())).await {
            log::info!("joining the private engine at {}", socket.display());
            return Ok(engine);
        }
        let bridge = self.daemon.make_bridge();
        bridge.map_err(|error| PrivateError::Failed(error.to_string()))?;
        let spawned = self.daemon.spawn();
        let child = self.child.insert(spawned.map_err(|error| {
            PrivateError::Failed(format!("{}: {error}", self.daemon.dir.display()))
        })?);
        let since = Instant::now();
        loop {
            match Engine::connect(Address::Unix(socket.clone())).await {
                Ok(engine) => return Ok(engine),
                Err(_) if since.elapsed() < START_LIMIT => {}
                Err(why) => {
                    return Err(PrivateError::Failed(format!(
                        "dockerd did not answer: {why}\n{}",
                        self.daemon.log_tail()
                    )));
                }
            }
            if let Ok(Some(status)) = child.try_wait() {
                return Err(PrivateError::Failed(format!(
                    "dockerd ended at once ({status})\n{}",
                    self.daemon.log_tail()
                )));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Drop for Share {
    fn drop(&mut self) {
        let _lock = match self.starting.take() {
            Some(lock) => lock,
            None => {
                let Ok(lock) = self.daemon.open(START_LOCK) else {
                    return;
                };
                if !within(START_LIMIT + STOP_LIMIT, || {
                    try_lock(&lock).unwrap_or(false)
                }) {
                    return;
                }
                lock
            }
        };
        if self.users.unlock().is_ok() && self.users.try_lock().is_ok() {
            self.daemon.stop(self.child.take());
        }
    }
}

/// Takes a lock where it is free.
fn try_lock(lock: &File) -> io::Result<bool> {
    match lock.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn on_path(program: &str) -> bool {
    std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|dir| dir.join(program).is_file()))
}

/// Asks the file system rather than the C library: the crate forbids unsafe code.
fn is_root() -> bool {
    use std::os::unix::fs::MetadataExt;
    fs::metadata("/proc/self").is_ok_and(|meta| meta.uid() == 0)
}
