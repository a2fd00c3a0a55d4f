//! A `dockerd` of our own, where none answers but one is installed and we are root.
//!
//! It shares nothing with an engine that the machine may have: own data root, exec root,
//! socket, pid file, bridge and subnet, all of them made from its folder. Commands that
//! share a data directory share its engine: each holds a lock on `users` while it uses it,
//! and the last one out stops it. One that a killed playground left behind is taken over
//! rather than doubled. `door` is held by whoever starts or stops it, one at a time.

use crate::address::Address;
use crate::connection::Engine;
use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long a first start may take; it took 1.6 s on two busy cores.
const START_LIMIT: Duration = Duration::from_secs(60);
/// How long it may take to stop; dockerd gives its containers 15 s.
const STOP_LIMIT: Duration = Duration::from_secs(20);
const PAUSE: Duration = Duration::from_millis(50);

/// A private engine, in use by us; call [`PrivateEngine::stop`] before the process ends.
#[derive(Debug)]
pub struct PrivateEngine {
    engine: Engine,
    hold: Hold,
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
    pub async fn start(dir: &Path) -> Result<PrivateEngine, PrivateError> {
        if !on_path("dockerd") {
            return Err(PrivateError::NotInstalled);
        }
        if !is_root() {
            return Err(PrivateError::NotRoot);
        }
        let failed = |error: io::Error| PrivateError::Failed(format!("{}: {error}", dir.display()));
        let place = Place::at(dir).map_err(failed)?;
        let door = place.open("door").map_err(failed)?;
        let since = Instant::now();
        while !taken(&door).map_err(failed)? {
            if since.elapsed() > START_LIMIT + STOP_LIMIT {
                return Err(PrivateError::Failed(
                    "another playground has been starting or stopping the engine for too long"
                        .into(),
                ));
            }
            tokio::time::sleep(PAUSE).await;
        }
        let users = place.open("users").map_err(failed)?;
        // Nobody holds it exclusively but behind the door.
        users.lock_shared().map_err(failed)?;
        let mut hold = Hold {
            place,
            users,
            door: Some(door),
            child: None,
        };
        let engine = hold.engine().await?;
        hold.door = None;
        Ok(PrivateEngine { engine, hold })
    }

    /// The engine itself.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Whether its process has ended.
    pub fn is_over(&mut self) -> bool {
        match &mut self.hold.child {
            Some(child) => !matches!(child.try_wait(), Ok(None)),
            None => self.hold.place.running().is_none(),
        }
    }

    /// Lets go of the engine; stops it and waits until it has, unless others still use it.
    pub async fn stop(self) {
        let _ = tokio::task::spawn_blocking(move || drop(self)).await;
    }
}

/// Where a private engine lives, and what it is called on the host.
#[derive(Debug)]
struct Place {
    dir: PathBuf,
    bridge: String,
    address: String,
}

impl Place {
    /// Makes the folder; a path of its own for each, however it is spelled.
    fn at(dir: &Path) -> io::Result<Place> {
        fs::create_dir_all(dir)?;
        Ok(Place::called(dir.canonicalize()?))
    }

    fn called(dir: PathBuf) -> Place {
        let digest = Sha256::digest(dir.as_os_str().as_bytes());
        let name: String = digest[..4].iter().map(|b| format!("{b:02x}")).collect();
        Place {
            bridge: format!("er-{name}"),
            address: format!("10.213.{}.1/24", digest[4]),
            dir,
        }
    }

    fn open(&self, name: &str) -> io::Result<File> {
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.dir.join(name))
    }

    fn socket(&self) -> PathBuf {
        self.dir.join("docker.sock")
    }

    fn data_root(&self) -> PathBuf {
        self.dir.join("data")
    }

    fn pidfile(&self) -> PathBuf {
        self.dir.join("dockerd.pid")
    }

    fn logfile(&self) -> PathBuf {
        self.dir.join("dockerd.log")
    }

    fn spawn(&self) -> io::Result<Child> {
        let log = File::create(self.logfile())?;
        Command::new("dockerd")
            .arg("--data-root")
            .arg(self.data_root())
            .arg("--exec-root")
            .arg(self.dir.join("exec"))
            .arg("--pidfile")
            .arg(self.pidfile())
            .arg("--host")
            .arg(format!("unix://{}", self.socket().display()))
            .arg("--bridge")
            .arg(&self.bridge)
            .stdin(Stdio::null())
            .stdout(log.try_clone()?)
            .stderr(log)
            // Ctrl-C in the terminal is for the playground, which then stops the engine.
            .process_group(0)
            .spawn()
    }

    /// The process of the engine that runs here, whoever started it.
    fn running(&self) -> Option<u32> {
        let pid = fs::read_to_string(self.pidfile()).ok()?;
        let pid = pid.trim().parse().ok()?;
        self.is_engine(pid).then_some(pid)
    }

    /// A pid on file may long be another program's.
    fn is_engine(&self, pid: u32) -> bool {
        fs::read(format!("/proc/{pid}/cmdline"))
            .is_ok_and(|cmdline| is_dockerd_on(&cmdline, &self.data_root()))
    }

    /// A bridge of our own: `--bridge=none` would delete the `docker0` of another engine.
    fn make_bridge(&self) -> Result<(), PrivateError> {
        if !Path::new("/sys/class/net").join(&self.bridge).exists() {
            ip(&["link", "add", &self.bridge, "type", "bridge"])?;
        }
        ip(&["addr", "replace", &self.address, "dev", &self.bridge])?;
        ip(&["link", "set", &self.bridge, "up"])
    }

    /// Stops what runs here, and removes the bridge after it.
    fn halt(&self, child: Option<Child>) {
        let gone = match child {
            Some(mut child) => {
                matches!(child.try_wait(), Ok(Some(_))) || {
                    terminate(child.id());
                    within(STOP_LIMIT, || !matches!(child.try_wait(), Ok(None)))
                }
            }
            None => match self.running() {
                Some(pid) => {
                    terminate(pid);
                    within(STOP_LIMIT, || !self.is_engine(pid))
                }
                None => UnixStream::connect(self.socket()).is_err(),
            },
        };
        if !gone {
            log::warn!("the engine in {} did not stop", self.dir.display());
        } else if Path::new("/sys/class/net").join(&self.bridge).exists()
            && let Err(error) = ip(&["link", "delete", &self.bridge])
        {
            log::warn!("{error}");
        }
    }
}

