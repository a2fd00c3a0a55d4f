//! `playground class` on the command line: what it opens, what it checks, what it leaves.

use super::super::support::listening;
use super::room::until;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::TcpListener;
use std::path::Path;
use std::process::{Command, Output, Stdio};

fn playground(data: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_playground"));
    command.env("EMPTY_ROOM_DATA", data);
    command
}

fn output(command: &mut Command) -> Output {
    command.output().expect("the playground starts")
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[test]
fn a_check_says_of_each_thing_whether_it_will_do_and_what_to_do() {
    let data = tempfile::tempdir().expect("a folder");
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let port = taken.local_addr().expect("an address").port().to_string();
    let checked = output(
        playground(data.path())
            .args(["class", "check", "--json", "--port", &port])
            .env("DOCKER_HOST", "unix:///nowhere/docker.sock"),
    );
    assert_eq!(checked.status.code(), Some(1), "{}", text(&checked.stderr));
    let said: Value = serde_json::from_slice(&checked.stdout).expect("JSON");
    assert_eq!(said["ready"], false);
    let items = said["items"].as_array().expect("items");
    for (id, state) in [
        ("engine", "broken"),
        ("address", "broken"),
        ("certificate", "ready"),
    ] {
        let item = items.iter().find(|item| item["id"] == id);
        let item = item.unwrap_or_else(|| panic!("no {id}: {said}"));
        assert_eq!(item["state"], state, "{item}");
        assert_eq!(item["next"].is_string(), state == "broken", "{item}");
    }
}

#[test]
fn ending_a_class_that_is_none_says_so() {
    let data = tempfile::tempdir().expect("a folder");
    let ended = output(playground(data.path()).args(["class", "end"]));
    assert!(ended.status.success());
    assert!(
        text(&ended.stdout).contains("There is no class"),
        "{}",
        text(&ended.stdout)
    );
}

#[test]
fn an_address_is_opened_only_with_lan_and_only_of_this_machine() {
    let data = tempfile::tempdir().expect("a folder");
    let without =
        output(playground(data.path()).args(["class", "serve", "--address", "192.0.2.1"]));
    assert_eq!(without.status.code(), Some(2));
    assert!(
        text(&without.stderr).contains("--lan"),
        "{}",
        text(&without.stderr)
    );
    // Nobody's address (RFC 5737): it is not opened, and nothing else in its place.
    let nobodys = ["class", "serve", "--lan", "--address", "192.0.2.1"];
    let nobodys = output(playground(data.path()).args(nobodys));
    assert_ne!(nobodys.status.code(), Some(0));
    assert!(
        text(&nobodys.stderr).contains("next:"),
        "{}",
        text(&nobodys.stderr)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rehearsal_listens_on_loopback_alone_and_is_removed_with_everything() {
    let data = tempfile::tempdir().expect("a folder");
    // Of its own choice: one that was found free here could be taken by then.
    let mut serving = playground(data.path())
        .args(["class", "serve", "--port", "0"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the playground starts");
    let mut lines = BufReader::new(serving.stdout.take().expect("its output")).lines();
    let board = lines
        .by_ref()
        .map_while(Result::ok)
        .find(|line| line.contains("/class/board#key="));
    let board = board.expect("it says where the board is");
    let (place, _) = board.split_once("/class/board").expect("just looked for");
    let port = place.rsplit(':').next().and_then(|port| port.parse().ok());
    let port: u16 = port.unwrap_or_else(|| panic!("no port in {board}"));
    let pid = serving.id();
    until("it listens", async || !listening(pid, port).is_empty()).await;
    assert_eq!(
        listening(pid, port),
        ["0100007F"],
        "127.0.0.1 and nothing else"
    );
    let while_it_runs = output(playground(data.path()).args(["class", "end"]));
    assert_eq!(
        while_it_runs.status.code(),
        Some(3),
        "{}",
        text(&while_it_runs.stderr)
    );
    let told = Command::new("kill")
        .args(["-INT", &serving.id().to_string()])
        .status();
    assert!(told.expect("kill").success());
    // It must be able to go on writing.
    lines.for_each(drop);
    assert!(serving.wait().expect("it ends").success());
    assert!(
        data.path().join("class/class.db").is_file(),
        "it could go on"
    );
    let ended = output(playground(data.path()).args(["class", "end"]));
    assert!(ended.status.success(), "{}", text(&ended.stderr));
    assert!(!data.path().join("class").exists());
}

/// In a network of its own, with one address that others could reach and no others to reach it.
const LAN: &str = "ip link set lo up
ip link add name room type bridge
ip addr add 10.77.0.1/24 dev room
ip link set room up
ip route add default via 10.77.0.254
exec \"$0\" class serve --lan --port 4443";

#[tokio::test(flavor = "multi_thread")]
async fn with_lan_the_one_address_of_the_network_is_opened_and_said_loudly() {
    let data = tempfile::tempdir().expect("a folder");
    let mut serving = Command::new("unshare")
        .args(["--map-root-user", "--net", "sh", "-euc", LAN])
        .arg(env!("CARGO_BIN_EXE_playground"))
        .env("EMPTY_ROOM_DATA", data.path())
        .stdout(Stdio::piped())
        .spawn()
        .expect("unshare is there, as on every Linux");
    let mut lines = BufReader::new(serving.stdout.take().expect("its output")).lines();
    let mut said = String::new();
    for line in lines.by_ref().map_while(Result::ok) {
        said.push_str(&line);
        said.push('\n');
        if line.contains("/class/board#key=") {
            break;
        }
    }
    assert!(said.contains("OPEN TO THE NETWORK"), "{said}");
    assert!(
        said.contains("build and run programs of their own on this machine's engine"),
        "{said}"
    );
    assert!(said.contains("https://10.77.0.1:4443/class/join"), "{said}");
    let pid = serving.id();
    until("it listens", async || !listening(pid, 4443).is_empty()).await;
    assert_eq!(
        listening(pid, 4443),
        ["01004D0A"],
        "10.77.0.1 and nothing else"
    );
    let told = Command::new("kill")
        .args(["-INT", &pid.to_string()])
        .status();
    assert!(told.expect("kill").success());
    lines.for_each(drop);
    assert!(serving.wait().expect("it ends").success());
}
