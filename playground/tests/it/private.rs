//! The playground's own dockerd: shared by commands, gone with the last of them.

use super::support::root;
use engine::{PrivateEngine, PrivateError};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

/// Starts or joins one below `data`, as the playground does where no other engine answers.
async fn start(data: &Path) -> PrivateEngine {
    match PrivateEngine::start(&data.join("engine")).await {
        Ok(private) => private,
        Err(PrivateError::NotInstalled) => panic!(
            "this test needs dockerd\nnext: run script/test on a Debian machine, \
             or `apt-get install docker.io iptables iproute2`"
        ),
        Err(PrivateError::NotRoot) => {
            panic!("this test starts a dockerd, which needs root\nnext: run script/test as root")
        }
        Err(PrivateError::Failed(why)) => panic!("no private engine: {why}"),
    }
}

/// The command lines of every dockerd below `data`. What one of them has forked has its command line
/// until it executes another program, and is none.
fn engines(data: &Path) -> Vec<Vec<String>> {
    let data_root = data.canonicalize().expect("a folder").join("engine/data");
    let data_root = data_root.to_string_lossy().into_owned();
    let words = |process: &Path| -> Option<Vec<String>> {
        let raw = std::fs::read(process.join("cmdline")).ok()?;
        let text = String::from_utf8_lossy(&raw).into_owned();
        let words: Vec<_> = text.split('\0').map(str::to_owned).collect();
        let is_engine = words[0].ends_with("dockerd") && words.contains(&data_root);
        is_engine.then_some(words)
    };
    std::fs::read_dir("/proc")
        .expect("this test reads /proc")
        .flatten()
        .map(|entry| entry.path())
        .filter(|process| parent(process).is_some_and(|parent| words(&parent).is_none()))
        .filter_map(|process| words(&process))
        .collect()
}

/// The process that has started this one.
fn parent(process: &Path) -> Option<PathBuf> {
    let stat = std::fs::read_to_string(process.join("stat")).ok()?;
    // Behind the name, in which anything may stand.
    let (_, rest) = stat.rsplit_once(") ")?;
    Some(Path::new("/proc").join(rest.split(' ').nth(1)?))
}

/// The bridge that the engine below `data` was given, as the host's kernel shows it.
fn bridge(data: &Path) -> PathBuf {
    let engines = engines(data);
    let [words] = engines.as_slice() else {
        panic!("one engine expected: {engines:?}");
    };
    let at = words.iter().position(|w| w == "--bridge").expect("given");
    Path::new("/sys/class/net").join(&words[at + 1])
}

/// A command of its own process, which finds no engine but the private one: it sees neither
/// the settings that name one nor the usual sockets of one that the machine may have. Those
/// are covered up in a mount namespace of its own, which ends with it.
fn command(data: &Path, args: &[&str]) -> Command {
    const COVERED: &str = "for socket in /var/run/docker.sock /run/podman/podman.sock; do \
        [ ! -e $socket ] || mount --bind /dev/null $socket; done; exec \"$0\" \"$@\"";
    let mut command = Command::new("unshare");
    command
        .args(["--mount", "sh", "-euc", COVERED])
        .arg(env!("CARGO_BIN_EXE_playground"))
        .args(args)
        .env("EMPTY_ROOM_ROOT", root())
        .env("EMPTY_ROOM_DATA", data)
        .env("HOME", data)
        .env_remove("DOCKER_HOST")
        .env_remove("DOCKER_CONTEXT")
        .env_remove("DOCKER_CONFIG")
        .env_remove("XDG_RUNTIME_DIR");
    command
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_command_leaves_the_servers_private_engine_running() {
    let data = tempfile::tempdir().expect("a folder");
    let server = start(data.path()).await;
    let second = start(data.path()).await;
    assert_eq!(engines(data.path()).len(), 1, "it is shared, not doubled");
    second.stop().await;
    assert!(server.engine().is_reachable().await);
    let status = command(data.path(), &["status", "--json"]).output();
    let status = status.expect("this test needs unshare, of util-linux");
    assert!(status.status.success(), "{status:?}");
    let told: Value = serde_json::from_slice(&status.stdout).expect("JSON");
    assert_eq!(
        told["engine"]["facts"]["address"],
        server.engine().facts().address,
        "it used the server's engine"
    );
    assert!(server.engine().is_reachable().await);
    assert!(bridge(data.path()).exists());
    server.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_private_engine_ends_with_its_last_user() {
    let data = tempfile::tempdir().expect("a folder");
    let (first, last) = tokio::join!(start(data.path()), start(data.path()));
    let bridge = bridge(data.path());
    first.stop().await;
    assert!(last.engine().is_reachable().await, "whoever started it");
    last.stop().await;
    assert_eq!(engines(data.path()), Vec::<Vec<String>>::new());
    assert!(!bridge.exists());
    // And it can be had again.
    let again = start(data.path()).await;
    assert!(again.engine().is_reachable().await);
    again.stop().await;
    assert_eq!(engines(data.path()), Vec::<Vec<String>>::new());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_start_given_up_half_way_leaves_nothing_running() {
    let data = tempfile::tempdir().expect("a folder");
    let mut begun = None;
    {
        let starting = start(data.path());
        tokio::pin!(starting);
        while begun.is_none() {
            tokio::select! {
                biased;
                _ = &mut starting => panic!("it was ready before it was seen"),
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
            if !engines(data.path()).is_empty() {
                begun = Some(bridge(data.path()));
            }
        }
    }
    assert_eq!(engines(data.path()), Vec::<Vec<String>>::new());
    assert!(!begun.expect("it had begun").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_command_that_is_stopped_while_its_engine_starts_leaves_none() {
    for args in [&["status"][..], &["bases", "status"], &["serve"]] {
        let data = tempfile::tempdir().expect("a folder");
        let mut command = command(data.path(), args);
        let spawned = command.stdout(Stdio::null()).spawn();
        let mut child = spawned.expect("this test needs unshare, of util-linux");
        while engines(data.path()).is_empty() {
            let ended = child.try_wait().expect("its state");
            assert_eq!(
                ended, None,
                "{args:?} ended before it had started an engine"
            );
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        let asked = Command::new("kill").arg(child.id().to_string()).status();
        asked.expect("kill runs");
        child.wait().expect("it ends");
        assert_eq!(engines(data.path()), Vec::<Vec<String>>::new(), "{args:?}");
    }
}
