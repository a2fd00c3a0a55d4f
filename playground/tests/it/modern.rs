//! A Docker of today: BuildKit's gRPC on the engine's socket itself, and containerd's image store.
//!
//! `script/engine modern` builds and starts it; `script/test` names it to these tests in
//! `EMPTY_ROOM_MODERN_ENGINE`. Which way a build went is seen from what stands between: a proxy
//! that counts, or refuses, the old routes.

use super::alpine::context;
use engine::{
    Address, BuildError, BuildEvent, BuildRequest, Engine, LABEL, Patience, StepLog, StoppedBuilds,
};
use playground::bases::Bases;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{UnixListener, UnixStream};

const BASE: &str = "alpine:3.20";
/// A cache mount, which the classic builder does not know, and a file of the context.
const DOCKERFILE: &str = "FROM alpine:3.20\nCOPY a /a\n\
    RUN --mount=type=cache,target=/cache date +%s%N > /cache/b && cat /a /cache/b && echo done\n";

fn modern_socket() -> PathBuf {
    let named = std::env::var("EMPTY_ROOM_MODERN_ENGINE").unwrap_or_default();
    match Address::parse(&named) {
        Ok(Address::Unix(socket)) => socket,
        _ => panic!(
            "this test needs a Docker of today in EMPTY_ROOM_MODERN_ENGINE, which is `{named}`\n\
             next: run script/test, or: export EMPTY_ROOM_MODERN_ENGINE=$(script/engine modern)"
        ),
    }
}

async fn connect(socket: &Path) -> Engine {
    let engine = Engine::connect(Address::Unix(socket.to_owned())).await;
    engine.unwrap_or_else(|error| panic!("{}: {error}", socket.display()))
}

/// What stands between: it hands everything on but what `refuses` says, and counts what asks
/// for the old routes.
struct Between {
    socket: PathBuf,
    old_routes: Arc<AtomicUsize>,
    _folder: TempDir,
}

/// What is answered with 404.
#[derive(Clone, Copy, PartialEq)]
enum Refuses {
    Nothing,
    OldRoutes,
    /// And whatever is not HTTP/1, as a proxy does that knows no other.
    AllButHttp1,
}

impl Between {
    fn start(refuses: Refuses) -> Between {
        let folder = tempfile::tempdir().expect("a folder");
        let socket = folder.path().join("docker.sock");
        let listener = UnixListener::bind(&socket).expect("a socket");
        let old_routes = Arc::new(AtomicUsize::new(0));
        let (engine, count) = (modern_socket(), old_routes.clone());
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                tokio::spawn(hand_on(client, engine.clone(), refuses, count.clone()));
            }
        });
        Between {
            socket,
            old_routes,
            _folder: folder,
        }
    }
}

/// A connection is what its first request makes it: those to the old routes come alone.
async fn hand_on(
    mut client: UnixStream,
    engine: PathBuf,
    refuses: Refuses,
    old_routes: Arc<AtomicUsize>,
) -> io::Result<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n") {
        head.push(client.read_u8().await?);
    }
    let line = String::from_utf8_lossy(&head).into_owned();
    let path = line.split(' ').nth(1).unwrap_or_default();
    let old = path.ends_with("/grpc") || path.ends_with("/session");
    old_routes.fetch_add(usize::from(old), Ordering::Relaxed);
    let refused = match refuses {
        Refuses::Nothing => false,
        Refuses::OldRoutes => old,
        Refuses::AllButHttp1 => old || line.starts_with("PRI "),
    };
    if refused {
        let answer = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n";
        return client.write_all(answer).await;
    }
    let mut engine = UnixStream::connect(engine).await?;
    engine.write_all(&head).await?;
    copy_bidirectional(&mut client, &mut engine).await.map(drop)
}

fn request(name: &str, dockerfile: &str) -> BuildRequest {
    let files = [("Dockerfile", dockerfile), ("a", "from the context\n")];
    BuildRequest {
        context: context(&files).into(),
        dockerfile: dockerfile.to_owned(),
        tag: format!("empty-room/test-modern:{name}"),
        aliases: Vec::new(),
        labels: vec![(LABEL.to_owned(), "lab".to_owned())],
        cache_namespace: None,
        no_cache: true,
        network: engine::BuildNetwork::Engines,
        prefix: "b".into(),
        limit: Duration::from_secs(300),
        patience: Patience::default(),
        stopped: StoppedBuilds::default(),
    }
}

/// Builds; what its steps wrote.
async fn build(engine: &Engine, request: &BuildRequest) -> Result<String, BuildError> {
    let mut log = String::new();
    let mut on = |event: BuildEvent| {
        if let BuildEvent::StepLog(StepLog { text, .. }) = event {
            log.push_str(&text);
        }
    };
    let built = engine.build(request, &mut on).await?;
    let found = engine.image(&request.tag).await.expect("an answer");
    assert_eq!(found.map(|image| image.id), Some(built.image));
    engine.remove_image(&request.tag).await.expect("removed");
    Ok(log)
}

