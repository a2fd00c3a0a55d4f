//! What the tests share: the real server, the real engine, a way to follow a run.

use bytes::Bytes;
use catalog::Catalog;
use engine::{BuildRequest, Engine, LABEL, Patience, StoppedBuilds, discover};
use playground::app_state::AppState;
use playground::bases::Bases;
use playground::book;
use playground::services::Service;
use playground::web::{self, App};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

/// The book itself.
pub(crate) fn root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package
        .parent()
        .expect("the package lies in the book's folder")
        .to_owned()
}

/// A small book of its own, made for tests: `tests/fixtures/<name>`.
pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/fixtures")
        .join(name)
}

/// Copies a folder with everything below it.
pub(crate) fn copy_folder(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).expect("a folder");
    for entry in std::fs::read_dir(from).expect("a folder") {
        let entry = entry.expect("an entry");
        let to = to.join(entry.file_name());
        if entry.file_type().expect("a type").is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            std::fs::copy(entry.path(), to).expect("copied");
        }
    }
}

/// A folder that has the same path in every run, empty at first and gone at the end.
///
/// Go's build caches on the engine are named by a tree's path: a tree that moved would have all of
/// Go's library compiled anew, a minute of two cores for each test. Nobody else has it meanwhile.
pub(crate) struct LastingFolder {
    path: PathBuf,
    _lock: std::fs::File,
}

impl LastingFolder {
    pub(crate) fn new(name: &str) -> LastingFolder {
        let home = std::env::home_dir().expect("a home");
        let trees = home.join(".cache/empty-room/test-trees");
        std::fs::create_dir_all(&trees).expect("a folder");
        let lock = std::fs::File::create(trees.join(format!("{name}.lock"))).expect("a file");
        lock.lock().expect("locked");
        let path = trees.join(name);
        // A run that was killed left it.
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir(&path).expect("a folder");
        LastingFolder { path, _lock: lock }
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for LastingFolder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.path);
    }
}

/// Writes a shell script that can be executed at once.
///
/// Another program does the writing: what tests beside this one fork has our open files until it
/// executes something else, and no kernel executes what is open for writing.
pub(crate) fn write_script(path: &Path, text: &str) {
    let mut shell = Command::new("sh");
    shell
        .args(["-c", "cat >\"$0\" && chmod 755 \"$0\""])
        .arg(path);
    let (code, _, said) = fed(&mut shell, text.as_bytes());
    assert_eq!(code, Some(0), "{}: {said}", path.display());
}

/// The engine, or a failure that says how to get one: no engine test is ever skipped.
pub(crate) async fn engine() -> Engine {
    match discover().await {
        Ok(engine) => engine,
        Err(none) => panic!(
            "this test needs a Docker engine and found none: {:?}\n\
             next: run script/test, which installs and starts one",
            none.tried
        ),
    }
}

/// The engine, with this base on it.
pub(crate) async fn engine_with(base: &str) -> Engine {
    let engine = engine().await;
    let bases = Bases::load().expect("sound");
    let ensured = bases.ensure(&engine, base, &|_| {}).await;
    ensured.unwrap_or_else(|error| panic!("{error}"));
    engine
}

/// Builds a context on the engine as `tag`; whoever asks removes it.
pub(crate) async fn build(engine: &Engine, tag: &str, context: Bytes, dockerfile: &str) {
    let request = BuildRequest {
        context,
        dockerfile: dockerfile.to_owned(),
        tag: tag.to_owned(),
        aliases: Vec::new(),
        labels: vec![(LABEL.to_owned(), "lab".to_owned())],
        cache_namespace: None,
        no_cache: false,
        network: engine::BuildNetwork::Engines,
        prefix: String::new(),
        limit: Duration::from_secs(600),
        patience: Patience::default(),
        stopped: StoppedBuilds::default(),
    };
    let built = engine.build(&request, &mut |_| {}).await;
    built.unwrap_or_else(|error| panic!("{error}"));
}