/// Our share in an engine, from before its start. Dropping it stops the engine where
/// nobody else has one: also when a start is given up half-way, which is why this blocks.
#[derive(Debug)]
struct Hold {
    place: Place,
    users: File,
    /// Held while starting.
    door: Option<File>,
    /// Only where it was us who started it.
    child: Option<Child>,
}

impl Hold {
    async fn engine(&mut self) -> Result<Engine, PrivateError> {
        let socket = self.place.socket();
        if let Ok(engine) = Engine::connect(Address::Unix(socket.clone())).await {
            log::info!("joining the private engine at {}", socket.display());
            return Ok(engine);
        }
        self.place.make_bridge()?;
        let spawned = self.place.spawn();
        let child = self.child.insert(spawned.map_err(|error| {
            PrivateError::Failed(format!("{}: {error}", self.place.dir.display()))
        })?);
        let since = Instant::now();
        loop {
            match Engine::connect(Address::Unix(socket.clone())).await {
                Ok(engine) => return Ok(engine),
                Err(_) if since.elapsed() < START_LIMIT => {}
                Err(why) => {
                    return Err(PrivateError::Failed(format!(
                        "dockerd did not answer: {why}\n{}",
                        tail(&self.place.logfile())
                    )));
                }
            }
            if let Ok(Some(status)) = child.try_wait() {
                return Err(PrivateError::Failed(format!(
                    "dockerd ended at once ({status})\n{}",
                    tail(&self.place.logfile())
                )));
            }
            tokio::time::sleep(PAUSE).await;
        }
    }
}

impl Drop for Hold {
    fn drop(&mut self) {
        let _door = match self.door.take() {
            Some(door) => door,
            None => {
                let Ok(door) = self.place.open("door") else {
                    return;
                };
                if !within(START_LIMIT + STOP_LIMIT, || taken(&door).unwrap_or(false)) {
                    return;
                }
                door
            }
        };
        if self.users.unlock().is_ok() && self.users.try_lock().is_ok() {
            self.place.halt(self.child.take());
        }
    }
}

/// Takes a lock where it is free.
fn taken(lock: &File) -> io::Result<bool> {
    match lock.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Ok(false),
        Err(TryLockError::Error(error)) => Err(error),
    }
}

fn within(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
    let since = Instant::now();
    while !done() {
        if since.elapsed() > limit {
            return false;
        }
        std::thread::sleep(PAUSE);
    }
    true
}

/// SIGTERM: a dockerd that is killed leaves its containerd and its containers behind.
fn terminate(pid: u32) {
    let _ = Command::new("kill")
        .arg(pid.to_string())
        .stderr(Stdio::null())
        .status();
}

/// Whether a command line, as in /proc, is that of a dockerd with this data root.
fn is_dockerd_on(cmdline: &[u8], data_root: &Path) -> bool {
    let words: Vec<&OsStr> = cmdline
        .split(|byte| *byte == 0)
        .map(OsStr::from_bytes)
        .collect();
    words
        .iter()
        .any(|word| Path::new(word).file_name() == Some(OsStr::new("dockerd")))
        && words
            .windows(2)
            .any(|pair| pair[0] == "--data-root" && pair[1] == data_root.as_os_str())
}

/// Not a future: a link that is half made when its maker is dropped would stay behind.
fn ip(args: &[&str]) -> Result<(), PrivateError> {
    match Command::new("ip").args(args).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(PrivateError::Failed(format!(
            "`ip {}` failed: {}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        ))),
        Err(error) => Err(PrivateError::Failed(format!(
            "`ip` could not be run ({error}): install iproute2"
        ))),
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

fn tail(path: &Path) -> String {
    let text = fs::read_to_string(path).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    lines[lines.len().saturating_sub(5)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_data_directory_has_a_bridge_and_a_subnet_of_its_own() {
        let one = Place::called("/home/reader/data/engine".into());
        let other = Place::called("/home/reader/other/engine".into());
        assert_ne!(one.bridge, other.bridge);
        assert_ne!(one.address, other.address);
        let again = Place::called("/home/reader/data/engine".into());
        assert_eq!(one.bridge, again.bridge, "also after a restart");
        // The kernel's IFNAMSIZ, less the final zero.
        assert!(one.bridge.len() <= 15, "{}", one.bridge);
        assert!(one.address.starts_with("10.213."), "{}", one.address);
    }

    #[test]
    fn only_a_dockerd_on_our_data_is_taken_for_ours() {
        let ours = Path::new("/d/engine/data");
        let cmdline = |words: &[&str]| words.join("\0").into_bytes();
        assert!(is_dockerd_on(
            &cmdline(&["/usr/sbin/dockerd", "--data-root", "/d/engine/data", "-D"]),
            ours
        ));
        for other in [
            &["dockerd", "--data-root", "/d/engine/data2"][..],
            &["dockerd"],
            &["vim", "--data-root", "/d/engine/data"],
            &[""],
        ] {
            assert!(!is_dockerd_on(&cmdline(other), ours), "{other:?}");
        }
    }
}
