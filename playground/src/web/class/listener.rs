//! TLS on a socket, for `axum::serve`: handshakes beside each other, and bounds on who connects.
//!
//! Nothing is answered in plain HTTP but where to go: a browser that came without TLS learns the
//! address, and nothing that it sent is read.

use super::idle::UnlessIdle;
use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use policy::UserError;
use std::collections::HashMap;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::AbortHandle;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::{ServerConfig, version::TLS13};
use tokio_rustls::server::TlsStream;

/// Connections in all; a browser opens up to six.
const MAX_CONNECTIONS: usize = 1024;
/// Connections from one address: half a room may stand behind it.
const MAX_OF_ONE: usize = 256;
/// A handshake, or the first byte of one, may take so long.
const HANDSHAKE: Duration = Duration::from_secs(10);
/// A connection over which nothing passes may stay so long: a stream of events says something four
/// times a minute, and browsers reconnect at once.
const IDLE: Duration = Duration::from_secs(180);
/// What a TLS connection begins with.
const TLS_HANDSHAKE: u8 = 0x16;

/// Who asks, as far as the network knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Caller(pub(super) IpAddr);

/// Accepts TLS connections.
pub(super) struct TlsListener {
    ready: mpsc::Receiver<(Counted, SocketAddr)>,
    local: SocketAddr,
    accepting: AbortHandle,
}

impl Drop for TlsListener {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl TlsListener {
    /// Accepts on `listener`; who comes without TLS is sent to `https_url`.
    ///
    /// # Errors
    /// Certificate and key do not fit.
    pub(super) fn new(
        listener: TcpListener,
        (certificate, key): (CertificateDer<'static>, PrivateKeyDer<'static>),
        https_url: String,
    ) -> Result<TlsListener, UserError> {
        let unfit = |what: String| UserError {
            what: format!("TLS cannot be set up: {what}"),
            cause: "the class's certificate or key in the data folder was changed".into(),
            next: "playground class end, and begin again".into(),
        };
        let local = listener
            .local_addr()
            .map_err(|error| unfit(error.to_string()))?;
        // The newest only: there is nothing to talk a browser down to.
        let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_protocol_versions(&[&TLS13])
            .and_then(|config| {
                let config = config.with_no_client_auth();
                config.with_single_cert(vec![certificate], key)
            });
        let mut config = config.map_err(|error| unfit(error.to_string()))?;
        config.alpn_protocols = vec![b"http/1.1".to_vec()];
        let (give, ready) = mpsc::channel(64);
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let accepting = tokio::spawn(accept_all(listener, acceptor, https_url, give));
        Ok(TlsListener {
            ready,
            local,
            accepting: accepting.abort_handle(),
        })
    }
}

impl Listener for TlsListener {
    type Io = Counted;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Counted, SocketAddr) {
        match self.ready.recv().await {
            Some(ready) => ready,
            // Nobody accepts any more: the server is about to end.
            None => std::future::pending().await,
        }
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        Ok(self.local)
    }
}

impl Connected<IncomingStream<'_, TlsListener>> for Caller {
    fn connect_info(stream: IncomingStream<'_, TlsListener>) -> Caller {
        Caller(stream.remote_addr().ip())
    }
}

async fn accept_all(
    listener: TcpListener,
    acceptor: TlsAcceptor,
    https_url: String,
    give: mpsc::Sender<(Counted, SocketAddr)>,
) {
    let counts = Counts::default();
    loop {
        let (stream, from) = match listener.accept().await {
            Ok(accepted) => accepted,
            Err(error) => {
                // Out of file descriptors, mostly: whoever is here may go, and then there are some.
                log::warn!("a connection could not be accepted: {error}");
                tokio::time::sleep(Duration::from_millis(200)).await;
                continue;
            }
        };
        // Closed at once: an answer would cost what there is too little of.
        let Some(place) = counts.take(from.ip()) else {
            continue;
        };
        let (acceptor, give, url) = (acceptor.clone(), give.clone(), https_url.clone());
        tokio::spawn(async move {
            let greeted = tokio::time::timeout(HANDSHAKE, greet(stream, &acceptor, &url)).await;
            if let Ok(Some(stream)) = greeted {
                // The server ends where nobody takes it.
                let _ = give
                    .send((
                        Counted {
                            stream: UnlessIdle::new(stream, IDLE),
                            _place: place,
                        },
                        from,
                    ))
                    .await;
            }
        });
    }
}