/// Builds a lab's image as `tag`, as it lies in the book; whoever asks removes it.
pub(crate) async fn build_lab(engine: &Engine, tag: &str, lab: &str, variant: &str) {
    let root = root();
    let labs = Catalog::load(&root).expect("the labs are sound");
    let (lab, variant) = labs.lab_variant(lab, variant).expect("known");
    let none = BTreeMap::new();
    let context = catalog::context(&root, lab, variant, &BTreeMap::new(), &none);
    let context = context.expect("laid down");
    build(engine, tag, context.to_tar(), context.dockerfile()).await;
}

/// The addresses that listen on a port in the network that a process sees, as the kernel writes them.
pub(crate) fn listening(pid: u32, port: u16) -> Vec<String> {
    let mut all = Vec::new();
    for table in ["tcp", "tcp6"] {
        let lines = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in lines.lines().skip(1) {
            let mut fields = line.split_whitespace().skip(1);
            let (local, state) = (fields.next().unwrap_or_default(), fields.nth(1));
            if let Some((address, of)) = local.split_once(':')
                && state == Some("0A")
                && of == format!("{port:04X}")
            {
                all.push(address.to_owned());
            }
        }
    }
    // The kernel's list may be read while it changes.
    all.sort();
    all.dedup();
    all
}

/// Runs a command with this on its stdin: code, stdout, stderr.
pub(crate) fn fed(command: &mut Command, input: &[u8]) -> (Option<i32>, String, String) {
    let piped = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = piped.spawn().expect("the playground starts");
    let mut stdin = child.stdin.take().expect("its input");
    // It may have ended without reading.
    let _ = stdin.write_all(input);
    drop(stdin);
    let output = child.wait_with_output().expect("it ends");
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    (
        output.status.code(),
        text(&output.stdout),
        text(&output.stderr),
    )
}

fn render(state: &AppState, out: &Path) {
    let panels = book::panels(&state.root, &state.catalog).expect("panels");
    book::render(&state.root, out, panels).expect("the book renders");
}

/// The book itself, rendered once for all tests; the folder is made anew by the next ones.
pub(crate) fn rendered_book(state: &AppState) -> &'static Path {
    static BOOK: OnceLock<PathBuf> = OnceLock::new();
    BOOK.get_or_init(|| {
        let out = Path::new(env!("CARGO_TARGET_TMPDIR")).join("book");
        render(state, &out);
        out
    })
}

/// The playground, served in this process on a free port.
pub(crate) struct Server {
    pub(crate) base: String,
    pub(crate) key: String,
    pub(crate) state: Arc<AppState>,
    pub(crate) http: reqwest::Client,
    stop: Option<oneshot::Sender<()>>,
    task: Option<JoinHandle<()>>,
    _dirs: (TempDir, TempDir),
}

impl Server {
    pub(crate) async fn start(root: &Path) -> Server {
        Server::offering(root, &[]).await
    }

    /// The same, started with these folders as services.
    pub(crate) async fn offering(root: &Path, services: &[PathBuf]) -> Server {
        engine().await;
        let services = Service::all(services).expect("folders");
        let data = tempfile::tempdir().expect("a temporary folder");
        let out = tempfile::tempdir().expect("a temporary folder");
        let state = Arc::new(AppState::open(root, data.path()).expect("the content is valid"));
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a free port");
        let port = listener.local_addr().expect("an address").port();
        let rendered = match root == self::root() {
            true => rendered_book(&state),
            false => {
                render(&state, out.path());
                out.path()
            }
        };
        let app = App::new(state.clone(), port, rendered, services).expect("the book is whole");
        let key = app.key().to_owned();
        let (stop, stopped) = oneshot::channel();
        let task = tokio::spawn(async move {
            let stop = async {
                let _ = stopped.await;
            };
            web::serve(app, listener, stop)
                .await
                .expect("the server ends well");
        });
        Server {
            base: format!("http://127.0.0.1:{port}"),
            key,
            state,
            http: reqwest::Client::new(),
            stop: Some(stop),
            task: Some(task),
            _dirs: (data, out),
        }
    }

