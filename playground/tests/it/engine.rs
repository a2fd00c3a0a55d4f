//! What the engine's doorway promises of networks and of sweeping.

use super::support::{Server, engine, root};
use engine::{Address, Attachment, ContainerRequest, Engine, Owner, PrivateNetwork};
use futures_util::StreamExt;
use playground::bases::Bases;
use std::io::Write;
use std::net::TcpListener;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpStream, UnixStream};

const BUSYBOX: &str = "alpine:3.20";

/// A container that runs a shell script on a private network.
fn scripted(name: &str, network: &PrivateNetwork, alias: &str, script: &str) -> ContainerRequest {
    let attachment = Attachment::PrivateNetwork(network.clone(), alias.to_owned());
    ContainerRequest {
        command: Some(["sh", "-c", script].map(str::to_owned).to_vec()),
        ..ContainerRequest::new(name.to_owned(), BUSYBOX, attachment)
    }
}

async fn engine_with_busybox() -> Engine {
    let engine = engine().await;
    let bases = Bases::load().expect("sound");
    let ensured = bases.ensure(&engine, BUSYBOX, &|_| {}).await;
    ensured.unwrap_or_else(|error| panic!("{error}"));
    engine
}

/// Runs it to its end; what it said.
async fn said(engine: &Engine, owner: &Owner, request: &ContainerRequest) -> String {
    let container = engine.create(owner, request).await.expect("created");
    engine.start(&container).await.expect("started");
    let mut output = Box::pin(engine.output(&container));
    let mut said = String::new();
    let words = async {
        while let Some((_, text)) = output.next().await {
            said.push_str(&text);
        }
    };
    let ended = tokio::time::timeout(Duration::from_secs(60), words).await;
    engine.remove(&container).await.expect("removed");
    ended.expect("it ends within a minute");
    said
}

#[tokio::test(flavor = "multi_thread")]
async fn a_private_network_does_not_reach_the_host() {
    let engine = engine_with_busybox().await;
    let data = tempfile::tempdir().expect("a folder");
    let owner = Owner::register(data.path()).expect("registered");
    let listener = TcpListener::bind("0.0.0.0:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    std::thread::spawn(move || {
        for caller in listener.incoming() {
            let _ = caller.and_then(|mut caller| caller.write_all(b"the host answers\n"));
        }
    });
    let run = format!("it{}", std::process::id());
    let network = engine.private_network(&owner, &run).await.expect("made");
    let peer = "while true; do echo the peer answers | nc -l -p 7000; done";
    let peer = scripted(
        &format!("empty-room-{run}-peer"),
        &network,
        "peer.test",
        peer,
    );
    let peer = engine.create(&owner, &peer).await.expect("created");
    engine.start(&peer).await.expect("started");
    // The gateway has the first address of the subnet, whether or not it is told.
    let script = format!(
        "own=$(ip -4 -o addr show dev eth0 | awk '{{print $4}}'); gateway=${{own%.*}}.1\n\
         echo asking $gateway; nc -w 3 $gateway {port} </dev/null\n\
         for try in 1 2 3 4 5; do nc -w 3 peer.test 7000 </dev/null && break; sleep 1; done"
    );
    let app = scripted(&format!("empty-room-{run}-app"), &network, "app", &script);
    let heard = said(&engine, &owner, &app).await;
    engine.remove(&peer).await.expect("removed");
    engine.remove_network(&network.name).await.expect("removed");
    assert!(heard.contains("asking 1"), "{heard}");
    assert!(heard.contains("the peer answers"), "{heard}");
    assert!(!heard.contains("the host answers"), "{heard}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_swept_is_told_and_keeps_nothing_else() {
    let engine = engine_with_busybox().await;
    let data = tempfile::tempdir().expect("a folder");
    let living = Owner::register(data.path()).expect("registered");
    let dead = Owner::register(data.path()).expect("registered");
    let run = format!("it{}-swept", std::process::id());
    let mut networks = Vec::new();
    for number in 1..=3 {
        let run = format!("{run}{number}");
        let made = engine.private_network(&dead, &run).await;
        networks.push(made.expect("made"));
    }
    // A living playground's container keeps the middle one in use.
    let name = format!("empty-room-{run}");
    let user = scripted(&name, &networks[1], "app", "sleep 60");
    let user = engine.create(&living, &user).await.expect("created");
    engine.start(&user).await.expect("started");
    let dead_id = dead.id().to_owned();
    drop(dead);

    let swept = engine.sweep(&living).await;
    assert_eq!((swept.containers, swept.networks), (0, 2), "{swept:?}");
    assert_eq!(swept.not_removed.len(), 1, "{swept:?}");
    let left = engine.objects_of(&dead_id).await.expect("listed");
    assert_eq!(left, [networks[1].name.as_str()]);

    engine.remove(&user).await.expect("removed");
    let swept = engine.sweep(&living).await;
    assert_eq!((swept.networks, swept.not_removed), (1, Vec::new()));
}