async fn with_base(engine: &Engine) {
    let bases = Bases::load().expect("sound");
    let ensured = bases.ensure(engine, BASE, &|_| {}).await;
    ensured.unwrap_or_else(|error| panic!("{error}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_docker_of_today_is_built_on_without_the_old_routes() {
    let between = Between::start(Refuses::Nothing);
    let engine = connect(&between.socket).await;
    with_base(&engine).await;
    for round in ["first", "again"] {
        let log = build(&engine, &request(round, DOCKERFILE)).await;
        assert!(log.expect("built").contains("from the context"));
    }
    assert_eq!(between.old_routes.load(Ordering::Relaxed), 0);
}

/// As it will be in the next major version, which is announced to remove them.
#[tokio::test(flavor = "multi_thread")]
async fn an_engine_without_the_old_routes_builds_with_buildkit() {
    let between = Between::start(Refuses::OldRoutes);
    let engine = connect(&between.socket).await;
    with_base(&engine).await;
    let log = build(&engine, &request("no-old-routes", DOCKERFILE)).await;
    assert!(log.expect("built").contains("from the context"));
    // A failure is the builder's own, with its line.
    let failing = request("fails", "FROM alpine:3.20\n\nRUN exit 3\n");
    match build(&engine, &failing).await {
        Err(BuildError::Failed(error)) => {
            assert_eq!(error.line, Some(3), "{error:?}");
            assert!(error.message.contains("exit code: 3"), "{error:?}");
        }
        other => panic!("{other:?}"),
    }
}

/// A proxy for HTTP/1 alone stands before many an engine.
#[tokio::test(flavor = "multi_thread")]
async fn where_nothing_but_http_1_comes_through_the_next_way_is_taken() {
    let between = Between::start(Refuses::AllButHttp1);
    let engine = connect(&between.socket).await;
    // No way is left but the classic endpoint, which knows no cache mounts.
    let log = build(&engine, &request("classic", "FROM scratch\nCOPY a /a\n")).await;
    log.expect("built");
    let asked = between.old_routes.load(Ordering::Relaxed);
    assert!(asked > 0, "the old routes come before the classic one");
    let log = build(&engine, &request("remembered", "FROM scratch\nCOPY a /b\n")).await;
    log.expect("built");
    let again = between.old_routes.load(Ordering::Relaxed);
    assert_eq!(asked, again, "it is remembered");
}

/// A connection for all: what stops a build must not take the news of its end away.
#[tokio::test(flavor = "multi_thread")]
async fn a_build_that_was_stopped_ends_on_a_docker_of_today() {
    let engine = connect(&modern_socket()).await;
    with_base(&engine).await;
    let waits = "FROM alpine:3.20\nRUN echo waiting && sleep 600\n";
    let request = request("stopped", waits);
    let waiting = tokio::sync::Notify::new();
    let mut on = |event: BuildEvent| {
        if matches!(&event, BuildEvent::StepLog(StepLog { text, .. }) if text.contains("waiting")) {
            waiting.notify_one();
        }
    };
    tokio::select! {
        () = waiting.notified() => {}
        built = engine.build(&request, &mut on) => panic!("{built:?}"),
    }
    // It says itself when it has ended, or gives up after ten seconds and warns.
    let ended = tokio::time::timeout(Duration::from_secs(8), request.stopped.end()).await;
    assert!(ended.is_ok(), "the step goes on");
}

/// BuildKit's own checks come with every build, each with its line and where it is explained; what
/// passes them is told to have passed by silence.
#[tokio::test(flavor = "multi_thread")]
async fn a_docker_of_today_says_what_its_builder_thinks_of_a_dockerfile() {
    let engine = connect(&modern_socket()).await;
    let wordy =
        "FROM scratch AS Build\nCOPY a /a\n\nFROM scratch\nCOPY --from=Build /a /a\nCMD /a\n";
    for (name, dockerfile, expected) in [
        (
            "remarks",
            wordy,
            vec![("JSONArgsRecommended", 6), ("StageNameCasing", 1)],
        ),
        ("no-remarks", "FROM scratch\nCOPY a /a\n", Vec::new()),
    ] {
        let mut remarks = Vec::new();
        let request = request(name, dockerfile);
        let mut on = |event: BuildEvent| {
            if let BuildEvent::Remark(remark) = event {
                remarks.push(remark);
            }
        };
        engine.build(&request, &mut on).await.expect("built");
        engine.remove_image(&request.tag).await.expect("removed");
        remarks.sort_by(|a, b| a.rule.cmp(&b.rule));
        let told: Vec<_> = remarks
            .iter()
            .map(|remark| (remark.rule.as_str(), remark.line.unwrap_or_default()))
            .collect();
        assert_eq!(told, expected, "{remarks:?}");
        for remark in &remarks {
            let url = remark.url.as_deref().unwrap_or_default();
            assert!(url.starts_with("https://docs.docker.com/"), "{remark:?}");
            assert!(!remark.what.contains("(line "), "{remark:?}");
        }
    }
}
async fn load(engine: &Engine, archive: Vec<u8>) -> Result<(), engine::ImageError> {
    let whole = bytes::Bytes::from(archive);
    let stream = futures_util::stream::once(async move { io::Result::Ok(whole) });
    engine.load(stream).await
}

/// Its history is `null` there, which is no list.
#[tokio::test(flavor = "multi_thread")]
async fn an_image_without_layers_is_known_there() {
    let engine = connect(&modern_socket()).await;
    let tag = "empty-room-test/no-layers:1";
    let cpu = &engine.facts().arch;
    let config = format!(
        r#"{{"architecture":"{cpu}","os":"linux","config":{{}},"rootfs":{{"type":"layers","diff_ids":[]}},"history":null}}"#
    );
    let manifest = format!(r#"[{{"Config":"c.json","RepoTags":["{tag}"],"Layers":[]}}]"#);
    let archive = analysis::image::testing::tar_of(&[
        ("c.json", config.as_bytes()),
        ("manifest.json", manifest.as_bytes()),
    ]);
    load(&engine, archive).await.expect("loaded");
    let facts = engine.image(tag).await.expect("an answer").expect("there");
    engine.remove_image(tag).await.expect("removed");
    assert_eq!((facts.diff_ids.len(), facts.history.len()), (0, 0));
}

/// What preflight asks about: whether containerd is to load it.
#[tokio::test(flavor = "multi_thread")]
async fn a_blob_that_is_not_what_its_manifest_says_is_refused_there() {
    let engine = connect(&modern_socket()).await;
    let layer = analysis::image::testing::tar_of(&[("a", b"a")]);
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    io::Write::write_all(&mut gzip, &layer).expect("in memory");
    let gzip = gzip.finish().expect("in memory");
    for (store, kind) in [(&layer, ""), (&gzip, "+gzip"), (&gzip, "")] {
        let tag = "empty-room-test/mislabelled:1";
        let archive = layout(&engine.facts().arch, tag, &layer, store, kind);
        let loaded = load(&engine, archive).await;
        let known = engine.image(tag).await.ok().flatten().is_some();
        let started = match known {
            true => starts(&engine, tag).await,
            false => false,
        };
        engine.remove_image(tag).await.expect("removed");
        let sound = store == &layer || kind == "+gzip";
        assert_eq!(loaded.is_ok() && started, sound, "{kind:?}: {loaded:?}");
    }
}

/// Whether a container can be made of it, for which its layers are unpacked.
async fn starts(engine: &Engine, tag: &str) -> bool {
    let data = tempfile::tempdir().expect("a folder");
    let owner = engine::Owner::register(data.path()).expect("registered");
    let name = format!("empty-room-{}-mislabelled", owner.id());
    let request = engine::ContainerRequest::new(name, tag, engine::Attachment::Isolated);
    match engine.create(&owner, &request).await {
        Ok(container) => {
            engine.remove(&container).await.expect("removed");
            true
        }
        Err(_) => false,
    }
}

/// An OCI layout of one image with one layer, stored so and labelled so.
fn layout(cpu: &str, tag: &str, layer: &[u8], store: &[u8], kind: &str) -> Vec<u8> {
    use analysis::image::testing::{digest, hex, pack};
    let mut files = vec![(
        "oci-layout".to_owned(),
        br#"{"imageLayoutVersion":"1.0.0"}"#.to_vec(),
    )];
    let mut blob = |bytes: &[u8], kind: &str| {
        files.push((format!("blobs/sha256/{}", hex(bytes)), bytes.to_vec()));
        serde_json::json!({ "mediaType": format!("application/vnd.oci.image.{kind}"),
            "digest": digest(bytes), "size": bytes.len() })
    };
    let config = serde_json::json!({ "architecture": cpu, "os": "linux",
        "config": { "Cmd": ["/a"] }, "rootfs": { "type": "layers", "diff_ids": [digest(layer)] } });
    let config = blob(config.to_string().as_bytes(), "config.v1+json");
    let layers = [blob(store, &format!("layer.v1.tar{kind}"))];
    let manifest = serde_json::json!({ "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config, "layers": layers });
    let mut manifest = blob(manifest.to_string().as_bytes(), "manifest.v1+json");
    manifest["annotations"] = serde_json::json!({ "io.containerd.image.name": format!("docker.io/{tag}"),
        "org.opencontainers.image.ref.name": "1" });
    let index = serde_json::json!({ "schemaVersion": 2, "manifests": [manifest] });
    files.push(("index.json".to_owned(), index.to_string().into_bytes()));
    pack(&files)
}
