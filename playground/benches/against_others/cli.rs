//! The docker CLI, as a reader would use it.

use std::fmt::Write as _;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

/// A build that has ended.
pub(crate) struct Build {
    /// Until its first line of progress.
    first: Duration,
    all: Duration,
    pub(crate) succeeded: bool,
    pub(crate) said: String,
}

pub(crate) struct Cli {
    program: PathBuf,
    socket: String,
}

impl Cli {
    /// `DOCKER_CLI`, or the first `docker` in PATH that does build with BuildKit: the CLI since 23
    /// needs a plugin for it, and fails in milliseconds where there is none.
    pub(crate) fn find(socket: &str) -> anyhow::Result<Cli> {
        let named = std::env::var_os("DOCKER_CLI").map(PathBuf::from);
        let candidates = match named {
            Some(named) => vec![named],
            None => in_path("docker"),
        };
        let mut refused = String::new();
        for program in candidates {
            let cli = Cli {
                program,
                socket: socket.to_owned(),
            };
            match cli.builds() {
                Ok(()) => return Ok(cli),
                Err(error) => {
                    writeln!(refused, "  {}: {error}", cli.program.display())?;
                }
            }
        }
        anyhow::bail!(
            "no docker CLI here builds with BuildKit:\n{refused}\
             next: install Debian's docker.io or the buildx plugin, or name one: DOCKER_CLI=/usr/bin/docker"
        )
    }

    /// Builds the least there is, in a way that only BuildKit knows.
    fn builds(&self) -> anyhow::Result<()> {
        let folder = tempfile::tempdir()?;
        std::fs::write(
            folder.path().join("Dockerfile"),
            "FROM scratch\nCOPY --chmod=0600 Dockerfile /\n",
        )?;
        self.build(folder.path(), "empty-room/bench:cli").map(drop)
    }

    /// Which one it is: its path and version.
    pub(crate) fn describe(&self) -> anyhow::Result<String> {
        Ok(format!("{} {}", self.program.display(), self.version()?))
    }

    /// The engine's address, as `DOCKER_HOST` has it.
    pub(crate) fn socket(&self) -> &str {
        &self.socket
    }

    /// `docker save`, to wherever its output is sent.
    pub(crate) fn save(&self, image: &str) -> Command {
        let mut command = self.command();
        command.args(["save", image]);
        command
    }

    /// Copies a file out of an image.
    pub(crate) fn copy_out(&self, image: &str, from: &str, to: &Path) -> anyhow::Result<()> {
        let id = self.output(&["create", image])?;
        let copied = self.output(&["cp", &format!("{id}:{from}"), &to.display().to_string()]);
        self.output(&["rm", &id])?;
        copied.map(drop)
    }

    fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command
            .env("DOCKER_HOST", &self.socket)
            .env("DOCKER_BUILDKIT", "1")
            .stdin(Stdio::null());
        command
    }

    fn output(&self, args: &[&str]) -> anyhow::Result<String> {
        let output = self.command().args(args).output()?;
        let text = String::from_utf8_lossy(&output.stdout).trim().to_owned();
        anyhow::ensure!(
            output.status.success(),
            "docker {}: {}",
            args.join(" "),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(text)
    }

    fn version(&self) -> anyhow::Result<String> {
        self.output(&["version", "--format", "{{.Client.Version}}"])
    }

    pub(crate) fn prune(&self) -> anyhow::Result<()> {
        for name in ["empty-room/bench:ours", "empty-room/bench:cli"] {
            let _ = self.output(&["image", "rm", name]);
        }
        self.output(&["builder", "prune", "--all", "--force"])
            .map(drop)
    }

    /// Builds once: (first line of progress, all of it).
    pub(crate) fn build(&self, folder: &Path, tag: &str) -> anyhow::Result<(Duration, Duration)> {
        let build = self.try_build(folder, tag)?;
        anyhow::ensure!(
            build.succeeded,
            "docker build failed: {}",
            build.said.trim()
        );
        Ok((build.first, build.all))
    }

    /// Builds once, whatever it comes to.
    pub(crate) fn try_build(&self, folder: &Path, tag: &str) -> anyhow::Result<Build> {
        let since = Instant::now();
        let mut child = self
            .command()
            .args(["build", "--progress", "plain", "--tag", tag])
            .arg(folder)
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut first = None;
        let mut said = String::new();
        for line in BufReader::new(child.stderr.take().expect("piped")).lines() {
            first.get_or_insert_with(|| since.elapsed());
            said.push_str(&line?);
            said.push('\n');
        }
        let succeeded = child.wait()?.success();
        let all = since.elapsed();
        Ok(Build {
            first: first.unwrap_or(all),
            all,
            succeeded,
            said,
        })
    }

    /// `docker run --rm` with these options, whatever it comes to: its exit code, and all that
    /// was written.
    pub(crate) fn run(
        &self,
        image: &str,
        options: &[String],
    ) -> anyhow::Result<(Option<i32>, String)> {
        let locked_down = ["--network", "none", "--cap-drop", "ALL"];
        let mut command = self.command();
        command.args(["run", "--rm"]).args(locked_down);
        command.args(options).arg(image);
        let output = command.output()?;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let said = text(&output.stdout) + &text(&output.stderr);
        Ok((output.status.code(), said))
    }

    pub(crate) fn run_until_it_listens(&self, image: &str) -> anyhow::Result<()> {
        let id = self.output(&["run", "--detach", "--network", "none", image])?;
        let mut child = self
            .command()
            .args(["logs", "--follow", &id])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
        let listens = lines.any(|line| line.is_ok_and(|l| l.contains("listening")));
        self.output(&["rm", "--force", &id])?;
        let _ = child.wait();
        anyhow::ensure!(listens, "it never said that it listens");
        Ok(())
    }
}

/// Every program of this name in PATH, in its order.
fn in_path(name: &str) -> Vec<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(name));
    found.filter(|program| program.is_file()).collect()
}