    pub(crate) fn get(&self, path: &str) -> reqwest::RequestBuilder {
        self.http
            .get(format!("{}{path}", self.base))
            .header(web::KEY_HEADER, &self.key)
    }

    pub(crate) fn post(&self, path: &str, body: &Value) -> reqwest::RequestBuilder {
        self.http
            .post(format!("{}{path}", self.base))
            .header(web::KEY_HEADER, &self.key)
            .json(body)
    }

    /// Starts a run; returns its id.
    pub(crate) async fn run(&self, lab: &str, variant: &str, edits: Value) -> String {
        let body = json!({ "lab": lab, "variant": variant, "edits": edits });
        let answer = self
            .post("/api/runs", &body)
            .send()
            .await
            .expect("an answer");
        let status = answer.status();
        let answer: Value = answer.json().await.expect("JSON");
        assert_eq!(status, 201, "{answer}");
        answer["run"].as_str().expect("a run id").to_owned()
    }

    /// All events of a run, up to and with its end.
    pub(crate) async fn events(&self, run: &str) -> Vec<Value> {
        self.events_after(run, 0).await
    }

    /// The events after a position: what a page asks for when it comes back.
    pub(crate) async fn events_after(&self, run: &str, seen: u64) -> Vec<Value> {
        let request = self
            .get(&format!("/api/runs/{run}/events"))
            .header("Last-Event-ID", seen.to_string());
        let answer = request.send().await.expect("an event stream");
        assert_eq!(answer.status(), 200);
        let text = tokio::time::timeout(Duration::from_secs(600), answer.text())
            .await
            .expect("the run ends within ten minutes")
            .expect("the stream ends well");
        text.lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .map(|data| serde_json::from_str(data).expect("each event is JSON"))
            .collect()
    }

    /// Runs a variant to its end; returns the terminal event.
    pub(crate) async fn outcome(&self, lab: &str, variant: &str) -> Value {
        let run = self.run(lab, variant, json!({})).await;
        self.events(&run).await.pop().expect("a terminal event")
    }

    /// Waits for an event of a running run.
    pub(crate) async fn wait_for(&self, run: &str, wanted: impl Fn(&Value) -> bool) {
        use futures_util::StreamExt;
        let answer = self
            .get(&format!("/api/runs/{run}/events"))
            .send()
            .await
            .expect("an event stream");
        let mut stream = answer.bytes_stream();
        let mut text = Vec::new();
        while let Some(Ok(piece)) = stream.next().await {
            text.extend_from_slice(&piece);
            while let Some(end) = text.iter().position(|byte| *byte == b'\n') {
                let line: Vec<u8> = text.drain(..=end).collect();
                let event = line
                    .strip_prefix(b"data: ")
                    .and_then(|data| serde_json::from_slice(data).ok());
                if event.is_some_and(|e| wanted(&e)) {
                    return;
                }
            }
        }
        panic!("the run ended without the event that was waited for");
    }

    /// Stops the server and waits until it has cleaned up: nothing is left.
    pub(crate) async fn close(mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        if let Some(task) = self.task.take() {
            task.await.expect("the server does not panic");
        }
        assert_eq!(leftovers(self.state.owner.id()).await, [""; 0]);
    }

    /// What is ours on the engine but for the images that stay for the next click.
    pub(crate) async fn leftovers(&self) -> Vec<String> {
        let mut left = leftovers(self.state.owner.id()).await;
        let kept = self.state.kept_images();
        left.retain(|name| !kept.contains(name));
        left
    }
}

/// What carries a label or name of ours on the engine right now, but bases and the prober.
pub(crate) async fn leftovers(owner: &str) -> Vec<String> {
    let engine = engine().await;
    engine
        .objects_of(owner)
        .await
        .expect("the engine lists its objects")
}
