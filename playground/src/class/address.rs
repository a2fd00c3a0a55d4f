//! Where in the local network a class can be reached.

use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// The address that this machine has in the network that it would reach others by; `None` without
/// one. No packet is sent: only the way there is looked up.
pub fn lan_address() -> Option<IpAddr> {
    let socket = UdpSocket::bind((Ipv4Addr::UNSPECIFIED, 0)).ok()?;
    // An address that is nobody's, kept for documentation (RFC 5737).
    let nobody = SocketAddr::from(([192, 0, 2, 1], 9));
    socket.connect(nobody).ok()?;
    let own = socket.local_addr().ok()?.ip();
    (!own.is_unspecified() && !own.is_loopback()).then_some(own)
}

/// The address as it stands in a URL, with the port where it is not the usual one.
pub fn authority(address: SocketAddr) -> String {
    match address.port() {
        443 => match address.ip() {
            IpAddr::V4(ip) => ip.to_string(),
            IpAddr::V6(ip) => format!("[{ip}]"),
        },
        _ => address.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_stands_in_a_url_as_browsers_send_it() {
        let at = |text: &str| authority(text.parse().expect("an address"));
        assert_eq!(at("192.0.2.7:443"), "192.0.2.7");
        assert_eq!(at("192.0.2.7:4443"), "192.0.2.7:4443");
        assert_eq!(at("[2001:db8::7]:443"), "[2001:db8::7]");
        assert_eq!(at("[2001:db8::7]:4443"), "[2001:db8::7]:4443");
    }
}
