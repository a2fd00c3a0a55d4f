//! `playground serve --published`: listening inside of a container, whose port docker publishes.
//!
//! The container's own network is what keeps others out, and `-p 127.0.0.1:…` what lets the reader
//! in. So it is refused where there is no such network: outside of containers, and in those that
//! share the host's.

use crate::app_state::is_container;
use policy::UserError;
use std::io;
use std::net::Ipv4Addr;
use tokio::net::TcpListener;

/// Listens on all of the container's addresses, on this port and no other: it is the published one.
///
/// # Errors
/// For people: this is no container with a network of its own, or the port cannot be opened.
pub(super) async fn listen(port: u16) -> Result<TcpListener, UserError> {
    let interfaces = interfaces().map_err(|error| UserError {
        what: "The networks of this container cannot be seen.".into(),
        cause: format!("/sys/class/net: {error}"),
        next: "run it with `--network host`, and without --published".into(),
    })?;
    may_listen(is_container(), &interfaces)?;
    let listener = TcpListener::bind((Ipv4Addr::UNSPECIFIED, port)).await;
    listener.map_err(|error| UserError {
        what: format!("Port {port} of this container cannot be opened: {error}"),
        cause: "something else in the container has it".into(),
        next: "name another one, and publish it: --port 8080, -p 127.0.0.1:8080:8080".into(),
    })
}

fn interfaces() -> io::Result<Vec<String>> {
    let entries = std::fs::read_dir("/sys/class/net")?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect()
}

/// A container of its own network has a loopback and what engines put beside it; bridges, cards
/// and tunnels are a host's.
fn may_listen(is_container: bool, interfaces: &[String]) -> Result<(), UserError> {
    let refused = |cause: String| UserError {
        what: "--published would open the playground to this machine's networks.".into(),
        cause,
        next: "leave --published out: the playground then listens on 127.0.0.1 alone".into(),
    };
    if !is_container {
        return Err(refused("this is no container".into()));
    }
    let own = |name: &str| {
        let number = name.strip_prefix("eth");
        name == "lo" || number.is_some_and(|n| n.chars().all(|c| c.is_ascii_digit()))
    };
    // Tunnels that a kernel puts into every new network; none leads anywhere.
    let idle = [
        "tunl0", "gre0", "gretap0", "erspan0", "ip_vti0", "ip6_vti0", "sit0", "ip6tnl0", "ip6gre0",
    ];
    let foreign = interfaces
        .iter()
        .find(|name| !own(name) && !idle.contains(&name.as_str()));
    match foreign {
        Some(name) => Err(refused(format!(
            "this container shares the host's network: it has the interface {name}"
        ))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(is_container: bool, interfaces: &[&str]) -> Option<String> {
        let interfaces: Vec<_> = interfaces.iter().map(|name| (*name).to_owned()).collect();
        let outcome = may_listen(is_container, &interfaces);
        outcome.err().map(|error| error.cause)
    }

    #[test]
    fn a_container_of_its_own_network_may_listen_for_its_host() {
        for own in [
            &["lo"][..],
            &["lo", "eth0"],
            &["eth1", "lo", "eth0", "sit0", "tunl0"],
        ] {
            assert_eq!(refused(true, own), None, "{own:?}");
        }
    }

    #[test]
    fn nothing_is_opened_outside_of_containers_or_on_the_hosts_network() {
        assert!(
            refused(false, &["lo", "eth0"]).is_some(),
            "a virtual machine, no container"
        );
        for host in ["docker0", "br-1a2b3c", "wlan0", "ens3", "ethernet"] {
            let cause = refused(true, &["lo", "eth0", host]).expect(host);
            assert!(cause.contains(host), "{cause}");
        }
    }
}
