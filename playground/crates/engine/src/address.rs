//! Where an engine listens, and one raw connection to it.

use std::fmt;
use std::path::PathBuf;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};

/// A Docker engine's address, as `DOCKER_HOST` spells it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Address {
    /// `unix:///var/run/docker.sock`
    Unix(PathBuf),
    /// `tcp://127.0.0.1:2375`, without TLS.
    Tcp(String),
}

/// Anything that reads and writes; one connection to the engine.
pub(crate) trait Wire: AsyncRead + AsyncWrite + Send + Unpin {}
impl<T: AsyncRead + AsyncWrite + Send + Unpin> Wire for T {}

impl Address {
    /// Parses what `DOCKER_HOST` or a docker context says.
    ///
    /// # Errors
    ///
    /// A scheme that is not spoken here, in a sentence for people.
    pub fn parse(text: &str) -> Result<Address, String> {
        if let Some(path) = text.strip_prefix("unix://") {
            return Ok(Address::Unix(PathBuf::from(path)));
        }
        if let Some(host) = text.strip_prefix("tcp://") {
            let host = host.trim_end_matches('/');
            let with_port = if host.rsplit_once(':').is_some() {
                host.to_owned()
            } else {
                format!("{host}:2375")
            };
            return Ok(Address::Tcp(with_port));
        }
        let scheme = text.split("://").next().unwrap_or(text);
        Err(format!(
            "`{text}`: the playground speaks unix:// and tcp://, not {scheme}://"
        ))
    }

    /// Opens one connection.
    ///
    /// # Errors
    ///
    /// Nobody listens there, or not for this user.
    pub(crate) async fn connect(&self) -> std::io::Result<Box<dyn Wire>> {
        Ok(match self {
            Address::Unix(path) => Box::new(UnixStream::connect(path).await?),
            Address::Tcp(host) => {
                let stream = TcpStream::connect(host).await?;
                stream.set_nodelay(true)?;
                Box::new(stream)
            }
        })
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Address::Unix(path) => write!(f, "unix://{}", path.display()),
            Address::Tcp(host) => write!(f, "tcp://{host}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_survive_a_round_trip() {
        for text in ["unix:///run/docker.sock", "tcp://127.0.0.1:2375"] {
            assert_eq!(Address::parse(text).map(|a| a.to_string()), Ok(text.into()));
        }
    }

    #[test]
    fn tcp_without_a_port_gets_dockers_usual_one() {
        assert_eq!(
            Address::parse("tcp://box"),
            Ok(Address::Tcp("box:2375".into()))
        );
    }

    #[test]
    fn an_unknown_scheme_is_named() {
        assert!(Address::parse("ssh://me@box").is_err_and(|e| e.contains("not ssh://")));
    }
}
