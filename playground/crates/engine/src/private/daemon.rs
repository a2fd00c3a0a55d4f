//! A `dockerd` as a process of the host: its folder, command line, bridge and end.
//!
//! Refuses to know who uses it, and what is asked of it.

use sha2::{Digest, Sha256};
use std::ffi::OsStr;
use std::fs::{self, File};
use std::io;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::net::UnixStream;
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long it may take to stop; dockerd gives its containers 15 s.
pub(super) const STOP_LIMIT: Duration = Duration::from_secs(20);
/// Between two looks at what is waited for.
pub(super) const PAUSE: Duration = Duration::from_millis(50);

/// One `dockerd` on the host: everything that it is called there is made from its folder.
#[derive(Debug)]
pub(super) struct Daemon {
    pub(super) dir: PathBuf,
    bridge: String,
    address: String,
}

impl Daemon {
    /// Makes the folder; a path of its own for each, however it is spelled.
    pub(super) fn at(dir: &Path) -> io::Result<Daemon> {
        fs::create_dir_all(dir)?;
        Ok(Daemon::named(dir.canonicalize()?))
    }

    fn named(dir: PathBuf) -> Daemon {
        let digest = Sha256::digest(dir.as_os_str().as_bytes());
        let name = crate::hex(&digest[..4]);
        Daemon {
            bridge: format!("er-{name}"),
            address: format!("10.213.{}.1/24", digest[4]),
            dir,
        }
    }

    pub(super) fn open(&self, name: &str) -> io::Result<File> {
        File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.dir.join(name))
    }

    pub(super) fn socket(&self) -> PathBuf {
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

    pub(super) fn spawn(&self) -> io::Result<Child> {
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
    pub(super) fn running(&self) -> Option<u32> {
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
    pub(super) fn make_bridge(&self) -> io::Result<()> {
        if !Path::new("/sys/class/net").join(&self.bridge).exists() {
            ip(&["link", "add", &self.bridge, "type", "bridge"])?;
        }
        ip(&["addr", "replace", &self.address, "dev", &self.bridge])?;
        ip(&["link", "set", &self.bridge, "up"])
    }

    /// The last lines of its log.
    pub(super) fn log_tail(&self) -> String {
        let text = fs::read_to_string(self.logfile()).unwrap_or_default();
        let lines: Vec<&str> = text.lines().collect();
        lines[lines.len().saturating_sub(5)..].join("\n")
    }

    /// Stops what runs here, and removes the bridge after it.
    pub(super) fn stop(&self, child: Option<Child>) {
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

/// Whether it is `done` within `limit`; blocks, and looks every [`PAUSE`].
pub(super) fn within(limit: Duration, mut done: impl FnMut() -> bool) -> bool {
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
fn ip(args: &[&str]) -> io::Result<()> {
    match Command::new("ip").args(args).output() {
        Ok(output) if output.status.success() => Ok(()),
        Ok(output) => Err(io::Error::other(format!(
            "`ip {}` failed: {}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr).trim()
        ))),
        Err(error) => Err(io::Error::other(format!(
            "`ip` could not be run ({error}): install iproute2"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_data_directory_has_a_bridge_and_a_subnet_of_its_own() {
        let one = Daemon::named("/home/reader/data/engine".into());
        let other = Daemon::named("/home/reader/other/engine".into());
        assert_ne!(one.bridge, other.bridge);
        assert_ne!(one.address, other.address);
        let again = Daemon::named("/home/reader/data/engine".into());
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