/// The TLS stream, or nothing where the other side speaks otherwise.
async fn greet(
    stream: TcpStream,
    acceptor: &TlsAcceptor,
    url: &str,
) -> Option<TlsStream<TcpStream>> {
    let _ = stream.set_nodelay(true);
    let mut first = [0];
    if stream.peek(&mut first).await.ok()? == 0 {
        return None;
    }
    if first[0] != TLS_HANDSHAKE {
        send_away(stream, url).await;
        return None;
    }
    acceptor.accept(stream).await.ok()
}

/// The same words for whoever comes without TLS, whatever they asked.
async fn send_away(mut stream: TcpStream, url: &str) {
    let text = format!("This class speaks HTTPS only. Open {url}\n");
    let answer = format!(
        "HTTP/1.1 308 Permanent Redirect\r\nLocation: {url}\r\nContent-Type: text/plain; \
         charset=utf-8\r\nContent-Length: {}\r\nCache-Control: no-store\r\nConnection: close\r\n\r\n{text}",
        text.len()
    );
    let sent = stream.write_all(answer.as_bytes()).await;
    if sent.is_ok() && stream.shutdown().await.is_ok() {
        // What is still on its way would otherwise reset the connection before the answer is read.
        let mut rest = [0; 1024];
        for _ in 0..64 {
            match stream.read(&mut rest).await {
                Ok(read) if read > 0 => {}
                _ => break,
            }
        }
    }
}

/// How many connections there are, in all and by address.
#[derive(Clone, Debug, Default)]
struct Counts {
    open: Arc<Mutex<HashMap<IpAddr, usize>>>,
}

impl Counts {
    fn take(&self, from: IpAddr) -> Option<CountedPlace> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        let all: usize = open.values().sum();
        let of_one = open.get(&from).copied().unwrap_or(0);
        if all >= MAX_CONNECTIONS || of_one >= MAX_OF_ONE {
            return None;
        }
        *open.entry(from).or_default() += 1;
        Some(CountedPlace {
            counts: self.clone(),
            from,
        })
    }
}

#[derive(Debug)]
struct CountedPlace {
    counts: Counts,
    from: IpAddr,
}

impl Drop for CountedPlace {
    fn drop(&mut self) {
        let open = &self.counts.open;
        let mut open = open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = open.get_mut(&self.from) {
            *count -= 1;
            if *count == 0 {
                open.remove(&self.from);
            }
        }
    }
}

/// A stream that counts as long as it is open.
pub(super) struct Counted {
    stream: UnlessIdle<TlsStream<TcpStream>>,
    _place: CountedPlace,
}

impl AsyncRead for Counted {
    fn poll_read(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(cx, buffer)
    }
}

impl AsyncWrite for Counted {
    fn poll_write(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(cx, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_cannot_take_all_connections_and_gives_back_what_it_took() {
        let counts = Counts::default();
        let one = IpAddr::from([192, 0, 2, 7]);
        let held: Vec<_> = (0..2 * MAX_OF_ONE)
            .filter_map(|_| counts.take(one))
            .collect();
        assert_eq!(held.len(), MAX_OF_ONE);
        let other = counts.take(IpAddr::from([192, 0, 2, 8]));
        assert!(other.is_some());
        drop((held, other));
        assert!(counts.open.lock().expect("not poisoned").is_empty());
    }

    #[test]
    fn there_is_a_bound_in_all() {
        let counts = Counts::default();
        let from = |n: usize| IpAddr::from([10, 0, (n / 250) as u8, (n % 250) as u8]);
        let held = (0..2 * MAX_CONNECTIONS).filter_map(|n| counts.take(from(n)));
        assert_eq!(held.collect::<Vec<_>>().len(), MAX_CONNECTIONS);
    }
}
