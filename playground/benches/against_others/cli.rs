//! The docker CLI, as a reader would use it.

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

pub(crate) struct Cli {
    program: PathBuf,
    socket: String,
}

impl Cli {
    pub(crate) fn new(socket: &str) -> Cli {
        Cli {
            program: std::env::var_os("DOCKER_CLI").map_or_else(|| "docker".into(), PathBuf::from),
            socket: socket.to_owned(),
        }
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

    pub(crate) fn version(&self) -> anyhow::Result<String> {
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
        anyhow::ensure!(child.wait()?.success(), "docker build failed:\n{said}");
        let all = since.elapsed();
        Ok((first.unwrap_or(all), all))
    }

    /// `docker run --rm` with these options, whatever it comes to; its exit code.
    pub(crate) fn run(&self, image: &str, options: &[String]) -> anyhow::Result<Option<i32>> {
        let locked_down = ["--network", "none", "--cap-drop", "ALL", "--memory", "256m"];
        let mut command = self.command();
        command.args(["run", "--rm"]).args(locked_down);
        command.args(options).arg(image);
        let output = command.output()?;
        Ok(output.status.code())
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
