//! Builds that wait for a network that does not answer.

use super::alpine::context;
use super::support::engine_with;
use engine::{BuildError, BuildEvent, BuildRequest, LABEL, Patience, StoppedBuilds};
use std::net::UdpSocket;
use std::time::Duration;
use tokio::net::TcpListener;

const BASE: &str = "alpine:3.20";
/// Longer than busy cores take from the start of a step to its first word.
const DOWNLOAD: Duration = Duration::from_secs(15);

/// Where containers reach this machine.
fn own_address() -> String {
    let socket = UdpSocket::bind("0.0.0.0:0").expect("a socket");
    // Nothing is sent: the kernel only says by which of its addresses it would be.
    socket.connect("198.51.100.1:9").expect("a route");
    socket.local_addr().expect("an address").ip().to_string()
}

/// A build with little patience for downloads.
fn request(name: &str, command: &str) -> BuildRequest {
    let dockerfile = format!("FROM {BASE}\nRUN {command}\n");
    BuildRequest {
        context: context(&[("Dockerfile", &dockerfile)]).into(),
        dockerfile,
        tag: format!("empty-room/test-stalls:{name}"),
        aliases: Vec::new(),
        labels: vec![(LABEL.to_owned(), "lab".to_owned())],
        cache_namespace: None,
        no_cache: true,
        network: engine::BuildNetwork::Engines,
        prefix: "b".into(),
        limit: Duration::from_secs(120),
        patience: Patience {
            download: DOWNLOAD,
            ..Patience::default()
        },
        stopped: StoppedBuilds::default(),
    }
}

/// The server is real: it takes the connection, and says nothing.
#[tokio::test(flavor = "multi_thread")]
async fn a_download_that_stands_still_ends_the_build_and_names_the_step() {
    let listener = TcpListener::bind("0.0.0.0:0").await.expect("a port");
    let port = listener.local_addr().expect("an address").port();
    let accepted = tokio::spawn(async move { listener.accept().await });
    let host = own_address();
    let wget = format!("echo fetching the list && wget -q -O /list http://{host}:{port}/list");
    let engine = engine_with(BASE).await;
    let request = request("download", &wget);
    let mut events = Vec::new();
    let built = engine
        .build(&request, &mut |event| events.push(event))
        .await;
    request.stopped.end().await;
    let Err(BuildError::Stalled(stall)) = built else {
        panic!("{built:?}");
    };
    assert!(
        stall
            .step
            .as_deref()
            .is_some_and(|step| step.contains("wget -q")),
        "{stall:?}"
    );
    assert!(stall.download && stall.silent >= DOWNLOAD, "{stall:?}");
    assert_eq!(stall.last_line.as_deref(), Some("fetching the list"));
    // It had asked, or it would have stood still for another reason.
    assert!(accepted.is_finished(), "{stall:?}");
    let connection = accepted.await.expect("no panic").expect("a connection");
    let open = events
        .iter()
        .filter(|event| matches!(event, BuildEvent::StepStarted { .. }));
    let ended = events
        .iter()
        .filter(|event| matches!(event, BuildEvent::StepFinished(_)));
    assert_eq!(open.count(), ended.count(), "every started step finishes");
    drop(connection);
}

/// Twice the patience for downloads in silence, and then it is built.
#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_computes_may_be_silent_for_longer() {
    let engine = engine_with(BASE).await;
    let request = request("computes", &format!("sleep {}", 2 * DOWNLOAD.as_secs()));
    engine.build(&request, &mut |_| {}).await.expect("built");
    engine.remove_image(&request.tag).await.expect("removed");
}