/// Attaching before the start lost or doubled such a line once in a few dozen runs.
#[tokio::test]
async fn what_a_container_writes_at_once_arrives_exactly_once() {
    let engine = engine_with_busybox().await;
    let dir = tempfile::tempdir().expect("a folder");
    let owner = Owner::register(dir.path()).expect("registered");
    for round in 0..30 {
        let name = format!("empty-room-once-{}-{round}", owner.id());
        let request = ContainerRequest {
            command: Some(["echo", "one line"].map(str::to_owned).to_vec()),
            ..ContainerRequest::new(name, BUSYBOX, Attachment::Isolated)
        };
        assert_eq!(
            said(&engine, &owner, &request).await,
            "one line\n",
            "round {round}"
        );
    }
}

/// A second way to the engine, and the bytes that were sent over it.
async fn counted(engine: &Engine) -> (Engine, Arc<AtomicU64>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await;
    let listener = listener.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let sent = Arc::new(AtomicU64::new(0));
    let (to, count) = (engine.address().clone(), sent.clone());
    tokio::spawn(async move {
        while let Ok((caller, _)) = listener.accept().await {
            tokio::spawn(forward(caller, to.clone(), count.clone()));
        }
    });
    let address = Address::Tcp(format!("127.0.0.1:{port}"));
    let engine = Engine::connect(address).await.expect("it is forwarded");
    (engine, sent)
}

async fn forward(caller: TcpStream, to: Address, sent: Arc<AtomicU64>) {
    let (asks, answers) = caller.into_split();
    match to {
        Address::Unix(path) => {
            let engine = UnixStream::connect(path).await.expect("the engine");
            let (from, to) = engine.into_split();
            tokio::join!(pour(asks, to, Some(sent)), pour(from, answers, None));
        }
        Address::Tcp(host) => {
            let engine = TcpStream::connect(host).await.expect("the engine");
            let (from, to) = engine.into_split();
            tokio::join!(pour(asks, to, Some(sent)), pour(from, answers, None));
        }
    }
}

/// Hands on what comes, until nothing does; it is counted before it arrives.
async fn pour(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    count: Option<Arc<AtomicU64>>,
) {
    let mut piece = [0; 16 << 10];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        if let Some(count) = &count {
            count.fetch_add(length as u64, Ordering::SeqCst);
        }
        if to.write_all(&piece[..length]).await.is_err() {
            break;
        }
    }
    let _ = to.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn whether_foreign_programs_run_is_found_out_once_and_nothing_stays() {
    let (engine, sent) = counted(&engine().await).await;
    let data = tempfile::tempdir().expect("a folder");
    let owner = Owner::register(data.path()).expect("registered");
    let before = sent.load(Ordering::SeqCst);
    let emulates = engine.emulates(&owner).await;
    let tried = sent.load(Ordering::SeqCst);
    assert!(tried > before, "the engine was asked");
    assert_eq!(engine.emulates(&owner).await, emulates);
    assert_eq!(engine.clone().emulates(&owner).await, emulates);
    assert_eq!(sent.load(Ordering::SeqCst), tried, "it is known by now");
    let left = engine.objects_of(owner.id()).await.expect("it answers");
    assert_eq!(left, Vec::<String>::new());
}

/// The lab's program is Go's own work for the other CPU; whether it runs is asked of nothing
/// but the engine, whose kernel may be another than this machine's.
#[tokio::test(flavor = "multi_thread")]
async fn a_real_foreign_program_runs_exactly_where_that_is_said() {
    let server = Server::start(&root()).await;
    let engine = engine().await;
    let data = tempfile::tempdir().expect("a folder");
    let owner = Owner::register(data.path()).expect("registered");
    let emulates = engine.emulates(&owner).await;
    let finished = server.outcome("exec-format", "other-cpu").await;
    let outcome = if emulates { "exits" } else { "cannot-start" };
    assert_eq!(finished["outcome"], outcome, "{finished}");
    server.close().await;
}
