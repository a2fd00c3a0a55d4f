//! A `dockerd` of our own, where none answers but one is installed and we are root.
//!
//! It shares nothing with an engine that the machine may have: own data root, exec root,
//! socket, pid file and bridge. It is stopped with the playground; one that an earlier,
//! killed playground left behind is taken over rather than doubled.

use super::{Address, Engine};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};
use tokio::process::{Child, Command};

const BRIDGE: &str = "emptyroom0";
/// How long a first start may take; it took 1.6 s on two busy cores.
const START_LIMIT: Duration = Duration::from_secs(60);

/// A private engine; call [`PrivateEngine::stop`] before the process ends.
#[derive(Debug)]
pub struct PrivateEngine {
    engine: Engine,
    pidfile: PathBuf,
    child: Option<Child>,
}

/// Why there is no private engine.
#[derive(Debug, thiserror::Error)]
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
    /// Starts an engine below `dir`, or takes over the one that runs there.
    pub async fn start(dir: &Path) -> Result<PrivateEngine, PrivateError> {
        let socket = dir.join("docker.sock");
        let pidfile = dir.join("dockerd.pid");
        if let Ok(engine) = Engine::connect(Address::Unix(socket.clone())).await {
            log::info!("taking over the private engine at {}", socket.display());
            return Ok(PrivateEngine {
                engine,
                pidfile,
                child: None,
            });
        }
        if !is_root() {
            return Err(if on_path("dockerd") {
                PrivateError::NotRoot
            } else {
                PrivateError::NotInstalled
            });
        }
        if !on_path("dockerd") {
            return Err(PrivateError::NotInstalled);
        }
        let failed = |error: io::Error| PrivateError::Failed(format!("{}: {error}", dir.display()));
        fs::create_dir_all(dir).map_err(failed)?;
        make_bridge().await?;
        let logfile = dir.join("dockerd.log");
        let log = File::create(&logfile).map_err(failed)?;
        let mut child = Command::new("dockerd")
            .arg("--data-root")
            .arg(dir.join("data"))
            .arg("--exec-root")
            .arg(dir.join("exec"))
            .arg("--pidfile")
            .arg(&pidfile)
            .arg("--host")
            .arg(format!("unix://{}", socket.display()))
            .arg("--bridge")
            .arg(BRIDGE)
            .stdin(Stdio::null())
            .stdout(log.try_clone().map_err(failed)?)
            .stderr(log)
            // Ctrl-C in the terminal is for the playground, which then stops the engine.
            .process_group(0)
            .spawn()
            .map_err(failed)?;
        let since = Instant::now();
        loop {
            match Engine::connect(Address::Unix(socket.clone())).await {
                Ok(engine) => {
                    return Ok(PrivateEngine {
                        engine,
                        pidfile,
                        child: Some(child),
                    });
                }
                Err(_) if since.elapsed() < START_LIMIT => {}
                Err(why) => {
                    let _ = child.start_kill();
                    return Err(PrivateError::Failed(format!(
                        "dockerd did not answer: {why}\n{}",
                        tail(&logfile)
                    )));
                }
            }
            if let Ok(Some(status)) = child.try_wait() {
                return Err(PrivateError::Failed(format!(
                    "dockerd ended at once ({status})\n{}",
                    tail(&logfile)
                )));
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    }

    /// The engine itself.
    pub fn engine(&self) -> &Engine {
        &self.engine
    }

    /// Asks the engine to stop and waits until it has.
    pub async fn stop(mut self) {
        let Ok(pid) = fs::read_to_string(&self.pidfile) else {
            return;
        };
        let _ = Command::new("kill").arg(pid.trim()).status().await;
        if let Some(child) = &mut self.child {
            let _ = tokio::time::timeout(Duration::from_secs(20), child.wait()).await;
        } else {
            let since = Instant::now();
            while self.pidfile.exists() && since.elapsed() < Duration::from_secs(20) {
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
        }
        let _ = Command::new("ip")
            .args(["link", "delete", BRIDGE])
            .stderr(Stdio::null())
            .status()
            .await;
    }
}

/// A bridge of our own: `--bridge=none` would delete the `docker0` of another engine.
async fn make_bridge() -> Result<(), PrivateError> {
    if Path::new("/sys/class/net").join(BRIDGE).exists() {
        return Ok(());
    }
    let ip = |args: &'static [&'static str]| async move {
        match Command::new("ip").args(args).output().await {
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
    };
    ip(&["link", "add", BRIDGE, "type", "bridge"]).await?;
    ip(&["addr", "add", "10.213.0.1/16", "dev", BRIDGE]).await?;
    ip(&["link", "set", BRIDGE, "up"]).await
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
