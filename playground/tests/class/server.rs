//! The real server as a process of its own, which can be killed.

use super::usage::process_bytes;
use playground::web::KEY_HEADER;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

/// How long a start may take: the book is rendered first.
const PATIENCE: Duration = Duration::from_secs(120);

/// A server's process, which does not outlive a test that fails.
struct Process(Child);

impl Drop for Process {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

pub(crate) struct Server {
    child: Process,
    data: PathBuf,
    /// As browsers have it: `127.0.0.1:41234`.
    pub(crate) address: String,
    pub(crate) code: String,
    key: String,
}

/// A port that is free right now: a server that is started again must be where it was.
fn free_port() -> u16 {
    let socket = std::net::TcpListener::bind("127.0.0.1:0").expect("a free port");
    socket.local_addr().expect("an address").port()
}

impl Server {
    pub(crate) async fn start(data: &Path, engine: &Path, seats: usize, at_once: usize) -> Server {
        Server::start_at(data, engine, seats, at_once, free_port()).await
    }

    pub(crate) async fn start_again(
        data: &Path,
        engine: &Path,
        seats: usize,
        at_once: usize,
        before: &Server,
    ) -> Server {
        let port = before
            .address
            .rsplit(':')
            .next()
            .and_then(|port| port.parse().ok());
        let port = port.expect("a port");
        let after = Server::start_at(data, engine, seats, at_once, port).await;
        assert_eq!(after.code, before.code, "the code outlives the server");
        after
    }

    async fn start_at(
        data: &Path,
        engine: &Path,
        seats: usize,
        at_once: usize,
        port: u16,
    ) -> Server {
        let mut command = Command::new(env!("CARGO_BIN_EXE_playground"));
        command
            .args(["class", "serve", "--port", &port.to_string()])
            .args([
                "--seats",
                &seats.to_string(),
                "--at-once",
                &at_once.to_string(),
            ])
            .env("DOCKER_HOST", format!("unix://{}", engine.display()))
            .env("EMPTY_ROOM_DATA", data.join("data"))
            .env_remove("DOCKER_CONTEXT")
            .stdout(Stdio::piped());
        let mut child = Process(command.spawn().expect("the playground starts"));
        let output = child.0.stdout.take().expect("its output");
        let (tell, told) = channel();
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                // Nobody listens once it is known; it must be able to go on writing.
                let _ = tell.send(line);
            }
        });
        let heard = tokio::task::spawn_blocking(move || hear(&told)).await;
        let (code, key) = heard.expect("no panic");
        Server {
            child,
            data: data.join("data"),
            address: format!("127.0.0.1:{port}"),
            code,
            key,
        }
    }

    /// The id by which its objects on the engine are known.
    pub(crate) fn owner(&self) -> String {
        let owners = std::fs::read_dir(self.data.join("owners")).expect("owners");
        let mut owners: Vec<_> = owners
            .flatten()
            .map(|entry| {
                (
                    entry.metadata().and_then(|facts| facts.modified()).ok(),
                    entry.file_name(),
                )
            })
            .map(|(at, name)| (at, name.to_string_lossy().into_owned()))
            .filter(|(_, name)| name.contains('-') && !name.contains('.'))
            .collect();
        owners.sort();
        owners.pop().expect("an owner").1
    }

    pub(crate) fn certificate(&self) -> Vec<u8> {
        std::fs::read(self.data.join("class/certificate.pem")).expect("a certificate")
    }

    /// Memory of its own, in bytes.
    pub(crate) fn bytes(&self) -> u64 {
        process_bytes(&self.child.0.id().to_string())
    }

    async fn get(&self, path: &str) -> String {
        let certificate = reqwest::Certificate::from_pem(&self.certificate()).expect("PEM");
        let http = reqwest::Client::builder()
            .no_proxy()
            .add_root_certificate(certificate)
            .build()
            .expect("a client");
        let url = format!("https://{}{path}", self.address);
        let answer = http.get(url).header(KEY_HEADER, &self.key).send().await;
        let answer = answer.expect("an answer");
        assert_eq!(answer.status(), 200, "{path}");
        answer.text().await.expect("text")
    }

    pub(crate) async fn board(&self) -> Value {
        serde_json::from_str(&self.get("/api/class/board").await).expect("JSON")
    }

    /// All runs, as the instructor takes them home.
    pub(crate) async fn export(&self) -> String {
        self.get("/api/class/export.csv").await
    }

    /// As `kill -9` does.
    pub(crate) fn kill(&mut self) {
        self.child.0.kill().expect("it lived");
        self.child.0.wait().expect("it is dead");
    }

    /// As Ctrl-C does, and waits until it has cleaned up.
    pub(crate) async fn stop(mut self) {
        let pid = self.child.0.id().to_string();
        let told = Command::new("kill")
            .args(["-INT", &pid])
            .status()
            .expect("kill");
        assert!(told.success());
        let ended = tokio::task::spawn_blocking(move || self.child.0.wait()).await;
        assert!(
            ended.expect("no panic").expect("it ends").success(),
            "it ends well"
        );
    }
}

/// The code and the instructor's key, as the terminal prints them.
fn hear(told: &Receiver<String>) -> (String, String) {
    let (mut code, mut key) = (None, None);
    while code.is_none() || key.is_none() {
        let line = told
            .recv_timeout(PATIENCE)
            .expect("the server says where it is");
        if let Some((_, rest)) = line.split_once("with the code") {
            code = Some(rest.trim().to_owned());
        }
        if let Some((_, rest)) = line.split_once("#key=") {
            key = Some(rest.trim().to_owned());
        }
    }
    (code.unwrap_or_default(), key.unwrap_or_default())
}
